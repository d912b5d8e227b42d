"""What people have written to the desk, for those who look after its model and its articles."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Row, Select, select

from bot.books.engine import Books
from bot.books.tables import inbox
from bot.messages import Kind, Trace

_WRITTEN = (Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP, Kind.EMAIL)


def written(books: Books, *, limit: int) -> Iterator[dict[str, Any]]:
    """The latest messages that were handled and not deleted, newest first: words and labels."""
    for row in _rows(books, limit):
        labels = (row.trace or {}).get("triage")
        yield {"input": row.text, "predicted": labels, "reference": row.reference}


def looked_up(books: Books, *, limit: int) -> Iterator[tuple[Trace, float]]:
    """Of as many messages those that were questions, newest first: trace, seconds since 1970."""
    for row in _rows(books, limit):
        if row.trace and "question" in row.trace:
            yield row.trace, row.received_at


def _rows(books: Books, limit: int) -> Iterator[Row[Any]]:
    query: Select[Any] = (
        select(inbox.c.text, inbox.c.trace, inbox.c.reference, inbox.c.received_at)
        .where(inbox.c.kind.in_(_WRITTEN), inbox.c.state == "done", inbox.c.text != "")
        .order_by(inbox.c.id.desc())
        .limit(limit)
    )
    with books.reading() as connection:
        yield from connection.execute(query, execution_options={"yield_per": 500})
