"""An answerer that remembers: what is served again, what is made anew, who waits for whom."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from fakes import BOOTS, FakeAnswerCache, FakeEmbedder, FakeGenerator, FakeStore

from knowledge import caching
from knowledge.answerable import FEATURES, Weights
from knowledge.answering import Answerer, Judge
from knowledge.cache_keys import CacheKeys, Makers
from knowledge.caching import CachedAnswerer
from knowledge.documents import Abstention, Answer, ArticleId, Audience, Outcome, Passage, Status
from knowledge.errors import GeneratorUnavailable, RerankerUnavailable, StoreUnavailable
from knowledge.metering import NOTHING, Usage, metered
from knowledge.ports import Kept, Lookup, Reranker
from knowledge.retrieval import RetrievalRules, Retriever
from knowledge.sentence_vectors import SentenceVectors
from knowledge.single_flight import Patience

if TYPE_CHECKING:
    from collections.abc import Callable

    from knowledge.semantic import Semantic

ASKED = "how do I return boots?"
RULES = RetrievalRules(alpha=0.6, passages=2, minimum_cosine=0.3)
ZERO = np.zeros(len(FEATURES))
CONVINCED = Weights(ZERO, ZERO + 1, ZERO, bias=5.0, threshold=0.5)
RETURNS = ArticleId("returns")


class Tired:
    """A reranker that is away."""

    name = "tired"

    def rerank(self, *_: object) -> list[Passage]:
        raise RerankerUnavailable("no scores today")


@dataclass
class Library:
    """A cached answerer and everything behind it."""

    store: FakeStore = field(default_factory=FakeStore)
    generator: FakeGenerator = field(default_factory=FakeGenerator)
    cache: FakeAnswerCache = field(default_factory=FakeAnswerCache)
    lookups: list[Lookup] = field(default_factory=list)
    saved: Usage = NOTHING
    patience: Patience = field(default_factory=Patience)
    reranker: Reranker | None = None
    semantic: Semantic | None = None

    def __post_init__(self) -> None:
        self.store.add("returns", BOOTS)
        self.store.add("shipping", "We ship to Norway by boat within nine days.")
        embedder = FakeEmbedder()
        vectors = SentenceVectors(embedder)
        retriever = Retriever(
            store=self.store, embedder=embedder, rules=RULES, reranker=self.reranker
        )
        self.answerer = CachedAnswerer(
            Answerer(
                retriever=retriever,
                judge=Judge(CONVINCED, vectors),
                generator=self.generator,
                vectors=vectors,
            ),
            store=self.store,
            cache=self.cache,
            keys=CacheKeys(Makers("fake", "one"), secret=lambda: "secret"),
            on_lookup=self.heard,
            patience=self.patience,
            semantic=self.semantic,
        )

    def heard(self, lookup: Lookup, saved: Usage) -> None:
        self.lookups.append(lookup)
        self.saved += saved

    def ask(self, question: str = ASKED, **how: object) -> Outcome:
        return self.answerer.answer(question, **{"audience": Audience.PUBLIC, **how})  # type: ignore[arg-type]

    @property
    def generated(self) -> int:
        return len(self.generator.questions)


@pytest.fixture
def library() -> Library:
    return Library()


def said(outcome: Outcome) -> str:
    assert isinstance(outcome, Answer)
    return outcome.text


def test_a_second_asker_gets_the_same_answer_without_a_word_generated(library: Library) -> None:
    first = library.ask()
    again = library.ask("How do I  return BOOTS?")
    assert said(again) == said(first)
    assert (first.cached, again.cached) == (False, True)
    assert library.generated == 1
    assert library.lookups == [Lookup.MISS, Lookup.HIT]
    assert library.cache.counts == Counter({Lookup.MISS: 1, Lookup.HIT: 1})
    assert again.retrieval.query == "How do I return BOOTS?"
    assert again.retrieval.passages == first.retrieval.passages
    assert set(again.retrieval.timings_ms) == {"cache"}


def test_what_an_answer_cost_is_saved_each_time_it_is_served(library: Library) -> None:
    library.generator.takes = Usage(900, 50)
    with metered() as meter:
        for _ in range(3):
            library.ask()
    assert meter.usage == Usage(900, 50)
    assert library.saved == library.cache.saved == Usage(1800, 100)
    library.store.add("tents", "Tents are dried before they are packed.")
    library.ask()
    assert library.lookups[-1] is Lookup.REVALIDATED
    assert library.saved == Usage(2700, 150)


def test_a_remembered_answer_is_not_streamed(library: Library) -> None:
    streamed: list[str] = []
    library.generator.says = f"{BOOTS} [1]\n\n{BOOTS} [1]\n\nBye."
    library.ask(on_text=streamed.append)
    assert "".join(streamed)
    streamed.clear()
    assert library.ask(on_text=streamed.append).cached
    assert streamed == []


def test_two_audiences_do_not_share_an_answer(library: Library) -> None:
    library.store.add("agents", "Agents return boots at the desk.", audience=Audience.INTERNAL)
    assert not library.ask().cached
    assert not library.ask(audience=Audience.INTERNAL).cached
    assert library.ask().cached
    assert len(library.cache.kept) == 2


def archived(store: FakeStore) -> None:
    article, parts, version = store.kept[RETURNS]
    store.replace(replace(article, status=Status.ARCHIVED), parts, version=version)


@pytest.mark.parametrize(
    "change",
    [
        lambda store: store.add("returns", "You can return boots within 30 days."),
        lambda store: store.add("returns", BOOTS, audience=Audience.INTERNAL),
        lambda store: store.remove([RETURNS]),
        archived,
    ],
    ids=["text", "audience", "gone", "status"],
)
def test_nothing_is_served_once_what_it_cites_has_changed(
    library: Library, change: Callable[[FakeStore], None]
) -> None:
    before = library.ask()
    change(library.store)
    after = library.ask()
    assert not after.cached
    assert isinstance(after, Abstention) or after.text != said(before)
    assert library.lookups == [Lookup.MISS, Lookup.MISS]


def test_where_only_another_article_has_changed_nothing_is_generated(library: Library) -> None:
    library.ask()
    library.store.add("stoves", "Stoves burn gas.")
    assert library.ask().cached
    assert library.ask().cached
    assert library.generated == 1
    assert library.lookups == [Lookup.MISS, Lookup.REVALIDATED, Lookup.HIT]


def test_a_new_article_that_belongs_into_the_answer_makes_it_anew(library: Library) -> None:
    library.ask()
    library.store.add("boots", "How do I return boots? Bring boots back unworn.")
    assert not library.ask().cached
    assert library.generated == 2


def test_an_abstention_is_remembered_for_minutes_an_answer_for_a_day(library: Library) -> None:
    began = time.monotonic()
    library.ask()
    assert isinstance(library.ask("quantum chromodynamics"), Abstention)
    assert isinstance(library.ask("quantum chromodynamics"), Abstention)
    assert library.lookups[-1] is Lookup.NEGATIVE
    lasts = sorted(until - began for _, until in library.cache.kept.values())
    assert lasts[0] == pytest.approx(caching.ABSTENTION_SECONDS, rel=0.12)
    assert lasts[1] == pytest.approx(caching.ANSWER_SECONDS, rel=0.11)


def test_follow_ups_and_personal_questions_pass_by(library: Library) -> None:
    library.ask(previous="do you sell boots?")
    library.ask("how do I return boots of order 4521?")
    assert library.lookups == [Lookup.BYPASSED] * 2
    assert library.cache.calls == []


def test_an_error_is_not_remembered_and_lets_go_of_the_lock(library: Library) -> None:
    library.generator.away = True
    with pytest.raises(GeneratorUnavailable):
        library.ask()
    assert library.cache.kept == {}
    assert library.cache.locks == {}
    library.generator.away = False
    assert not library.ask().cached


def test_an_answer_without_the_reranker_is_given_and_not_remembered() -> None:
    library = Library(reranker=Tired())
    assert said(library.ask())
    assert library.cache.kept == {}
    assert library.cache.locks == {}


def test_an_article_that_changes_while_the_answer_is_written_is_not_remembered(
    library: Library,
) -> None:
    library.generator.before = lambda: library.store.add("returns", "Boots: 30 days.")
    assert "60 days" in said(library.ask())
    assert library.cache.kept == {}


def test_an_answer_that_another_article_overtook_is_looked_at_again(library: Library) -> None:
    library.generator.before = lambda: library.store.add("gas", "Gas is sold in shops.")
    library.ask()
    assert library.ask().cached
    assert library.lookups == [Lookup.MISS, Lookup.REVALIDATED]


def test_a_store_that_is_away_is_a_miss_and_an_error_as_ever(library: Library) -> None:
    library.ask()
    library.store.away = True
    with pytest.raises(StoreUnavailable):
        library.ask()
    assert library.cache.locks == {}
    library.store.away = False
    assert library.ask().cached


def test_a_cache_that_is_away_is_asked_once_a_call(library: Library) -> None:
    library.cache.away = True
    assert said(library.ask())
    assert library.cache.calls == ["look"]
    assert library.lookups == [Lookup.UNAVAILABLE]
    assert not library.answerer.forget(ASKED, Audience.PUBLIC)


def test_a_cache_that_goes_away_meanwhile_is_asked_once_more(library: Library) -> None:
    library.generator.before = lambda: setattr(library.cache, "away", True)
    assert said(library.ask())
    assert library.cache.calls == ["look", "lock", "look", "count", "keep"]


def test_what_was_forgotten_is_made_anew(library: Library) -> None:
    library.ask()
    assert library.answerer.forget("How do I return boots?", Audience.PUBLIC)
    assert not library.answerer.forget(ASKED, Audience.PUBLIC)
    assert not library.ask().cached


def test_many_askers_at_once_get_one_answer(library: Library) -> None:
    library.generator.before = lambda: time.sleep(0.2)
    outcomes = at_once(library, 8)
    assert len({said(one) for one in outcomes}) == 1
    assert library.generated == 1
    assert sum(one.cached for one in outcomes) == 7
    assert library.cache.locks == {}


def test_a_lock_is_renewed_for_as_long_as_its_holder_works() -> None:
    library = Library(patience=Patience(lock_seconds=0.15, wait_seconds=5))
    library.generator.before = lambda: time.sleep(0.8)
    at_once(library, 3)
    assert library.generated == 1
    assert library.cache.calls.count("renew") >= 2


def test_a_waiter_whose_budget_is_spent_answers_by_itself() -> None:
    library = Library(patience=Patience(lock_seconds=60, wait_seconds=0.2))
    key = CacheKeys(Makers("fake", "one"), secret=lambda: "secret").key(ASKED, Audience.PUBLIC)
    assert key
    library.cache.lock(key, "somebody who hangs", seconds=60)
    began = time.monotonic()
    assert said(library.ask())
    assert 0.2 <= time.monotonic() - began < 2
    assert library.cache.locks[key][0] == "somebody who hangs"
    assert library.ask().cached


def test_the_lock_of_one_who_died_ends_and_another_takes_over() -> None:
    library = Library(patience=Patience(lock_seconds=60, wait_seconds=10))
    key = CacheKeys(Makers("fake", "one"), secret=lambda: "secret").key(ASKED, Audience.PUBLIC)
    assert key
    library.cache.lock(key, "dead", seconds=0.3)
    began = time.monotonic()
    assert said(library.ask())
    assert time.monotonic() - began < 2


def test_a_waiter_does_not_look_up_the_same_refused_answer_again_and_again() -> None:
    library = Library(patience=Patience(lock_seconds=60, wait_seconds=0.5))
    library.ask()
    library.store.add("boots", "How do I return boots? Bring boots back unworn.")
    [key] = library.cache.kept
    library.cache.lock(key, "slow", seconds=60)
    searches: list[object] = []
    search = library.store.search

    def counted(query: object) -> list[Passage]:
        searches.append(query)
        return search(query)  # type: ignore[arg-type]

    library.store.search = counted  # type: ignore[method-assign]
    library.ask()
    assert len(searches) == 2


def test_what_one_keeps_in_between_is_found_by_the_one_who_gets_the_lock(library: Library) -> None:
    """Between a look and the lock another may have kept an answer and let go."""
    library.ask()
    [(key, (kept, _))] = library.cache.kept.items()
    library.cache.forget(key)
    lock = library.cache.lock

    def late(_: str, token: str, *, seconds: float) -> bool:
        library.cache.keep(key, kept, seconds=60, token="")
        return lock(key, token, seconds=seconds)

    library.cache.lock = late  # type: ignore[method-assign,assignment]
    assert library.ask().cached
    assert library.cache.locks == {}


def at_once(library: Library, many: int) -> list[Outcome]:
    outcomes: list[Outcome] = []
    threads = [threading.Thread(target=lambda: outcomes.append(library.ask())) for _ in range(many)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return outcomes


def test_kept_tells_no_question(library: Library) -> None:
    library.ask()
    [(key, (kept, _))] = library.cache.kept.items()
    assert isinstance(kept, Kept)
    assert "boots" not in key
