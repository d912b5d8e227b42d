"""All vectors of the embedded store in one matrix, kept level with the file by what has changed."""

import sqlite3
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Audience, Status, Vectors

Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]
Counts = NDArray[np.int32]
Postings = tuple[Rows, Counts]
Scores = NDArray[np.float32] | NDArray[np.float64]
_GONE, _HIDDEN = -2, -1
_READERS = {str(one): code for code, one in enumerate(Audience)}
_BATCH = 1_000
_NEWER = """
select chunk.id, status, audience, length, vector
from chunk join article on article.id = article_id join vector on vector.id = vector_id
where chunk.id > ? order by chunk.id
"""


@dataclass(frozen=True, slots=True)
class Matrix:
    """Every chunk as of one epoch, a row each in the order of ids, and those gone since.

    `readers` says who may read a row, `lengths` how many words it has. `buffer` has rows to spare:
    later epochs write theirs behind those of this one. `postings` keeps what searches have read of
    frequent words: the rows that hold one, and how often each does.
    """

    epoch: int
    ids: NDArray[np.int64]
    readers: NDArray[np.int8]
    lengths: NDArray[np.int32]
    buffer: Vectors
    postings: dict[str, Postings] = field(default_factory=dict)

    @property
    def vectors(self) -> Vectors:
        """Rows × dimensions."""
        return self.buffer[: self.ids.size]

    @property
    def there(self) -> Mask:
        """The rows that are held, whoever may read them."""
        there: Mask = self.readers != _GONE
        return there

    def readable(self, audience: Audience) -> Mask:
        """The rows that are published and may be read by `audience`."""
        return np.isin(self.readers, [_READERS[one] for one in audience.readable])


def empty() -> Matrix:
    """A matrix that is level with no file yet."""
    return Matrix(
        epoch=-1,
        ids=np.zeros(0, np.int64),
        readers=np.zeros(0, np.int8),
        lengths=np.zeros(0, np.int32),
        buffer=np.zeros((0, 0), np.float32),
    )


def level(matrix: Matrix, connection: sqlite3.Connection) -> Matrix:
    """The matrix as of the connection's snapshot, which must be no older than the matrix.

    A chunk never changes, and ids only grow: what is new is behind the last id, and what is gone
    is missing among the ids. Vectors that are here already are not read again.
    """
    (epoch,) = connection.execute("select n from epoch").fetchone()
    if epoch == matrix.epoch:
        return matrix
    held = numbers(connection.execute("select group_concat(id) from chunk").fetchone()[0])
    here = np.isin(matrix.ids, held, assume_unique=True)
    kept = replace(matrix, epoch=epoch, readers=np.where(here, matrix.readers, np.int8(_GONE)))
    staying = int(here.sum())
    if 2 * staying < here.size:
        kept = _without_gaps(kept)
    return _grown(kept, connection, held.size - staying)


def best(scores: Scores, allowed: Mask, limit: int) -> Rows:
    """The allowed rows of the highest scores, best first; of equals the older one."""
    rows = np.flatnonzero(allowed)
    if rows.size > limit:
        edge = np.partition(scores[rows], rows.size - limit)[rows.size - limit]
        rows = rows[scores[rows] >= edge]
    return rows[np.argsort(-scores[rows], kind="stable")][:limit]


def numbers(listed: str | None) -> NDArray[np.int64]:
    """What `group_concat` has made of whole numbers, which is far faster to read than rows."""
    return np.fromstring(listed or "", dtype=np.int64, sep=",")


def _without_gaps(matrix: Matrix) -> Matrix:
    return replace(
        matrix,
        ids=matrix.ids[matrix.there],
        readers=matrix.readers[matrix.there],
        lengths=matrix.lengths[matrix.there],
        buffer=matrix.vectors[matrix.there],
    )


def _grown(matrix: Matrix, connection: sqlite3.Connection, count: int) -> Matrix:
    last = int(matrix.ids[-1]) if matrix.ids.size else 0
    rows = connection.execute(_NEWER, (last,))
    ids, readers, lengths = [matrix.ids], [matrix.readers], [matrix.lengths]
    buffer, used = matrix.buffer, matrix.ids.size
    while batch := rows.fetchmany(_BATCH):
        vectors = np.frombuffer(b"".join(row["vector"] for row in batch), np.float32)
        vectors = vectors.reshape(len(batch), -1)
        buffer = _with_room(buffer, used, matrix.ids.size + count, vectors.shape[1])
        buffer[used : used + len(batch)] = vectors
        used += len(batch)
        ids.append(np.array([row["id"] for row in batch], np.int64))
        readers.append(np.array([_reader(row) for row in batch], np.int8))
        lengths.append(np.array([row["length"] for row in batch], np.int32))
    return Matrix(
        epoch=matrix.epoch,
        ids=np.concatenate(ids),
        readers=np.concatenate(readers),
        lengths=np.concatenate(lengths),
        buffer=buffer,
    )


def _with_room(buffer: Vectors, used: int, rows: int, width: int) -> Vectors:
    """The buffer, or a copy with an eighth to spare; pages that are not written cost nothing."""
    if len(buffer) >= rows:
        return buffer
    wider = np.empty((rows + rows // 8 + _BATCH, width), np.float32)
    if used:
        wider[:used] = buffer[:used]
    return wider


def _reader(row: sqlite3.Row) -> int:
    return _READERS[row["audience"]] if row["status"] == Status.PUBLISHED else _HIDDEN
