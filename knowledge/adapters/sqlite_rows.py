"""Rows of the embedded store: articles, chunks and encodings in and out of a connection."""

import hashlib
import json
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from itertools import islice

import numpy as np

from knowledge.adapters import records
from knowledge.chunking import embedding_text
from knowledge.documents import Article, ArticleId, Encoding, Held, Indexed, Passage, Tokens
from knowledge.lexicon import index_words

_AT_ONCE = 500
"""Values in one question to the file."""
_HELD = """
select *, (select count(*) from chunk where article_id = article.id) as chunks from article
"""
_VERSIONS = "select id, version, status, audience from article where id in ({marks})"
_ENCODINGS = """
select digest, vector, width, tokens from vector join tokens using (id) where digest in ({marks})
"""
_PASSAGES = """
select chunk.id, article_id, title, url, updated, position, headings, text, start, "end",
       width, tokens, version, status, audience
from chunk join article on article.id = article_id join tokens on tokens.id = vector_id
where chunk.id in ({marks})
"""
_UNUSED = "select id from vector except select vector_id from chunk"


def held(connection: sqlite3.Connection) -> Mapping[ArticleId, Held]:
    """Every article."""
    return {ArticleId(row["id"]): records.held(row) for row in connection.execute(_HELD)}


def versions(
    connection: sqlite3.Connection, article_ids: Collection[ArticleId]
) -> dict[ArticleId, str]:
    """Those of the articles that are held, as stamps tell them."""
    found: dict[ArticleId, str] = {}
    left = iter(article_ids)
    while some := list(islice(left, _AT_ONCE)):
        rows = connection.execute(_VERSIONS.format(marks=_marks(some)), some)
        found |= {ArticleId(row["id"]): records.version(row) for row in rows}
    return found


def epoch(connection: sqlite3.Connection) -> str:
    """A hash of all articles: the same in every copy of an index that holds the same."""
    rows = connection.execute("select id, version, status, audience from article order by id")
    seen = hashlib.sha256()
    for row in rows:
        seen.update("\x1f".join((*row, "")).encode())
    return seen.hexdigest()[:32]


def encodings(connection: sqlite3.Connection, digests: Collection[str]) -> dict[str, Encoding]:
    """Those of the digests that are known."""
    found: dict[str, Encoding] = {}
    left = iter(digests)
    while some := list(islice(left, _AT_ONCE)):
        for row in connection.execute(_ENCODINGS.format(marks=_marks(some)), some):
            vector = np.frombuffer(row["vector"], np.float32)
            found[row["digest"]] = Encoding(vector, _tokens(row))
    return found


def insert(
    connection: sqlite3.Connection, article: Article, parts: Sequence[Indexed], *, version: str
) -> None:
    """Write an article that is not there, with its chunks, their words and encodings."""
    connection.execute(
        "insert into article values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            article.id,
            version,
            article.source,
            article.title,
            article.url,
            article.status,
            article.audience,
            article.updated.isoformat(),
        ),
    )
    for part in parts:
        stems = index_words(embedding_text(article, part.chunk))
        chunk_id = _insert_chunk(connection, part, length=len(stems))
        connection.execute(
            "insert into words (rowid, stems) values (?, ?)", (chunk_id, " ".join(stems))
        )


def delete(connection: sqlite3.Connection, article_id: ArticleId) -> None:
    """Take an article away with its chunks and words; encodings wait for `delete_unused`."""
    connection.execute(
        "delete from words where rowid in (select id from chunk where article_id = ?)",
        (article_id,),
    )
    connection.execute("delete from chunk where article_id = ?", (article_id,))
    connection.execute("delete from article where id = ?", (article_id,))


def delete_unused(connection: sqlite3.Connection) -> None:
    """Take away the encodings that no chunk has."""
    connection.execute(f"delete from tokens where id in ({_UNUSED})")  # noqa: S608  our own words
    connection.execute(f"delete from vector where id in ({_UNUSED})")  # noqa: S608


def passages(
    connection: sqlite3.Connection, found: Mapping[int, tuple[float, float]]
) -> list[Passage]:
    """Passages in the given order, from chunk ids with their score and cosine."""
    rows = connection.execute(_PASSAGES.format(marks=_marks(found)), list(found))
    by_id = {row["id"]: row for row in rows}
    return [
        records.passage(
            by_id[one],
            score=round(score, 4),
            cosine=round(cosine, 4),
            tokens=_tokens(by_id[one]),
            version=records.version(by_id[one]),
        )
        for one, (score, cosine) in found.items()
    ]


def _insert_chunk(connection: sqlite3.Connection, part: Indexed, *, length: int) -> int | None:
    chunk = part.chunk
    return connection.execute(
        "insert into chunk (article_id, position, headings, text, start, "
        '"end", length, vector_id) values (?, ?, ?, ?, ?, ?, ?, ?)',
        (
            chunk.article_id,
            chunk.position,
            json.dumps(chunk.headings),
            chunk.text,
            chunk.start,
            chunk.end,
            length,
            _vector_id(connection, part),
        ),
    ).lastrowid


def _vector_id(connection: sqlite3.Connection, part: Indexed) -> int | None:
    """Where the encoding of a text is, which is stored once however many chunks have it."""
    known = connection.execute("select id from vector where digest = ?", (part.digest,)).fetchone()
    if known:
        return int(known["id"])
    vector = np.asarray(part.encoding.vector, np.float32).tobytes()
    tokens = np.asarray(part.encoding.tokens, np.int8)
    query = "insert into vector (digest, vector) values (?, ?)"
    vector_id = connection.execute(query, (part.digest, vector)).lastrowid
    connection.execute(
        "insert into tokens values (?, ?, ?)", (vector_id, tokens.shape[1], tokens.tobytes())
    )
    return vector_id


def _marks(values: Collection[object]) -> str:
    return ", ".join("?" * len(values))


def _tokens(row: sqlite3.Row) -> Tokens:
    tokens: Tokens = np.frombuffer(row["tokens"], np.int8).reshape(-1, row["width"])
    return tokens
