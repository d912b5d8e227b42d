"""A question to passages: clean, fold the thread in, search, rerank, keep what is near."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain, zip_longest

from knowledge.asking import lookup_text, search_text
from knowledge.documents import ArticleId, Audience, Encoding, Passage, Retrieval
from knowledge.errors import RerankerUnavailable
from knowledge.lexicon import STOP_WORDS, words
from knowledge.parts import parts
from knowledge.ports import Embedder, PassageStore, Query, Reranker, Rewriter

CANDIDATES = 20
"""What the reranker reads; more cost time and find nothing."""
MOST_PARTS = 3
"""Of a message that are looked up by themselves too."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RetrievalRules:
    """How passages are found; the raw cosine decides whether one is near enough at all.

    Never the fused score: it is relative to the question's other candidates, the best always high.
    """

    alpha: float
    passages: int
    minimum_cosine: float


class Retriever:
    """Finds what a question may be answered from."""

    def __init__(
        self,
        *,
        store: PassageStore,
        embedder: Embedder,
        rules: RetrievalRules,
        reranker: Reranker | None = None,
        rewriter: Rewriter | None = None,
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._rules = rules
        self._reranker = reranker
        self._rewriter = rewriter

    def retrieve(
        self, question: str, *, audience: Audience, previous: str | None = None
    ) -> Retrieval:
        """The passages that `audience` may read, best first.

        `previous` is the asker's turn before this one. A message that asks several things is
        looked up as a whole and part by part, and what is found takes turns.

        Raises:
            StoreUnavailable: nothing can be retrieved now.
        """
        watch, rules = Stopwatch(), self._rules
        with watch.time("rewrite"):
            asked, lookup = self._texts(question, previous)
            several = () if previous else _several(asked)
        with watch.time("embed"):
            encodings = self._encoded((asked, lookup, *several))
        with watch.time("search"):
            found = [
                self._store.search(
                    Query(text, encodings[text].vector, audience, CANDIDATES, rules.alpha)
                )
                for text in (lookup, *several)
            ]
        with watch.time("rerank"):
            ranked = [
                self._reranked(text, encodings[text], some)
                for text, some in zip((asked, *several), found, strict=True)
            ]
        # The fused order stands where the reranker fails.
        orders = [some if one is None else one for one, some in zip(ranked, found, strict=True)]
        candidates = _in_turns(orders)[:CANDIDATES]
        near = [one for one in candidates if one.cosine >= rules.minimum_cosine]
        return Retrieval(
            query=asked,
            passages=tuple(near[: rules.passages]),
            candidates=tuple(candidates),
            encoding=encodings[asked],
            timings_ms=watch.timings_ms,
            degraded=None in ranked,
        )

    def _texts(self, question: str, previous: str | None) -> tuple[str, str]:
        """What is to be answered, and what candidates are found by."""
        asked = search_text(question, previous=previous)
        if previous and self._rewriter:
            rewritten = self._rewriter.rewrite(search_text(question), previous) or asked
            return rewritten, rewritten
        return asked, lookup_text(question, previous=previous)

    def _encoded(self, texts: Sequence[str]) -> dict[str, Encoding]:
        return {text: self._embedder.encode([text])[0] for text in dict.fromkeys(texts)}

    def _reranked(
        self, asked: str, encoding: Encoding, found: Sequence[Passage]
    ) -> list[Passage] | None:
        """All of them in their new order; None where the reranker fails."""
        if not self._reranker:
            return list(found)
        try:
            return self._reranker.rerank(asked, encoding, found)
        except RerankerUnavailable as error:
            _log.warning("reranker unavailable, fused order kept: %s", error)
            return None


def _several(asked: str) -> tuple[str, ...]:
    """The parts of a message that asks several things; none where it asks one.

    A part of one word, as in "where to find", would find anything.
    """
    found = tuple(one.text for one in parts(asked))
    say = all(sum(word not in STOP_WORDS for word in words(one)) > 1 for one in found)
    return found[:MOST_PARTS] if len(found) > 1 and say else ()


def _in_turns(rankings: Sequence[Sequence[Passage]]) -> list[Passage]:
    """The best of each ranking, then the second of each, and so on; no passage twice."""
    found: dict[tuple[ArticleId, int], Passage] = {}
    for one in chain.from_iterable(zip_longest(*rankings)):
        if one is not None:
            found.setdefault((one.chunk.article_id, one.chunk.position), one)
    return list(found.values())


class Stopwatch:
    """How long stages took, in milliseconds."""

    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        """Time what is inside."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.timings_ms[stage] = round((time.perf_counter() - began) * 1000, 2)
