"""Answers from a cache while articles change, and while the Redis behind it dies."""

from __future__ import annotations

import threading
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from contract.redises import a_cluster, a_process, a_server, dying
from fakes import FakeEmbedder, FakeGenerator, FakeStore

from knowledge.adapters.redis import RedisAnswers
from knowledge.adapters.redis_engine import TIMEOUT_SECONDS
from knowledge.adapters.sqlite import SqliteStore
from knowledge.answerable import FEATURES, Weights
from knowledge.answering import Answerer, Judge
from knowledge.cache_keys import CacheKeys, Makers
from knowledge.caching import CachedAnswerer
from knowledge.documents import Answer, ArticleId, Audience
from knowledge.ports import Lookup
from knowledge.retrieval import RetrievalRules, Retriever
from knowledge.sentence_vectors import SentenceVectors

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from knowledge.adapters.redis_engine import RedisEngine
    from knowledge.ports import PassageStore

READERS, UPDATES_A_SECOND, SECONDS = 12, 20, 2.5
THINGS = ("boots", "tents", "stoves", "packs")
ZERO = np.zeros(len(FEATURES))
CONVINCED = Weights(ZERO, ZERO + 1, ZERO, bias=5.0, threshold=0.5)
MOST_EXTRA_SECONDS = 0.4


def about(thing: str, number: int) -> str:
    """Few words but its name, so that no number makes an article the nearest of another's."""
    return f"{thing.title()} {thing} {thing} {thing} within {number} days."


def asked(thing: str) -> str:
    return f"{thing} {thing} {thing}?"


def put(store: PassageStore, thing: str, number: int) -> None:
    """An article that says of a thing how many days one has, and nothing of the other things."""
    made = FakeStore()
    made.add(thing, about(thing, number))
    [(article, parts, version)] = made.kept.values()
    store.replace(article, parts, version=version)


def desk(
    store: PassageStore, engine: RedisEngine, lookups: list[Lookup], generator: FakeGenerator
) -> CachedAnswerer:
    """One process of a desk: its own objects, over a store and a Redis that others share."""
    embedder = FakeEmbedder()
    vectors = SentenceVectors(embedder)
    rules = RetrievalRules(alpha=1.0, passages=1, minimum_cosine=0.1)
    return CachedAnswerer(
        Answerer(
            retriever=Retriever(store=store, embedder=embedder, rules=rules),
            judge=Judge(CONVINCED, vectors),
            generator=generator,
            vectors=vectors,
        ),
        store=store,
        cache=RedisAnswers(engine, tenant=f"test-{uuid.uuid4().hex[:12]}"),
        keys=CacheKeys(Makers("fake", "one"), secret=lambda: "secret"),
        on_lookup=lambda lookup, _: lookups.append(lookup),
    )


@dataclass
class Newsroom:
    """What each article said last, known before it is asked for: the truth to compare with."""

    store: PassageStore
    current: dict[str, int] = field(default_factory=dict)
    stale: list[str] = field(default_factory=list)
    answers: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def publish(self) -> None:
        for n in range(int(SECONDS * UPDATES_A_SECOND)):
            thing = THINGS[n % len(THINGS)]
            put(self.store, thing, n + 100)
            self.current[thing] = n + 100
            time.sleep(1 / UPDATES_A_SECOND)
        self.over.set()

    def read(self, answerer: CachedAnswerer, n: int) -> None:
        while not self.over.is_set():
            thing = THINGS[n % len(THINGS)]
            n += 1
            known = self.current[thing]
            outcome = answerer.answer(asked(thing), audience=Audience.PUBLIC)
            assert isinstance(outcome, Answer)
            assert outcome.text.startswith(thing.title())
            said = int(outcome.text.split("within ")[1].split()[0])
            self.answers += 1
            if said < known:
                self.stale.append(f"{thing}: {said} where {known} had been published")


