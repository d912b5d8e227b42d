"""A mail as it was kept → `Mail`, and what only its bytes tell."""

import email
import email.policy
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from email.message import Message
from typing import Any

from bot.mailroom.reading import read_in_time
from bot.ports import KeptMail
from triage.errors import MailRefused
from triage.mail.letter import Address, Attachment, Mail
from triage.mail.reading import read_mail, read_parts

MOST_PARTS = 200
MOST_ENTRIES = 1_000
_ENCRYPTED = 0x1
_PRESENTED = frozenset({"slack", "upload"})


def opened(kept: KeptMail, *, authserv_id: str | None) -> tuple[Mail, Sequence[str]]:
    """The mail, and the names of its archives that need a password.

    What a person hands in as a file proves nothing about its sender.

    Raises:
        MailRefused: it cannot be read; says why.
    """
    if kept.trouble:
        raise MailRefused(kept.trouble)
    if kept.raw is None:
        return mail_of_stub(kept.stub or {}), ()
    raw, believed = kept.raw, None if kept.via in _PRESENTED else authserv_id
    mail = read_in_time(lambda: read_mail(raw, authserv_id=believed))
    zipped = any(one.name.casefold().endswith(".zip") for one in mail.attachments)
    return mail, tuple(_locked(raw)) if zipped else ()


def mail_of_stub(stub: Mapping[str, Any]) -> Mail:
    """The mail that Slack kept: some headers, its HTML or text, the names of its files.

    Raises:
        MailRefused: it is too large.
    """
    read = read_in_time(
        lambda: read_parts(
            subject=stub.get("subject"),
            html=stub.get("html"),
            plain=stub.get("plain"),
            sender=_address(stub.get("sender")),
            to=_addresses(stub.get("to")),
            cc=_addresses(stub.get("cc")),
            message_id=stub.get("message_id"),
            in_reply_to=stub.get("in_reply_to"),
            reply_to=_address(stub.get("reply_to")),
            date=stub.get("date"),
        )
    )
    files = [Attachment(name, kind, size) for name, kind, size in stub.get("attachments", ())]
    return replace(read, attachments=files)


def _addresses(found: Sequence[Sequence[str | None]] | None) -> list[Address]:
    return [one for pair in found or () if (one := _address(pair))]


def _address(pair: Sequence[str | None] | None) -> Address | None:
    name, address = pair or (None, None)
    return Address(name or None, address or None) if name or address else None


def _locked(raw: bytes) -> Iterator[str]:
    """Names of ZIP files with an encrypted entry; what cannot be looked into is left out."""
    try:
        whole = email.message_from_bytes(raw, policy=email.policy.compat32)
        parts = [part for part, _ in zip(whole.walk(), range(MOST_PARTS), strict=False)]
    except (RecursionError, ValueError, LookupError, TypeError, AttributeError):
        return
    for part in parts:
        name = _name(part)
        if name.casefold().endswith(".zip") and _needs_password(part):
            yield name


def _name(part: Message) -> str:
    try:
        return str(part.get_filename() or "")
    except (ValueError, LookupError, TypeError, AttributeError):
        return ""


def _needs_password(part: Message) -> bool:
    try:
        content = part.get_payload(decode=True)
        with zipfile.ZipFile(io.BytesIO(content if isinstance(content, bytes) else b"")) as archive:
            entries = archive.infolist()[:MOST_ENTRIES]
            return any(entry.flag_bits & _ENCRYPTED for entry in entries)
    except (zipfile.BadZipFile, ValueError, LookupError, OSError, NotImplementedError):
        return False
