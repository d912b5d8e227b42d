"""Text to lines that look the same whoever sent them (pure, linear).

Mail programs and gateways disagree about Unicode forms, spaces and line ends; everything after this
sees NFC, plain spaces, no invisible characters and no spaces at the end of a line.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

WIDEST_WRAP, NARROWEST_WRAP = 80, 60
DEEPEST_QUOTE = 50
MOST_LINES = 5_000
_BREAKS = "\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_SPACES = [0xA0, 0x1680, *range(0x2000, 0x200B), 0x202F, 0x205F, 0x3000]
_INVISIBLE = [
    0,
    0xAD,
    0xFEFF,
    0x200B,
    0x200E,
    0x200F,
    *range(0x202A, 0x202F),
    *range(0x2060, 0x2070),
]
_PLAIN = {
    **dict.fromkeys(map(ord, _BREAKS), "\n"),
    **dict.fromkeys(_SPACES, " "),
    **dict.fromkeys(_INVISIBLE, None),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its quote marks; `depth` counts them."""

    text: str
    depth: int

    @property
    def blank(self) -> bool:
        """Whether nothing is on it."""
        return not self.text


BLANK = Line("", 0)


def normalised(text: str) -> str:
    """The same words in one Unicode form, with plain spaces and line feeds."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = unicodedata.normalize("NFC", text).translate(_PLAIN)
    return "\n".join(line.rstrip() for line in text.split("\n"))


def parted(text: str) -> list[Line]:
    """The lines of a normalised text; what stands below the first `MOST_LINES` is the last one.

    Nobody reads on there for quotes and signatures, and no word is lost.
    """
    return [_part(line) for line in text.split("\n", MOST_LINES)]


def joined(lines: Sequence[Line]) -> str:
    """Lines as text again, without quote marks, trimmed."""
    return "\n".join(line.text.rstrip() for line in lines).strip()


def dequoted(lines: Sequence[Line], depth: int) -> str:
    """Lines as text with `depth` quote marks fewer, deeper ones kept; trimmed.

    A line that lost its mark when somebody's program wrapped it counts as marked.
    """
    shown = ["> " * max(0, line.depth - depth) + line.text for line in lines]
    return "\n".join(line.rstrip() for line in shown).strip("\n").strip()


def wrap_width(text: str) -> int | None:
    """The column at which a text was wrapped; None where nothing says that it was."""
    widest = max(map(len, text.split("\n")), default=0)
    return widest if NARROWEST_WRAP <= widest <= WIDEST_WRAP else None


def _part(text: str) -> Line:
    if not text:
        return BLANK
    return _quoted(text) if text.startswith((">", " >")) else Line(text, 0)


def _quoted(text: str) -> Line:
    """A line and how often it is quoted: `> > words`, `>>words`, also after one space."""
    at, depth = 0, 0
    while depth < DEEPEST_QUOTE:
        mark = at + 1 if text.startswith(" ", at) else at
        if not text.startswith(">", mark):
            break
        at, depth = mark + 1, depth + 1
    if depth and text.startswith(" ", at):
        at += 1
    return Line(text[at:], depth)
