"""What the work on cases needs from outside."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bot.cases import Case, Letter
from bot.messages import TeamId


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
