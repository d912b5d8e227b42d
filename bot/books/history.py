"""What people have written to the desk, for those who look after the triage model."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from bot.books.engine import Books
from bot.books.tables import inbox
from bot.messages import Kind

_WRITTEN = (Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP, Kind.EMAIL)


def written(books: Books, *, limit: int) -> Iterator[dict[str, Any]]:
    """The latest messages that were handled and not deleted, newest first: words and labels."""
    query = (
        select(inbox.c.text, inbox.c.trace, inbox.c.reference)
        .where(inbox.c.kind.in_(_WRITTEN), inbox.c.state == "done", inbox.c.text != "")
        .order_by(inbox.c.id.desc())
        .limit(limit)
    )
    with books.reading() as connection:
        for row in connection.execute(query):
            labels = (row.trace or {}).get("triage")
            yield {"input": row.text, "predicted": labels, "reference": row.reference}
