"""How fast an app may post: a token bucket per channel."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.playground.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

_TOO_MANY_REQUESTS = 429


@dataclass(slots=True)
class RateLimit:
    """Allows `burst` calls at once, then one per `interval` seconds; interval 0 allows all."""

    interval: float
    burst: int
    clock: Callable[[], float]
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def spend(self, channel: str) -> None:
        """Take one token.

        Raises:
            ApiError: `ratelimited`, status 429, with Retry-After in whole seconds.
        """
        if self.interval <= 0:
            return
        now = self.clock()
        tokens, then = self._buckets.get(channel, (float(self.burst), now))
        tokens = min(float(self.burst), tokens + (now - then) / self.interval)
        if tokens < 1:
            wait = math.ceil((1 - tokens) * self.interval)
            headers = {"Retry-After": str(max(1, wait))}
            raise ApiError("ratelimited", status=_TOO_MANY_REQUESTS, headers=headers)
        self._buckets[channel] = (tokens - 1, now)
