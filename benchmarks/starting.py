"""From the command to the line that says the desk is ready, and what it weighs then."""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.desks import RUN, SUPPORTBOT, running, timed
from benchmarks.figures import Report, Row
from benchmarks.slack_api import SlackApi

AIM_SECONDS, AIM_MB = 5, 400


def measure(*, quick: bool) -> list[Report]:
    """First and second start of the playground and of the desk on Slack."""
    times = 2 if quick else 5
    python = Row("python -c pass", _times(times, lambda: timed([sys.executable, "-c", "pass"])))
    version = Row(
        "supportbot --version",
        _times(times, lambda: timed([*SUPPORTBOT, "--version"])),
        python,
        note="imports",
    )
    first = [_first() for _ in range(1 if quick else 3)]
    with tempfile.TemporaryDirectory() as home, SlackApi() as api:
        _started(Path(home), None)
        playground = [_started(Path(home), None) for _ in range(times)]
        slack = [_started(Path(home), api.url) for _ in range(times)]
    rows = [
        python,
        version,
        Row("run: first start, with indexing", _seconds(first), version),
        Row("run: second start, playground", _seconds(playground), version, below=AIM_SECONDS),
        Row("run: second start, Slack", _seconds(slack), version, below=AIM_SECONDS),
    ]
    return [Report("Start until the URL is printed", "s", rows), _memory(first, slack)]


def _memory(first: list[tuple[float, float]], slack: list[tuple[float, float]]) -> Report:
    second = Row("second start, Slack", [mb for _, mb in slack], below=AIM_MB)
    indexing = Row("first start, after indexing", [mb for _, mb in first], second, below=AIM_MB)
    return Report("Resident memory at that moment", "MB", [second, indexing])


def _times(count: int, take: Callable[[], float]) -> list[float]:
    return [take() for _ in range(count)]


def _first() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as home:
        return _started(Path(home), None)


def _started(home: Path, slack_api: str | None) -> tuple[float, float]:
    """Seconds to the line, and megabytes then."""
    with running(RUN, home=home, slack_api=slack_api) as desk:
        return desk.started_seconds, desk.resident_mb()


def _seconds(starts: list[tuple[float, float]]) -> list[float]:
    return [seconds for seconds, _ in starts]
