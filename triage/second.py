"""The light second head: a linear model over hashed words and letter n-grams.

It sees what the encoder overlooks (rare words, spellings) and errs elsewhere, so the mean of both
log-probabilities beats either. Where it pays, it reads the vector of the frozen encoder too, at the
price of a second pass. NumPy alone; fitted with scikit-learn in `fitting.py`.
"""

import re
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.errors import ModelInvalid

BUCKETS = 1 << 16
LETTERS = (2, 3, 4, 5)
LONGEST = 4000
_WORD = re.compile(r"\w+|[^\w\s]")


def terms(text: str) -> Counter[int]:
    """Hashed words, word pairs and letter n-grams inside words, with their counts."""
    words = _WORD.findall(text[:LONGEST].lower())
    found = Counter(words)
    found.update(" ".join(pair) for pair in pairwise(words))
    for word in words:
        edged = f" {word} "
        found.update(
            "#" + edged[n : n + size]
            for size in LETTERS
            for n in range(max(1, len(edged) - size + 1))
        )
    hashed: Counter[int] = Counter()
    for term, count in found.items():
        hashed[zlib.crc32(term.encode()) % BUCKETS] += count
    return hashed


@dataclass(frozen=True, slots=True)
class SecondHead:
    """Weights of one head: labels × buckets in int8 with a scale for each label.

    `dense` are the weights of the frozen encoder's vector, labels × dimensions; no columns without.
    """

    rarity: NDArray[np.float32]
    weights: NDArray[np.int8]
    scale: NDArray[np.float32]
    bias: NDArray[np.float32]
    dense: NDArray[np.float32]

    @property
    def reads_vectors(self) -> bool:
        """Whether the frozen encoder's vectors are needed."""
        return bool(self.dense.shape[1])

    def logits(
        self, texts: Sequence[str], vectors: NDArray[np.float32] | None = None
    ) -> NDArray[np.float32]:
        """Return len(texts) × labels; `vectors` are of unit length, len(texts) × dimensions."""
        rows = [self._row(text) for text in texts]
        found = np.stack(rows) if rows else np.zeros((0, len(self.bias)), dtype=np.float32)
        return found + vectors @ self.dense.T if vectors is not None else found

    def _row(self, text: str) -> NDArray[np.float32]:
        places, values = weighted(terms(text), self.rarity)
        found: NDArray[np.float32] = (
            self.weights[:, places].astype(np.float32) @ values * self.scale + self.bias
        )
        return found

    def save(self, path: Path) -> None:
        """Write one compressed file."""
        np.savez_compressed(
            path,
            rarity=self.rarity.astype(np.float16),
            weights=self.weights,
            scale=self.scale,
            bias=self.bias,
            dense=self.dense,
        )


def load(path: Path) -> SecondHead:
    """Read what `save` wrote.

    Raises:
        ModelInvalid: the file is missing or is not of this kind.
    """
    try:
        with np.load(path, allow_pickle=False) as held:
            return SecondHead(
                rarity=held["rarity"].astype(np.float32),
                weights=held["weights"],
                scale=held["scale"],
                bias=held["bias"],
                dense=held["dense"],
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelInvalid(f"{path}: no second head") from error


def weighted(
    counts: Counter[int], rarity: NDArray[np.float32]
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Buckets and their TF-IDF values, sublinear, unit length."""
    places = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
    values = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    values = (1 + np.log(values)) * rarity[places] if len(values) else values
    length = float(np.linalg.norm(values))
    return places, (values / length if length else values).astype(np.float32)
