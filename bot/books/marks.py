"""What is written with a message when it is settled: feedback, hand-offs, cases, the outbox."""

from collections.abc import Mapping

from sqlalchemy import Connection, Table, select, update

from bot.books import cases
from bot.books import outbox as outbox_rows
from bot.books.tables import feedback, hand_off
from bot.messages import InboundMessage, KeepFeedback
from bot.ports import Claimed, Settlement


def keep(connection: Connection, claimed: Claimed, settlement: Settlement, *, now: float) -> None:
    """Write all that follows from a message.

    Raises:
        CaseMoved: its case has changed meanwhile.
    """
    case = settlement.case
    case_id = cases.keep(connection, case, now=now) if case else None
    for card, row_id in outbox_rows.put(connection, claimed.id, settlement.outgoing, now=now):
        if case_id is not None:
            cases.place(connection, case_id, card, row_id)
    if settlement.correction:
        cases.correct(connection, settlement.correction, now=now)
    if settlement.feedback:
        keep_feedback(connection, claimed.message, settlement.feedback, now=now)
    if settlement.handed_off:
        mark_handed_off(connection, claimed, now=now)


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
