"""What a case is: a customer's mails, what they want, and who looks after it (pure).

Times are seconds since 1970.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class CaseState(StrEnum):
    """How far a case is; `filed` ones were never shown to anybody."""

    OPEN = "open"
    TAKEN = "taken"
    RESOLVED = "resolved"
    NOT_FOR_US = "not_for_us"
    FILED = "filed"

    @property
    def closed(self) -> bool:
        """Whether nobody has to do anything more."""
        return self not in {CaseState.OPEN, CaseState.TAKEN}


class Deed(StrEnum):
    """What a person does with a case."""

    TAKE = "take"
    RESOLVE = "resolve"
    NOT_FOR_US = "not_for_us"
    LABEL = "label"
    SEND = "send"


@dataclass(frozen=True, slots=True)
class Customer:
    """Whom a case is about.

    `claimed`: somebody who passed the mail on says so. `sender` is the address that the mail itself
    came from, `authentication` what is known of that.
    """

    name: str | None
    address: str | None
    claimed: bool = False
    sender: str | None = None
    authentication: str = "unknown"

    @property
    def doubtful(self) -> bool:
        """Whether the address is another than the one that is known to have written."""
        same = (self.address or "").casefold() == (self.sender or "").casefold()
        return self.claimed or not same or self.authentication == "failed"


@dataclass(frozen=True, slots=True)
class Source:
    """An article that a suggestion cites; `updated` as people write it."""

    n: int
    title: str
    url: str
    updated: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A grounded answer with its markers, for the agent."""

    text: str
    sources: Sequence[Source]


@dataclass(frozen=True, slots=True)
class Card:
    """A message that shows a case: its row in the outbox, and where that is."""

    id: int
    channel: str
    thread_ts: str | None


@dataclass(frozen=True, slots=True)
class CaseLabels:
    """What the triage model, or a person after it, says of a case; all empty where nobody could."""

    intent: str | None = None
    urgency: str | None = None
    sentiment: str | None = None
    entities: Mapping[str, str | int] = field(default_factory=dict)
    confidence: Mapping[str, float] = field(default_factory=dict)
    uncertain: bool = False
    corrected_by: str | None = None

    def flat(self) -> dict[str, Any]:
        """The labels as examples have them: entities beside the others."""
        heads = {"intent": self.intent, "urgency": self.urgency, "sentiment": self.sentiment}
        return {name: label for name, label in heads.items() if label} | dict(self.entities)


@dataclass(frozen=True, slots=True)
class Case:
    """A conversation with a customer.

    `words` are the customer's own, `gist` two lines of them. `message_id` and `following` name the
    latest mail and those before it; `posted` is the Slack message (channel, ts) that brought it.
    `id` is None until the case is kept; `version` counts the changes.
    """

    reference: str
    team: str
    conversation: str
    mail_id: int
    customer: Customer
    subject: str
    gist: str
    words: str
    labels: CaseLabels = CaseLabels()
    warnings: Sequence[str] = ()
    suggestion: Suggestion | None = None
    state: CaseState = CaseState.OPEN
    taken_by: str | None = None
    changed_by: str | None = None
    changed_at: float | None = None
    due_at: float | None = None
    message_id: str | None = None
    following: Sequence[str] = ()
    posted: tuple[str, str] | None = None
    card: Card | None = None
    copy: Card | None = None
    id: int | None = None
    version: int = 0

    @property
    def doubtful(self) -> bool:
        """Whether an answer needs a second word of the person who sends it."""
        return self.customer.doubtful


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to a customer. `conversation` goes into its Message-ID, signed."""

    conversation: str
    to: str
    subject: str
    text: str
    in_reply_to: str | None = None
    references: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Correction:
    """Labels that a person gave to the words of a case, in place of those that were predicted."""

    case_id: int
    text: str
    labels: Mapping[str, Any]
    predicted: Mapping[str, Any]
    by: str
