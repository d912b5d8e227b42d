"""The generator that needs no key: it picks the sentences that answer, and quotes them."""

from collections.abc import Sequence

import numpy as np

from knowledge.adapters.extractive_choice import chosen
from knowledge.adapters.extractive_quotes import quotes
from knowledge.adapters.extractive_scores import Likeness, scores
from knowledge.adapters.extractive_text import written
from knowledge.documents import Passage, Vectors
from knowledge.matching import mutual
from knowledge.parts import parts
from knowledge.ports import OnText
from knowledge.sentence_vectors import SentenceVectors

FLOOR = 0.25
_WHOLE = 1.0
"""How much of a message's meaning goes into that of each of its questions."""


class ExtractiveGenerator:
    """Quotes the sentences of the passages that answer, each with its marker."""

    name = "extractive"

    def __init__(self, vectors: SentenceVectors, *, floor: float = FLOOR) -> None:
        """`floor` is the least cosine that a sentence must have to be picked for itself."""
        self._vectors = vectors
        self._floor = floor

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        """The sentences that answer, the best first; "" when none is near enough.

        All of it is there at once, so `on_text` is not called.
        """
        del on_text
        candidates = quotes(passages)
        if not candidates:
            return ""
        asked = parts(question)
        meanings = self._vectors.of([one.text for one in candidates])
        wanted = self._wanted(question, [one.text for one in asked])
        near = wanted @ meanings.T
        headings = [one.under_heading for one in candidates]
        headed = wanted @ self._vectors.of(headings).T
        matched = self._matched([one.text for one in asked], headings)
        likeness = Likeness(near, headed, matched)
        judged = scores(asked, candidates, passages, likeness=likeness)
        judged[:, near.max(axis=0) < self._floor] = -np.inf
        found = chosen(asked, candidates, scores=judged, alike=meanings @ meanings.T)
        return written(found, candidates)

    def _wanted(self, question: str, asked: Sequence[str]) -> Vectors:
        """What each question of a message means, within the whole."""
        mixed = self._vectors.of(asked) + _WHOLE * self._vectors.of([question])
        unit: Vectors = mixed / np.linalg.norm(mixed, axis=1, keepdims=True)
        return unit

    def _matched(self, asked: Sequence[str], texts: Sequence[str]) -> Vectors:
        """How far each question and each text match word by word: questions × texts."""
        wanted, held = self._vectors.tokens(asked), self._vectors.tokens(texts)
        return np.array([[mutual(one, other) for other in held] for one in wanted], np.float32)
