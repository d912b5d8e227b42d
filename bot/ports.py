"""What the desk needs from outside."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from bot.cases import Case, Correction, Letter
from bot.messages import (
    ChannelId,
    Handled,
    InboundMessage,
    KeepFeedback,
    TeamId,
    ThreadRef,
    Trace,
    Ts,
    Turn,
    UserId,
)
from knowledge.ports import OnText

HANDLE, SEND = "handle", "send"
"""The two kinds of work, by the names that wake them."""


class Receipt(StrEnum):
    """What became of a message that was received."""

    NEW = "new"
    FOLDED = "folded"
    REVISED = "revised"


class Action(StrEnum):
    """What is done with an outgoing message."""

    POST = "post"
    UPDATE = "update"
    DELETE = "delete"
    WHISPER = "whisper"
    MAIL = "mail"
    SWEEP = "sweep"
    REACT = "react"


class CardPlace(StrEnum):
    """Which card of its case an outgoing message is."""

    MAIN = "main"
    COPY = "copy"


class Mailed(StrEnum):
    """What became of a mail that was to be sent."""

    SENT = "sent"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One Slack message to send, rendered once and never again.

    `live_ts` names a message that is streaming already and gets its final form; `otherwise` is said
    when this one cannot be sent at all. `target` is the row of the message that an update is about,
    `under` the row of the message in whose thread this one belongs. A `letter` is mailed; then what
    became of it is said, as in `told`. A sweep deletes what a stream left behind after `live_ts`; a
    reaction puts the emoji that `text` names under the message `live_ts`.
    """

    action: Action
    channel: ChannelId
    text: str
    blocks: Sequence[Mapping[str, Any]] = ()
    thread_ts: Ts | None = None
    user: UserId | None = None
    live_ts: Ts | None = None
    is_reply: bool = False
    otherwise: "Outgoing | None" = None
    card: CardPlace | None = None
    target: int | None = None
    under: int | None = None
    letter: Letter | None = None
    told: "Mapping[Mailed, Outgoing]" = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in the hands of one worker; `live_ts` is "" for a stream that nobody knows."""

    id: int
    token: str
    reference: str
    attempts: int
    message: InboundMessage
    live_ts: Ts | None


@dataclass(frozen=True, slots=True)
class Settlement:
    """All that changes together when a message is done."""

    outgoing: Sequence[Outgoing]
    trace: Trace = field(default_factory=dict)
    feedback: KeepFeedback | None = None
    handed_off: bool = False
    case: Case | None = None
    correction: Correction | None = None


class Inbox(Protocol):
    """Received messages, each handled once, one at a time in a thread, in order."""

    def receive(self, message: InboundMessage) -> Receipt:
        """Keep a message; when this returns it is safe to acknowledge.

        Raises:
            BooksUnavailable: it was not kept.
        """

    def withdraw(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        """A message was deleted: forget it, and take back what was replied to it."""

    def claim(self) -> Claimed | None:
        """The oldest message that may be worked on now."""

    def settle(self, claimed: Claimed, settlement: Settlement) -> None:
        """Done: outgoing messages, feedback, case and state in one transaction.

        Raises:
            LeaseLost: another worker has it, or its text has changed; nothing was written.
            CaseMoved: the case has changed meanwhile; nothing was written.
        """

    def renew(self, claimed: Claimed) -> bool:
        """Begin the lease anew; False where it is no longer ours."""

    def postpone(self, claimed: Claimed, *, seconds: float, error: str) -> None:
        """Try again later."""

    def bury(self, claimed: Claimed, settlement: Settlement, *, error: str) -> None:
        """Give up: the message is dead, and the settlement says so to people."""

    def may_stream(self, claimed: Claimed) -> bool:
        """Note that a stream begins; False where something is still to be said before it.

        Raises:
            LeaseLost: another worker has it, or its text has changed.
        """

    def streaming(self, claimed: Claimed, ts: Ts) -> None:
        """Remember the message that shows this answer while it is written.

        Raises:
            LeaseLost: another worker has it, or its text has changed; the stream is taken back.
        """

    def knows(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        """Whether the message was received before."""

    def takes_part(self, thread: ThreadRef) -> bool:
        """Whether the bot talks in a thread, and no person has been asked to take over."""

    def handed_off(self, thread: ThreadRef) -> bool:
        """Whether a person has been asked to take over."""

    def turns(self, message: InboundMessage) -> int:
        """How many messages its author has had kept in its thread."""

    def previous_turn(self, message: InboundMessage) -> Turn | None:
        """The asker's message before this one in the same thread."""

    def question_behind(self, thread: ThreadRef, reply: Ts | None) -> Turn | None:
        """The message that a reply of the bot belongs to; else the last one in the thread."""

    def trace(self, channel: ChannelId, ts: Ts) -> Trace | None:
        """What the bot did for a message, named by its own ts or by a reply's."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """An outgoing message in the hands of one sender, until another may take it.

    `marker` is kept in the message's metadata, by which it is found again; `doubts` is how often it
    was not known whether it arrived.
    """

    id: int
    outgoing: Outgoing
    target_ts: Ts | None
    attempts: int
    doubtful: bool
    marker: str
    until: float = math.inf
    doubts: int = 0


class Outbox(Protocol):
    """Messages to send, in order within a thread, each exactly once."""

    def claim(self) -> Parcel | None:
        """The next message to send, marked as being sent."""

    def sent(self, parcel: Parcel, ts: Ts | None) -> None:
        """It arrived, as the Slack message `ts`; of two that arrived, one is taken back."""

    def again(self, parcel: Parcel, *, seconds: float) -> None:
        """This attempt certainly did nothing; try again later."""

    def doubt(self, parcel: Parcel, *, seconds: float) -> None:
        """It may have arrived; look into the thread later, before anything is sent again."""

    def failed(self, parcel: Parcel, *, error: str) -> None:
        """It cannot be sent: what is to be said otherwise is queued in the same transaction."""

    def mailed(self, parcel: Parcel, outcome: Mailed, *, error: str | None = None) -> None:
        """A letter is settled for good: what its thread is told is queued with it."""


class Decider(Protocol):
    """Decides what follows from a message; writes nothing and posts nothing."""

    def handle(
        self, message: InboundMessage, *, reference: str, on_text: OnText | None = None
    ) -> Handled:
        """The effects of a message; `on_text` sees the words of an answer as they come."""

    def give_up(self, message: InboundMessage, *, reference: str) -> Handled:
        """What is said when a message could not be handled."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What somebody has used in a day; money in millionths of its currency."""

    messages: int = 0
    tokens: int = 0
    money: int = 0


