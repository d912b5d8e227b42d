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
from knowledge.lexicon import content_words
from knowledge.ports import Embedder, Generator, OnText, PassageStore, Query

NEAREST = 3
LONGEST_TURN = 1_000
LONGEST_PREVIOUS = 300
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|moin)(?: +\w+){0,3} *[,.!\n]\s*",
    re.IGNORECASE,
)
_MENTION = re.compile(r"<[@#!][^>]*>")
_LEANS = re.compile(
    r"^(?:and|or|but|also|so|then|what about|how about|what if|even|same)\b"
    r"|\b(?:it|its|that|this|these|those|they|them|their|there|ones?)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class RetrievalRules:
    """How passages are found; the cosine decides whether one is near enough at all."""

    alpha: float
    passages: int
    minimum_cosine: float


class Answerer:
    """Retrieves, generates, grounds, cites."""

    def __init__(
        self,
        *,
        store: PassageStore,
        embedder: Embedder,
        generator: Generator,
        rules: RetrievalRules,
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

        `previous` is the asker's turn before this one; a question that leans on it is looked up
        with it.
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
                Query(query, vector, audience, limit=2 * rules.passages, alpha=rules.alpha)
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
    """The question without greeting and mentions; one that leans on the previous turn behind it.

    "And to Norway?" means nothing alone. A question that stands alone is looked up alone: what was
    asked before would be answered once more.
    """
    asked = _cleaned(question)
    if not previous or not leans(asked):
        return asked
    return f"{_cleaned(previous)[:LONGEST_PREVIOUS]} {asked}"


def leans(question: str) -> bool:
    """Whether a question needs the turn before it: a connective, a pronoun, or hardly a word."""
    return bool(_LEANS.search(question)) or len(content_words(question)) <= 1


def _cleaned(turn: str) -> str:
    bare = _MENTION.sub(" ", turn)
    return _ends(" ".join((_GREETING.sub("", bare) or bare).split()))


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
