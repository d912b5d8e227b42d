"""A raw mail from the parts that a provider has taken it apart into (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.mime.application import MIMEApplication
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

_OURS = frozenset({"content-type", "content-transfer-encoding", "mime-version", "content-length"})


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file of a mail."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Parts:
    """A mail taken apart: headers as (name, value) in their order, texts, files."""

    headers: Sequence[tuple[str, str]]
    plain: str = ""
    html: str = ""
    files: Sequence[Enclosure] = ()


def composed(parts: Parts) -> bytes:
    """The mail put together again, so that it is read like any other."""
    texts = MIMEMultipart("alternative")
    for text, kind in ((parts.plain, "plain"), (parts.html, "html")):
        if text or kind == "plain":
            texts.attach(MIMEText(_whole(text), kind, "utf-8"))
    body = texts
    if parts.files:
        body = MIMEMultipart("mixed")
        body.attach(texts)
        for one in parts.files:
            enclosed = MIMEApplication(one.content)
            enclosed.add_header("Content-Disposition", "attachment", filename=_line(one.name))
            body.attach(enclosed)
    return b"".join(_headers(parts.headers)) + body.as_bytes()


def _headers(headers: Iterable[tuple[str, str]]) -> Iterable[bytes]:
    for name, value in headers:
        plain = _line(name).replace(":", "").replace(" ", "")
        if plain and plain.isascii() and plain.lower() not in _OURS:
            yield f"{plain}: {_line(value)}\n".encode()


def _line(text: str) -> str:
    """One line: what breaks lines would begin another header."""
    return " ".join(_whole(text).replace("\0", "").split())


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
