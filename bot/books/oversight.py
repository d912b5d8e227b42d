"""What the engineer sees of the inbox, and decides: try a message again, or drop it."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, func, select, update

from bot.books.engine import Books
from bot.books.rows import OPEN
from bot.books.tables import hand_off, inbox, outbox
from bot.books.wakeup import notify
from bot.ports import HANDLE

STATES = ("received", "claimed", "done", "dead", "withdrawn", "dropped")
UNDONE = (*OPEN, "dead")
_RETRIED = ("received", "dead", "dropped")
_SEEN = "reference state kind team channel thread_ts ts user attempts not_before lease_until error"
_SENT = "action channel thread_ts ts state attempts not_before doubtful error text"


def counted(books: Books) -> Mapping[str, Mapping[str, int]]:
    """How many messages came in and went out, by state."""
    with books.reading() as connection:
        return {
            table.name: {
                str(row.state): int(row.n)
                for row in connection.execute(
                    select(table.c.state, func.count().label("n")).group_by(table.c.state)
                )
            }
            for table in (inbox, outbox)
        }


def listed(books: Books, states: Sequence[str], *, limit: int) -> Sequence[Mapping[str, Any]]:
    """The oldest messages in these states, without their text; times in seconds since 1970."""
    query = select(inbox).where(inbox.c.state.in_(states)).order_by(inbox.c.id).limit(limit)
    with books.reading() as connection:
        return [_seen(row) for row in connection.execute(query)]


def shown(books: Books, reference: str) -> Mapping[str, Any] | None:
    """One message with its text, its trace and what was said to it; None where there is none."""
    with books.reading() as connection:
        row = _row(connection, reference)
        if row is None:
            return None
        said = select(outbox).where(outbox.c.inbox_id == row.id).order_by(outbox.c.id)
        outgoing = [_chosen(one, _SENT) for one in connection.execute(said)]
    return {**_seen(row), "text": row.text, "trace": row.trace, "outgoing": outgoing}


def retried(books: Books, reference: str) -> str | None:
    """Open a dead, dropped or waiting message for all its attempts; the state it was in.

    What is said to it then takes the place of the apology; its thread is the bot's again.
    None where there is no such message; nothing changes in other states.
    """
    with books.writing() as connection:
        row = _row(connection, reference)
        if row is None or row.state not in _RETRIED:
            return row and str(row.state)
        connection.execute(
            update(inbox)
            .where(inbox.c.id == row.id, inbox.c.state == row.state)
            .values(state="received", attempts=0, token=None, not_before=books.now(), error=None)
        )
        connection.execute(hand_off.delete().where(hand_off.c.inbox_id == row.id))
        notify(connection, HANDLE)
    return str(row.state)


def dropped(books: Books, reference: str) -> str | None:
    """Close a message that nobody shall handle; the state it was in, None where there is none."""
    with books.writing() as connection:
        row = _row(connection, reference)
        if row is not None:
            _drop(connection, inbox.c.id == row.id, now=books.now())
    return row and str(row.state)


def dropped_before(books: Books, moment: float) -> int:
    """Close all that was received before a moment and is not done; how many."""
    with books.writing() as connection:
        return _drop(connection, inbox.c.received_at < moment, now=books.now())


def _drop(connection: Connection, which: ColumnElement[bool], *, now: float) -> int:
    undone = update(inbox).where(which, inbox.c.state.in_(UNDONE))
    return connection.execute(undone.values(state="dropped", token=None, done_at=now)).rowcount


def _row(connection: Connection, reference: str) -> Row[Any] | None:
    return connection.execute(select(inbox).where(inbox.c.reference == reference)).first()


def _seen(row: Row[Any]) -> Mapping[str, Any]:
    return {**_chosen(row, _SEEN), "received_at": row.received_at}


def _chosen(row: Row[Any], names: str) -> Mapping[str, Any]:
    return {name: row._mapping[name] for name in names.split()}  # noqa: SLF001  a public name
