"""The files of a mail: names that are safe to show, sizes, and the words of some of them."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from triage.mail.bodies import first_text, is_body
from triage.mail.charsets import unspoofed
from triage.mail.encoded_words import words_decoded
from triage.mail.headers import parameters
from triage.mail.letter import Attachment
from triage.mail.markup import text_of_html
from triage.mail.mime import MESSAGES, Part

ReadPdf = Callable[[bytes], str]
LONGEST_TEXT, LONGEST_NAME, SMALLEST_INLINE = 20_000, 150, 10 * 1024
MOST_ENTRIES = 1_000
_ENCRYPTED = 0x1
# What signs a mail or reports on one is no file that somebody sent.
_NO_FILES = {
    "application/pgp-signature",
    "application/pkcs7-signature",
    "application/x-pkcs7-signature",
    "message/delivery-status",
    "message/global-delivery-status",
    "message/disposition-notification",
    "message/feedback-report",
    "text/rfc822-headers",
    "text/x-amp-html",
}
_PATH = re.compile(r"^.*[/\\]", re.DOTALL)
_FORBIDDEN = re.compile(r"[<>:\"|?*]")


def attachments(
    whole: Part, *, opened: Part | None = None, read_pdf: ReadPdf | None = None
) -> Iterator[Attachment]:
    """The files of a mail, without `opened`, the mail inside that is read as a mail itself."""
    first, number = first_text(whole), 0
    for part in whole.walk():
        is_file = not part.parts or part.kind in MESSAGES
        if is_file and part is not opened and _is_sent(part, first):
            number += 1
            yield _attachment(part, number, read_pdf)


def name_of(part: Part) -> str | None:
    """What the part is called, as it may be shown; None where nothing is left of it."""
    disposed = parameters(part.headers.raw("content-disposition") or "")
    written = disposed.get("filename") or part.parameters.get("name") or ""
    name = _FORBIDDEN.sub("_", _PATH.sub("", unspoofed(words_decoded(written)))).strip(" .")
    if len(name) > LONGEST_NAME:
        stem, dot, ending = name.rpartition(".")
        name = stem[: LONGEST_NAME - 10] + dot + ending[:9] if dot else name[:LONGEST_NAME]
    return name or None


def _is_sent(part: Part, first: Part | None) -> bool:
    if part.kind in _NO_FILES or is_body(part, first):
        return False
    if part.kind.startswith("text/") and not name_of(part) and part.disposition != "attachment":
        return part.kind != "text/calendar" and bool(part.decoded.strip())
    if not part.parts and not part.content.strip() and not name_of(part):
        return False
    inline = part.kind.startswith("image/") and "content-id" in part.headers
    return not (inline and len(part.decoded) < SMALLEST_INLINE)


def _attachment(part: Part, number: int, read_pdf: ReadPdf | None) -> Attachment:
    content = part.decoded
    name = name_of(part) or _described(part) or f"attachment-{number}"
    words = _words(part, content, name, read_pdf)
    locked = name.casefold().endswith(".zip") and _needs_password(content)
    return Attachment(name, part.kind, len(content), words, locked)


def _described(part: Part) -> str | None:
    """A name for a mail inside the mail: its subject."""
    if part.kind not in MESSAGES or not part.parts:
        return None
    subject = part.parts[0].headers.text("subject")
    return f"{_FORBIDDEN.sub('_', _PATH.sub('', unspoofed(subject)))[:80]}.eml" if subject else None


def _words(part: Part, content: bytes, name: str, read_pdf: ReadPdf | None) -> str:
    is_pdf = part.kind == "application/pdf" or name.lower().endswith(".pdf")
    if is_pdf and read_pdf:
        return read_pdf(content).strip()[:LONGEST_TEXT]
    if part.kind.startswith("text/"):
        text = part.text
        return (text_of_html(text) if part.kind == "text/html" else text).strip()[:LONGEST_TEXT]
    return ""


def _needs_password(content: bytes) -> bool:
    """Whether a ZIP file has an encrypted entry; what cannot be looked into has none."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()[:MOST_ENTRIES]
            return any(entry.flag_bits & _ENCRYPTED for entry in entries)
    except (zipfile.BadZipFile, ValueError, LookupError, OSError, NotImplementedError):
        return False
