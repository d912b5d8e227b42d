"""The inbox: what was received, each message handled once, in order within its thread."""

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.books import outbox as outbox_rows
from bot.books.engine import Books
from bot.books.tables import feedback, hand_off, inbox, outbox
from bot.errors import BooksUnavailable, LeaseLost
from bot.messages import (
    ChannelId,
    InboundMessage,
    KeepFeedback,
    Kind,
    TeamId,
    ThreadRef,
    Trace,
    Ts,
    Turn,
    UserId,
)
from bot.ports import Claimed, Receipt, Settlement

LEASE_SECONDS = 90.0
_OPEN = ("received", "claimed")
_TALK = (Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP, Kind.EMAIL)


class SqlInbox:
    """Messages in the table `inbox`: received → claimed → done | dead | withdrawn."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def receive(self, message: InboundMessage) -> Receipt:
        """Keep a message, fold it into the one already kept, or take over its new text."""
        try:
            with self._books.writing() as connection:
                found = connection.execute(select(inbox).where(_same(message))).first()
                if found is None:
                    connection.execute(inbox.insert().values(self._row(message)))
                    return Receipt.NEW
                return self._fold(connection, found, message)
        except BooksUnavailable as error:
            if isinstance(error.__cause__, IntegrityError):  # another process was quicker
                return Receipt.FOLDED
            raise

    def withdraw(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        """Forget a message and delete the replies to it."""
        with self._books.writing() as connection:
            found = connection.execute(select(inbox).where(_at(team, channel, ts))).first()
            if found is None:
                return False
            changed = connection.execute(
                update(inbox)
                .where(inbox.c.id == found.id, inbox.c.state != "withdrawn")
                .values(state="withdrawn", token=None, text="", done_at=self._books.now())
            )
            if changed.rowcount:
                live = (channel, Ts(found.live_ts)) if found.live_ts else None
                outbox_rows.take_back(connection, found.id, now=self._books.now(), live=live)
            return bool(changed.rowcount)

    def claim(self) -> Claimed | None:
        """Lease the oldest message whose thread has no older one open."""
        now, token = self._books.now(), self._books.new_token()
        older = inbox.alias("older")
        blocked = (
            select(older.c.id)
            .where(
                older.c.team == inbox.c.team,
                older.c.channel == inbox.c.channel,
                older.c.thread_ts == inbox.c.thread_ts,
                older.c.id < inbox.c.id,
                older.c.state.in_(_OPEN),
            )
            .exists()
        )
        ready = or_(
            and_(inbox.c.state == "received", inbox.c.not_before <= now),
            and_(inbox.c.state == "claimed", inbox.c.lease_until < now),
        )
        query = select(inbox).where(ready, ~blocked).order_by(inbox.c.id).limit(1)
        with self._books.writing() as connection:
            row = connection.execute(query.with_for_update(skip_locked=True)).first()
            if row is None:
                return None
            connection.execute(
                update(inbox)
                .where(inbox.c.id == row.id)
                .values(
                    state="claimed",
                    token=token,
                    lease_until=now + LEASE_SECONDS,
                    attempts=row.attempts + 1,
                )
            )
        return Claimed(
            id=row.id,
            token=token,
            reference=row.reference,
            attempts=row.attempts + 1,
            message=_message(row),
            live_ts=row.live_ts,
        )

    def settle(self, claimed: Claimed, settlement: Settlement) -> None:
        """Close a message with all that follows from it."""
        self._close(claimed, settlement, state="done", error=None)

    def bury(self, claimed: Claimed, settlement: Settlement, *, error: str) -> None:
        """Close a message that cannot be handled."""
        self._close(claimed, settlement, state="dead", error=error)

    def postpone(self, claimed: Claimed, *, seconds: float, error: str) -> None:
        """Open a message again, to be claimed after some seconds."""
        with self._books.writing() as connection:
            connection.execute(
                update(inbox)
                .where(_held(claimed))
                .values(
                    state="received",
                    token=None,
                    not_before=self._books.now() + seconds,
                    error=error,
                )
            )

    def streaming(self, claimed: Claimed, ts: Ts) -> None:
        """Remember the streaming message, so that a later attempt completes the same one."""
        with self._books.writing() as connection:
            connection.execute(update(inbox).where(_held(claimed)).values(live_ts=ts))

    def knows(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        """Whether the message was received and not withdrawn."""
        query = select(inbox.c.id).where(_at(team, channel, ts), inbox.c.state != "withdrawn")
        with self._books.reading() as connection:
            return connection.execute(query).first() is not None

    def takes_part(self, thread: ThreadRef) -> bool:
        """Whether the bot was addressed in a thread that no person has taken over."""
        query = select(inbox.c.id).where(
            _in(thread), inbox.c.kind.in_(_TALK), inbox.c.state != "withdrawn"
        )
        with self._books.reading() as connection:
            talks = connection.execute(query.limit(1)).first() is not None
        return talks and not self.handed_off(thread)

    def handed_off(self, thread: ThreadRef) -> bool:
        """Whether a person was asked for in a thread."""
        query = select(hand_off.c.id).where(
            hand_off.c.team == thread.team,
            hand_off.c.channel == thread.channel,
            hand_off.c.thread_ts == thread.ts,
        )
        with self._books.reading() as connection:
            return connection.execute(query).first() is not None

    def turns(self, message: InboundMessage) -> int:
        """How many messages of the author the thread holds, this one left out."""
        query = select(func.count()).where(
            _in(message.thread), inbox.c.user == message.user, inbox.c.ts != message.ts
        )
        with self._books.reading() as connection:
            return connection.execute(query).scalar_one()

    def previous_turn(self, message: InboundMessage) -> Turn | None:
        """What the same person said before in the thread."""
        query = (
            select(inbox)
            .where(
                _in(message.thread),
                inbox.c.user == message.user,
                inbox.c.kind.in_(_TALK),
                inbox.c.state == "done",
                inbox.c.ts < message.ts,
            )
            .order_by(inbox.c.ts.desc())
        )
        return self._turn(query.limit(1))

    def question_behind(self, thread: ThreadRef, reply: Ts | None) -> Turn | None:
        """The question that a reply answered; else the last question of the thread."""
        if reply is not None:
            query = (
                select(inbox)
                .join(outbox, outbox.c.inbox_id == inbox.c.id)
                .where(outbox.c.channel == thread.channel, outbox.c.ts == reply)
            )
            if found := self._turn(query.limit(1)):
                return found
        query = select(inbox).where(_in(thread), inbox.c.kind.in_(_TALK))
        return self._turn(query.order_by(inbox.c.ts.desc()).limit(1))

    def trace(self, channel: ChannelId, ts: Ts) -> Trace | None:
        """The trace of a message or of the message behind a reply, with its state."""
        replied = select(outbox.c.inbox_id).where(outbox.c.channel == channel, outbox.c.ts == ts)
        query = select(inbox).where(
            inbox.c.channel == channel, or_(inbox.c.ts == ts, inbox.c.id.in_(replied))
        )
        with self._books.reading() as connection:
            row = connection.execute(query.limit(1)).first()
        if row is None:
            return None
        standing = {"reference": row.reference, "state": row.state, "attempts": row.attempts}
        return {**standing, **({"error": row.error} if row.error else {}), **(row.trace or {})}

    def _row(self, message: InboundMessage) -> Mapping[str, Any]:
        now = self._books.now()
        return {
            "team": message.thread.team,
            "channel": message.thread.channel,
            "ts": message.ts,
            "thread_ts": message.thread.ts,
            "kind": message.kind,
            "user": message.user,
            "text": message.text,
            "client_msg_id": message.client_msg_id,
            "edited": message.edited,
            "about": message.about,
            "value": message.value,
            "reference": secrets.token_hex(4),
            "state": "received",
            "not_before": now,
            "received_at": now,
        }

    def _fold(
        self, connection: Connection, row: Row[tuple[Any, ...]], message: InboundMessage
    ) -> Receipt:
        """A newer text replaces an older one and is handled again; all else changes nothing."""
        newer = message.edited is not None and message.edited > (row.edited or "")
        if not newer or row.text == message.text or row.state == "withdrawn":
            return Receipt.FOLDED
        connection.execute(
            update(inbox)
            .where(inbox.c.id == row.id)
            .values(
                text=message.text,
                edited=message.edited,
                live_ts=row.live_ts if row.state in _OPEN else None,
                state="received",
                token=None,
                attempts=0,
                not_before=self._books.now(),
            )
        )
        return Receipt.REVISED

    def _close(
        self, claimed: Claimed, settlement: Settlement, *, state: str, error: str | None
    ) -> None:
        now = self._books.now()
        with self._books.writing() as connection:
            changed = connection.execute(
                update(inbox)
                .where(_held(claimed))
                .values(
                    state=state, token=None, error=error, trace=dict(settlement.trace), done_at=now
                )
            )
            if changed.rowcount != 1:
                raise LeaseLost(f"message {claimed.reference} is no longer ours")
            outbox_rows.put(connection, claimed.id, settlement.outgoing, now=now)
            if settlement.feedback:
                _keep_feedback(connection, claimed.message, settlement.feedback, now=now)
            if settlement.handed_off:
                _mark_handed_off(connection, claimed, now=now)

    def _turn(self, query: Any) -> Turn | None:  # noqa: ANN401  a select of whole rows
        with self._books.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        message = _message(row)
        return Turn(message.text, message.user, message.thread, row.trace)


def _same(message: InboundMessage) -> ColumnElement[bool]:
    """The same message: its place, or the id that a client keeps when it sends once more."""
    place = _at(message.thread.team, message.thread.channel, message.ts)
    if message.client_msg_id is None:
        return place
    sent_again = and_(
        inbox.c.team == message.thread.team,
        inbox.c.channel == message.thread.channel,
        inbox.c.client_msg_id == message.client_msg_id,
    )
    return or_(place, sent_again)


def _at(team: TeamId, channel: ChannelId, ts: Ts) -> ColumnElement[bool]:
    return and_(inbox.c.team == team, inbox.c.channel == channel, inbox.c.ts == ts)


def _in(thread: ThreadRef) -> ColumnElement[bool]:
    return and_(
        inbox.c.team == thread.team,
        inbox.c.channel == thread.channel,
        inbox.c.thread_ts == thread.ts,
    )


def _held(claimed: Claimed) -> ColumnElement[bool]:
    return and_(
        inbox.c.id == claimed.id, inbox.c.token == claimed.token, inbox.c.state == "claimed"
    )


def _message(row: Row[tuple[Any, ...]]) -> InboundMessage:
    return InboundMessage(
        kind=Kind(row.kind),
        thread=ThreadRef(TeamId(row.team), ChannelId(row.channel), Ts(row.thread_ts)),
        ts=Ts(row.ts),
        user=UserId(row.user),
        text=row.text,
        client_msg_id=row.client_msg_id,
        edited=row.edited,
        about=row.about,
        value=row.value,
    )


def _keep_feedback(
    connection: Connection, message: InboundMessage, given: KeepFeedback, *, now: float
) -> None:
    place = and_(
        feedback.c.team == message.thread.team,
        feedback.c.channel == message.thread.channel,
        feedback.c.reply_ts == given.about,
        feedback.c.user == given.user,
    )
    changed = connection.execute(
        update(feedback).where(place).values(sentiment=given.sentiment, created_at=now)
    )
    if not changed.rowcount:
        connection.execute(
            feedback.insert().values(
                team=message.thread.team,
                channel=message.thread.channel,
                reply_ts=given.about,
                user=given.user,
                sentiment=given.sentiment,
                created_at=now,
            )
        )


def _mark_handed_off(connection: Connection, claimed: Claimed, *, now: float) -> None:
    thread = claimed.message.thread
    place = {"team": thread.team, "channel": thread.channel, "thread_ts": thread.ts}
    known = select(func.count()).select_from(hand_off).filter_by(**place)
    if not connection.execute(known).scalar_one():
        connection.execute(hand_off.insert().values(**place, inbox_id=claimed.id, created_at=now))
