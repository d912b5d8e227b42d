"""Rows of the inbox: which ones are meant, and what they say."""

from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_

from bot.books.tables import inbox
from bot.messages import ChannelId, InboundMessage, Kind, TeamId, ThreadRef, Ts, UserId
from bot.ports import Claimed


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
