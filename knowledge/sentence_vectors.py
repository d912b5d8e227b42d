"""Vectors of sentences, kept: the same few thousand are judged again and again."""

from collections.abc import Sequence
from threading import Lock

import numpy as np

from knowledge.documents import Vectors
from knowledge.ports import Embedder

MOST_VECTORS = 20_000  # 30 MB; a sentence that changes is another text, so none is ever stale


class SentenceVectors:
    """What an embedder made of sentences; may be shared by threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._held: dict[str, Vectors] = {}
        self._lock = Lock()

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return len(texts) × dimensions, float32, unit length."""
        known = {text: self._held.get(text) for text in texts}
        missing = [text for text, vector in known.items() if vector is None]
        if missing:
            new = dict(zip(missing, self._embedder.embed(missing), strict=True))
            known |= new
            with self._lock:
                if len(self._held) > MOST_VECTORS:
                    self._held.clear()
                self._held |= new
        return np.stack([vector for text in texts if (vector := known[text]) is not None])

    def similarity(self, one: str, other: str) -> float:
        """The cosine of two texts."""
        first, second = self.of([one, other])
        return float(first @ second)
