"""From a raw mail to the inbox: every way in ends here."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from bot.case_ports import MailShelf
from bot.mailroom.reading import read_in_time
from bot.messages import ChannelId, TeamId, Ts
from bot.ports import Receipt
from triage.errors import MailRefused
from triage.mail.letter import Mail
from triage.mail.reading import read_mail

MOST_REFERENCES = 5
_log = structlog.get_logger(__name__)


def _no_case(_message_id: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class Mailroom:
    """Keeps mails for the desk of one workspace.

    `team` and `channel` say whose desk it is and where its cases are shown; `own_case` finds the
    conversation in a Message-ID of ours, checked; `read` makes a Mail of a raw one.
    """

    mails: MailShelf
    team: Callable[[], TeamId]
    channel: Callable[[], ChannelId]
    on_received: Callable[[], None]
    own_case: Callable[[str], str | None] = _no_case
    read: Callable[[bytes], Mail] = read_mail

    def receive(
        self, raw: bytes, *, via: str, posted: tuple[ChannelId, Ts] | None = None
    ) -> Receipt:
        """Keep a mail, which may be anything; when this returns it is safe to acknowledge.

        `posted` is the Slack message that it came with.

        Raises:
            BooksUnavailable: it was not kept.
            TransportError: it was not kept: Slack does not say yet whose desk this is.
        """
        try:
            mail = read_in_time(lambda: self.read(raw))
        except MailRefused as error:
            return self.unreadable(raw, via=via, trouble=str(error))
        return self.keep(mail, raw=raw, via=via, posted=posted)

    def unreadable(self, raw: bytes, *, via: str, trouble: str) -> Receipt:
        """Keep what no reader opens; `trouble` tells a person why.

        Raises:
            BooksUnavailable: it was not kept.
        """
        digest = hashlib.sha256(raw).hexdigest()
        receipt = self.mails.receive(
            self.team(),
            self.channel(),
            raw=raw,
            stub=None,
            message_id=None,
            fingerprint=digest,
            conversation=f"mail-{digest[:24]}",
            via=via,
            trouble=trouble,
        )
        _log.warning("a mail could not be read", via=via, receipt=receipt, why=trouble)
        return self._told(receipt)

    def keep(
        self,
        mail: Mail,
        *,
        via: str,
        raw: bytes | None,
        stub: Mapping[str, Any] | None = None,
        posted: tuple[ChannelId, Ts] | None = None,
    ) -> Receipt:
        """Keep a mail that was read: `raw`, or the `stub` of it that Slack gave.

        Raises:
            BooksUnavailable: it was not kept.
        """
        team = self.team()
        receipt = self.mails.receive(
            team,
            self.channel(),
            raw=raw,
            stub=stub,
            message_id=mail.message_id,
            fingerprint=fingerprint(mail),
            conversation=self._conversation(team, mail),
            via=via,
            posted=posted,
        )
        _log.info("mail received", via=via, receipt=receipt)
        return self._told(receipt)

    def _told(self, receipt: Receipt) -> Receipt:
        if receipt is not Receipt.FOLDED:
            self.on_received()
        return receipt

    def _conversation(self, team: TeamId, mail: Mail) -> str:
        """That of our own mail which this one answers, of one that is held, or a new one."""
        answered = [mail.in_reply_to, *reversed(mail.references[-MOST_REFERENCES:])]
        ids = [one for one in answered if one]
        ours = next((found for one in ids if (found := self.own_case(one))), None)
        if ours:
            return ours
        held = self.mails.conversation_of(team, [*ids, mail.message_id or ""])
        return held or new_conversation(mail)


def fingerprint(mail: Mail) -> str:
    """What tells mails of one Message-ID apart: their words; without an id also who and when."""
    if mail.message_id:
        return mail.fingerprint
    sender = mail.sender.address if mail.sender else None
    told = (mail.fingerprint, sender, mail.subject, mail.date)
    return _hashed("\0".join(one or "" for one in told))


def new_conversation(mail: Mail) -> str:
    """The name of a conversation that begins with this mail, or with one that comes late.

    A customer's mails of one thread get the same name in whatever order they come. Two customers
    who answer one circular do not.
    """
    root = next(iter(mail.references), None) or mail.in_reply_to or mail.message_id
    sender = (mail.sender.address if mail.sender else None) or ""
    told = (root or fingerprint(mail), sender.casefold())
    return f"mail-{_hashed(chr(0).join(told))[:24]}"


def _hashed(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
