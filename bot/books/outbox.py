"""The outbox: what is to be said, rendered once, sent in order within a thread, exactly once.

ready → sending → sent | failed | cancelled. A row that may have arrived stays `sending` and
doubtful: the thread is read before anything is sent again.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import zip_longest
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Float,
    Row,
    Select,
    and_,
    bindparam,
    select,
    update,
)

from bot.books.engine import Books
from bot.books.parcels import kept, kept_letter, parcel_of
from bot.books.rows import as_written
from bot.books.tables import hand_off, outbox
from bot.messages import ChannelId, ThreadRef, Ts
from bot.ports import Action, CardPlace, Mailed, Outgoing, Parcel

SENDING_SECONDS = 90.0
_OPEN = ("ready", "sending")
_STANDING = ("ready", "sending", "sent")


def _claimable() -> Select[Any]:
    """The next row that may be sent at :now, with nothing before it in its thread."""
    older, now = outbox.alias("older"), bindparam("now", type_=Float)
    blocked = (
        select(older.c.id)
        .where(
            older.c.channel == outbox.c.channel,
            older.c.thread_ts.is_not_distinct_from(outbox.c.thread_ts),
            older.c.id < outbox.c.id,
            as_written(older.c.state, _OPEN),
        )
        .exists()
    )
    query = select(outbox).where(
        as_written(outbox.c.state, _OPEN), outbox.c.not_before <= now, ~blocked
    )
    return query.order_by(outbox.c.id).limit(1).with_for_update(skip_locked=True)


_CLAIMABLE = _claimable()  # built once: to build it costs more than to run it


class SqlOutbox:
    """Messages in the table `outbox`."""

    def __init__(self, books: Books, *, sending_seconds: float = SENDING_SECONDS) -> None:
        self._books = books
        self._sending = sending_seconds

    def claim(self) -> Parcel | None:
        """Mark the next row as being sent; one that a dead sender left is doubtful."""
        now = self._books.now()
        with self._books.writing() as connection:
            row = connection.execute(_CLAIMABLE, {"now": now}).first()
            if row is None:
                return None
            connection.execute(
                update(outbox)
                .where(outbox.c.id == row.id)
                .values(state="sending", attempts=row.attempts + 1, not_before=now + self._sending)
            )
            # A post takes its time too: whoever is later than half way leaves it to others.
            return parcel_of(connection, row, now=now, until=now + self._sending / 2)

    def sent(self, parcel: Parcel, ts: Ts | None) -> None:
        """Settle a row that arrived; take back what arrived by two senders."""
        now = self._books.now()
        values = {"state": "sent", "ts": ts, "sent_at": now, "error": None}
        with self._books.writing() as connection:
            changed = connection.execute(update(outbox).where(_ours(parcel)).values(**values))
            if changed.rowcount or ts in {None, parcel.target_ts}:
                return
            row = connection.execute(select(outbox).where(outbox.c.id == parcel.id)).one()
            if row.ts != ts:
                # Its turn comes when this row is settled: which message stands is known then.
                gone = replace(_gone(row, Action.DELETE, ts), under=parcel.id)
                _insert(connection, row.inbox_id, gone, now=now)

    def again(self, parcel: Parcel, *, seconds: float) -> None:
        """Slack is busy: the row and its whole channel wait; one that was in doubt stays so."""
        later = self._books.now() + seconds
        state = "sending" if parcel.doubtful else "ready"
        self._set(parcel, state=state, not_before=later)
        with self._books.writing() as connection:
            connection.execute(
                update(outbox)
                .where(outbox.c.channel == parcel.outgoing.channel, outbox.c.state == "ready")
                .where(outbox.c.not_before < later)
                .values(not_before=later)
            )

    def doubt(self, parcel: Parcel, *, seconds: float) -> None:
        """Keep a row as `sending` until it can be looked up."""
        later = self._books.now() + seconds
        self._set(parcel, not_before=later, doubtful=True, doubts=parcel.doubts + 1)

    def failed(self, parcel: Parcel, *, error: str) -> None:
        """Close a row that cannot be sent; a thread that nobody took over is the bot's again."""
        with self._books.writing() as connection:
            changed = connection.execute(
                update(outbox).where(_ours(parcel)).values(state="failed", error=error)
            )
            row = connection.execute(select(outbox).where(outbox.c.id == parcel.id)).one()
            if changed.rowcount and row.otherwise:
                said = Outgoing(action=Action.POST, **row.otherwise)
                _insert(connection, row.inbox_id, said, now=self._books.now())
                if not row.is_reply:
                    connection.execute(hand_off.delete().where(hand_off.c.inbox_id == row.inbox_id))

    def mailed(self, parcel: Parcel, outcome: Mailed, *, error: str | None = None) -> None:
        """Settle a letter; what is said of it takes its place in the case's thread."""
        state = "sent" if outcome is Mailed.SENT else "failed"
        now = self._books.now()
        with self._books.writing() as connection:
            changed = connection.execute(
                update(outbox)
                .where(_ours(parcel), outbox.c.state == "sending")
                .values(state=state, error=error, sent_at=now)
            )
            row = connection.execute(select(outbox).where(outbox.c.id == parcel.id)).one()
            said = (row.letter or {}).get("told", {}).get(outcome)
            if changed.rowcount and said:
                told = Outgoing(action=Action.POST, **said)
                _insert(connection, row.inbox_id, told, now=now)

    def _set(self, parcel: Parcel, **values: object) -> None:
        with self._books.writing() as connection:
            connection.execute(update(outbox).where(_ours(parcel)).values(**values))


