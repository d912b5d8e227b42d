"""A question to passages: clean, fold the thread in, search, rerank, keep what is near."""

import logging
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from knowledge.asking import lookup_text, search_text
from knowledge.documents import Audience, Encoding, Passage, Retrieval
from knowledge.errors import RerankerUnavailable
from knowledge.ports import Embedder, PassageStore, Query, Reranker, Rewriter

CANDIDATES = 20
"""What the reranker reads; more cost time and find nothing."""
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

        `previous` is the asker's turn before this one.

        Raises:
            StoreUnavailable: nothing can be retrieved now.
        """
        watch, rules = Stopwatch(), self._rules
        with watch.time("rewrite"):
            asked, lookup = self._texts(question, previous)
        with watch.time("embed"):
            encoding, looked_up = self._encoded(asked, lookup)
        with watch.time("search"):
            found = self._store.search(
                Query(lookup, looked_up.vector, audience, CANDIDATES, rules.alpha)
            )
        with watch.time("rerank"):
            ranked = self._reranked(asked, encoding, found)
        near = [one for one in ranked if one.cosine >= rules.minimum_cosine]
        return Retrieval(
            query=asked,
            passages=tuple(near[: rules.passages]),
            candidates=tuple(ranked),
            encoding=encoding,
            timings_ms=watch.timings_ms,
        )

    def _texts(self, question: str, previous: str | None) -> tuple[str, str]:
        """What is to be answered, and what candidates are found by."""
        asked = search_text(question, previous=previous)
        if previous and self._rewriter:
            rewritten = self._rewriter.rewrite(search_text(question), previous) or asked
            return rewritten, rewritten
        return asked, lookup_text(question, previous=previous)

    def _encoded(self, asked: str, lookup: str) -> tuple[Encoding, Encoding]:
        texts = list(dict.fromkeys((asked, lookup)))
        encodings = dict(
            zip(texts, (self._embedder.encode([one])[0] for one in texts), strict=True)
        )
        return encodings[asked], encodings[lookup]

    def _reranked(self, asked: str, encoding: Encoding, found: Sequence[Passage]) -> list[Passage]:
        """The fused order stands where the reranker fails."""
        if not self._reranker:
            return list(found)
        try:
            return self._reranker.rerank(asked, encoding, found)
        except RerankerUnavailable as error:
            _log.warning("reranker unavailable, fused order kept: %s", error)
            return list(found)


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