@contextmanager
def shelf(folder: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(folder / "knowledge.sqlite", encoder="fake-1")
    yield store
    store.close()


@pytest.mark.parametrize(
    "redis",
    [
        pytest.param(a_process, id="process"),
        pytest.param(a_server, id="server", marks=pytest.mark.engine),
        pytest.param(a_cluster, id="cluster", marks=pytest.mark.engine),
    ],
)
def test_twelve_readers_see_nothing_stale_under_twenty_updates_a_second(
    tmp_path: Path, redis: object
) -> None:
    lookups: list[Lookup] = []
    with redis() as engine, shelf(tmp_path) as store:  # type: ignore[operator]
        newsroom = Newsroom(store)
        for thing in THINGS:
            put(store, thing, 10)
            newsroom.current[thing] = 10
        answerer = desk(store, engine, lookups, FakeGenerator())
        threads = [
            threading.Thread(target=newsroom.read, args=(answerer, n)) for n in range(READERS)
        ]
        for one in threads:
            one.start()
        newsroom.publish()
        for one in threads:
            one.join()
        answerer._cache.clear()
    assert newsroom.stale == []
    assert newsroom.answers > 200
    served = sum(one in {Lookup.HIT, Lookup.REVALIDATED} for one in lookups)
    assert served > newsroom.answers / 4


@pytest.mark.engine
@pytest.mark.parametrize("fault", ["kill", "stop"])
def test_answers_go_on_while_the_redis_dies(tmp_path: Path, fault: str) -> None:
    lookups: list[Lookup] = []
    with dying() as (engine, server), shelf(tmp_path) as store:
        for thing in THINGS:
            put(store, thing, 10)
        answerer = desk(store, engine, lookups, FakeGenerator())
        took: list[float] = []
        for n in range(60):
            if n == 20:
                getattr(server, fault)()
            began = time.perf_counter()
            outcome = answerer.answer(asked(THINGS[n % 4]), audience=Audience.PUBLIC)
            took.append(time.perf_counter() - began)
            assert isinstance(outcome, Answer)
    assert max(took[20:]) < MOST_EXTRA_SECONDS + max(took[:20])
    assert sum(one > TIMEOUT_SECONDS for one in took[20:]) <= 5, "the breaker leaves it alone"
    assert lookups[-1] is Lookup.UNAVAILABLE


@pytest.mark.engine
def test_a_redis_that_dies_while_an_answer_is_written_costs_one_timeout(tmp_path: Path) -> None:
    lookups: list[Lookup] = []
    with dying() as (engine, server), shelf(tmp_path) as store:
        put(store, "boots", 10)
        answerer = desk(store, engine, lookups, FakeGenerator(before=server.stop))
        engine.answers()
        began = time.perf_counter()
        outcome = answerer.answer(asked("boots"), audience=Audience.PUBLIC)
        assert time.perf_counter() - began < MOST_EXTRA_SECONDS + 0.2
    assert isinstance(outcome, Answer)


def test_two_processes_share_answers_over_copies_of_one_index(tmp_path: Path) -> None:
    lookups: list[Lookup] = []
    with a_process() as engine, shelf(tmp_path / "one") as one, shelf(tmp_path / "two") as two:
        for store in (one, two):
            for thing in THINGS:
                put(store, thing, 10)
        first = desk(one, engine, lookups, FakeGenerator())
        second = desk(two, engine, lookups, FakeGenerator())
        second._cache = first._cache
        first.answer(asked("boots"), audience=Audience.PUBLIC)
        second.answer(asked("boots"), audience=Audience.PUBLIC)
        put(two, "boots", 11)
        anew = second.answer(asked("boots"), audience=Audience.PUBLIC)
    assert lookups == [Lookup.MISS, Lookup.HIT, Lookup.MISS]
    assert isinstance(anew, Answer)
    assert "11" in anew.text


def test_an_article_for_staff_is_never_served_to_the_public(tmp_path: Path) -> None:
    lookups: list[Lookup] = []
    with a_process() as engine, shelf(tmp_path) as store:
        put(store, "boots", 10)
        answerer = desk(store, engine, lookups, FakeGenerator())
        question = asked("boots")
        assert isinstance(answerer.answer(question, audience=Audience.PUBLIC), Answer)
        made = FakeStore()
        made.add("boots", about("boots", 10))
        [(article, parts, version)] = made.kept.values()
        store.replace(
            replace(article, audience=Audience.INTERNAL, id=ArticleId("boots")),
            parts,
            version=version,
        )
        assert not isinstance(answerer.answer(question, audience=Audience.PUBLIC), Answer)
        assert isinstance(answerer.answer(question, audience=Audience.INTERNAL), Answer)
    assert lookups == [Lookup.MISS] * 3
