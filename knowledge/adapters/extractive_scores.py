"""How well each sentence answers each question of a message (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.adapters.extractive_quotes import Quote
from knowledge.documents import Passage, Vectors
from knowledge.lexicon import index_words, query_words
from knowledge.parts import Part

_MEANING, _HEADED, _BEFORE, _PASSAGE, _RANK = 0.46, 0.86, 0.20, 0.30, 0.20
_MATCHED = 0.60
_WORDS, _AROUND = 0.54, 0.25
_FIGURE, _NO_FIGURE, _DECIDES, _LEANS = 0.05, -0.10, 0.12, 0.07
"""Chosen on the corpora in `knowledge/answerability`, whose questions name their sentence, and on
half of the golden questions; `_MATCHED` on all of these."""
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


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near each quote is to each part of a message: parts × quotes, each -1 to 1.

    `near` and `headed` are cosines, of the quote alone and under its heading; `matched` compares
    them word by word, under the heading.
    """

    near: Vectors
    headed: Vectors
    matched: Vectors


def scores(
    asked: Sequence[Part],
    quotes: Sequence[Quote],
    passages: Sequence[Passage],
    *,
    likeness: Likeness,
) -> Vectors:
    """Return parts × quotes.

    A sentence counts by its meaning, alone and under its heading, and by that of the one before
    it; by how well its words match; by the share of the question's words that it and its headings
    hold, and the paragraph or list around it; by its passage's cosine and rank.
    """
    near = likeness.near
    before = np.zeros_like(near)
    for n in range(1, len(quotes)):
        if quotes[n - 1].passage == quotes[n].passage:
            before[:, n] = near[:, n - 1]
    meant = _MEANING * near + _HEADED * likeness.headed + _BEFORE * before
    meant += _MATCHED * likeness.matched
    words = _Words(quotes, passages)
    literal = [words.shared(part) for part in asked]
    own = [[_own(part, one) for one in quotes] for part in asked]
    place = [_PASSAGE * passages[one.passage - 1].cosine + _RANK / one.passage for one in quotes]
    total: Vectors = meant + np.array(literal) + np.array(own) + np.array(place)
    return total


class _Words:
    """The words of each sentence with its headings, alone and with what stands around it."""

    def __init__(self, quotes: Sequence[Quote], passages: Sequence[Passage]) -> None:
        above = [set(index_words(" ".join((one.title, *one.chunk.headings)))) for one in passages]
        around: dict[tuple[int, int], set[str]] = {}
        self._own = [set(index_words(one.text)) | above[one.passage - 1] for one in quotes]
        for one, words in zip(quotes, self._own, strict=True):
            around.setdefault(one.place, set()).update(words)
        self._around = [around[one.place] for one in quotes]

    def shared(self, part: Part) -> list[float]:
        """What the words that a question shares with each quote are worth."""
        wanted = set(query_words(part.text))
        most = max(1, len(wanted))
        return [
            (_WORDS * len(wanted & own) + _AROUND * len(wanted & around)) / most
            for own, around in zip(self._own, self._around, strict=True)
        ]


def _own(part: Part, quote: Quote) -> float:
    """What a sentence's form is worth."""
    score = 0.0
    if quote.leans:
        score += _LEANS
    if part.figure:
        score += _FIGURE if _HAS_FIGURE.search(quote.text) else _NO_FIGURE
    if part.whether and _HAS_DECISION.search(quote.text):
        score += _DECIDES
    if quote.text.endswith("?") or _POINTS_ELSEWHERE.match(quote.text):
        score += _SAYS_NOTHING
    if _EXAMPLE.match(quote.text):
        score += _ILLUSTRATES
    return score
