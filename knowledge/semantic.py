"""Answers to questions that are only alike: the words, vectors and passages must all agree.

One in fifty is worked out anew and compared, and that one is served; where more than one in two
hundred were not what was due, the layer ends for all processes, until the cache is cleared or
something that makes the answers has changed.
"""

import logging
import random
from collections.abc import Callable
from dataclasses import dataclass

from knowledge.alike import agree
from knowledge.cache_keys import CacheKeys, read_of
from knowledge.documents import Answer, Audience, Outcome, Retrieval
from knowledge.ports import Alike, AnswerCache, Kept
from knowledge.quantities import quantities
from knowledge.single_flight import Flight

CHECKED_SHARE = 0.02
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Semantic:
    """Finds and keeps alike questions; `chance` is drawn once for each that is found, 0 to 1."""

    keys: CacheKeys
    chance: Callable[[], float] = random.random
    on_check: Callable[[bool], None] = lambda _: None

    def find(self, flight: Flight, found: Retrieval, *, audience: Audience) -> Kept | None:
        """The answer to a question like the one that was looked up, from passages found anew."""
        name = None if found.degraded else self.keys.alike(found.query, audience)
        if name is None:
            return None
        checks = flight.tell(lambda cache: cache.checks(self.keys.scope))
        alike = flight.tell(lambda cache: cache.look_alike(name))
        if checks is None or checks.failed or alike is None:
            return None
        kept = flight.tell(lambda cache: cache.look(alike.key))
        fits = kept and agree(alike.encoding, found.encoding) and _rests_on(kept.outcome, found)
        return kept if fits else None

    def is_checked(self) -> bool:
        """Whether the one that was found is worked out anew all the same."""
        return self.chance() < CHECKED_SHARE

    def compare(self, flight: Flight, kept: Kept, anew: Outcome) -> None:
        """Count whether what was remembered is what was due."""
        right = _says_the_same(kept.outcome, anew)
        self.on_check(right)
        checks = flight.tell(lambda cache: cache.check(self.keys.scope, right=right))
        if checks and not right:
            _log.warning(
                "an answer to a question that is alike was another: %d of %d%s",
                checks.wrong,
                checks.right + checks.wrong,
                "; from now on questions must be the same" if checks.failed else "",
            )

    def keep(self, flight: Flight, found: Retrieval, *, audience: Audience, seconds: float) -> None:
        """Remember what was looked up as a question, whose answer was kept just now."""
        name, key = (make(found.query, audience) for make in (self.keys.alike, self.keys.key))
        if name is not None and key is not None:
            alike = Alike(key, found.encoding)
            flight.tell(lambda cache: cache.keep_alike(name, alike, seconds=seconds))

    def forget(self, cache: AnswerCache, question: str, audience: Audience) -> bool:
        """Forget the answer that a question like this one was given, if it is remembered."""
        name = self.keys.alike(question, audience)
        alike = cache.look_alike(name) if name is not None else None
        return alike is not None and cache.forget(alike.key)


def _rests_on(outcome: Outcome, found: Retrieval) -> bool:
    """Whether an answer's best passage is the best again, and of all that it cites one is read."""
    read = outcome.retrieval.passages
    if not (isinstance(outcome, Answer) and read and found.passages):
        return False
    now = {read_of(one) for one in found.passages}
    again = {one.chunk.article_id for one in read if read_of(one) in now}
    return read_of(read[0]) == read_of(found.passages[0]) and again.issuperset(
        one.article_id for one in outcome.citations
    )


def _says_the_same(one: Outcome, other: Outcome) -> bool:
    """Both answer, from a common article, with the same figures if both name any."""
    if not (isinstance(one, Answer) and isinstance(other, Answer)):
        return False
    cited = {citation.article_id for citation in one.citations}
    if cited.isdisjoint(citation.article_id for citation in other.citations):
        return False
    mine, theirs = (quantities(answer.text) for answer in (one, other))
    return not mine or not theirs or any(a.says(b) or b.says(a) for a in mine for b in theirs)
