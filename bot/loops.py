"""Threads that work until they are stopped."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable

import structlog

from bot.errors import BooksUnavailable

_log = structlog.get_logger(__name__)


class Loops:
    """Threads that step until they are stopped; a bell wakes them, a poll is the fallback.

    Each kind of work has its own bell, and a ring wakes one thread: threads that look for work
    in vain take turns with those that write.
    """

    def __init__(self, *, poll_seconds: float = 0.5) -> None:
        self._poll = poll_seconds
        self._stop = threading.Event()
        self._bells: dict[str, _Bell] = defaultdict(_Bell)
        self._threads: list[threading.Thread] = []

    def ring(self, name: str) -> None:
        """There is something to do for one of the threads of that name."""
        self._bells[name].ring()

    def start(self, name: str, step: Callable[[], bool], *, threads: int) -> None:
        """Run a step in so many threads."""
        for n in range(threads):
            # A step that does not end in time is left to the next worker: its lease runs out.
            thread = threading.Thread(
                target=self._run, args=(step, self._bells[name]), name=f"{name}-{n}", daemon=True
            )
            self._threads.append(thread)
            thread.start()

    def stop(self, *, seconds: float = 20.0) -> bool:
        """Finish the step in hand and end; False when a thread did not end in time."""
        self._stop.set()
        for bell in self._bells.values():
            bell.ring_all()
        deadline = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        late = [thread.name for thread in self._threads if thread.is_alive()]
        if late:
            _log.warning("left unfinished", threads=late)
        return not late

    def _run(self, step: Callable[[], bool], bell: "_Bell") -> None:
        while not self._stop.is_set():
            heard = bell.rings
            try:
                busy = step()
            except BooksUnavailable as error:
                _log.error("the books are away", error=str(error))
                busy = False
            except Exception:  # noqa: BLE001  the loop outlives its step
                _log.exception("a worker's step failed")
                busy = False
            if not busy and not self._stop.is_set():
                bell.wait(heard, seconds=self._poll)


class _Bell:
    """Counts its rings, so that none between a look and a wait is missed."""

    def __init__(self) -> None:
        self.rings = 0
        self._condition = threading.Condition()

    def ring(self) -> None:
        with self._condition:
            self.rings += 1
            self._condition.notify()

    def ring_all(self) -> None:
        with self._condition:
            self.rings += 1
            self._condition.notify_all()

    def wait(self, heard: int, *, seconds: float) -> None:
        with self._condition:
            self._condition.wait_for(lambda: self.rings != heard, timeout=seconds)
