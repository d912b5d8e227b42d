"""One question that many ask at once is answered once."""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TypeVar

from knowledge.documents import CacheKey, Outcome
from knowledge.errors import RedisUnavailable
from knowledge.ports import AnswerCache, Kept

_FIRST_PAUSE, _LONGEST_PAUSE = 0.01, 0.1
T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a lock outlives its holder, and how long others wait for one who works."""

    lock_seconds: float = 3.0
    wait_seconds: float = 5.0

    def pauses(self) -> Iterator[float]:
        """Growing pauses, until one has waited long enough; at least one."""
        pause, deadline = _FIRST_PAUSE, time.monotonic() + self.wait_seconds
        while True:
            yield pause
            if time.monotonic() >= deadline:
                return
            pause = min(pause * 1.5, _LONGEST_PAUSE)


class Flight:
    """One call's way to an answer: found, or made while others wait for it.

    Once the cache has failed it is asked nothing more, so that a call waits for one time-out.
    """

    def __init__(self, cache: AnswerCache, key: CacheKey, patience: Patience) -> None:
        self._cache = cache
        self._key = key
        self._patience = patience
        self._token = secrets.token_hex(8)
        self._holds = False
        self.reached = True

    def board(self, served: Callable[[Kept], Outcome | None]) -> Outcome | None:
        """What `served` makes of what is remembered; None where this call has to make an answer.

        Then it holds the lock, or has waited long enough for who does, or the cache is away.
        """
        try:
            return self._awaited(served)
        except RedisUnavailable as error:
            self._failed(error)
            return None

    @contextmanager
    def working(self) -> Iterator[None]:
        """Keep the lock, if we hold it, for as long as the work takes; then let go of it."""
        done = threading.Event()
        if self._holds:
            threading.Thread(target=self._renew, args=(done,), name="renew", daemon=True).start()
        try:
            yield
        finally:
            done.set()
            self._unlock()

    def land(self, kept: Kept, *, seconds: float) -> None:
        """Remember an answer; those who wait for it find it."""
        if not self.reached:
            return
        try:
            self._cache.keep(self._key, kept, seconds=seconds, token=self._token)
        except RedisUnavailable as error:
            self._failed(error)
        else:
            self._holds = False

    def restamp(self, before: Kept, after: Kept) -> None:
        """Put one in place of the other."""
        self.tell(lambda cache: cache.restamp(self._key, before, after))

    def tell(self, command: Callable[[AnswerCache], T]) -> T | None:
        """Ask something of the cache that may as well not be done; None where it was not."""
        if not self.reached:
            return None
        try:
            return command(self._cache)
        except RedisUnavailable as error:
            self._failed(error)
            return None

    def _awaited(self, served: Callable[[Kept], Outcome | None]) -> Outcome | None:
        refused: Kept | None = None
        for pause in self._patience.pauses():
            kept = self._cache.look(self._key)
            if kept is not None and not _same(kept, refused):
                if (outcome := served(kept)) is not None:
                    self._unlock()
                    return outcome
                refused = kept
            if self._holds:
                return None
            lasts = self._patience.lock_seconds
            self._holds = self._cache.lock(self._key, self._token, seconds=lasts)
            if not self._holds:  # else look again at once: it may have been kept just before
                time.sleep(pause)
        return None

    def _renew(self, done: threading.Event) -> None:
        lasts = self._patience.lock_seconds
        while not done.wait(lasts / 3):
            with suppress(RedisUnavailable):
                if not self._cache.renew(self._key, self._token, seconds=lasts):
                    return

    def _unlock(self) -> None:
        if self._holds:
            self._holds = False
            self.tell(lambda cache: cache.unlock(self._key, self._token))

    def _failed(self, error: RedisUnavailable) -> None:
        self.reached = False
        _log.info("no cache for this question: %s", error)


def _same(one: Kept, other: Kept | None) -> bool:
    """Whether a second look would come to the same: what is compared is the same."""
    if other is None:
        return False
    return (one.epoch, one.reading, one.versions) == (other.epoch, other.reading, other.versions)
