"""A mailroom over books of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
from fakes import CHANNEL, TEAM
from sqlalchemy import select

from bot.books.engine import open_books
from bot.books.mails import SqlMails
from bot.books.tables import mail
from bot.mailroom.intake import Mailroom

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Row

    from bot.books.engine import Books


@dataclass
class Room:
    """The mailroom, and what it keeps."""

    mailroom: Mailroom
    books: Books
    rings: list[str] = field(default_factory=list)

    def kept(self) -> list[Row[tuple[object, ...]]]:
        with self.books.reading() as connection:
            return list(connection.execute(select(mail).order_by(mail.c.id)))

    def raws(self) -> list[bytes]:
        return [row.raw for row in self.kept()]

    def lose_books(self) -> None:
        with self.books.writing() as connection:
            connection.exec_driver_sql("drop table mail")


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    books = open_books(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    books.migrate()
    rings: list[str] = []
    mailroom = Mailroom(
        SqlMails(books),
        team=lambda: TEAM,
        channel=lambda: CHANNEL,
        on_received=lambda: rings.append("ring"),
    )
    yield Room(mailroom, books, rings)
    books.engine.dispose()
