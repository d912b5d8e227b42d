"""Rows of the inbox: which ones are meant, and what they say."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Float,
    Row,
    Select,
    and_,
    bindparam,
    literal_column,
    or_,
    select,
)

from bot.books.engine import Books
from bot.books.tables import inbox
from bot.messages import ChannelId, InboundMessage, Kind, TeamId, ThreadRef, Ts, UserId
from bot.ports import Claimed

OPEN = ("received", "claimed")


def same(message: InboundMessage) -> ColumnElement[bool]:
    """The same message: its place, or the id that a client keeps when it sends once more."""
    place = at(message.thread.team, message.thread.channel, message.ts)
    if message.client_msg_id is None:
        return place
    sent_again = and_(
        inbox.c.team == message.thread.team,
        inbox.c.channel == message.thread.channel,
        inbox.c.client_msg_id == message.client_msg_id,
    )
    return or_(place, sent_again)


def at(team: TeamId, channel: ChannelId, ts: Ts) -> ColumnElement[bool]:
    """The message of a place."""
    return and_(inbox.c.team == team, inbox.c.channel == channel, inbox.c.ts == ts)


def within(thread: ThreadRef) -> ColumnElement[bool]:
    """The messages of a thread."""
    return and_(
        inbox.c.team == thread.team,
        inbox.c.channel == thread.channel,
        inbox.c.thread_ts == thread.ts,
    )


def held(claimed: Claimed) -> ColumnElement[bool]:
    """The message, as long as this claim on it stands."""
    return and_(
        inbox.c.id == claimed.id, inbox.c.token == claimed.token, inbox.c.state == "claimed"
    )


def new(message: InboundMessage, books: Books) -> dict[str, Any]:
    """The row of a message that has just come in."""
    now = books.now()
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
        "reference": books.new_token()[:8],
        "state": "received",
        "not_before": now,
        "received_at": now,
    }


def as_written(state: ColumnElement[str], states: Sequence[str]) -> ColumnElement[bool]:
    """Whether a state is one of these, in the words of a partial index.

    The planner takes such an index only where the query names its states, not parameters.
    """
    return state.in_([literal_column(f"'{one}'") for one in states])


def message_of(row: Row[tuple[Any, ...]]) -> InboundMessage:
    """The message that a row keeps."""
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


def _claimable() -> Select[Any]:
    """The oldest message of a thread in which nothing older, and nobody, is at work at :now."""
    older, now = inbox.alias("older"), bindparam("now", type_=Float)
    blocked = (
        select(older.c.id)
        .where(
            older.c.team == inbox.c.team,
            older.c.channel == inbox.c.channel,
            older.c.thread_ts == inbox.c.thread_ts,
            as_written(older.c.state, OPEN),
            or_(
                older.c.id < inbox.c.id,
                # A newer one is in hand where this one was edited after its answer.
                and_(older.c.state == "claimed", older.c.lease_until >= now),
            ),
        )
        .exists()
    )
    ready = and_(
        as_written(inbox.c.state, OPEN),
        or_(
            and_(inbox.c.state == "received", inbox.c.not_before <= now),
            and_(inbox.c.state == "claimed", inbox.c.lease_until < now),
        ),
    )
    query = select(inbox).where(ready, ~blocked).order_by(inbox.c.id).limit(1)
    return query.with_for_update(skip_locked=True)


CLAIMABLE = _claimable()  # built once: to build it costs more than to run it
