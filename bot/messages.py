"""What comes in, what is said, and what is to be done about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NewType

from knowledge.documents import Abstention, Answer

TeamId = NewType("TeamId", str)
ChannelId = NewType("ChannelId", str)
UserId = NewType("UserId", str)
Ts = NewType("Ts", str)
Trace = Mapping[str, Any]
"""What the bot did for one message: route, question, passages, timings in milliseconds."""


class Kind(StrEnum):
    """How a message reached the bot."""

    MENTION = "mention"
    DIRECT = "direct"
    FOLLOW_UP = "follow_up"
    EMAIL = "email"
    ASK_PERSON = "ask_person"
    FEEDBACK = "feedback"


@dataclass(frozen=True, slots=True)
class ThreadRef:
    """A thread in Slack; `ts` is its parent's."""

    team: TeamId
    channel: ChannelId
    ts: Ts


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """One message of one person; (team, channel, ts) names it for good.

    `about` is the bot's reply that a button belongs to, `value` what the button said.
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
    """A question back, a confirmation or an apology: a few plain sentences."""

    text: str


Reply = AnswerReply | NoteReply


@dataclass(frozen=True, slots=True)
class Say:
    """Post in the thread of the message."""

    reply: Reply


@dataclass(frozen=True, slots=True)
class Whisper:
    """Tell one person, seen by nobody else."""

    user: UserId
    text: str


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


Effect = Say | Whisper | HandOff | KeepFeedback


@dataclass(frozen=True, slots=True)
class Handled:
    """The outcome of one message: its effects, and the trace of how they came about."""

    effects: Sequence[Effect]
    trace: Trace = field(default_factory=dict)
