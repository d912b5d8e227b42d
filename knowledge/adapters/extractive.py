"""The generator that needs no key: it picks the sentences that answer, and quotes them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from knowledge.documents import Passage
from knowledge.lexicon import content_words, words
from knowledge.ports import Embedder, OnText
from knowledge.sentences import sentences

PASSAGES_READ = 4
MOST_SENTENCES = 4
_MEANING, _WORDS, _PLACE = 0.62, 0.2, 0.18
_STEM = 5


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: int
    position: int
    text: str
    score: float


class ExtractiveGenerator:
    """Quotes up to four sentences of the best passages, each with its marker."""

    name = "extractive"

    def __init__(self, embedder: Embedder, *, minimum: float = 0.42, margin: float = 0.1) -> None:
        self._embedder = embedder
        self._minimum = minimum
        self._margin = margin

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        """The best sentences in the order of their passages; "" when none is near enough."""
        candidates = sorted(self._candidates(question, passages), key=lambda one: -one.score)
        if not candidates or candidates[0].score < self._minimum:
            return ""
        floor = max(self._minimum, candidates[0].score - self._margin)
        chosen = [one for one in candidates if one.score >= floor][:MOST_SENTENCES]
        text = _written(chosen, best=candidates[0].passage)
        if on_text:
            on_text(text)
        return text

    def _candidates(self, question: str, passages: Sequence[Passage]) -> Iterator[_Candidate]:
        found: dict[str, tuple[int, int]] = {}
        for number, passage in enumerate(passages[:PASSAGES_READ], start=1):
            for position, sentence in enumerate(sentences(passage.chunk.text)):
                found.setdefault(sentence, (number, position))
        if not found:
            return
        asked = _stems(content_words(question))
        vectors = self._embedder.embed([question, *found])
        meanings = vectors[1:] @ vectors[0]
        for (text, (number, position)), meaning in zip(found.items(), meanings, strict=True):
            passage = passages[number - 1]
            said = _stems(words(f"{text} {' '.join(passage.chunk.headings)}"))
            shared = len(asked & said) / max(1, len(asked))
            score = _MEANING * float(meaning) + _WORDS * shared + _PLACE * passage.score
            yield _Candidate(number, position, text, score)


def _written(chosen: Sequence[_Candidate], *, best: int) -> str:
    """One paragraph for each passage, the best sentence's passage first."""
    by_passage: dict[int, list[_Candidate]] = {}
    for one in sorted(chosen, key=lambda one: (one.passage != best, one.passage, one.position)):
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
