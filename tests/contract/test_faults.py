"""Books that cannot be written: nothing is taken, and all goes on once they can be again."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes import inbound, thread_at
from sqlalchemy import event, text

from bot.books.engine import open_books
from bot.books.inbox import SqlInbox
from bot.errors import BooksUnavailable
from bot.ports import Settlement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from sqlite3 import Connection as SqliteConnection

    from bot.books.engine import Books
    from bot.messages import InboundMessage


@contextmanager
def limited(books: Books, pragma: str) -> Iterator[Books]:
    """The same SQLite file, opened under a limit."""
    again = open_books(books.engine.url.render_as_string())

    @event.listens_for(again.engine, "connect")
    def limit(connection: SqliteConnection, _record: object) -> None:
        connection.execute(pragma)

    yield replace(again, now=books.now)
    again.engine.dispose()


@contextmanager
def forbidden(books: Books) -> Iterator[Books]:
    """The same PostgreSQL database, where nobody may write: as on a standby."""
    name = books.engine.url.database
    books.engine.dispose()
    with books.engine.connect() as connection:
        connection.execute(text(f"alter database {name} set default_transaction_read_only = on"))
        connection.commit()
    again = open_books(books.engine.url.render_as_string(hide_password=False))
    try:
        yield again
    finally:
        again.engine.dispose()
        with books.engine.connect() as connection:
            connection.execute(text("set transaction read write"))
            connection.execute(text(f"alter database {name} reset default_transaction_read_only"))
            connection.commit()


def long_one(n: int) -> InboundMessage:
    return inbound("x" * 3000, ts=f"{n}.0", thread=thread_at(f"{n}.0"))


def takes_nothing(books: Books) -> None:
    inbox = SqlInbox(books)
    for refused in (lambda: inbox.receive(inbound(ts="2.0", thread=thread_at("2.0"))), inbox.claim):
        with pytest.raises(BooksUnavailable):
            refused()
    assert inbox.knows(inbound().thread.team, inbound().thread.channel, inbound().ts)


def goes_on(books: Books) -> None:
    inbox = SqlInbox(books)
    inbox.receive(inbound(ts="2.0", thread=thread_at("2.0")))
    for _ in range(2):
        claimed = inbox.claim()
        assert claimed
        inbox.settle(claimed, Settlement(()))
    assert inbox.claim() is None


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_database_on_a_read_only_disk_takes_nothing_and_says_that_it_is_not_ready(
    books: Books,
) -> None:
    SqlInbox(books).receive(inbound())
    with limited(books, "pragma query_only = on") as read_only:
        takes_nothing(read_only)
        with pytest.raises(BooksUnavailable, match="readonly"):
            read_only.is_ready()
    goes_on(books)


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_a_read_only_server_takes_nothing_and_says_that_it_is_not_ready(books: Books) -> None:
    SqlInbox(books).receive(inbound())
    with forbidden(books) as read_only:
        takes_nothing(read_only)
        with pytest.raises(BooksUnavailable, match="read-only"):
            read_only.is_ready()
    books.engine.dispose()
    assert books.is_ready()
    goes_on(books)


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_a_full_disk_keeps_what_was_received_and_takes_nothing_more(books: Books) -> None:
    SqlInbox(books).receive(inbound())
    with limited(books, "pragma max_page_count = 1") as full:
        kept, inbox = [], SqlInbox(full)
        with pytest.raises(BooksUnavailable, match="full"):
            kept.extend(inbox.receive(long_one(n)) for n in range(10, 2000))
        assert len(kept) < 1000
    held = list(iter(SqlInbox(books).claim, None))
    assert len(held) == len(kept) + 1
