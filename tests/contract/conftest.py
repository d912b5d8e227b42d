"""The books over SQLite and PostgreSQL, their fakes, and the passage stores."""

from __future__ import annotations

import os
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg
import pytest
from contract.places import a_folder, a_server, a_wire
from fakes import FakeClock, FakeInbox, FakeOutbox, inbound
from redis_servers import redis_server

from bot.books.engine import Books, open_books
from bot.books.inbox import SqlInbox
from bot.books.outbox import SqlOutbox
from bot.books.tables import metadata
from bot.messages import InboundMessage, Ts
from bot.ports import Claimed, Inbox, Outbox, Outgoing, Parcel, Settlement
from knowledge.adapters.redis_engine import RedisEngine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from contract.places import OpenStore

    from knowledge.ports import PassageStore

POSTGRES = os.environ.get(
    "TEST_POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/test?connect_timeout=3"
)
REAL = ["sqlite", pytest.param("postgresql", marks=pytest.mark.engine)]


@contextmanager
def empty_database(engine: str, folder: Path) -> Iterator[str]:
    """The URL of a database with nothing in it, gone afterwards."""
    if engine == "sqlite":
        yield f"sqlite:///{folder / 'desk.sqlite'}"
        return
    name = f"supportbot_{uuid.uuid4().hex[:12]}"
    try:
        server = psycopg.connect(POSTGRES, autocommit=True)
    except psycopg.OperationalError as error:
        absent = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        absent(f"no PostgreSQL: set TEST_POSTGRES_URL ({error})")
    with server:
        server.execute(f"create database {name}")
        try:
            address, _, _ = POSTGRES.partition("?")
            yield f"{address.rpartition('/')[0]}/{name}"
        finally:
            server.execute(f"drop database {name} with (force)")


@pytest.fixture(scope="module", params=REAL)
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Books | None]:
    """Migrated books, one database a module; None where a fake stands in for them."""
    if request.param == "fake":
        yield None
        return
    with empty_database(request.param, tmp_path_factory.mktemp("books")) as url:
        books = open_books(url)
        books.migrate()
        yield books
        books.engine.dispose()


@pytest.fixture
def books(engine: Books | None, clock: FakeClock) -> Books | None:
    """Empty books whose clock stands still."""
    if engine is None:
        return None
    with engine.writing() as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())
    return replace(engine, now=clock)


@pytest.fixture
def inbox(books: Books | None) -> Inbox:
    return SqlInbox(books) if books else FakeInbox()


@pytest.fixture
def outbox(books: Books | None, clock: FakeClock) -> Outbox:
    return SqlOutbox(books) if books else FakeOutbox(clock)


@dataclass
class Counter:
    """Both sides of the books: messages are answered here, and what was said is sent."""

    inbox: Inbox
    outbox: Outbox
    clock: FakeClock
    sends: int = 100

    def claim(self) -> Claimed:
        claimed = self.inbox.claim()
        assert claimed
        return claimed

    def answer(self, *said: Outgoing, message: InboundMessage | None = None) -> None:
        """Receive a message and settle it with what is said to it."""
        if isinstance(self.outbox, FakeOutbox):
            for one in said:
                self.outbox.put(one)
            return
        self.inbox.receive(message or inbound())
        self.inbox.settle(self.claim(), Settlement(said))

    def parcel(self) -> Parcel:
        parcel = self.outbox.claim()
        assert parcel
        return parcel

    def send(self) -> Parcel:
        """Send the next message, as a post with a new ts or under the ts that it has."""
        parcel = self.parcel()
        self.sends += 1
        self.outbox.sent(parcel, parcel.target_ts or Ts(f"{self.sends}.0"))
        return parcel

    def send_all(self) -> Sequence[tuple[str, Ts | None, str]]:
        """(action, ts that it concerns, text) of everything that can be sent."""
        sent = []
        while parcel := self.outbox.claim():
            self.sends += 1
            self.outbox.sent(parcel, parcel.target_ts or Ts(f"{self.sends}.0"))
            sent.append((str(parcel.outgoing.action), parcel.target_ts, parcel.outgoing.text))
        return sent


@pytest.fixture
def counter(inbox: Inbox, outbox: Outbox, clock: FakeClock) -> Counter:
    return Counter(inbox, outbox, clock)


@pytest.fixture(params=REAL)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Books]:
    """Books without a table."""
    with empty_database(request.param, tmp_path) as url:
        books = open_books(url)
        yield books
        books.engine.dispose()


@pytest.fixture(
    params=[
        pytest.param(a_folder, id="sqlite"),
        pytest.param(a_wire, id="wire"),
        pytest.param(a_server, id="weaviate", marks=pytest.mark.engine),
    ]
)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    with request.param(tmp_path) as opened:
        yield opened


@pytest.fixture
def store(open_store: OpenStore) -> PassageStore:
    return open_store()


@pytest.fixture(params=["in process", "server", "cluster"])
def redis_engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[RedisEngine]:
    """An empty Redis."""
    if request.param == "in process":
        engine = RedisEngine()
        engine.run(lambda client: client.flushall())
        yield engine
        return
    with redis_server(tmp_path, cluster=request.param == "cluster") as server:
        engine = RedisEngine(server.url)
        yield engine
        engine.close()
