"""What a document says of itself, before the terms of its source make an article of it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from knowledge.documents import Audience, Status

LARGEST_TEXT = 2_000_000
LARGEST_BINARY = 30_000_000
LONGEST_TITLE = 200
_MB = 1_000_000
_FENCES = ("```", "~~~")
_EMPHASIS = re.compile(r"[*`]+(?=\S)|(?<=\S)[*`]+|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)")
_LINK = re.compile(r"!?\[([^\[\]]*)\]\([^()\s]*\)")
# Half of a surrogate pair cannot be stored at all, a control character cannot be shown.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Unreadable(Exception):
    """A document is no article; the message says why and ends one line."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Markdown, and what the document says of itself; None where it is silent."""

    text: str
    title: str | None = None
    url: str | None = None
    updated: date | None = None
    status: Status | None = None
    audience: Audience | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """A document as found: `id` is unique in its source, `place` names it to an engineer.

    `url` and `updated` hold where the reading is silent.
    """

    id: str
    place: str
    reading: Reading
    url: str
    updated: date


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that was found and cannot be read; `id` is the one it would have."""

    id: str
    place: str
    why: str


Found = Document | Unread
Find = Callable[[], Iterator[Found]]
Reader = Callable[[bytes], Reading]


def oversize(limit: int) -> Unreadable:
    """The complaint about a document of more than `limit` bytes."""
    return Unreadable(f"over {limit // _MB} MB: split it")


def decoded(raw: bytes) -> str:
    r"""UTF-8 with `\n` as line end.

    Raises:
        Unreadable: it is no text, or none that is known.
    """
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        text = raw.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable("not UTF-8 text") from error
    if "\0" in text:
        raise Unreadable("a binary file, not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def printable(text: str) -> str:
    r"""The text without what no reader could see, with `\n` as line end."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _UNPRINTABLE.sub(" ", lines)


def entitled(reading: Reading, fallback: str) -> tuple[str, str]:
    """Title and text: the document's own title, else its first heading, else `fallback`.

    A heading that opens the text and becomes the title is not said twice.
    """
    text = printable(reading.text).strip("\n").rstrip()
    own = _one_line(reading.title or "")
    if own:
        return own, text
    lines = text.split("\n")
    found = _first_heading(lines)
    if found is None:
        return _one_line(fallback) or "Untitled", text
    title, first, end = found
    rest = "\n".join(lines[end:]).strip("\n") if first == 0 else text
    return title, rest


def _first_heading(lines: list[str]) -> tuple[str, int, int] | None:
    """The first heading that says something, and the lines it takes: from, up to."""
    fenced = False
    for n, line in enumerate(lines):
        if line.lstrip().startswith(_FENCES):
            fenced = not fenced
        elif not fenced:
            title, taken = _heading(line, lines[n + 1] if n + 1 < len(lines) else "")
            if title:
                return title, n, n + taken
    return None


def _heading(line: str, below: str) -> tuple[str, int]:
    """The heading in a line, or in one that is underlined; "" when it is none."""
    marks = len(line) - len(line.lstrip("#"))
    if marks:
        is_one = marks <= 6 and line[marks : marks + 1].isspace()  # noqa: PLR2004  Markdown's six
        return (_one_line(_bare(line[marks:].strip().rstrip("#"))) if is_one else ""), 1
    underlined = below.startswith("=") and not below.strip().strip("=")
    return (_one_line(_bare(line)) if underlined else ""), 2


def _bare(text: str) -> str:
    return _EMPHASIS.sub("", _LINK.sub(r"\1", text))


def _one_line(text: str) -> str:
    line = " ".join(printable(text).split())
    return line if len(line) <= LONGEST_TITLE else f"{line[: LONGEST_TITLE - 1].rstrip()}…"
