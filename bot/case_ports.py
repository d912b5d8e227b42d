"""What the work on cases needs from outside."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.cases import Case, Letter
from bot.messages import ChannelId, TeamId, Ts
from bot.ports import Receipt


class CaseBook(Protocol):
    """Cases; they are written when the message that changes them is settled."""

    def case(self, reference: str) -> Case | None:
        """The case of a reference."""

    def of(self, team: TeamId, conversation: str) -> Case | None:
        """The case of a conversation."""


class Postbox(Protocol):
    """Mail out."""

    def send(self, letter: Letter, *, part: str) -> None:
        """Send one letter; `part` tells its Message-ID from others of the conversation.

        Raises:
            TransportRefused: it is certain that it was not sent, and never will be.
            TransportBusy: it is certain that it was not sent; it may be later.
            TransportUnknown: it may have been sent.
        """


@dataclass(frozen=True, slots=True)
class Fetched:
    """A mail out of Slack: its MIME where it is a file of that, else a stub of what Slack kept."""

    raw: bytes | None = None
    stub: Mapping[str, Any] | None = None


class SharedMail(Protocol):
    """Mails that were shared in Slack."""

    def fetch(self, file: Mapping[str, Any]) -> Fetched | None:
        """The mail that a file of Slack holds; None where it holds none.

        Raises:
            TransportError: Slack does not give it.
            MailRefused: it is no mail after all, or too large.
        """


@dataclass(frozen=True, slots=True)
class KeptMail:
    """A mail as it came: `raw` is its MIME, `stub` what Slack gave where there is none.

    `trouble` says why it could not be read; `received_at` in seconds since 1970; `posted` is the
    Slack message that shows it.
    """

    raw: bytes | None
    stub: Mapping[str, Any] | None
    via: str
    trouble: str | None
    conversation: str
    received_at: float
    posted: tuple[ChannelId, Ts] | None


class MailShelf(Protocol):
    """Mails, each kept once whatever ways it came, with a message in the inbox for each."""

    def receive(  # noqa: PLR0913  what a mail is made of, each by name
        self,
        team: TeamId,
        channel: ChannelId,
        *,
        raw: bytes | None,
        stub: Mapping[str, Any] | None,
        message_id: str | None,
        fingerprint: str,
        conversation: str,
        via: str,
        trouble: str | None = None,
        posted: tuple[ChannelId, Ts] | None = None,
    ) -> Receipt:
        """Keep a mail and its message in the inbox together; then it is safe to acknowledge.

        The message is of kind EMAIL, in `channel`, its thread the conversation (32 characters at
        most), its ts "mail:<id>", its value the id. A mail of the same Message-ID and fingerprint
        folds: only what was missing (`raw`, `stub`, `posted`) is added.

        Raises:
            BooksUnavailable: it was not kept.
        """

    def mail(self, mail_id: int) -> KeptMail:
        """The mail that a message of the inbox names as its value.

        Raises:
            BooksUnavailable: it cannot be read now, or there is none.
        """

    def conversation_of(self, team: TeamId, message_ids: Sequence[str]) -> str | None:
        """The conversation of the first of these Message-IDs that is held."""
