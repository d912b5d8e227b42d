"""Leases of the messages at work, renewed for as long as somebody works on them.

A lease is short, so that the messages of a worker that died are soon free; what takes longer keeps
its lease by this. A step that hangs loses it after all: `LONGEST_SECONDS` is the end.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import structlog

from bot.ports import Claimed, Inbox

LONGEST_SECONDS = 300.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Held:
    claimed: Claimed
    since: float
    renewed: float


class Leases:
    """What this process has in hand; `step` renews what is due, from a thread of its own."""

    def __init__(
        self, inbox: Inbox, *, every_seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._inbox = inbox
        self._every = every_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}

    @contextmanager
    def holding(self, claimed: Claimed) -> Iterator[None]:
        """Keep the lease of a message for as long as this lasts."""
        now = self._clock()
        with self._lock:
            self._held[claimed.token] = _Held(claimed, since=now, renewed=now)
        try:
            yield
        finally:
            with self._lock:
                del self._held[claimed.token]

    def step(self) -> bool:
        """Renew what is due; always False: there is nothing to hurry for.

        Raises:
            BooksUnavailable: nothing was renewed; the next step tries again.
        """
        for held in self._due():
            if not self._inbox.renew(held.claimed):
                _log.info("lease lost", reference=held.claimed.reference)
            with self._lock:
                if held.claimed.token in self._held:
                    self._held[held.claimed.token] = replace(held, renewed=self._clock())
        return False

    def _due(self) -> list[_Held]:
        now = self._clock()
        with self._lock:
            return [
                held
                for held in self._held.values()
                if now - held.renewed >= self._every and now - held.since <= LONGEST_SECONDS
            ]
