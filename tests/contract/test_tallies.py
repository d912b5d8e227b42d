"""What may be lost, over the Redis in process, a server and a cluster."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from fakes import FakeClock
from redis_servers import redis_server

from bot.messages import ChannelId
from bot.ports import Tally
from bot.tallies import BURST, RedisPace, RedisTallies
from knowledge.adapters.redis_engine import MOST_FAILURES, RedisEngine
from knowledge.errors import RedisUnavailable

if TYPE_CHECKING:
    from pathlib import Path

TODAY, TOMORROW = "2026-11-24", "2026-11-25"
CHANNEL = ChannelId("C1")


@pytest.fixture
def tallies(redis_engine: RedisEngine) -> RedisTallies:
    return RedisTallies(redis_engine)


def test_a_message_is_counted_once(tallies: RedisTallies) -> None:
    counted = [tallies.count(TODAY, "T1:U1", once=one).messages for one in ("a", "b", "b")]
    assert counted == [1, 2, 2]


def test_owners_and_days_are_counted_apart(tallies: RedisTallies) -> None:
    tallies.count(TODAY, "T1:U1", once="a")
    tallies.charge(TODAY, "T1:U1", tokens=70, money=9)
    assert tallies.count(TODAY, "T1:U2", once="a") == Tally(messages=1)
    assert tallies.count(TOMORROW, "T1:U1", once="a") == Tally(messages=1)
    assert tallies.count(TODAY, "T1:U1", once="a") == Tally(messages=1, tokens=70, money=9)


def test_posts_go_out_in_a_burst_and_then_one_by_one(redis_engine: RedisEngine) -> None:
    clock = FakeClock()
    paces = [RedisPace(redis_engine, a_second=0.5, now=clock) for _ in range(2)]
    assert [paces[n % 2].wait(CHANNEL) for n in range(BURST)] == [0.0] * BURST
    assert paces[0].wait(CHANNEL) == pytest.approx(2.0)
    assert paces[0].wait(ChannelId("C2")) == 0.0
    clock.advance(2.0)
    assert [paces[1].wait(CHANNEL), paces[0].wait(CHANNEL)] == pytest.approx([0.0, 2.0])


def test_no_limit_asks_nobody() -> None:
    nobody = RedisEngine(None)
    assert RedisPace(nobody, a_second=0).wait(CHANNEL) == 0.0


def test_a_redis_that_is_killed_costs_a_moment_and_is_found_again(tmp_path: Path) -> None:
    with redis_server(tmp_path) as server:
        tallies = RedisTallies(RedisEngine(server.url, rest_seconds=0.5))
        tallies.count(TODAY, "T1:U1", once="a")
        server.kill()
        took = []
        for _ in range(MOST_FAILURES + 3):
            began = time.perf_counter()
            with pytest.raises(RedisUnavailable):
                tallies.count(TODAY, "T1:U1", once="b")
            took.append(time.perf_counter() - began)
        assert max(took) < 0.4
        assert max(took[MOST_FAILURES:]) < 0.05
        server.start()
        time.sleep(0.6)
        assert tallies.count(TODAY, "T1:U1", once="c").messages == 1
