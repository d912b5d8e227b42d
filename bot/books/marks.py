"""What is written beside a message when it is settled: feedback and hand-offs."""

from collections.abc import Mapping

from sqlalchemy import Connection, Table, select, update

from bot.books.tables import feedback, hand_off
from bot.messages import InboundMessage, KeepFeedback
from bot.ports import Claimed


def keep_feedback(
    connection: Connection, message: InboundMessage, given: KeepFeedback, *, now: float
) -> None:
    """Keep what a person thinks of a reply; the last word counts."""
    place = {
        "team": message.thread.team,
        "channel": message.thread.channel,
        "reply_ts": given.about,
        "user": given.user,
    }
    _put(connection, feedback, place, {"sentiment": given.sentiment, "created_at": now})


def mark_handed_off(connection: Connection, claimed: Claimed, *, now: float) -> None:
    """Mark a thread as taken over by people; the message that did so last is kept."""
    thread = claimed.message.thread
    place = {"team": thread.team, "channel": thread.channel, "thread_ts": thread.ts}
    _put(connection, hand_off, place, {"inbox_id": claimed.id, "created_at": now})


def _put(
    connection: Connection, table: Table, place: Mapping[str, str], values: Mapping[str, object]
) -> None:
    """Update the row of a place, or insert it."""
    where = [table.c[name] == value for name, value in place.items()]
    if connection.execute(select(table.c.id).where(*where)).first():
        connection.execute(update(table).where(*where).values(**values))
    else:
        connection.execute(table.insert().values(**place, **values))
