"""The headers of a mail or of one of its parts (total but for the guards, linear time)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from triage.errors import MailRefused
from triage.mail.charsets import decoded, one_line
from triage.mail.encoded_words import words_decoded

LARGEST_HEADERS, LARGEST_HEADER, MOST_HEADERS = 64 * 1024, 8 * 1024, 500
_LINE = re.compile(rb"[^\r\n]*(?:\r\n|\r|\n|\Z)")
_FIELD = re.compile(rb"([!-9;-~]+)[ \t]*:")
_ENVELOPE = re.compile(rb">?From [^\r\n]*(?:\r\n|\r|\n)")
_PARAMETER = re.compile(
    r";\s*+([^\s=;\"]{1,80})\s*+=\s*+(?:\"((?:[^\"\\]|\\.)*+)\"?|([^;]*+))", re.DOTALL
)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTINUED = re.compile(r"(.+?)\*(\d{1,3})?(\*?)")
_ID = re.compile(r"<([^<>]{1,900})>")
MOST_REFERENCES = 5


@dataclass(frozen=True, slots=True)
class Headers:
    """Header fields in their order, names in lower case, folding undone, words still encoded."""

    fields: Sequence[tuple[str, str]] = ()

    def raw(self, name: str) -> str | None:
        """The first field of that name that is not empty, as written; None without one."""
        return next((one for one in self.every(name) if one), None)

    def every(self, name: str) -> list[str]:
        """All fields of that name, as written."""
        return [value for key, value in self.fields if key == name]

    def text(self, name: str) -> str | None:
        """A field for people: its words decoded, on one line; None where it is empty."""
        written = self.raw(name)
        return (one_line(words_decoded(written)) or None) if written else None

    def __contains__(self, name: str) -> bool:
        return any(key == name for key, _ in self.fields)


def parted(raw: bytes) -> tuple[Headers, int]:
    """The headers that the bytes begin with, and where the body starts.

    A line that is no header ends them, as a blank one does.

    Raises:
        MailRefused: they are too long or too many.
    """
    envelope = _ENVELOPE.match(raw)
    first = at = envelope.end() if envelope else 0
    fields: list[tuple[bytes, list[bytes]]] = []
    while at < len(raw):
        line = _LINE.match(raw, at)
        if line is None or not line[0].strip(b"\r\n"):
            at = line.end() if line else at
            break
        field = _FIELD.match(line[0])
        if field:
            fields.append((field[1], [line[0][field.end() :]]))
        elif line[0][:1] in b" \t" and fields:
            fields[-1][1].append(line[0])
        else:
            break
        at = line.end()
        _guard(fields, at - first)
    return Headers([(name.decode("ascii").lower(), _value(lines)) for name, lines in fields]), at


def parameters(value: str) -> Mapping[str, str]:
    """The parameters of a field such as Content-Type by lower-case name (RFC 2231 undone)."""
    plain: dict[str, str] = {}
    pieces: dict[str, dict[int, tuple[str, bool]]] = {}
    for found in _PARAMETER.finditer(value):
        name, quoted, bare = found[1].lower(), found[2], found[3]
        text = bare.strip() if quoted is None else _ESCAPED.sub(r"\1", quoted)
        continued = _CONTINUED.fullmatch(name)
        if continued:
            number = int(continued[2] or 0)
            encoded = continued[3] == "*" or continued[2] is None
            pieces.setdefault(continued[1], {}).setdefault(number, (text, encoded))
        else:
            plain.setdefault(name, text)
    joined = {name: _joined([held[key] for key in sorted(held)]) for name, held in pieces.items()}
    return plain | joined


def message_ids(written: str | None) -> list[str]:
    """Message-IDs in angle brackets, blanks inside them removed; also one that has no brackets."""
    if not written:
        return []
    found = ["".join(one.split()) for one in _ID.findall(written)]
    bare = written.strip(" <>\t")
    if not found and "@" in bare and not any(map(str.isspace, bare)):
        found = [bare[:900]]
    return [f"<{one}>" for one in found if one]


def _guard(fields: Sequence[tuple[bytes, list[bytes]]], size: int) -> None:
    if size > LARGEST_HEADERS:
        raise MailRefused(f"its headers are longer than {LARGEST_HEADERS // 1024} KB in all")
    if len(fields) > MOST_HEADERS:
        raise MailRefused(f"it has more than {MOST_HEADERS} headers")


def _value(lines: Sequence[bytes]) -> str:
    written = b"".join(lines)
    if len(written) > LARGEST_HEADER:
        raise MailRefused(f"one of its headers is longer than {LARGEST_HEADER // 1024} KB")
    return " ".join(one.strip() for one in decoded(written).split("\n")).strip()


def _joined(pieces: Sequence[tuple[str, bool]]) -> str:
    """The pieces of a value as one text; the first one names the charset of all."""
    charset, raw = "utf-8", []
    for number, (written, encoded) in enumerate(pieces):
        text = written
        if encoded and number == 0 and text.count("'") > 1:
            charset, _, text = text.split("'", 2)
        raw.append(unquote_to_bytes(text) if encoded else text.encode("utf-8", "replace"))
    return decoded(b"".join(raw), charset or "utf-8")
