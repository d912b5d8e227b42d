"""A question to an answer with citations, or to an honest abstention."""

from collections.abc import Sequence
from dataclasses import replace

from knowledge.answerable import Floats, Weights, features, first_passages
from knowledge.documents import (
    Abstention,
    Answer,
    ArticleId,
    Audience,
    Citation,
    Outcome,
    Passage,
    Reason,
    Retrieval,
)
from knowledge.grounding import GroundedStream, cite, ground
from knowledge.ports import Generator, OnText
from knowledge.retrieval import Retriever, Stopwatch
from knowledge.sentence_vectors import SentenceVectors
from knowledge.sentences import chunk_sentences

NEAREST = 3


class Judge:
    """Says how likely it is that what was retrieved answers the question."""

    def __init__(self, weights: Weights, vectors: SentenceVectors) -> None:
        self._weights = weights
        self._vectors = vectors
        self.threshold = weights.threshold

    def probability(self, retrieval: Retrieval) -> float:
        """Calibrated, 0 to 1."""
        return self._weights.probability(described(retrieval, self._vectors))


class Answerer:
    """Retrieves, judges, generates, grounds, cites."""

    def __init__(
        self,
        *,
        retriever: Retriever,
        judge: Judge,
        generator: Generator,
        vectors: SentenceVectors,
    ) -> None:
        self._retriever = retriever
        self._judge = judge
        self._generator = generator
        self.generator = generator.name
        self._vectors = vectors

    def answer(
        self,
        question: str,
        *,
        audience: Audience,
        previous: str | None = None,
        on_text: OnText | None = None,
    ) -> Outcome:
        """Answer from what `audience` may read.

        `previous` is the asker's turn before this one.
        `on_text` sees grounded sentences of the answer while it is written.

        Raises:
            StoreUnavailable: nothing can be retrieved now.
            GeneratorUnavailable: passages were found, but no text came back.
        """
        found = self.look_up(question, audience=audience, previous=previous)
        return self.write(found, on_text=on_text)

    def look_up(
        self, question: str, *, audience: Audience, previous: str | None = None
    ) -> Retrieval:
        """The first half of an answer: what it would be written from, judged.

        Raises:
            StoreUnavailable: nothing can be retrieved now.
        """
        found = self._retriever.retrieve(question, audience=audience, previous=previous)
        watch = Stopwatch()
        with watch.time("judge"):
            probability = self._judge.probability(found)
        timings = {**found.timings_ms, **watch.timings_ms}
        return replace(found, timings_ms=timings, answerable=probability)

    def write(self, found: Retrieval, *, on_text: OnText | None = None) -> Outcome:
        """The second half: generate and ground, where there is anything to be written.

        Raises:
            GeneratorUnavailable: no text came back.
        """
        watch, reason, written = Stopwatch(), self.reason(found), ""
        if reason is None:
            live = self._stream(found, on_text) if on_text else None
            with watch.time("generate"):
                written = self._generator.generate(found.query, found.passages, on_text=live)
        with watch.time("ground"):
            similarity = self._vectors.similarity
            grounded = ground(written, found.passages, similarity=similarity) if written else None
        retrieval = replace(
            found,
            passages=found.passages or found.candidates[:NEAREST],
            timings_ms={**found.timings_ms, **watch.timings_ms},
            answerable=round(found.answerable or 0.0, 4),
        )
        if grounded is None:
            why = reason or (Reason.NOT_GROUNDED if written else Reason.NOT_ANSWERED)
            return Abstention(why, nearest(found.candidates), self._generator.name, retrieval)
        return Answer(grounded.text, grounded.citations, self._generator.name, retrieval)

    def reason(self, found: Retrieval) -> Reason | None:
        """Why nothing is to be written from this, if so."""
        if not found.passages:
            return Reason.NOTHING_NEAR
        unlikely = (found.answerable or 0.0) < self._judge.threshold
        return Reason.NOT_ANSWERABLE if unlikely else None

    def _stream(self, found: Retrieval, on_text: OnText) -> OnText:
        similarity = self._vectors.similarity
        return GroundedStream(found.passages, on_text, similarity=similarity).write


def described(retrieval: Retrieval, vectors: SentenceVectors) -> Floats:
    """What the judge's probability is made of: a number for each of its features."""
    first = first_passages(retrieval)
    texts = [sentence.text for one in first for sentence in chunk_sentences(one.chunk)]
    near = vectors.of(texts) @ retrieval.encoding.vector if texts else ()
    return features(retrieval, [float(one) for one in near])


def nearest(found: Sequence[Passage]) -> tuple[Citation, ...]:
    """The best articles of a search, each once."""
    best: dict[ArticleId, Passage] = {}
    for passage in found:
        best.setdefault(passage.chunk.article_id, passage)
    return tuple(cite(one, n) for n, one in enumerate(list(best.values())[:NEAREST], start=1))
