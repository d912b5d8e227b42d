"""Mail → `Mail`: the one way in, whatever form a mail comes in (linear time)."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from triage.errors import MailRefused
from triage.mail.absences import is_absence
from triage.mail.automatic import is_automatic, is_daemon, is_no_reply
from triage.mail.bodies import Text, text_of
from triage.mail.bounces import bounce_in, bounce_of
from triage.mail.charsets import lined, one_line
from triage.mail.files import ReadPdf, attachments, name_of
from triage.mail.forwards import unwrap
from triage.mail.headers import MOST_REFERENCES, message_ids
from triage.mail.letter import Address, Mail, Original
from triage.mail.markup import text_of_html
from triage.mail.mime import LARGEST_MAIL, MESSAGES, Part, looks_like_mail, parsed
from triage.mail.replies import split
from triage.mail.senders import authentication, people, senders

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class _Inside:
    """The mail inside the mail, and the part that carried it."""

    part: Part
    mail: Part


def read_mail(
    raw: bytes, *, authserv_id: str | None = None, read_pdf: ReadPdf | None = None
) -> Mail:
    """Read a mail as a person would.

    `authserv_id` names the server whose Authentication-Results are believed; `read_pdf` turns the
    bytes of a PDF into text and raises nothing.

    Raises:
        MailRefused: it is too large, too deep, or has too many parts or headers.
    """
    try:
        return _read(parsed(raw), authserv_id, read_pdf)
    except RecursionError as error:
        raise MailRefused("it has too many parts inside parts") from error


def read_text(subject: str | None, body: str) -> Mail:
    """Read a mail of which only subject and plain text are left.

    Raises:
        MailRefused: it is too large.
    """
    return read_parts(subject=subject, plain=body)


def read_parts(  # noqa: PLR0913  # what Slack keeps of a mail
    *,
    subject: str | None = None,
    html: str | None = None,
    plain: str | None = None,
    sender: Address | None = None,
    to: Sequence[Address] = (),
    cc: Sequence[Address] = (),
    message_id: str | None = None,
    in_reply_to: str | None = None,
    reply_to: Address | None = None,
    date: str | None = None,
) -> Mail:
    """Read a mail from what a service kept of it: either form of its text, some headers.

    Raises:
        MailRefused: it is too large.
    """
    if len(html or "") + len(plain or "") > LARGEST_MAIL:
        raise MailRefused(f"it is larger than {LARGEST_MAIL // 1024 // 1024} MB")
    marked = text_of_html(html) if html else ""
    words = lined(plain) if plain and plain.strip() else marked
    title = one_line(subject or "") or None
    bounce = bounce_in(title, words)
    known = Mail(
        sender=reply_to or sender,
        author=sender,
        to=tuple(to),
        cc=tuple(cc),
        subject=title,
        date=one_line(date or "") or None,
        message_id=_first(message_ids(message_id)),
        in_reply_to=_first(message_ids(in_reply_to)),
        auto_generated=bounce is not None or is_absence(title) or _is_machine(reply_to, sender),
        bounce=bounce,
    )
    return _worded(known, Text(words, marked or words))


def fingerprint_of(text: str) -> str:
    """The same for two copies of a text, however they are broken into lines: SHA-256, in hex."""
    words = _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
    return sha256(" ".join(words).encode()).hexdigest()


def _read(whole: Part, authserv_id: str | None, read_pdf: ReadPdf | None) -> Mail:
    headers, text = whole.headers, text_of(whole)
    subject, found = headers.text("subject"), senders(headers)
    bounce = bounce_of(whole, subject, text.read)
    references = [one for field in headers.every("references") for one in message_ids(field)]
    known = Mail(
        sender=found.sender,
        author=found.author,
        to=tuple(people(headers, "to")),
        cc=tuple(people(headers, "cc")),
        subject=subject,
        date=headers.text("date"),
        message_id=_first(message_ids(headers.raw("message-id"))),
        in_reply_to=_first(message_ids(headers.raw("in-reply-to"))),
        references=tuple(references[-MOST_REFERENCES:]),
        auto_generated=bounce is not None or is_automatic(whole, subject),
        bounce=bounce,
        authentication=authentication(headers, authserv_id),
    )
    mail = _worded(known, text)
    inside = None if bounce else _inside(whole)
    opened = inside.part if inside and not mail.forwarded else None
    files = list(attachments(whole, opened=opened, read_pdf=read_pdf))
    if inside and opened:
        files += attachments(inside.mail, read_pdf=read_pdf)
        mail = _attached(mail, inside.mail)
    # What a report returns is the desk's own mail, no file that somebody sent.
    shown = [one for one in files if not (bounce and one.mimetype in MESSAGES)]
    return replace(mail, attachments=tuple(shown))


def _worded(known: Mail, text: Text) -> Mail:
    """A mail with its text, and what that is made of."""
    unwrapped, parts = unwrap(known.subject, text.read), split(text.read)
    return replace(
        known,
        body=text.read,
        reply=parts.reply,
        signature=parts.signature,
        quoted=parts.quoted,
        original=unwrapped.original,
        note=unwrapped.note,
        fingerprint=fingerprint_of(text.marked if text.marked.strip() else known.subject or ""),
    )


def _attached(mail: Mail, inner: Part) -> Mail:
    """A mail that carries another one as a file: its own text is the forwarder's note."""
    headers = inner.headers
    original = Original(
        sender=senders(headers).author,
        to=tuple(people(headers, "to")),
        cc=tuple(people(headers, "cc")),
        subject=headers.text("subject"),
        date=headers.text("date"),
        body=text_of(inner).read.strip(),
    )
    return replace(mail, original=original, note=mail.body.strip() or None)


def _inside(whole: Part) -> _Inside | None:
    """The first mail inside, also one that is attached as a nameless file; none of a digest."""
    if whole.kind in {"multipart/digest", "multipart/report"}:
        return None
    for part in whole.walk():
        if part.kind in MESSAGES and part.parts:
            return _Inside(part, part.parts[0])
        if (name_of(part) or "").lower().endswith(".eml") and looks_like_mail(part.decoded):
            return _Inside(part, parsed(part.decoded))
    return None


def _is_machine(reply_to: Address | None, sender: Address | None) -> bool:
    if sender is None:
        return False
    return is_daemon(sender) or is_no_reply(reply_to or sender)


def _first(found: Sequence[str]) -> str | None:
    return found[0] if found else None
