"""Answers that were given before: served while all that they cite stands as it stood then.

Versions come from the passages themselves, read in the same snapshot as their text, and are
compared with the store's whenever an answer is kept and whenever one is served. So no message has
to arrive for an answer to go out of date, and one that is late does no harm.
"""

import logging
import random
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from itertools import chain

from knowledge.answering import Answerer
from knowledge.asking import search_text
from knowledge.cache_keys import CacheKeys, reading_of
from knowledge.documents import Abstention, Answer, ArticleId, Audience, Outcome, Retrieval
from knowledge.errors import RedisUnavailable, StoreUnavailable
from knowledge.metering import NOTHING, Usage, metered
from knowledge.ports import AnswerCache, Kept, Lookup, OnText, PassageStore
from knowledge.retrieval import Stopwatch
from knowledge.semantic import Semantic
from knowledge.single_flight import Flight, Patience

ANSWER_SECONDS, ABSTENTION_SECONDS = 24 * 3600.0, 300.0
JITTER = 0.1
"""So that what was asked in one hour is not forgotten in one minute."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question that may be remembered, on its way."""

    question: str
    audience: Audience
    flight: Flight


class CachedAnswerer:
    """An Answerer that remembers. What it cannot remember, or not now, it leaves to the other."""

    def __init__(  # noqa: PLR0913  the parts of one, each by name
        self,
        answerer: Answerer,
        *,
        store: PassageStore,
        cache: AnswerCache,
        keys: CacheKeys,
        on_lookup: Callable[[Lookup, Usage], None] = lambda *_: None,
        patience: Patience | None = None,
        semantic: Semantic | None = None,
    ) -> None:
        """`on_lookup` hears what became of each question, and what it saved."""
        self._answerer = answerer
        self._store = store
        self._cache = cache
        self._keys = keys
        self._on_lookup = on_lookup
        self._patience = patience or Patience()
        self._semantic = semantic

    def answer(
        self,
        question: str,
        *,
        audience: Audience,
        previous: str | None = None,
        on_text: OnText | None = None,
    ) -> Outcome:
        """As an Answerer does; an answer that was remembered comes at once and is not streamed.

        Raises:
            StoreUnavailable: nothing can be retrieved now.
            GeneratorUnavailable: passages were found, but no text came back.
        """
        key = None if previous else self._keys.key(question, audience)
        if key is None:
            self._on_lookup(Lookup.BYPASSED, NOTHING)
            return self._answerer.answer(
                question, audience=audience, previous=previous, on_text=on_text
            )
        asked = _Asked(question, audience, Flight(self._cache, key, self._patience))
        outcome = asked.flight.board(lambda kept: self._served(asked, kept))
        if outcome is not None:
            return outcome
        with asked.flight.working():
            return self._made(asked, on_text)

    def forget(self, question: str, audience: Audience) -> bool:
        """Forget what was answered to a question; False where nothing was, or nobody can say."""
        key = self._keys.key(question, audience)
        try:
            gone = key is not None and self._cache.forget(key)
            alike = self._semantic and self._semantic.forget(self._cache, question, audience)
            return gone or bool(alike)
        except RedisUnavailable as error:
            _log.warning("an answer is not forgotten, and ends by itself: %s", error)
            return False

    def _made(self, asked: _Asked, on_text: OnText | None) -> Outcome:
        """A new outcome, which is remembered where it may be."""
        epoch = self._epoch() if asked.flight.reached else None
        with metered() as meter:
            found = self._answerer.look_up(asked.question, audience=asked.audience)
            alike = self._alike(asked, found)
            if alike and self._semantic and not self._semantic.is_checked():
                self._count(asked, Lookup.ALIKE, alike.usage)
                return replace(alike.outcome, cached=True, retrieval=found)
            self._count(asked, Lookup.MISS if asked.flight.reached else Lookup.UNAVAILABLE)
            outcome = self._answerer.write(found, on_text=on_text)
        if alike and self._semantic:
            self._semantic.compare(asked.flight, alike, outcome)
        versions = _versions(found, outcome)
        if epoch is not None and versions is not None and self._current(versions):
            reading = reading_of(found, self._answerer.reason(found))
            self._keep(asked, found, Kept(outcome, versions, epoch, reading, meter.usage))
        return outcome

    def _keep(self, asked: _Asked, found: Retrieval, kept: Kept) -> None:
        is_answer = isinstance(kept.outcome, Answer)
        seconds = ANSWER_SECONDS if is_answer else ABSTENTION_SECONDS
        seconds *= random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311  jitter
        asked.flight.land(kept, seconds=seconds)
        if self._semantic and is_answer:
            self._semantic.keep(asked.flight, found, audience=asked.audience, seconds=seconds)

    def _alike(self, asked: _Asked, found: Retrieval) -> Kept | None:
        """The answer to a question that is only alike, if it would be given today."""
        if self._semantic is None or self._answerer.reason(found) is not None:
            return None
        kept = self._semantic.find(asked.flight, found, audience=asked.audience)
        return kept if kept and self._current(kept.versions) else None

    def _served(self, asked: _Asked, kept: Kept) -> Outcome | None:
        """What was remembered, if it would be said again today."""
        watch = Stopwatch()
        try:
            with watch.time("cache"):
                lookup = self._verdict(asked, kept)
        except StoreUnavailable:
            return None
        if lookup is None:
            return None
        self._count(asked, lookup, kept.usage)
        retrieval = replace(
            kept.outcome.retrieval,
            query=search_text(asked.question),
            timings_ms=watch.timings_ms,
        )
        match kept.outcome:
            case Answer() as answer:
                return replace(answer, cached=True, retrieval=retrieval)
            case Abstention() as abstention:
                return replace(abstention, cached=True, retrieval=retrieval)

    def _verdict(self, asked: _Asked, kept: Kept) -> Lookup | None:
        """As what it may be served; None where something that it shows has changed.

        Where only another article has, that one might belong into the answer now: what would be
        read is looked up again, and compared by its text.
        """
        stamp = self._store.stamp(kept.versions.keys())
        if stamp.versions != kept.versions:
            return None
        if stamp.epoch == kept.epoch:
            return Lookup.NEGATIVE if isinstance(kept.outcome, Abstention) else Lookup.HIT
        found = self._answerer.look_up(asked.question, audience=asked.audience)
        reading = reading_of(found, self._answerer.reason(found))
        if found.degraded or reading != kept.reading:
            return None
        # The epoch from before that retrieval: whatever has changed since moves it once more.
        again = replace(kept, epoch=stamp.epoch)
        asked.flight.restamp(kept, again)
        return Lookup.REVALIDATED

    def _epoch(self) -> str | None:
        try:
            return self._store.stamp().epoch
        except StoreUnavailable:
            return None

    def _current(self, versions: Mapping[ArticleId, str]) -> bool:
        try:
            return self._store.stamp(versions.keys()).versions == versions
        except StoreUnavailable:
            return False

    def _count(self, asked: _Asked, lookup: Lookup, saved: Usage = NOTHING) -> None:
        self._on_lookup(lookup, saved)
        asked.flight.tell(lambda cache: cache.count(lookup, saved))


def _versions(found: Retrieval, outcome: Outcome) -> dict[ArticleId, str] | None:
    """The articles that an outcome shows, as they were read.

    None where it must not be remembered: a part was away, or an article was read in two versions
    or while it was being written.
    """
    shown = outcome.citations if isinstance(outcome, Answer) else outcome.nearest
    read: defaultdict[ArticleId, set[str]] = defaultdict(set)
    for passage in chain(found.passages, found.candidates):
        read[passage.chunk.article_id].add(passage.version)
    versions = {one.article_id: read[one.article_id] for one in shown}
    if found.degraded or any(len(one) != 1 or "" in one for one in versions.values()):
        return None
    return {article_id: min(one) for article_id, one in versions.items()}
