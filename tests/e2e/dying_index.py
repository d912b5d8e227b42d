"""Sixty articles in two editions, and an index run over the second that kills itself on the way.

Run as: python -m e2e.dying_index FOLDER ENCODER STATEMENT, with tests/ on the path. It dies by
SIGKILL at that statement to the database; if there are fewer, it prints how many there were.
"""

import itertools
import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from fakes import TODAY, FakeEmbedder

from knowledge.adapters.sqlite import SqliteStore
from knowledge.documents import Article, ArticleId, Audience, SourceName, Status
from knowledge.indexing import IndexReport, index

NAMES = ["".join(letters) for letters in itertools.product("bdfg", "aeio", "klmn")]
WITHDRAWN, REMOVED, DRAFTED, ADDED = NAMES[:4], NAMES[4:8], NAMES[8:12], NAMES[60:]
UNCHANGED = NAMES[12:20]


class Edition:
    """A source of articles whose every section names article and edition."""

    name = SourceName("help")

    def __init__(self, *, second: bool) -> None:
        self.second = second

    def read(self) -> Iterator[Article]:
        for name in NAMES:
            if name not in (REMOVED if self.second else ADDED):
                yield self._article(name)

    def _article(self, name: str) -> Article:
        edited = self.second and name not in UNCHANGED
        sections = 2 + (NAMES.index(name) + edited) % 3
        word = "second" if edited else "first"
        old = Article(
            ArticleId(name),
            name,
            f"https://help.test/{name}",
            Status.PUBLISHED,
            Audience.PUBLIC,
            TODAY,
            "\n\n".join(f"## Section {n} of {sections}\n\n{word} {name}" for n in range(sections)),
            self.name,
        )
        if self.second and name in WITHDRAWN:
            return replace(old, audience=Audience.INTERNAL)
        return replace(old, status=Status.DRAFT) if self.second and name in DRAFTED else old


def open_store(folder: Path, encoder: str) -> SqliteStore:
    return SqliteStore(folder / "knowledge.sqlite", encoder=encoder)


def run(store: SqliteStore, *, second: bool) -> IndexReport:
    return index([Edition(second=second)], store=store, embedder=FakeEmbedder())


def main(folder: Path, encoder: str, last: int) -> None:
    store = open_store(folder, encoder)
    statements = 0

    def count(_statement: str) -> None:
        nonlocal statements
        statements += 1
        if statements == last:
            os.kill(os.getpid(), signal.SIGKILL)

    store._connections.get().set_trace_callback(count)
    run(store, second=True)
    sys.stdout.write(str(statements))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
