"""The embedded passage store: SQLite (FTS5, WAL) and exact vectors in NumPy.

Several processes may read and write. Each encoder has a file of its own, so that a re-index builds
beside what serves. A process keeps the vectors of a file in one matrix; when another has written,
it reads what has changed.
"""

import sqlite3
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from knowledge.adapters import sqlite_matrix, sqlite_rows
from knowledge.adapters.sqlite_file import Connections, generation, serve, translated
from knowledge.adapters.sqlite_matrix import Matrix, Rows, Scores, best
from knowledge.adapters.sqlite_words import bm25
from knowledge.documents import Article, ArticleId, Encoding, Held, Indexed, Passage, Stamp
from knowledge.fusion import CANDIDATES, fuse
from knowledge.lexicon import query_words
from knowledge.ports import Query

_MUCH = "select n - tidied > (select count(*) from article) / 10 from epoch"


class SqliteStore:
    """The passages of one encoder, in one file."""

    def __init__(self, path: Path, *, encoder: str) -> None:
        """Open the encoder's file beside `path`, such as `knowledge-1a2b3c4d.sqlite`.

        Raises:
            StoreUnavailable: the file is damaged, or its folder cannot be written.
        """
        self._path = path
        self._connections = Connections(generation(path, encoder))
        self._matrix = sqlite_matrix.empty()
        self._levelling = threading.Lock()
        self._epoch = (-1, "")

    def held(self) -> Mapping[ArticleId, Held]:
        """Every article held, whatever its status."""
        with self._connected() as connection:
            return sqlite_rows.held(connection)

    def encodings(self, digests: Collection[str]) -> Mapping[str, Encoding]:
        """What is held of these texts; also of some that were removed of late."""
        with self._connected() as connection:
            return sqlite_rows.encodings(connection, digests)

    def replace(self, article: Article, parts: Sequence[Indexed], *, version: str) -> None:
        """Put an article in place of its older self, in one transaction."""
        with self._writing() as connection:
            sqlite_rows.delete(connection, article.id)
            sqlite_rows.insert(connection, article, parts, version=version)

    def remove(self, article_ids: Sequence[ArticleId]) -> None:
        """Take articles out of every answer, in one transaction."""
        with self._writing() as connection:
            for article_id in article_ids:
                sqlite_rows.delete(connection, article_id)

    def search(self, query: Query) -> list[Passage]:
        """Hybrid search by Weaviate's relative-score fusion, filtered before ranking."""
        with self._reading() as (connection, matrix):
            readable = matrix.readable(query.audience)
            if not readable.any():
                return []
            cosines = matrix.vectors @ query.vector
            words: dict[int, float] = {}
            vectors: dict[int, float] = {}
            if query.alpha < 1:
                scores = bm25(connection, matrix, query_words(query.text))
                words = _by_row(scores, best(scores, readable & (scores > 0), CANDIDATES))
            if query.alpha > 0:
                vectors = _by_row(cosines, best(cosines, readable, CANDIDATES))
            fused = fuse(words=words, vectors=vectors, alpha=query.alpha)[: query.limit]
            found = {int(matrix.ids[row]): (score, float(cosines[row])) for row, score in fused}
            return sqlite_rows.passages(connection, found)

    def stamp(self, article_ids: Collection[ArticleId] = ()) -> Stamp:
        """Epoch and versions in one snapshot; all articles are read only after a write."""
        with self._snapshot() as connection:
            connection.execute("begin")
            (writes,) = connection.execute("select n from epoch").fetchone()
            known, epoch = self._epoch
            if known != writes:
                epoch = sqlite_rows.epoch(connection)
                self._epoch = (writes, epoch)
            return Stamp(epoch, sqlite_rows.versions(connection, article_ids))

    def switch(self) -> None:
        """Name this generation the one that serves; the one before it stays, older ones go."""
        with self._connected() as connection:
            self._tidy(connection)
            serve(self._path, self._connections.path)

    def close(self) -> None:
        """Close this thread's connection; those of other threads close when their threads end."""
        self._connections.close()

    def _tidy(self, connection: sqlite3.Connection) -> None:
        """Once much has been written: let go of unused encodings, and merge the word index."""
        if connection.execute(_MUCH).fetchone()[0]:
            with self._writing():
                sqlite_rows.delete_unused(connection)
                connection.execute("insert into words (words) values ('optimize')")
                connection.execute("update epoch set tidied = n + 1")

    @contextmanager
    def _reading(self) -> Iterator[tuple[sqlite3.Connection, Matrix]]:
        """One snapshot for all reads of a search: what is found and what is shown belong together.

        Without it a chunk that became internal in between could be shown to the public.
        Snapshots begin one after the other, so that the matrix never goes back.
        """
        with self._snapshot() as connection:
            with self._levelling:
                connection.execute("begin")
                matrix = self._matrix = sqlite_matrix.level(self._matrix, connection)
            yield connection, matrix

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection; the transaction that is begun on it ends with it."""
        with self._connected() as connection:
            try:
                yield connection
            finally:
                if connection.in_transaction:
                    connection.execute("commit")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One immediate transaction that also moves the epoch."""
        with self._connected() as connection:
            connection.execute("begin immediate")
            try:
                yield connection
                connection.execute("update epoch set n = n + 1")
                connection.execute("commit")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("rollback")
                raise

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with translated(self._connections.path):
            yield self._connections.get()


def _by_row(scores: Scores, rows: Rows) -> dict[int, float]:
    return dict(zip(rows.tolist(), scores[rows].tolist(), strict=True))
