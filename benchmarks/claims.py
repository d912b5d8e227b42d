"""What it takes to claim a message after 100,000 done ones: few waiting, and 100,000 waiting."""

import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import insert, text

from benchmarks.databases import database, engines
from benchmarks.figures import Report, Row
from bot.books.engine import Books, open_books
from bot.books.inbox import SqlInbox
from bot.books.rows import CLAIMABLE
from bot.books.tables import inbox as messages
from bot.messages import Kind
from bot.ports import Settlement

WAITING = 100_000
THREADS = 2_000
AT_ONCE = 5_000
INDEXES = ("ix_inbox_open", "ix_inbox_waiting")


def measure(*, quick: bool) -> list[Report]:
    """Claims on both engines, few and many waiting, and the index that the plan names."""
    claims = 50 if quick else 300
    reports = []
    for engine in engines():
        with tempfile.TemporaryDirectory() as folder, database(engine, Path(folder)) as url:
            books = open_books(url)
            books.migrate()
            _keep(books, WAITING, state="done")
            _keep(books, claims + 10, state="received")
            few = Row("few waiting", _claimed(books, claims))
            _keep(books, WAITING, state="received")
            many = Row(f"{WAITING:,} waiting", _claimed(books, claims), few)
            notes = ["; ".join(_plan(books))]
            reports.append(Report(f"Claim a message, {engine}", "ms", [few, many], notes=notes))
    return reports


def _claimed(books: Books, claims: int) -> Sequence[float]:
    inbox, took = SqlInbox(books), []
    for _ in range(claims):
        began = time.perf_counter()
        claimed = inbox.claim()
        took.append((time.perf_counter() - began) * 1000)
        if claimed is None:
            raise RuntimeError("nothing to claim")
        inbox.settle(claimed, Settlement(outgoing=[]))
    return took


def _keep(books: Books, count: int, *, state: str) -> None:
    """Put messages into the inbox, in many threads, as quickly as the engine takes them."""
    now = books.now()
    for start in range(0, count, AT_ONCE):
        rows = [_message(n, now, state) for n in range(start, min(count, start + AT_ONCE))]
        with books.writing() as connection:
            connection.execute(insert(messages), rows)
    with books.writing() as connection:
        if connection.dialect.name == "postgresql":  # which does so by itself, a little later
            connection.execute(text("analyze"))


def _message(n: int, now: float, state: str) -> dict[str, object]:
    return {
        "team": "T1",
        "channel": f"C{n % 50}",
        "ts": f"{uuid.uuid4().hex}.{n}",
        "thread_ts": f"{n % THREADS}.0",
        "kind": Kind.MENTION,
        "user": "U1",
        "text": "how long do I have to return boots?",
        "reference": uuid.uuid4().hex[:16],
        "state": state,
        "not_before": now,
        "received_at": now,
    }


def _plan(books: Books) -> Iterator[str]:
    """The lines of the plan that name an index."""
    with books.writing() as connection:
        query = CLAIMABLE.params(now=books.now())
        words = query.compile(connection, compile_kwargs={"literal_binds": True})
        explain = "explain query plan" if connection.dialect.name == "sqlite" else "explain"
        for row in connection.exec_driver_sql(f"{explain} {words}"):
            line = " ".join(str(row[-1]).split())
            if any(name in line for name in INDEXES):
                yield line
