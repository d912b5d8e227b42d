"""`Tallies` and `Pace` in a Redis: what may be lost."""

import math
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from bot.messages import ChannelId
from bot.ports import Tally

if TYPE_CHECKING:  # half a second to import
    from knowledge.adapters.redis_engine import Client, RedisEngine

KEPT_SECONDS = 48 * 3600
BURST = 4
_COUNT = """
if redis.call('SADD', KEYS[2], ARGV[1]) == 1 then
  redis.call('HINCRBY', KEYS[1], 'messages', 1)
  redis.call('EXPIRE', KEYS[1], ARGV[2])
  redis.call('EXPIRE', KEYS[2], ARGV[2])
end
return redis.call('HMGET', KEYS[1], 'messages', 'tokens', 'money')
"""
# One key holds when the next post would be due if all were evenly spaced. While that lies no more
# than the burst ahead of now, a post may go out.
_PACE = """
local now, interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(tonumber(redis.call('GET', KEYS[1]) or '0'), now)
local wait = due - now - interval * (burst - 1)
if wait > 0 then return tostring(wait) end
local next_due = due + interval
redis.call('SET', KEYS[1], tostring(next_due), 'PX', math.ceil((next_due - now) * 1000) + 1000)
return '0'
"""


class RedisTallies:
    """For each day and owner a hash of what was used, and the set of what is counted in it."""

    def __init__(self, engine: "RedisEngine") -> None:
        self._engine = engine

    def count(self, day: str, owner: str, *, once: str) -> Tally:
        """One message more, unless `once` was counted before; what the owner has used."""
        used = _key(day, owner)
        keys = (used, f"{used}:seen")
        said = self._engine.run(lambda client: client.eval(_COUNT, 2, *keys, once, KEPT_SECONDS))
        messages, tokens, money = (int(value or 0) for value in said)
        return Tally(messages=messages, tokens=tokens, money=money)

    def charge(self, day: str, owner: str, *, tokens: int, money: int) -> None:
        """So much more was used."""

        def commands(client: "Client") -> None:
            client.hincrby(_key(day, owner), "tokens", tokens)
            client.hincrby(_key(day, owner), "money", money)
            client.expire(_key(day, owner), KEPT_SECONDS)

        self._engine.run(commands)


class RedisPace:
    """A token bucket for each channel, shared by all senders."""

    def __init__(
        self, engine: "RedisEngine", *, a_second: float, now: Callable[[], float] = time.time
    ) -> None:
        """`a_second` 0 lifts the limit."""
        self._engine = engine
        self._a_second = a_second
        self._now = now

    def wait(self, channel: ChannelId) -> float:
        """Seconds until a post may go to the channel; with 0 it has its token."""
        if self._a_second <= 0:
            return 0.0
        arguments = (str(self._now()), str(1 / self._a_second), str(BURST))
        key = f"supportbot:pace:{channel}"
        said = self._engine.run(lambda client: client.eval(_PACE, 1, key, *arguments))
        seconds = float(said)
        return seconds if math.isfinite(seconds) else 0.0


def _key(day: str, owner: str) -> str:
    """The braces keep what belongs together in one slot of a cluster."""
    return f"supportbot:used:{{{day}:{owner}}}"
