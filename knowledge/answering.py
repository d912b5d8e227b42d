"""A question to an answer with citations, or to an honest abstention."""

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

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
from knowledge.ports import Embedder, Generator, OnText, PassageStore, Query

NEAREST = 3
LONGEST_TURN = 1_000
_GREETING = re.compile(
    r"^\s*(?:(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|moin|cheers)\b[^.!?\n,]{0,30}"
    r"[,.!?\n]+\s*)+",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<[@#!][^>]*>")


@dataclass(frozen=True, slots=True)
class RetrievalRules:
    """How passages are found; the cosine decides whether one is near enough at all."""

    alpha: float = 0.6
    passages: int = 5
    minimum_cosine: float = 0.35


class Answerer:
    """Retrieves, generates, grounds, cites."""

    def __init__(
        self,
        *,
        store: PassageStore,
        embedder: Embedder,
        generator: Generator,
        rules: RetrievalRules = RetrievalRules(),
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._generator = generator
        self._rules = rules

    def answer(
        self,
        question: str,
        *,
        audience: Audience,
        previous: str | None = None,
        on_text: OnText | None = None,
    ) -> Outcome:
        """Answer from what `audience` may read.

        `previous` is the asker's turn before this one; it stands in front of the query.
        `on_text` sees grounded sentences of the answer while it is written.

        Raises:
            StoreUnavailable: nothing can be retrieved now.
            GeneratorUnavailable: passages were found, but no text came back.
        """
        watch, rules = _Stopwatch(), self._rules
        query = search_text(question, previous=previous)
        with watch.time("embed"):
            vector = self._embedder.embed([query])[0]
        with watch.time("search"):
            found = self._store.search(
                Query(
                    query, vector, audience, limit=self._rules.passages * 2, alpha=self._rules.alpha
                )
            )
        near = [one for one in found if one.cosine >= rules.minimum_cosine]
        passages = near[: rules.passages]
        reason, written = Reason.NOTHING_NEAR, ""
        if passages:
            live = GroundedStream(passages, on_text).write if on_text else None
            with watch.time("generate"):
                written = self._generator.generate(query, passages, on_text=live)
            reason = Reason.NOT_GROUNDED if written else Reason.NOT_ANSWERED
        with watch.time("ground"):
            grounded = ground(written, passages)
        retrieval = Retrieval(query, tuple(passages or found[:NEAREST]), watch.timings_ms)
        if grounded is None:
            return Abstention(reason, nearest(found), self._generator.name, retrieval)
        return Answer(grounded.text, grounded.citations, self._generator.name, retrieval)


def search_text(question: str, *, previous: str | None = None) -> str:
    """The question without greeting and mentions, the asker's previous turn in front."""
    turns = [turn for turn in (previous, question) if turn]
    cleaned = [_GREETING.sub("", _MENTION.sub(" ", turn)) or turn for turn in turns]
    return " ".join(_ends(" ".join(turn.split())) for turn in cleaned)


def _ends(turn: str) -> str:
    """A long turn's beginning and end: the question is seldom in the middle."""
    half = LONGEST_TURN // 2
    return turn if len(turn) <= LONGEST_TURN else f"{turn[:half]} {turn[-half:]}"


def nearest(found: Sequence[Passage]) -> tuple[Citation, ...]:
    """The best articles of a search, each once."""
    best: dict[ArticleId, Passage] = {}
    for passage in found:
        best.setdefault(passage.chunk.article_id, passage)
    return tuple(cite(one, n) for n, one in enumerate(list(best.values())[:NEAREST], start=1))


class _Stopwatch:
    def __init__(self) -> None:
        self.timings_ms: dict[str, float] = {}

    @contextmanager
    def time(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self.timings_ms[stage] = round((time.perf_counter() - began) * 1000, 2)
