"""Messages acknowledged and answers delivered in a second, by number of workers and database.

All messages are posted at once to `serve`, whose workers are processes with two threads each. A
worker that has just started has to encode the sentences of every article that it quotes for the
first time, so the first round tells of a deploy, and the last of the hours after it.
"""

import asyncio
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
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
MESSAGES, QUICK_MESSAGES = 240, 120


class Arrivals:
    """Counts replies, and tells how fast they came."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.expect(0)

    def expect(self, awaited: int) -> None:
        """Begin to count so many."""
        with self._lock:
            self._awaited, self._arrived = awaited, 0
            self._first = self._last = 0.0
            self._all = threading.Event()

    def __call__(self, method: str, arguments: Mapping[str, Any], arrived: float) -> None:
        """Take note of a reply; posts for people in the triage channel are none."""
        if method != "chat.postMessage" or arguments.get("channel") == "C0TRIAGE":
            return
        with self._lock:
            self._arrived += 1
            self._first, self._last = self._first or arrived, arrived
            if self._arrived >= self._awaited:
                self._all.set()

    def rate(self) -> float:
        """Replies a second, once all have come.

        Raises:
            TimeoutError: they have not.
        """
        if not self._all.wait(LONGEST_SECONDS):
            raise TimeoutError(f"{self._arrived} of {self._awaited} replies came in time")
        return (self._awaited - 1) / (self._last - self._first)


def measure(*, quick: bool) -> list[Report]:
    """All rates, for each engine that answers."""
    messages = QUICK_MESSAGES if quick else MESSAGES
    reports: dict[str, list[Row]] = {
        "Acknowledged while workers answer": [],
        "Answered by workers that have just started": [],
        "Answered by workers that know the articles": [],
    }
    for engine in engines():
        firsts: dict[str, Row] = {}
        for workers in WORKERS:
            name = f"{engine}, {workers} worker{'s' if workers > 1 else ''}"
            rates = _rates(engine, workers, messages)
            for title, rate in zip(reports, rates, strict=True):
                row = Row(name, [rate], firsts.get(title))
                firsts.setdefault(title, row)
                reports[title].append(row)
    note = (
        f"{messages} questions at once, each about an order, so that none is answered from the "
        "cache; extractive answers; all processes share the cores"
    )
    return [Report(title, "a second", rows, notes=[note]) for title, rows in reports.items()]


def _rates(engine: str, workers: int, messages: int) -> tuple[float, float, float]:
    """Acknowledged in a second; answered in the first and in the last of `workers` + 1 rounds."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(database(engine, home))
        arrivals = Arrivals()
        slack = stack.enter_context(SlackApi(on_call=arrivals))
        env = {"DATABASE_URL": url} if engine != "SQLite" else {}
        desk = stack.enter_context(running(SERVE, home=home, slack_api=slack.url, env=env))
        for _ in range(workers):
            stack.enter_context(_worker(home, {**environment(home, slack.url), **env}))
        rounds = []
        for number in range(workers + 1):
            arrivals.expect(messages)
            asked = _about_orders(messages, first=number * messages)
            acknowledged = asyncio.run(_posted(desk.port, asked, first=number * messages))
            rounds.append((acknowledged, arrivals.rate()))
    return rounds[-1][0], rounds[0][1], rounds[-1][1]


def _about_orders(messages: int, *, first: int) -> list[events.Question]:
    return [
        replace(asked, text=f"{asked.text} It is about order {100_000 + first + n}.")
        for n, asked in enumerate(events.questions(messages))
    ]


async def _posted(port: int, asked: Sequence[events.Question], *, first: int) -> float:
    bodies = [
        events.mention(question, f"{1_770_000_000 + first + n}.000100")
        for n, question in enumerate(asked)
    ]
    async with wire.Pool("127.0.0.1", port, size=CONNECTIONS) as pool:
        began = time.perf_counter()
        posts = [pool.post(events.PATH, events.signed(body), body) for body in bodies]
        await asyncio.gather(*posts)
        return len(bodies) / (time.perf_counter() - began)


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
