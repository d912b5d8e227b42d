"""BM25 as Weaviate counts it, over the postings that FTS5 keeps.

FTS5's own `bm25()` differs from Weaviate's in the weight of a word: it lets one that is in half of
all chunks count for nothing. Reading the postings and counting here gives Weaviate's scores, and
takes a fraction of the time: `bm25()` looks up the length of every chunk that it scores.
"""

import sqlite3
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from knowledge.adapters.sqlite_matrix import Matrix, Postings, numbers

_K1, _B = 1.2, 0.75
_FREQUENT = 500
"""Words in fewer chunks are quickly read, and too many to be kept."""


def bm25(
    connection: sqlite3.Connection, matrix: Matrix, words: Sequence[str]
) -> NDArray[np.float64]:
    """The score of every row of the matrix, 0 where no word is; `words` are stems, each once.

    Chunks that a reader may not see count in how rare a word is, as they do in Weaviate.
    """
    scores = np.zeros(matrix.ids.size, np.float64)
    total = np.count_nonzero(matrix.there)
    average = matrix.lengths[matrix.there].mean() if total else 0.0
    for word in words:
        rows, counts = _postings(connection, matrix, word)
        if rows.size:
            rarity = np.log1p((total - rows.size + 0.5) / (rows.size + 0.5))
            length = 1 - _B + _B * matrix.lengths[rows] / average
            scores[rows] += rarity * counts / (counts + _K1 * length)
    return scores


def _postings(connection: sqlite3.Connection, matrix: Matrix, word: str) -> Postings:
    """The rows that hold a word, ascending, and how often each does."""
    if word in matrix.postings:
        return matrix.postings[word]
    query = "select group_concat(doc) from terms where term = ?"
    (listed,) = connection.execute(query, (word,)).fetchone()
    chunks, counts = np.unique(numbers(listed), return_counts=True)
    found = np.searchsorted(matrix.ids, chunks), counts.astype(np.int32)
    if chunks.size >= _FREQUENT:
        matrix.postings[word] = found
    return found
