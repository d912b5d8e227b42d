"""How well each sentence answers each question of a message (pure)."""

import math
import re
from collections.abc import Sequence

import numpy as np

from knowledge.adapters.extractive_questions import Part
from knowledge.adapters.extractive_quotes import Quote
from knowledge.documents import Passage, Vectors
from knowledge.lexicon import index_words, query_words

_MEANING, _BEFORE, _WORDS, _AROUND, _RANK = 0.64, 0.25, 0.42, 0.25, 0.24
_FIGURE, _NO_FIGURE, _DECIDES = 0.04, -0.07, 0.13
"""Fitted on the corpora in `knowledge/answerability`, where each question names its sentence."""
_SAYS_NOTHING, _ILLUSTRATES = -0.5, -0.1
_POINTS_ELSEWHERE = re.compile(
    r"(?:see|read|more (?:in|on|about))\b"
    r"|[^,;]*\b(?:is|are) (?:all )?(?:described|explained) (?:in|under)\b"
    r"|(?:the )?details? (?:is|are) (?:in|under)\b",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(r"(?:for )?(?:example|instance)\b|say\b", re.IGNORECASE)
_HAS_FIGURE = re.compile(
    r"\d|\b(?:free|nothing|one|two|three|four|five|six|seven|eight|nine|ten|twelve|once|twice"
    r"|half)\b",
    re.IGNORECASE,
)
_HAS_DECISION = re.compile(
    r"\b(?:can|cannot|may|must|not|no|never|only|yes|needs?|allowed|possible|always|all|every|any"
    r"|either|both|included|covered|unless|except|free)\b|n['’]t\b",
    re.IGNORECASE,
)


def scores(
    asked: Sequence[Part], quotes: Sequence[Quote], passages: Sequence[Passage], *, near: Vectors
) -> Vectors:
    """Return parts × quotes; `near` holds the cosines of the same.

    A sentence counts by its meaning and that of the one before it, by the words that the question
    shares with it and its headings, rare ones above all, by those of the paragraph or list around
    it, and by its passage's rank.
    """
    before = np.zeros_like(near)
    for n in range(1, len(quotes)):
        if quotes[n - 1].passage == quotes[n].passage:
            before[:, n] = near[:, n - 1]
    words = _Words(quotes, passages)
    literal = [[words.shared(part, n) for n in range(len(quotes))] for part in asked]
    own = [[_own(part, one) for one in quotes] for part in asked]
    total: Vectors = _MEANING * near + _BEFORE * before + np.array(literal) + np.array(own)
    return total


class _Words:
    """The words of each sentence, with its headings and with what stands around it."""

    def __init__(self, quotes: Sequence[Quote], passages: Sequence[Passage]) -> None:
        self._said = [set(index_words(one.text)) for one in quotes]
        self._above = [
            set(index_words(" ".join((one.title, *one.chunk.headings)))) for one in passages
        ]
        self._around: dict[tuple[int, int], set[str]] = {}
        for one, said in zip(quotes, self._said, strict=True):
            self._around.setdefault(one.place, set()).update(said)
        self._quotes = quotes

    def shared(self, part: Part, n: int) -> float:
        """What the words that a question shares with quote n are worth."""
        rarity = self._rarity(part.text)
        most = sum(rarity.values()) or 1.0
        place = self._quotes[n].place
        above = self._above[place[0] - 1]
        own = sum(worth for word, worth in rarity.items() if word in self._said[n] | above)
        around = sum(worth for word, worth in rarity.items() if word in self._around[place] | above)
        return (_WORDS * own + _AROUND * around) / most

    def _rarity(self, text: str) -> dict[str, float]:
        """A question's words, each worth more the fewer sentences say it."""
        every = len(self._said)
        return {
            word: math.log(1 + every / (1 + sum(word in one for one in self._said)))
            for word in query_words(text)
        }


def _own(part: Part, quote: Quote) -> float:
    """What a sentence's place and form are worth."""
    score = _RANK / quote.passage
    if part.figure:
        score += _FIGURE if _HAS_FIGURE.search(quote.text) else _NO_FIGURE
    if part.whether and _HAS_DECISION.search(quote.text):
        score += _DECIDES
    if quote.text.endswith("?") or _POINTS_ELSEWHERE.match(quote.text):
        score += _SAYS_NOTHING
    if _EXAMPLE.match(quote.text):
        score += _ILLUSTRATES
    return score
