"""What every answer cache does: in process, on a server, in a cluster, and the fake."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest
from contract.redises import a_cluster, a_process, a_server, dying
from fakes import FakeAnswerCache, an_abstention, an_answer

from knowledge.adapters.kept_json import dumped
from knowledge.adapters.redis import MOST_IN_PROCESS, RedisAnswers
from knowledge.adapters.redis_engine import TIMEOUT_SECONDS, RedisEngine
from knowledge.documents import ArticleId, CacheKey, Encoding
from knowledge.errors import RedisUnavailable
from knowledge.metering import NOTHING, Usage
from knowledge.ports import Alike, AnswerCache, Checks, Kept, Lookup

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY, OTHER = CacheKey("a" * 64), CacheKey("b" * 64)
ANSWER = Kept(an_answer(), {ArticleId("returns"): "v1"}, "epoch 1", "reading 1")
ABSTENTION = Kept(an_abstention(), {}, "epoch 1", "reading 2")


class Opened(NamedTuple):
    """A cache, and the Redis that it is in."""

    cache: AnswerCache
    engine: RedisEngine | None


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(None, id="fake"),
        pytest.param(a_process, id="process"),
        pytest.param(a_server, id="server", marks=pytest.mark.engine),
        pytest.param(a_cluster, id="cluster", marks=pytest.mark.engine),
    ],
)
def engine(request: pytest.FixtureRequest) -> Iterator[RedisEngine | None]:
    if request.param is None:
        yield None
        return
    with request.param() as engine:
        yield engine


@pytest.fixture
def opened(engine: RedisEngine | None) -> Iterator[Opened]:
    if engine is None:
        yield Opened(FakeAnswerCache(), None)
        return
    cache = RedisAnswers(engine, tenant=f"test-{uuid.uuid4().hex[:12]}")
    yield Opened(cache, engine)
    cache.clear()


@pytest.fixture
def cache(opened: Opened) -> AnswerCache:
    return opened.cache


def keep(cache: AnswerCache, kept: Kept = ANSWER, *, key: CacheKey = KEY, **how: object) -> None:
    cache.keep(key, kept, **{"seconds": 60.0, "token": "", **how})  # type: ignore[arg-type]


def looked(cache: AnswerCache, key: CacheKey = KEY) -> str | None:
    kept = cache.look(key)
    return dumped(kept) if kept else None


def test_nothing_is_known_at_first(cache: AnswerCache) -> None:
    assert cache.look(KEY) is None
    assert not cache.forget(KEY)
    assert not cache.restamp(KEY, ANSWER, ANSWER)
    assert cache.clear() == 0


@pytest.mark.parametrize("kept", [ANSWER, ABSTENTION], ids=["answer", "abstention"])
def test_what_is_kept_comes_back(cache: AnswerCache, kept: Kept) -> None:
    keep(cache, kept)
    assert looked(cache) == dumped(kept)
    assert cache.look(OTHER) is None
    assert cache.forget(KEY)
    assert cache.look(KEY) is None


def test_it_ends_by_itself(cache: AnswerCache) -> None:
    keep(cache, seconds=0.05)
    time.sleep(0.1)
    assert cache.look(KEY) is None


def test_a_restamp_takes_the_place_of_what_it_was_made_from_and_of_nothing_else(
    cache: AnswerCache,
) -> None:
    newer = replace(ANSWER, epoch="epoch 2")
    keep(cache, seconds=0.4)
    assert cache.restamp(KEY, ANSWER, newer)
    assert looked(cache) == dumped(newer)
    assert not cache.restamp(KEY, ANSWER, ANSWER)
    assert looked(cache) == dumped(newer)
    time.sleep(0.5)
    assert cache.look(KEY) is None, "the time that was left stays"


def test_one_has_the_lock_until_it_lets_go(cache: AnswerCache) -> None:
    assert cache.lock(KEY, "one", seconds=60)
    assert not cache.lock(KEY, "two", seconds=60)
    assert cache.lock(OTHER, "two", seconds=60)
    cache.unlock(KEY, "two")
    assert not cache.lock(KEY, "two", seconds=60)
    cache.unlock(KEY, "one")
    assert cache.lock(KEY, "two", seconds=60)


def test_a_lock_ends_unless_its_holder_renews_it(cache: AnswerCache) -> None:
    assert cache.lock(KEY, "one", seconds=0.2)
    assert cache.renew(KEY, "one", seconds=60)
    assert not cache.renew(KEY, "two", seconds=60)
    time.sleep(0.3)
    assert not cache.lock(KEY, "two", seconds=60)
    assert cache.renew(KEY, "one", seconds=0.05)
    time.sleep(0.1)
    assert cache.lock(KEY, "two", seconds=60)
    assert not cache.renew(KEY, "one", seconds=60)


def test_whoever_keeps_lets_go_of_its_own_lock_alone(cache: AnswerCache) -> None:
    assert cache.lock(KEY, "one", seconds=60)
    keep(cache, token="two")  # noqa: S106  names a holder
    assert not cache.lock(KEY, "two", seconds=60)
    keep(cache, token="one")  # noqa: S106
    assert cache.lock(KEY, "two", seconds=60)


def test_stats_tell_what_is_there_and_clear_takes_all_of_it(cache: AnswerCache) -> None:
    for n in range(250):
        keep(cache, key=CacheKey(f"{n:064}"))
    keep(cache, ABSTENTION)
    cache.count(Lookup.HIT, Usage(700, 40))
    cache.count(Lookup.HIT, Usage(500))
    cache.count(Lookup.MISS, NOTHING)
    found = cache.stats()
    assert found.saved == Usage(1200, 40)
    assert (found.answers, found.abstentions, found.unreadable) == (250, 1, 0)
    assert (found.lookups[Lookup.HIT], found.lookups[Lookup.MISS]) == (2, 1)
    assert found.lookups[Lookup.NEGATIVE] == 0
    assert cache.clear() == 251
    assert cache.look(KEY) is None
    assert not any(cache.stats().lookups.values())
    assert cache.stats().saved == NOTHING


def test_a_question_is_found_by_the_name_of_all_that_are_alike(cache: AnswerCache) -> None:
    tokens = np.arange(-64, 64, dtype=np.int8).reshape(2, 64)
    alike = Alike(KEY, Encoding(np.linspace(0, 1, 384, dtype=np.float32), tokens))
    assert cache.look_alike(OTHER) is None
    cache.keep_alike(OTHER, alike, seconds=60)
    found = cache.look_alike(OTHER)
    assert found
    assert found.key == KEY
    assert np.array_equal(found.encoding.vector, alike.encoding.vector)
    assert np.array_equal(found.encoding.tokens, tokens)
    assert cache.stats().answers == 0
    cache.clear()
    assert cache.look_alike(OTHER) is None


def test_checks_are_counted_for_each_scope_until_all_is_cleared(cache: AnswerCache) -> None:
    assert cache.checks("one") == Checks()
    assert cache.check("one", right=True) == Checks(1, 0)
    assert cache.check("one", right=False) == Checks(1, 1)
    assert cache.check("two:b", right=True) == Checks(1, 0)
    assert cache.checks("one") == Checks(1, 1)
    assert cache.stats().checks == {"one": Checks(1, 1), "two:b": Checks(1, 0)}
    cache.clear()
    assert cache.checks("one") == Checks()


def test_only_one_of_many_gets_the_lock(cache: AnswerCache) -> None:
    got = []

    def take(n: int) -> None:
        if cache.lock(KEY, str(n), seconds=60):
            got.append(n)

    threads = [threading.Thread(target=take, args=(n,)) for n in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(got) == 1


@pytest.mark.parametrize("value", [b"", b"{}", b"\x80\x04K\x01.", b"[1]", b'{"layout":1}', b"null"])
def test_a_value_that_cannot_be_read_is_none(opened: Opened, value: bytes) -> None:
    cache, engine = opened
    if engine is None or not isinstance(cache, RedisAnswers):
        pytest.skip("the fake keeps no text")
    engine.run(lambda redis: redis.set(cache._kept(KEY), value))
    assert cache.look(KEY) is None
    assert cache.stats().unreadable == 1
    keep(cache)
    assert looked(cache) == dumped(ANSWER)


def test_another_workspace_sees_and_clears_nothing_of_ours(opened: Opened) -> None:
    cache, engine = opened
    if engine is None:
        pytest.skip("the fake is of one workspace")
    other = RedisAnswers(engine, tenant=f"test-{uuid.uuid4().hex[:12]}")
    keep(cache)
    assert other.look(KEY) is None
    assert other.clear() == 0
    assert cache.stats().answers == 1


def test_keys_of_one_answer_share_a_slot(opened: Opened) -> None:
    cache, engine = opened
    if engine is None or not isinstance(cache, RedisAnswers):
        pytest.skip("the fake has no keys")
    keep(cache)
    cache.lock(KEY, "one", seconds=60)
    names = engine.run(lambda redis: list(redis.scan_iter(match=f"{cache._prefix}*")))
    assert {one.partition(b"{")[2].partition(b"}")[0] for one in names} == {KEY.encode()}


def test_the_process_keeps_no_more_than_it_may() -> None:
    with a_process() as engine:
        cache = RedisAnswers(engine)
        for n in range(MOST_IN_PROCESS + 20):
            engine.run(lambda redis, n=n: redis.set(cache._kept(CacheKey(str(n))), b"x"))
        for n in range(100):
            keep(cache, key=CacheKey(f"{n:064}"))
        assert engine.run(lambda redis: redis.dbsize()) <= MOST_IN_PROCESS + 21


@pytest.mark.engine
def test_a_redis_that_is_killed_costs_little_and_is_found_again() -> None:
    with dying() as (engine, server):
        cache = RedisAnswers(engine)
        keep(cache)
        server.kill()
        for _ in range(5):
            began = time.perf_counter()
            with pytest.raises(RedisUnavailable):
                cache.look(KEY)
            assert time.perf_counter() - began < TIMEOUT_SECONDS + 0.1


@pytest.mark.engine
def test_a_redis_that_hangs_is_left_alone_after_a_few_timeouts() -> None:
    with dying() as (engine, server):
        cache = RedisAnswers(engine)
        keep(cache)
        server.stop()
        took = []
        for _ in range(6):
            began = time.perf_counter()
            with pytest.raises(RedisUnavailable):
                cache.look(KEY)
            took.append(time.perf_counter() - began)
        assert max(took) < TIMEOUT_SECONDS + 0.1
        assert max(took[3:]) < 0.05
