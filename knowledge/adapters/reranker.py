"""The reranker that needs no model of its own: late interaction over stored token vectors.

Every word of the question looks for its best match in the passage; the mean of these matches is
added to what the search found. NumPy alone: the encoder's work was done when the passage was
indexed, so twenty passages take about a millisecond.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from knowledge.documents import Encoding, Passage, Vectors
from knowledge.lexicon import index_words, query_words
from knowledge.matching import late_interaction


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much beside the search's own score, which counts 1."""

    matches: float = 1.3
    title: float = 0.3
    opening: float = 0.3


class LateInteraction:
    """Blends search, matches of single words, the title, and where in its article a passage is.

    How far the search is trusted in words depends on the question: the fused score counts as far as
    the question's words occur in a passage at all, the cosine does for the rest.
    """

    name = "late-interaction"

    def __init__(self, weights: Weights | None = None) -> None:
        self._weights = weights or Weights()

    def rerank(
        self, question: str, encoding: Encoding, passages: Sequence[Passage]
    ) -> list[Passage]:
        """All of them, best first; scores can be compared within one call only."""
        if not passages:
            return []
        weights, words = self._weights, query_words(question)
        literal = max(_share(words, _words(one)) for one in passages) ** 3
        fused = _relative([one.score for one in passages])
        cosine = _relative([one.cosine for one in passages])
        matched = _relative([late_interaction(encoding.tokens, one.tokens) for one in passages])
        named = np.array([_share(query_words(one.title), set(words)) for one in passages])
        opens = _relative([float(one.chunk.position == 0) for one in passages])
        scores = (
            literal * fused
            + (1 - literal) * cosine
            + weights.matches * matched
            + weights.title * named
            + weights.opening * opens
        )
        ranked = sorted(zip(scores.tolist(), passages, strict=True), key=lambda pair: -pair[0])
        return [replace(passage, score=round(score, 4)) for score, passage in ranked]


def _words(passage: Passage) -> set[str]:
    return set(index_words(" ".join((passage.title, *passage.chunk.headings, passage.chunk.text))))


def _share(words: Sequence[str], found: set[str]) -> float:
    """Share of the words that are found."""
    return sum(word in found for word in words) / len(words) if words else 0.0


def _relative(scores: Sequence[float]) -> Vectors:
    """Scaled to 0…1 over the candidates; all 1 where they are alike."""
    values = np.array(scores, dtype=np.float32)
    low, high = values.min(), values.max()
    scaled: Vectors = (values - low) / (high - low) if high > low else np.ones_like(values)
    return scaled
