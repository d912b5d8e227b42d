"""Messages acknowledged and answers delivered in a second, by number of workers and database.

All messages are posted at once to `serve`; the workers, processes with two threads each, start
when the first of them is running already and have all of it before them.
"""

import asyncio
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from benchmarks import events, wire
from benchmarks.databases import database, engines
from benchmarks.desks import SERVE, SUPPORTBOT, environment, running
from benchmarks.figures import Report, Row
from benchmarks.slack_api import SlackApi

WORKERS = (1, 2, 4)
CONNECTIONS = 16
LONGEST_SECONDS = 300.0
MESSAGES, QUICK_MESSAGES = 240, 120  # no question twice: it would be remembered


class Arrivals:
    """Counts replies, and tells when all have come."""

    def __init__(self, awaited: int) -> None:
        self._awaited = awaited
        self._arrived = 0
        self._lock = threading.Lock()
        self.first = self.last = 0.0
        self.all = threading.Event()

    def __call__(self, method: str, arguments: Mapping[str, Any], arrived: float) -> None:
        """Take note of a reply; posts for people in the triage channel are none."""
        if method != "chat.postMessage" or arguments.get("channel") == "C0TRIAGE":
            return
        with self._lock:
            self._arrived += 1
            self.first, self.last = self.first or arrived, arrived
            if self._arrived >= self._awaited:
                self.all.set()


def measure(*, quick: bool) -> list[Report]:
    """Both rates, for each engine that answers."""
    messages = QUICK_MESSAGES if quick else MESSAGES
    acknowledged: list[Row] = []
    answered: list[Row] = []
    for engine in engines():
        first: Row | None = None
        for workers in WORKERS:
            kept, replied = _rates(engine, workers, messages)
            name = f"{engine}, {workers} worker{'s' if workers > 1 else ''}"
            acknowledged.append(Row(f"{engine}, {workers} at work beside", [kept]))
            row = Row(name, [replied], first)
            first = first or row
            answered.append(row)
    note = f"{messages} questions at once, extractive answers; all processes share the cores"
    return [
        Report("Acknowledged while workers answer", "messages/s", acknowledged),
        Report("Answered", "replies/s", answered, notes=[note]),
    ]


def _rates(engine: str, workers: int, messages: int) -> tuple[float, float]:
    """Acknowledged and answered messages in a second."""
    arrivals = Arrivals(messages)
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(database(engine, home))
        slack = stack.enter_context(SlackApi(on_call=arrivals))
        env = {"DATABASE_URL": url} if engine != "SQLite" else {}
        desk = stack.enter_context(running(SERVE, home=home, slack_api=slack.url, env=env))
        for _ in range(workers):
            stack.enter_context(_worker(home, {**environment(home, slack.url), **env}))
        acknowledged = asyncio.run(_posted(desk.port, messages))
        if not arrivals.all.wait(LONGEST_SECONDS):
            raise TimeoutError(f"not all replies within {LONGEST_SECONDS:.0f} s")
    return acknowledged, (messages - 1) / (arrivals.last - arrivals.first)


async def _posted(port: int, messages: int) -> float:
    asked = events.questions(messages)
    bodies = [
        events.mention(question, f"{1_770_000_000 + n}.000100") for n, question in enumerate(asked)
    ]
    async with wire.Pool("127.0.0.1", port, size=CONNECTIONS) as pool:
        began = time.perf_counter()
        posts = [pool.post(events.PATH, events.signed(body), body) for body in bodies]
        await asyncio.gather(*posts)
        return messages / (time.perf_counter() - began)


@contextmanager
def _worker(home: Path, env: Mapping[str, str]) -> Iterator[None]:
    command = [*SUPPORTBOT, "worker"]
    with (home / "worker.log").open("a+") as log:
        began = log.seek(0, 2)
        worker = subprocess.Popen(command, cwd=home, env=env, stdout=log, stderr=log)
        try:
            while "Worker started" not in (home / "worker.log").read_text()[began:]:
                if worker.poll() is not None:
                    raise RuntimeError((home / "worker.log").read_text())
                time.sleep(0.05)
            yield
        finally:
            worker.terminate()
            worker.wait()
