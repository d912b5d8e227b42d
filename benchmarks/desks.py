"""Desks as processes: the real one, and one that keeps nothing."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from benchmarks.events import INTERNAL, SECRET

ROOT = Path(__file__).parent.parent
SUPPORTBOT = (str(Path(sys.executable).parent / "supportbot"),)
RUN = (*SUPPORTBOT, "run", "--host", "127.0.0.1", "--port", "0")
SERVE = (*SUPPORTBOT, "serve", "--host", "127.0.0.1", "--port", "0")
FORGETFUL = (sys.executable, "-m", "benchmarks.forgetful")
LONGEST_START = 120.0
_FOREIGN = re.compile(r"SLACK_|SUPPORTBOT_|KNOWLEDGE_|OPENAI_|DATABASE_URL|REDIS_URL|DYNO|PORT$")
_READY = re.compile(r"(?:Open|by) http://[^:/]+:(\d+)")


@dataclass(frozen=True, slots=True)
class RunningDesk:
    """A desk that takes events."""

    port: int
    started_seconds: float
    pid: int

    def resident_mb(self) -> float:
        """Its memory that is in RAM now."""
        return resident_mb(self.pid)

    def cpu_seconds(self) -> float:
        """The processor time it has used."""
        spent = psutil.Process(self.pid).cpu_times()
        return float(spent.user + spent.system)


@contextmanager
def running(
    command: Sequence[str],
    *,
    home: Path,
    slack_api: str | None = None,
    env: Mapping[str, str] | None = None,
) -> Iterator[RunningDesk]:
    """Start a desk and end it; without `slack_api` it opens its playground.

    Raises:
        RuntimeError: it did not start; shows what it wrote.
    """
    home.mkdir(parents=True, exist_ok=True)
    log = home / "stderr.log"
    with log.open("w") as errors:
        began = time.perf_counter()
        desk = subprocess.Popen(
            command,
            cwd=home,  # away from a .env
            env={**environment(home, slack_api), **(env or {})},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        port = _port(desk)
        if port is None:
            raise RuntimeError(f"{' '.join(command)} did not start:\n{log.read_text()}")
        yield RunningDesk(port, time.perf_counter() - began, desk.pid)
    finally:
        _end(desk)


def resident_mb(pid: int) -> float:
    """The memory of a program that is in RAM now."""
    return float(psutil.Process(pid).memory_info().rss) / 1e6


def timed(command: Sequence[str]) -> float:
    """Seconds that a command takes from start to end."""
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def environment(home: Path, slack_api: str | None) -> Mapping[str, str]:
    """What a desk finds around it: nothing of ours, and no limits."""
    own = {name: value for name, value in os.environ.items() if not _FOREIGN.match(name)}
    own |= {"SUPPORTBOT_HOME": str(home), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    if slack_api is None:
        return own
    policy = home / "desk.toml"
    policy.write_text(
        f'triage_channel = "C0TRIAGE"\ninternal_channels = ["{INTERNAL}"]\n[budgets.user]\n'
    )
    own["SUPPORTBOT_POSTS_A_SECOND"] = "0"
    slack = {"SLACK_API_URL": slack_api, "SLACK_BOT_TOKEN": "xoxb-benchmark"}
    return own | slack | {"SLACK_SIGNING_SECRET": SECRET, "SUPPORTBOT_POLICY": str(policy)}


def _port(desk: subprocess.Popen[str]) -> int | None:
    """The port that the desk names once it is ready."""
    assert desk.stdout
    watchdog = threading.Timer(LONGEST_START, desk.kill)
    watchdog.start()
    try:
        found = next((match for line in desk.stdout if (match := _READY.search(line))), None)
    finally:
        watchdog.cancel()
    # Read on, or a desk that prints much stands still once the pipe is full.
    threading.Thread(target=_drained, args=(desk.stdout,), daemon=True).start()
    return int(found[1]) if found else None


def _drained(stdout: IO[str]) -> None:
    with stdout:
        stdout.read()


def _end(desk: subprocess.Popen[str]) -> None:
    desk.send_signal(signal.SIGTERM)
    try:
        desk.wait(timeout=30)
    except subprocess.TimeoutExpired:
        desk.kill()
        desk.wait()
