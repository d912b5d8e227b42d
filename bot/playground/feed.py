"""What the page hears: a bounded record of changes, read by cursor."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.playground.config import Json

_KEPT = 2000


@dataclass(slots=True)
class Feed:
    """Numbers and keeps the latest changes and wakes those who wait for more.

    The first number is the start time in milliseconds, so that a cursor of an earlier run of
    the playground is recognised as too old. Used from the event loop only.
    """

    start: int
    closing: bool = False
    _kept: deque[tuple[int, Json]] = field(default_factory=lambda: deque(maxlen=_KEPT))
    _waiting: set[asyncio.Event] = field(default_factory=set)
    _cursor: int = 0

    @property
    def cursor(self) -> int:
        """The number of the latest change."""
        return self._cursor or self.start

    def publish(self, kind: str, **fields: object) -> None:
        """Add a change and wake every reader."""
        self._cursor = self.cursor + 1
        self._kept.append((self._cursor, {"kind": kind, **fields}))
        self._wake()

    def since(self, cursor: int) -> list[tuple[int, Json]]:
        """Return the changes after `cursor`, or one `reload` if they are no longer known."""
        oldest = self._kept[0][0] - 1 if self._kept else self.cursor
        if not oldest <= cursor <= self.cursor:
            return [(self.cursor, {"kind": "reload"})]
        return [change for change in self._kept if change[0] > cursor]

    async def wait(self, cursor: int, *, seconds: float) -> None:
        """Return when there is something after `cursor`, at closing, or after `seconds`."""
        if self.closing or cursor != self.cursor:
            return
        news = asyncio.Event()
        self._waiting.add(news)
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            pass
        finally:
            self._waiting.discard(news)

    def close(self) -> None:
        """End every reader's wait, now and later."""
        self.closing = True
        self._wake()

    def _wake(self) -> None:
        for news in self._waiting:
            news.set()