class Tallies(Protocol):
    """What was used on a day (YYYY-MM-DD), by owner; may be lost. All raise RedisUnavailable."""

    def count(self, day: str, owner: str, *, once: str) -> Tally:
        """One message more, unless `once` was counted before; what the owner has used."""

    def charge(self, day: str, owner: str, *, tokens: int, money: int) -> None:
        """So much more was used."""


class Pace(Protocol):
    """How fast posts may follow each other in a channel."""

    def wait(self, channel: ChannelId) -> float:
        """Seconds until a post may go there; with 0 it may go now. May raise RedisUnavailable."""


class Transport(Protocol):
    """Slack, as the desk sees it."""

    def post(self, outgoing: Outgoing, *, marker: str) -> Ts:
        """Post a message with `marker` in its metadata; its ts. May raise any TransportError."""

    def update(self, outgoing: Outgoing, ts: Ts, *, marker: str) -> None:
        """Give a message its new form."""

    def delete(self, channel: ChannelId, ts: Ts) -> None:
        """Take a message back; one that is gone already counts as deleted."""

    def whisper(self, outgoing: Outgoing) -> None:
        """Show a message to one person only."""

    def react(self, channel: ChannelId, ts: Ts, emoji: str) -> None:
        """Put an emoji under a message; one that is there already counts as put."""

    def find(self, outgoing: Outgoing, *, marker: str) -> Ts | None:
        """The ts of a message that carries `marker`, if it did arrive."""

    def permalink(self, channel: ChannelId, ts: Ts) -> str | None:
        """A link to a message; None when Slack gives none."""

    def status(self, thread: ThreadRef, text: str) -> None:
        """Show what the bot is doing; best effort, never raises."""

    def strays(self, outgoing: Outgoing, *, after: Ts) -> Sequence[Ts]:
        """The bot's own messages of the thread, later than `after`, that carry no marker."""

    def start_stream(self, thread: ThreadRef, user: UserId, text: str) -> Ts | None:
        """Begin a message that grows; None where Slack cannot; may raise TransportUnknown."""

    def append_stream(self, channel: ChannelId, ts: Ts, text: str) -> bool:
        """Let it grow; False when the stream has ended."""

    def edit_stream(self, channel: ChannelId, ts: Ts, text: str, *, ends: bool) -> bool:
        """Show all of its text so far; the first time it `ends` the stream. False: it failed."""
