"""Encodings of sentences, kept: the same few thousand are judged again and again."""

from collections.abc import Sequence
from threading import Lock

import numpy as np

from knowledge.documents import Encoding, Tokens, Vectors
from knowledge.ports import Embedder

MOST_SENTENCES = 10_000  # 30 MB; a sentence that changes is another text, so none is ever stale


class SentenceVectors:
    """What an embedder made of sentences; may be shared by threads."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self._held: dict[str, Encoding] = {}
        self._lock = Lock()

    def of(self, texts: Sequence[str]) -> Vectors:
        """Return len(texts) × dimensions, float32, unit length."""
        return np.stack([one.vector for one in self._encodings(texts)])

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The token vectors of each text (tokens × 64, int8)."""
        return [one.tokens for one in self._encodings(texts)]

    def similarity(self, one: str, other: str) -> float:
        """The cosine of two texts."""
        first, second = self.of([one, other])
        return float(first @ second)

    def _encodings(self, texts: Sequence[str]) -> list[Encoding]:
        found = {text: self._held.get(text) for text in texts}
        missing = [text for text, held in found.items() if held is None]
        if missing:
            new = dict(zip(missing, self._embedder.encode(missing), strict=True))
            found |= new
            with self._lock:
                if len(self._held) > MOST_SENTENCES:
                    self._held.clear()
                self._held |= new
        return [held for text in texts if (held := found[text]) is not None]
