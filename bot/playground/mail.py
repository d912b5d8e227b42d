"""Raw e-mail → what Slack keeps of it (pure). Total: what cannot be read is left out."""

from __future__ import annotations

import contextlib
import email
import email.header
import email.policy
import html
import re
from dataclasses import dataclass, field
from email.errors import MessageError
from email.message import Message as Part
from email.utils import getaddresses
from typing import TYPE_CHECKING

from bot.playground.errors import PageError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.playground.config import Json

_TELLING = ("from", "to", "subject", "date", "message-id", "received", "return-path")
# Everything the standard library raises on malformed headers, encodings and charsets.
_UNREADABLE = (
    MessageError,
    LookupError,
    ValueError,
    AttributeError,
    TypeError,
    IndexError,
    AssertionError,
)
_TAGS = re.compile(
    r"<(?:script|style)\b.*?</(?:script|style)\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE
)
_BREAKS = re.compile(r"<(?:br|/p|/div|/tr|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file in a mail."""

    filename: str
    mimetype: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail; addresses are `{address, name, original}`."""

    subject: str = ""
    sender: tuple[Json, ...] = ()
    to: tuple[Json, ...] = ()
    cc: tuple[Json, ...] = ()
    date: str | None = None
    in_reply_to: str | None = None
    reply_to: str | None = None
    message_id: str | None = None
    text: str = ""
    html: str = ""
    attachments: tuple[Attachment, ...] = field(default=())


def read_mail(raw: bytes) -> Mail:
    """Read a mail as far as it can be read.

    Raises:
        PageError: it has none of the headers a mail has, or too many parts inside parts.
    """
    # Leading blank lines come from pasting, and would end the headers before they begin.
    try:
        whole = email.message_from_bytes(raw.lstrip(), policy=email.policy.compat32)
    except RecursionError as exc:
        raise PageError("This e-mail has too many parts inside parts.") from exc
    if not any(name in whole for name in _TELLING):
        raise PageError(
            "This is no e-mail: it has no header such as From, Subject or Date. "
            "Paste the whole source of the message."
        )
    text, marked = _bodies(whole)
    return Mail(
        subject=_header(whole, "subject") or "",
        sender=_addresses(whole, "from"),
        to=_addresses(whole, "to"),
        cc=_addresses(whole, "cc"),
        date=_header(whole, "date"),
        in_reply_to=_header(whole, "in-reply-to"),
        reply_to=_header(whole, "reply-to"),
        message_id=_header(whole, "message-id"),
        text=text or _plain(marked),
        html=marked or f"<pre>{html.escape(text)}</pre>",
        attachments=tuple(_attachments(whole)),
    )


def _header(part: Part, name: str) -> str | None:
    value = _raw_header(part, name)
    return None if value is None else _line(value)


def _raw_header(part: Part, name: str) -> str | None:
    """Return a header as written, with bytes that are not ASCII read as text."""
    for key, value in part.raw_items():
        if key.lower() == name:
            return _text(str(value).encode("ascii", "surrogateescape"), None)
    return None


def _line(written: str) -> str:
    """Return encoded words decoded, folding undone."""
    text = written
    with contextlib.suppress(*_UNREADABLE):
        text = _decoded(written)
    return " ".join(text.split()).encode("utf-8", "replace").decode()


def _decoded(written: str) -> str:
    # Slack, like every mail program, decodes words the standard forbids: in quotes, in names.
    if "=?" not in written:
        return written
    pieces = email.header.decode_header(written)
    return "".join(
        piece if isinstance(piece, str) else _text(piece, charset) for piece, charset in pieces
    )


def _addresses(part: Part, name: str) -> tuple[Json, ...]:
    written = _raw_header(part, name)
    if not written or not written.strip():
        return ()
    found = [
        {"address": address, "name": _line(shown), "original": _original(_line(shown), address)}
        for shown, address in getaddresses([" ".join(written.split())])
        if address
    ]
    # An address list nobody can parse still names somebody.
    line = _line(written)
    return tuple(found) or ({"address": "", "name": line, "original": line},)


def _original(name: str, address: str) -> str:
    return f"{name} <{address}>" if name else address


def _bodies(whole: Part) -> tuple[str, str]:
    found: dict[str, list[str]] = {"text/plain": [], "text/html": []}
    for part in _parts(whole):
        kind = part.get_content_type()
        if kind in found and not _is_attachment(part):
            found[kind].append(_text(_content(part), _charset(part)))
    plain = "\n".join(found["text/plain"]).replace("\r\n", "\n").strip()
    return plain, "\n".join(found["text/html"]).strip()


def _attachments(whole: Part) -> Iterator[Attachment]:
    for number, part in enumerate(_parts(whole), start=1):
        if _is_attachment(part):
            name = _filename(part) or f"attachment-{number}"
            yield Attachment(name, part.get_content_type(), _content(part))


def _parts(whole: Part) -> Iterator[Part]:
    """Yield the leaves; a mail inside the mail counts as one leaf."""
    if whole.get_content_type() == "message/rfc822" or not whole.is_multipart():
        yield whole
        return
    for part in whole.get_payload():
        if isinstance(part, Part):
            yield from _parts(part)


def _is_attachment(part: Part) -> bool:
    if part.get_content_type() in {"text/plain", "text/html"}:
        disposition = str(part.get("content-disposition", "")).strip().lower()
        return disposition.startswith("attachment") or bool(_filename(part))
    return True


def _filename(part: Part) -> str:
    try:
        return _line(part.get_filename() or "")
    except _UNREADABLE:
        return ""


def _content(part: Part) -> bytes:
    try:
        if part.get_content_type() == "message/rfc822":
            inner = part.get_payload()
            first = inner[0] if isinstance(inner, list) and inner else None
            return first.as_bytes() if isinstance(first, Part) else b""
        content = part.get_payload(decode=True)
    except _UNREADABLE:
        return b""
    return content if isinstance(content, bytes) else b""


def _charset(part: Part) -> str | None:
    try:
        return part.get_content_charset()
    except _UNREADABLE:
        return None


def _text(content: bytes, charset: str | None) -> str:
    for attempt in (charset, "utf-8"):
        try:
            return content.decode(attempt or "utf-8")
        except (LookupError, ValueError):
            continue
    return content.decode("latin-1")


def _plain(marked: str) -> str:
    broken = _BREAKS.sub("\n", marked)
    text = html.unescape(_TAGS.sub("", broken))
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
