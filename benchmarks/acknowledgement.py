"""How long Slack waits for its 200 while the workers answer what came before.

The load is an open loop: an event is due whether or not the last one was acknowledged, and its
wait counts from when it was due, so a stall is paid by everybody who stands behind it.
"""

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks import events, wire
from benchmarks.desks import FORGETFUL, RUN, SERVE, running
from benchmarks.figures import Report, Row
from benchmarks.slack_api import SlackApi

PER_SECOND = 100
CONNECTIONS = 32
AIM_MS, AIM_MB = 100, 400
_OK = 200


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """One event: how long it waited, how late we were to send it, and what the desk said."""

    waited_ms: float
    sent_late_ms: float
    status: int


@dataclass(frozen=True, slots=True)
class Run:
    """One desk under load."""

    acknowledged: Sequence[Acknowledged]
    kept: int
    replies: int
    cores: float
    resident_mb: tuple[float, float]

    @property
    def waits(self) -> list[float]:
        """How long each event waited, in milliseconds."""
        return [one.waited_ms for one in self.acknowledged]

    @property
    def note(self) -> str:
        """What else happened in the run."""
        failed = sum(one.status != _OK for one in self.acknowledged)
        late = Row("late", [one.sent_late_ms for one in self.acknowledged]).percentile(99)
        return (
            f"{failed} failed, {self.kept} kept, {self.replies} replies, {self.cores:.1f} cores, "
            f"sent late by p99 {late:.1f}"
        )


def measure(*, quick: bool) -> list[Report]:
    """Acknowledgement and memory of three desks under the same load, one after the other."""
    seconds = 5 if quick else 20
    forgetful, serve, run = (
        asyncio.run(_under_load(command, seconds)) for command in (FORGETFUL, SERVE, RUN)
    )
    baseline = Row("same web server, nothing kept", forgetful.waits, note=forgetful.note)
    return [
        Report(
            f"Acknowledgement, {PER_SECOND} events/s for {seconds} s",
            "ms from due to 200",
            [
                baseline,
                Row("supportbot serve: kept", serve.waits, baseline, note=serve.note),
                Row(
                    "supportbot run: kept, and answered",
                    run.waits,
                    baseline,
                    below=AIM_MS,
                    aim_at=99,
                    note=run.note,
                ),
            ],
        ),
        _memory(forgetful, run),
    ]


def _memory(forgetful: Run, run: Run) -> Report:
    bare = [Row("nothing kept: " + when, [mb]) for when, mb in _moments(forgetful)]
    full = [
        Row("supportbot run: " + when, [mb], bare[n], below=AIM_MB)
        for n, (when, mb) in enumerate(_moments(run))
    ]
    return Report("Resident memory", "MB", [*bare, *full])


def _moments(run: Run) -> list[tuple[str, float]]:
    return list(zip(("after start", "after the load"), run.resident_mb, strict=True))


async def _under_load(command: Sequence[str], seconds: int) -> Run:
    with (
        tempfile.TemporaryDirectory() as home,
        SlackApi() as slack,
        running(command, home=Path(home), slack_api=slack.url) as desk,
    ):
        async with wire.Pool("127.0.0.1", desk.port, size=CONNECTIONS) as pool:
            await _warm(pool)
            before, cpu, replied = desk.resident_mb(), desk.cpu_seconds(), _replies(slack)
            acknowledged = await open_loop(pool, list(events.mixed(seconds * PER_SECOND)))
        return Run(
            acknowledged,
            kept=_kept(Path(home) / "desk.sqlite"),
            replies=_replies(slack) - replied,
            cores=(desk.cpu_seconds() - cpu) / seconds,
            resident_mb=(before, desk.resident_mb()),
        )


async def open_loop(pool: wire.Pool, bodies: Sequence[bytes]) -> list[Acknowledged]:
    """Post each body when it is due."""
    began = time.perf_counter() + 0.1
    tasks = []
    for n, body in enumerate(bodies):
        due = began + n / PER_SECOND
        await asyncio.sleep(due - time.perf_counter())
        tasks.append(asyncio.create_task(_posted(pool, body, due)))
    return await asyncio.gather(*tasks)


async def _posted(pool: wire.Pool, body: bytes, due: float) -> Acknowledged:
    late = time.perf_counter() - due
    status = await pool.post(events.PATH, events.signed(body), body)
    return Acknowledged((time.perf_counter() - due) * 1000, late * 1000, status)


async def _warm(pool: wire.Pool) -> None:
    """The first request asks Slack who the bot is; talk among people is kept by nobody."""
    bodies = [body for n, body in enumerate(events.mixed(40)) if n % 20 == 19]  # noqa: PLR2004
    for body in bodies:
        await pool.post(events.PATH, events.signed(body), body)


def _kept(path: Path) -> int:
    """Messages in the books: an acknowledgement of what was dropped would be no feat."""
    if not path.exists():
        return 0
    with closing(sqlite3.connect(path)) as books:
        (count,) = books.execute("select count(*) from inbox").fetchone()
    return int(count)


def _replies(slack: SlackApi) -> int:
    return slack.calls["chat.postMessage"]
