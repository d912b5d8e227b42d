"""The generator that needs no key: it picks the sentences that answer, and quotes them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.documents import Passage
from knowledge.lexicon import content_words, words
from knowledge.ports import Embedder, OnText, Vectors
from knowledge.sentences import sentences

PASSAGES_READ = 4
MOST_SENTENCES = 4
MOST_VECTORS = 20_000  # 30 MB; a sentence that changes is another text, so none is ever stale
SAME_COSINE = 0.78
_MEANING, _WORDS, _PASSAGE = 0.5, 0.2, 0.3
_FIGURE = 0.05
_STEM = 5
_ASKS_FIGURE = re.compile(
    r"\bhow (?:long|much|many|often|far|heavy|big|tall|old|late|soon|hot|cold)\b"
    r"|\b(?:cost|costs|price|fee|until when|what time|weigh|weighs)\b",
    re.IGNORECASE,
)
_HAS_FIGURE = re.compile(
    r"\d|\b(?:free|one|two|three|four|five|six|seven|ten|twice)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class _Quote:
    """A sentence; `passage` counts from 1, `position` from 0 within it."""

    passage: int
    position: int
    text: str
    under_heading: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    quote: _Quote
    score: float
    vector: Vectors


class ExtractiveGenerator:
    """Quotes up to four sentences of the best passages, each with its marker."""

    name = "extractive"

    def __init__(self, embedder: Embedder, *, minimum: float = 0.43, margin: float = 0.12) -> None:
        self._embedder = embedder
        self._vectors: dict[str, Vectors] = {}
        self._minimum = minimum
        self._margin = margin

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        """The best sentences in the order of their passages; "" when none is near enough.

        All of it is there at once, so `on_text` is not called.
        """
        del on_text
        candidates = sorted(self._candidates(question, passages), key=lambda one: -one.score)
        if not candidates or candidates[0].score < self._minimum:
            return ""
        floor = max(self._minimum, candidates[0].score - self._margin)
        chosen = _unlike([one for one in candidates if one.score >= floor])[:MOST_SENTENCES]
        return _written([one.quote for one in chosen])

    def _candidates(self, question: str, passages: Sequence[Passage]) -> Iterator[_Candidate]:
        quotes = list(_quotes(passages[:PASSAGES_READ]))
        if not quotes:
            return
        # A sentence means what it means under its heading: "You can." answers nothing alone.
        asked_vector = self._embedder.embed([question])[0]
        vectors = self._embedded([one.under_heading for one in quotes])
        asked = _stems(content_words(question))
        wants_figure = bool(_ASKS_FIGURE.search(question))
        for quote, vector in zip(quotes, vectors, strict=True):
            said = _stems(words(quote.under_heading))
            shared = len(asked & said) / max(1, len(asked))
            cosine = passages[quote.passage - 1].cosine
            score = _MEANING * float(vector @ asked_vector) + _WORDS * shared + _PASSAGE * cosine
            if wants_figure:
                score += _FIGURE if _HAS_FIGURE.search(quote.text) else -_FIGURE
            yield _Candidate(quote, score, vector)

    def _embedded(self, texts: Sequence[str]) -> list[Vectors]:
        """Vectors of sentences; the same few thousand are judged again and again."""
        known = {text: self._vectors.get(text) for text in texts}
        missing = [text for text, vector in known.items() if vector is None]
        if missing:
            if len(self._vectors) > MOST_VECTORS:
                self._vectors.clear()
            new = dict(zip(missing, self._embedder.embed(missing), strict=True))
            self._vectors.update(new)
            known.update(new)
        return [vector for text in texts if (vector := known[text]) is not None]


def _quotes(passages: Sequence[Passage]) -> Iterator[_Quote]:
    """Every sentence of the passages, each once."""
    seen: set[str] = set()
    for number, passage in enumerate(passages, start=1):
        heading = (passage.title, *passage.chunk.headings)[-1]
        for position, text in enumerate(sentences(passage.chunk.text)):
            if text not in seen:
                seen.add(text)
                yield _Quote(number, position, text, f"{heading}: {text}")


def _unlike(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Without the sentences that say what a better one has said."""
    kept: list[_Candidate] = []
    for one in candidates:
        if all(float(one.vector @ better.vector) < SAME_COSINE for better in kept):
            kept.append(one)
    return kept


def _written(quotes: Sequence[_Quote]) -> str:
    """One paragraph for each passage, the passage of the best sentence first."""
    best = quotes[0].passage
    by_passage: dict[int, list[_Quote]] = {}
    for one in sorted(quotes, key=lambda one: (one.passage != best, one.passage, one.position)):
        by_passage.setdefault(one.passage, []).append(one)
    return "\n\n".join(
        " ".join(f"{_ended(one.text)} [{number}]" for one in group)
        for number, group in by_passage.items()
    )


def _ended(text: str) -> str:
    return text if text[-1] in '.!?:;)"”' else f"{text}."


def _stems(found: Sequence[str]) -> set[str]:
    """Five letters tell "returned" from "refund" and not from "returns"."""
    return {word[:_STEM] for word in found}
