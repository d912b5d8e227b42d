"""A mail as it was kept → `Mail`."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.case_ports import KeptMail
from bot.mailroom.reading import read_in_time
from triage.errors import MailRefused
from triage.mail.letter import Address, Attachment, Mail
from triage.mail.reading import read_mail, read_parts

_PRESENTED = frozenset({"slack", "upload"})


def opened(kept: KeptMail, *, authserv_id: str | None) -> Mail:
    """The mail of a raw one, or of what Slack kept.

    What a person hands in as a file proves nothing about its sender.

    Raises:
        MailRefused: it cannot be read; says why.
    """
    if kept.trouble:
        raise MailRefused(kept.trouble)
    if kept.raw is None:
        return mail_of_stub(kept.stub or {})
    raw, believed = kept.raw, None if kept.via in _PRESENTED else authserv_id
    return read_in_time(lambda: read_mail(raw, authserv_id=believed))


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
