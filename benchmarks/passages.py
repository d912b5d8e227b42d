"""A large embedded store: search and rerank over fifty thousand made-up chunks, memory and disk.

Texts are drawn from a vocabulary as skewed as a language's; vectors and token vectors are random,
which costs as much as real ones.
"""

import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import psutil

from benchmarks.figures import Report, Row
from knowledge.adapters.reranker import LateInteraction
from knowledge.adapters.sqlite import SqliteStore
from knowledge.documents import (
    Article,
    ArticleId,
    Audience,
    Chunk,
    Encoding,
    Indexed,
    Status,
    Vectors,
)
from knowledge.ports import Query
from knowledge.retrieval import CANDIDATES

CHUNKS_EACH = 10
WORDS, TOKENS, DIMENSIONS, WIDTH = 150, 190, 384, 64
MEGA = 1_000_000


def measure(*, quick: bool) -> list[Report]:
    """Search alone, and with the reranker, beside the matrix product that it cannot do without."""
    chunks, questions = (5_000, 50) if quick else (50_000, 200)
    chance = np.random.default_rng(7)
    with tempfile.TemporaryDirectory() as home:
        store = SqliteStore(Path(home) / "large.sqlite", encoder="made-up")
        vectors = _fill(store, chunks, chance)
        before = psutil.Process().memory_info().rss
        queries = [_query(chance) for _ in range(questions)]
        store.search(queries[0])
        memory = (psutil.Process().memory_info().rss - before) / MEGA
        disk = sum(one.stat().st_size for one in Path(home).iterdir()) / MEGA
        rows = _rows(store, queries, vectors)
        store.close()
    title = (
        f"Embedded store, {chunks} chunks ({disk:.0f} MB on disk, {memory:.0f} MB for searching)"
    )
    return [Report(title, "ms", rows)]


def _rows(store: SqliteStore, queries: Sequence[Query], vectors: Vectors) -> list[Row]:
    product, search, both = [], [], []
    reranker, chance = LateInteraction(), np.random.default_rng(8)
    for query in queries:
        began = time.perf_counter()
        np.argsort(-(vectors @ query.vector))[:CANDIDATES]
        multiplied = time.perf_counter()
        found = store.search(query)
        searched = time.perf_counter()
        reranker.rerank(query.text, Encoding(query.vector, _tokens(chance, 12)), found)
        product.append((multiplied - began) * 1000)
        search.append((searched - multiplied) * 1000)
        both.append((time.perf_counter() - multiplied) * 1000)
    baseline = Row("matrix product and sort alone", product)
    return [
        baseline,
        Row("search", search, baseline),
        Row("search and rerank", both, baseline, 60, 95),
    ]


def _fill(store: SqliteStore, chunks: int, chance: np.random.Generator) -> Vectors:
    vectors = _unit(chance, chunks)
    for n in range(0, chunks, CHUNKS_EACH):
        article = Article(
            ArticleId(f"a{n}"),
            _text(chance, 3),
            f"https://help.test/{n}",
            Status.PUBLISHED,
            Audience.PUBLIC,
            date(2026, 1, 1),
            "",
        )
        parts = [
            Indexed(
                Chunk(article.id, m, (), _text(chance, WORDS), 0, WORDS),
                f"{n}-{m}",
                Encoding(vectors[n + m], _tokens(chance, TOKENS)),
            )
            for m in range(CHUNKS_EACH)
        ]
        store.replace(article, parts, version="1")
    store.switch()
    return vectors


def _query(chance: np.random.Generator) -> Query:
    return Query(_text(chance, 8), _unit(chance, 1)[0], Audience.PUBLIC, CANDIDATES, 0.6)


def _text(chance: np.random.Generator, words: int) -> str:
    return " ".join(f"word{n}" for n in chance.zipf(1.3, words) % 50_000)


def _tokens(chance: np.random.Generator, tokens: int) -> np.ndarray:
    return chance.integers(-30, 30, (tokens, WIDTH), dtype=np.int8)


def _unit(chance: np.random.Generator, rows: int) -> Vectors:
    found = chance.standard_normal((rows, DIMENSIONS), dtype=np.float32)
    unit: Vectors = found / np.linalg.norm(found, axis=1, keepdims=True)
    return unit