def put(
    connection: Connection, inbox_id: int, outgoing: Sequence[Outgoing], *, now: float
) -> list[tuple[CardPlace, int]]:
    """Queue the messages that follow from one inbound message; the rows of new cards.

    Replies to an edited message take the place of the replies to its older text, one by one;
    replies too many are deleted.
    """
    older = _standing_replies(connection, inbox_id)
    replies = [one for one in outgoing if one.is_reply]
    for one, row in zip_longest(replies, older):
        if one is None:
            _delete(connection, inbox_id, row, now=now)
        elif row is None:
            _insert(connection, inbox_id, one, now=now)
        else:
            updated = replace(one, action=Action.UPDATE)
            _insert(connection, inbox_id, updated, now=now, target_id=row.id)
    placed = []
    for one in outgoing:
        if not one.is_reply:
            row_id = _insert(connection, inbox_id, one, now=now, target_id=one.target)
            if one.card:
                placed.append((one.card, row_id))
    return placed


def waits(connection: Connection, thread: ThreadRef) -> bool:
    """Whether something is still to be said in a thread."""
    query = select(outbox.c.id).where(
        outbox.c.channel == thread.channel,
        outbox.c.thread_ts == thread.ts,
        as_written(outbox.c.state, _OPEN),
    )
    return connection.execute(query.limit(1)).first() is not None


def delete(connection: Connection, inbox_id: int, thread: ThreadRef, ts: Ts, *, now: float) -> None:
    """Take a message of ours back, after what is still to be said in its thread."""
    gone = Outgoing(Action.DELETE, thread.channel, text="", thread_ts=thread.ts, live_ts=ts)
    _insert(connection, inbox_id, gone, now=now)


def take_back(connection: Connection, asked: Row[tuple[Any, ...]], *, now: float) -> None:
    """Delete the replies that are sent or being written, and cancel what is not sent yet.

    The words go with them; the rows stay, as the record of what was done.
    """
    inbox_id = asked.id
    standing = _standing_replies(connection, inbox_id)
    connection.execute(
        update(outbox)
        .where(outbox.c.inbox_id == inbox_id, outbox.c.state == "ready")
        .where(outbox.c.action.not_in((Action.DELETE, Action.SWEEP)))
        .values(state="cancelled")
    )
    connection.execute(
        update(outbox).where(outbox.c.inbox_id == inbox_id).values(text="", blocks=[])
    )
    for row in standing:
        _delete(connection, inbox_id, row, now=now)
    if asked.live_ts == "":  # a stream may have begun, and nobody knows which
        _insert(connection, inbox_id, _gone(asked, Action.SWEEP, Ts(asked.ts)), now=now)
    elif asked.live_ts and not standing:
        gone = _gone(asked, Action.DELETE, Ts(asked.live_ts))
        _insert(connection, inbox_id, gone, now=now)


def _standing_replies(connection: Connection, inbox_id: int) -> Sequence[Row[tuple[Any, ...]]]:
    """Rows that made a reply which is, or soon will be, in the thread."""
    deleted = (
        select(outbox.c.target_id)
        .where(
            outbox.c.inbox_id == inbox_id,
            outbox.c.action == Action.DELETE,
            outbox.c.target_id.is_not(None),  # `not in` a list that holds a null is never true
        )
        .scalar_subquery()
    )
    return connection.execute(
        select(outbox)
        .where(
            outbox.c.inbox_id == inbox_id,
            outbox.c.is_reply,
            outbox.c.target_id.is_(None),
            outbox.c.state.in_(_STANDING),
            outbox.c.id.not_in(deleted),
        )
        .order_by(outbox.c.id)
    ).all()


def _insert(
    connection: Connection,
    inbox_id: int,
    one: Outgoing,
    *,
    now: float,
    target_id: int | None = None,
) -> int:
    inserted = connection.execute(
        outbox.insert().values(
            inbox_id=inbox_id,
            action=one.action,
            channel=one.channel,
            thread_ts=one.thread_ts,
            user=one.user,
            text=one.text,
            blocks=list(one.blocks),
            is_reply=one.is_reply,
            target_id=target_id,
            live_ts=one.live_ts,
            otherwise=kept(one.otherwise),
            under_id=one.under,
            letter=kept_letter(one),
            state="ready",
            not_before=now,
            created_at=now,
        )
    )
    return int(inserted.inserted_primary_key[0]) if inserted.inserted_primary_key else 0


def _delete(
    connection: Connection, inbox_id: int, row: Row[tuple[Any, ...]], *, now: float
) -> None:
    gone = _gone(row, Action.DELETE, None)
    _insert(connection, inbox_id, gone, now=now, target_id=row.id)


def _gone(row: Row[tuple[Any, ...]], action: Action, ts: Ts | None) -> Outgoing:
    """Something of the thread of a row is taken back."""
    channel = ChannelId(row.channel)
    return Outgoing(action, channel, text="", thread_ts=row.thread_ts, live_ts=ts)


def _ours(parcel: Parcel) -> ColumnElement[bool]:
    """A sender that was overtaken changes nothing: every claim counts an attempt."""
    return and_(outbox.c.id == parcel.id, outbox.c.attempts == parcel.attempts)
