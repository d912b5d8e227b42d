"""What comes in, what is said, and what is to be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from bot.cases import Case, Correction, Letter
from knowledge.documents import Abstention, Answer

TeamId = NewType("TeamId", str)
ChannelId = NewType("ChannelId", str)
UserId = NewType("UserId", str)
Ts = NewType("Ts", str)
Trace = Mapping[str, Any]
"""What the bot did for one message: route, question, passages, timings in milliseconds."""


def storable(text: str) -> str:
    """Neither NUL nor half a character: no database keeps them."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


class Kind(StrEnum):
    """How a message reached the bot."""

    MENTION = "mention"
    DIRECT = "direct"
    FOLLOW_UP = "follow_up"
    EMAIL = "email"
    ASK_PERSON = "ask_person"
    FEEDBACK = "feedback"
    SHARED_MAIL = "shared_mail"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """A thread in Slack; `ts` is its parent's."""

    team: TeamId
    channel: ChannelId
    ts: Ts


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of one person; (team, channel, ts) names it for good.

    `about` is the bot's reply that a button belongs to, `value` what the button said. The text of
    a SHARED_MAIL is the JSON of its files, that of a CASE what somebody filled in.
    """

    kind: Kind
    thread: ThreadRef
    ts: Ts
    user: UserId
    text: str
    client_msg_id: str | None = None
    edited: Ts | None = None
    about: Ts | None = None
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Turn:
    """What is known of a message that was handled before."""

    text: str
    user: UserId
    thread: ThreadRef
    reference: str
    trace: Trace | None = None


class Sentiment(StrEnum):
    """A thumb."""

    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class AnswerReply:
    """An answer, or an abstention with the nearest articles."""

    outcome: Answer | Abstention
    reference: str


@dataclass(frozen=True, slots=True)
class NoteReply:
    """A question back, a confirmation or an apology: a few plain sentences.

    One that `offers_person` has a button for it.
    """

    text: str
    offers_person: bool = False


Reply = AnswerReply | NoteReply


@dataclass(frozen=True, slots=True)
class Say:
    """Post in the thread of the message."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Whisper:
    """Tell one person, seen by nobody else; `by` is a person who is named behind it."""

    user: UserId
    text: str
    by: str | None = None


@dataclass(frozen=True, slots=True)
class HandOff:
    """Give the thread to a person: a post in the triage channel."""

    question: str
    asked_by: UserId
    permalink: str | None
    tried: Sequence[str]
    why: str
    reference: str


@dataclass(frozen=True, slots=True)
class KeepFeedback:
    """Keep what somebody thinks of a reply; the last word counts."""

    about: Ts
    user: UserId
    sentiment: Sentiment


@dataclass(frozen=True, slots=True)
class KeepCase:
    """Keep a case as it is now, and show it on its cards; `alert` is the group it mentions."""

    case: Case
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class TellCase:
    """Say something in the thread of a case.

    `by` is the person who is named in front, `alert` the group; `quoted` are another's words. `at`
    is another thread (channel, ts) that is told instead.
    """

    case: Case
    text: str
    quoted: str = ""
    by: str | None = None
    alert: str | None = None
    at: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class SendLetter:
    """Send a mail to a customer, because `by` wants it."""

    case: Case
    letter: Letter
    by: UserId


@dataclass(frozen=True, slots=True)
class KeepCorrection:
    """Keep the labels that a person gave."""

    correction: Correction


Effect = Say | Whisper | HandOff | KeepFeedback | KeepCase | TellCase | SendLetter | KeepCorrection


@dataclass(frozen=True, slots=True)
class Handled:
    """The outcome of one message: its effects, and the trace of how they came about."""

    effects: Sequence[Effect]
    trace: Trace = field(default_factory=dict)
