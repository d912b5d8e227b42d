"""The embedded passage store: SQLite (FTS5, WAL) and exact vectors in NumPy.

Several processes may read and write one file. Each keeps the vectors of all published chunks
in one matrix and reads them anew when the file's epoch has moved.
"""

import json
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from knowledge.documents import Article, ArticleId, Audience, Chunk, Passage
from knowledge.errors import StoreUnavailable
from knowledge.fusion import CANDIDATES, fuse
from knowledge.lexicon import content_words
from knowledge.ports import Query, Vectors

_SCHEMA = """
create table if not exists article (
    id text primary key, title text not null, url text not null, status text not null,
    audience text not null, updated text not null, version text not null);
create table if not exists chunk (
    id integer primary key, article_id text not null references article (id),
    position integer not null, headings text not null, text text not null,
    start integer not null, "end" integer not null, vector blob not null,
    unique (article_id, position));
create virtual table if not exists words using fts5 (
    title, headings, text,
    tokenize='porter unicode61 remove_diacritics 2');
create table if not exists epoch (n integer not null, encoder text not null);
"""
_ROWS = """
select chunk.id, article.id as article_id, title, url, updated, audience, position, headings,
       text, start, "end"
from chunk join article on article.id = article_id where chunk.id in ({marks})
"""
_BUSY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class _Matrix:
    """Vectors of all published chunks as of one epoch, row by row with their ids."""

    epoch: int
    ids: np.ndarray
    audiences: np.ndarray
    vectors: Vectors


class SqliteStore:
    """A passage store in one file."""

    def __init__(self, path: Path, *, encoder: str) -> None:
        """Open a file for the vectors of one encoder; those of another are dropped."""
        self._path = path
        self._local = threading.local()
        self._matrix: _Matrix | None = None
        with _translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection().executescript(_SCHEMA)
            self._claim_for(encoder)

    def versions(self) -> Mapping[ArticleId, str]:
        """The version of every article held."""
        with _translated(self._path):
            rows = self._connection().execute("select id, version from article").fetchall()
        return {ArticleId(row["id"]): row["version"] for row in rows}

    def replace(
        self, article: Article, chunks: Sequence[Chunk], *, vectors: Vectors, version: str
    ) -> None:
        """Put an article in place of its older self, in one transaction."""
        with self._writing() as cursor:
            _delete(cursor, article.id)
            cursor.execute(
                "insert into article values (?, ?, ?, ?, ?, ?, ?)",
                (
                    article.id,
                    article.title,
                    article.url,
                    article.status,
                    article.audience,
                    article.updated.isoformat(),
                    version,
                ),
            )
            for chunk, vector in zip(chunks, vectors, strict=True):
                _insert(cursor, article, chunk, vector)

    def remove(self, article_ids: Sequence[ArticleId]) -> None:
        """Take articles out of every answer, in one transaction."""
        with self._writing() as cursor:
            for article_id in article_ids:
                _delete(cursor, article_id)

    def search(self, query: Query) -> list[Passage]:
        """Hybrid search by Weaviate's relative-score fusion, filtered before ranking."""
        with self._reading():
            matrix = self._current()
            allowed = np.isin(matrix.audiences, [str(one) for one in query.audience.readable])
            rows = np.flatnonzero(allowed)
            if rows.size == 0:
                return []
            cosines = matrix.vectors[rows] @ query.vector
            by_id = dict(zip(matrix.ids[rows].tolist(), cosines.tolist(), strict=True))
            nearest = sorted(by_id.items(), key=lambda pair: -pair[1])[:CANDIDATES]
            words = self._by_words(query.text, query.audience)
            fused = fuse(words=words, vectors=dict(nearest), alpha=query.alpha)
            return self._passages(fused[: query.limit], by_id)

    def close(self) -> None:
        """Close this thread's connection; those of other threads close when their threads end."""
        if hasattr(self._local, "held"):
            del self._local.held

    def _by_words(self, text: str, audience: Audience) -> dict[int, float]:
        """BM25 of the best chunks that share a content word with the text."""
        words = content_words(text)
        if not words:
            return {}
        marks = ", ".join("?" * len(audience.readable))
        rows = self._connection().execute(
            f"""select words.rowid as id, -bm25(words, 2.0, 1.5, 1.0) as score
                from words join chunk on chunk.id = words.rowid
                join article on article.id = chunk.article_id
                where words match ? and status = 'published' and audience in ({marks})
                order by score desc limit ?""",  # noqa: S608  only question marks are formatted in
            (" OR ".join(f'"{word}"' for word in words), *audience.readable, CANDIDATES),
        )
        return {row["id"]: row["score"] for row in rows}

    def _passages(
        self, fused: Sequence[tuple[int, float]], cosines: Mapping[int, float]
    ) -> list[Passage]:
        ids = [one for one, _ in fused]
        marks = ", ".join("?" * len(ids))
        found = {
            row["id"]: row for row in self._connection().execute(_ROWS.format(marks=marks), ids)
        }
        return [
            _passage(found[one], score, cosines.get(one, 0.0))
            for one, score in fused
            if one in found
        ]

    def _current(self) -> _Matrix:
        """The matrix as of the file's epoch; read anew when another process has written."""
        connection = self._connection()
        (epoch,) = connection.execute("select n from epoch").fetchone()
        matrix = self._matrix
        if matrix is None or matrix.epoch != epoch:
            matrix = self._matrix = _read_matrix(connection, epoch)
        return matrix

    def _claim_for(self, encoder: str) -> None:
        """Vectors of two encoders cannot be compared: the next index run makes them anew."""
        query = "select encoder from epoch"
        row = self._connection().execute(query).fetchone()
        if row is not None and row["encoder"] == encoder:
            return
        with self._writing() as cursor:
            row = cursor.execute(query).fetchone()
            if row is None:
                cursor.execute("insert into epoch values (0, ?)", (encoder,))
            elif row["encoder"] != encoder:
                for table in ("words", "chunk", "article"):
                    cursor.execute(f"delete from {table}")  # noqa: S608  our own three names
                cursor.execute("update epoch set encoder = ?", (encoder,))

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """One snapshot for all reads of a search: what is found and what is shown belong together.

        Without it a chunk that became internal in between could be shown to the public.
        """
        with _translated(self._path):
            connection = self._connection()
            connection.execute("begin")
            try:
                yield
            finally:
                connection.execute("commit")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Cursor]:
        """One immediate transaction that also moves the epoch."""
        with _translated(self._path):
            cursor = self._connection().cursor()
            cursor.execute("begin immediate")
            try:
                yield cursor
                cursor.execute("update epoch set n = n + 1")
                cursor.execute("commit")
            except BaseException:
                if cursor.connection.in_transaction:
                    cursor.execute("rollback")
                raise

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "held"):
            self._local.held = _Held(self._path)
        held: _Held = self._local.held
        return held.connection


