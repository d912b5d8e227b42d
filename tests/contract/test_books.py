from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fakes import inbound, reply
from sqlalchemy import inspect, text

from bot.books.engine import open_books
from bot.books.inbox import SqlInbox
from bot.books.outbox import SqlOutbox
from bot.books.rows import new as new_row
from bot.books.tables import metadata
from bot.errors import BooksUnavailable, ConfigurationError
from bot.messages import Ts
from bot.ports import Receipt, Settlement

if TYPE_CHECKING:
    from pathlib import Path

    from bot.books.engine import Books


CARD = "my card is 4111"


def test_empty_books_are_not_current_until_they_are_migrated(empty: Books) -> None:
    assert not empty.is_current()
    empty.migrate()
    assert empty.is_current()


def test_migrating_again_changes_nothing(empty: Books) -> None:
    empty.migrate()
    SqlInbox(empty).receive(inbound())
    empty.migrate()
    assert SqlInbox(empty).claim()


def test_an_old_worker_goes_on_over_a_newer_schema(empty: Books) -> None:
    """What the next version's migration does: it adds, and names a revision unknown to this one."""
    empty.migrate()
    SqlInbox(empty).receive(inbound(ts="1.0"))
    with empty.writing() as connection:
        for table in ("inbox", "outbox"):
            connection.execute(text(f"alter table {table} add column mood varchar(8)"))
        connection.execute(text("create table mood (id integer primary key)"))
        connection.execute(text("update alembic_version set version_num = '9999'"))
    empty.migrate()
    assert empty.is_ready()
    inbox, outbox = SqlInbox(empty), SqlOutbox(empty)
    claimed = inbox.claim()
    assert claimed
    inbox.settle(claimed, Settlement([reply()]))
    parcel = outbox.claim()
    assert parcel
    outbox.sent(parcel, Ts("2.0"))
    assert inbox.receive(inbound(ts="3.0")) is Receipt.NEW


def test_the_migrations_make_the_tables_that_the_code_means(engine: Books) -> None:
    with engine.reading() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_tables_that_the_code_means_have_every_constraint(engine: Books) -> None:
    """What Alembic does not compare: names of primary keys, and partial indexes."""
    found = inspect(engine.engine)
    for table in metadata.sorted_tables:
        assert found.get_pk_constraint(table.name)["constrained_columns"] == ["id"]
        indexes = {one["name"] for one in found.get_indexes(table.name)}
        assert {str(one.name) for one in table.indexes} <= indexes


def test_a_transaction_that_fails_leaves_nothing(books: Books) -> None:
    row = new_row(inbound(), books)

    def write_twice() -> None:
        with books.writing() as connection:
            connection.execute(metadata.tables["inbox"].insert().values(row))
            connection.execute(metadata.tables["inbox"].insert().values({**row, "text": None}))

    with pytest.raises(BooksUnavailable):
        write_twice()
    assert SqlInbox(books).claim() is None


@pytest.mark.parametrize("url", ["postgresql://postgres:secret@127.0.0.1:1/desk", "sqlite:////"])
def test_books_that_cannot_be_opened_are_unavailable_and_keep_their_password(url: str) -> None:
    with pytest.raises(BooksUnavailable) as away:
        open_books(url).migrate()
    assert "secret" not in str(away.value)


@pytest.mark.parametrize("url", ["", "desk.sqlite", "mysql://127.0.0.1/desk", "redis://127.0.0.1"])
def test_an_address_of_no_database_is_a_mistake_of_configuration(url: str) -> None:
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        open_books(url)


def test_the_short_name_of_postgres_is_understood() -> None:
    engine = open_books("postgres://127.0.0.1/desk").engine
    assert engine.url.drivername == "postgresql+psycopg"


def test_a_file_that_is_no_database_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_text("not a database " * 1_000)
    broken = open_books(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with pytest.raises(BooksUnavailable):
        broken.migrate()
    broken.engine.dispose()


def test_an_error_of_the_database_does_not_tell_what_was_written(empty: Books) -> None:
    with pytest.raises(BooksUnavailable) as caught:
        SqlInbox(empty).receive(inbound(CARD))
    chain = "".join(traceback.format_exception(caught.value))
    assert "inbox" in chain
    assert CARD not in chain


def test_books_are_ready_when_they_are_current_and_can_be_written(empty: Books) -> None:
    empty.migrate()
    assert empty.is_ready()
