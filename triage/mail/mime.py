"""Raw mail → its parts, within bounds (linear time).

The standard library's parser reads every line once for each level of nesting, knows no bounds, and
raises on some headers; a mail from a stranger needs the opposite.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from triage.errors import MailRefused
from triage.mail.charsets import decoded
from triage.mail.headers import Headers, parameters, parted
from triage.mail.transfer import from_base64, undone

LARGEST_MAIL, MOST_PARTS, DEEPEST = 25 * 1024 * 1024, 200, 20
MESSAGES = {"message/rfc822", "message/global"}
_TYPE = re.compile(r"\s*([\w.+-]{1,80}/[\w.+-]{1,80})", re.ASCII)
_ENCODED = re.compile(rb"\s*[A-Za-z0-9+/]{40,}[=\s]")
_MAIL_FIELDS = ("from", "to", "subject", "date", "received", "message-id", "return-path")
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a mail: headers, and either parts inside or the content, still encoded.

    A mail inside the mail is the only part of the part that carries it.
    """

    headers: Headers
    content: bytes
    kind: str = "text/plain"
    parameters: dict[str, str] = field(default_factory=dict)
    parts: Sequence["Part"] = ()

    @property
    def decoded(self) -> bytes:
        """The content as it was before its transfer encoding."""
        return undone(self.content, self.headers.raw("content-transfer-encoding"))

    @property
    def text(self) -> str:
        """The content as text."""
        return decoded(self.decoded, self.parameters.get("charset"))

    @property
    def disposition(self) -> str:
        """`attachment`, `inline`, another word, or "" where there is none."""
        written = self.headers.raw("content-disposition") or ""
        return written.partition(";")[0].strip().lower()

    def walk(self) -> Iterator["Part"]:
        """This part and those inside, in their order; a mail inside is not entered."""
        yield self
        if self.kind not in MESSAGES:
            for part in self.parts:
                yield from part.walk()


def parsed(raw: bytes) -> Part:
    """The tree of a mail's parts.

    Raises:
        MailRefused: it is too large, has headers too long or too many, or too many parts.
    """
    if len(raw) > LARGEST_MAIL:
        raise MailRefused(f"it is larger than {LARGEST_MAIL // 1024 // 1024} MB")
    whole = raw.removeprefix(_BOM).lstrip()
    if b"\n" not in whole:
        whole = whole.replace(b"\r", b"\n")
    try:
        return _Parser().part(whole, 0)
    except RecursionError as error:
        raise MailRefused("it has too many parts inside parts") from error


class _Parser:
    """Counts the parts of one mail, whatever level they are on."""

    def __init__(self) -> None:
        self._parts = 0

    def part(self, raw: bytes, depth: int, kind: str = "text/plain") -> Part:
        self._parts += 1
        if self._parts > MOST_PARTS:
            raise MailRefused(f"it has more than {MOST_PARTS} parts")
        if depth > DEEPEST:
            raise MailRefused(f"its parts are nested more than {DEEPEST} deep")
        headers, start = parted(raw)
        content = raw[start:]
        declared = _content_type(headers, content)
        named, given = _kind(declared, kind), dict(parameters(declared))
        parts: Sequence[Part] = ()
        if named.startswith("multipart/"):
            inner = "message/rfc822" if named == "multipart/digest" else "text/plain"
            pieces = _pieces(content, given.get("boundary", ""))
            parts = [self.part(one, depth + 1, inner) for one in pieces]
            named = named if parts else "text/plain"
        elif named in MESSAGES:
            parts = [self.part(_message(headers, content), depth + 1)]
        return Part(headers, content, named, given, parts)


def looks_like_mail(raw: bytes) -> bool:
    """Whether bytes begin with headers that mails have."""
    try:
        headers, _ = parted(raw.lstrip())
    except MailRefused:
        return False
    return sum(name in headers for name in _MAIL_FIELDS) > 1


def _content_type(headers: Headers, content: bytes) -> str:
    """The field that counts: of several, the one whose boundary is in the content."""
    every = [one for one in headers.every("content-type") if one]
    if len(every) > 1:
        for one in every:
            boundary = parameters(one).get("boundary")
            if boundary and b"--" + boundary.encode() in content:
                return one
    return every[0] if every else ""


def _kind(declared: str, otherwise: str) -> str:
    found = _TYPE.match(declared)
    if found:
        return found[1].lower()
    bare = declared.partition(";")[0].strip().lower()
    return {"text": "text/plain", "html": "text/html"}.get(bare, otherwise)


def _pieces(content: bytes, boundary: str) -> list[bytes]:
    """What lies between the boundary's lines; without a closing one, up to the end."""
    if not boundary:
        return []
    written = re.escape(boundary.rstrip().encode())
    line = re.compile(rb"^--" + written + rb"(--)?[ \t]*+(?:\r?\n|\r|\Z)", re.MULTILINE)
    found: list[bytes] = []
    start: int | None = None
    for mark in line.finditer(content):
        if start is not None:
            found.append(_without_line_end(content[start : mark.start()]))
        start = None if mark[1] else mark.end()
        if len(found) > MOST_PARTS:
            raise MailRefused(f"it has more than {MOST_PARTS} parts")
    if start is not None and content[start:].strip():
        found.append(content[start:])
    return found


def _without_line_end(content: bytes) -> bytes:
    """The line end before a boundary belongs to the boundary."""
    return content.removesuffix(b"\n").removesuffix(b"\r")


def _message(headers: Headers, content: bytes) -> bytes:
    """A mail inside the mail; many programs encode it though nobody may."""
    raw = undone(content, headers.raw("content-transfer-encoding")).lstrip()
    return from_base64(raw) if _ENCODED.match(raw) and not looks_like_mail(raw) else raw