class _Held:
    """A connection that is closed when its thread lets go of it."""

    def __init__(self, path: Path) -> None:
        self.connection = sqlite3.connect(
            path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = normal")

    def __del__(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()


def _read_matrix(connection: sqlite3.Connection, epoch: int) -> _Matrix:
    rows = connection.execute(
        "select chunk.id, audience, vector from chunk join article on article.id = article_id"
        " where status = 'published' order by chunk.id"
    ).fetchall()
    vectors = np.frombuffer(b"".join(row["vector"] for row in rows), dtype=np.float32)
    return _Matrix(
        epoch=epoch,
        ids=np.array([row["id"] for row in rows], dtype=np.int64),
        audiences=np.array([row["audience"] for row in rows], dtype=np.str_),
        vectors=vectors.reshape(len(rows), -1) if rows else np.zeros((0, 0), dtype=np.float32),
    )


def _insert(cursor: sqlite3.Cursor, article: Article, chunk: Chunk, vector: Vectors) -> None:
    cursor.execute(
        'insert into chunk (article_id, position, headings, text, start, "end", vector)'
        " values (?, ?, ?, ?, ?, ?, ?)",
        (
            article.id,
            chunk.position,
            json.dumps(chunk.headings),
            chunk.text,
            chunk.start,
            chunk.end,
            np.asarray(vector, dtype=np.float32).tobytes(),
        ),
    )
    cursor.execute(
        "insert into words (rowid, title, headings, text) values (?, ?, ?, ?)",
        (cursor.lastrowid, article.title, " ".join(chunk.headings), chunk.text),
    )


def _delete(cursor: sqlite3.Cursor, article_id: ArticleId) -> None:
    cursor.execute(
        "delete from words where rowid in (select id from chunk where article_id = ?)",
        (article_id,),
    )
    cursor.execute("delete from chunk where article_id = ?", (article_id,))
    cursor.execute("delete from article where id = ?", (article_id,))


def _passage(row: sqlite3.Row, score: float, cosine: float) -> Passage:
    return Passage(
        chunk=Chunk(
            article_id=ArticleId(row["article_id"]),
            position=row["position"],
            headings=tuple(json.loads(row["headings"])),
            text=row["text"],
            start=row["start"],
            end=row["end"],
        ),
        title=row["title"],
        url=row["url"],
        updated=date.fromisoformat(row["updated"]),
        score=round(score, 4),
        cosine=round(cosine, 4),
    )


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(f"{path}: {error}") from error
