"""The desk as processes: one that serves, four that work, each started again once it is gone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from e2e import chaos_steps
from e2e.processes import environment, supportbot

WEB = "web"


@dataclass
class One:
    """A process of the desk, and the place that it fills."""

    place: str
    pid: int
    began: float


@dataclass
class Desk:
    """Places for processes; `watch` fills those that are empty, from a thread of its own."""

    folder: Path
    env: dict[str, str]
    port: int
    lease_seconds: float
    sending_seconds: float
    workers: int = 4
    started: int = 0
    resumed: int = 0
    running: dict[str, One] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fuses = self.folder / "fuses"
        self.logs = self.folder / "logs"
        for one in (self.fuses, self.logs):
            one.mkdir(parents=True)
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._stopped: dict[int, float] = {}
        with (self.logs / "source.log").open("wb") as log:
            self._source = subprocess.Popen(
                [sys.executable, chaos_steps.__file__, str(self.fuses)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                cwd=self.folder,
            )
        self._watch = threading.Thread(target=self._watching, name="watch", daemon=True)

    def start(self) -> None:
        assert self._told() == "ready", (self.logs / "source.log").read_text("utf-8")
        self._fill(WEB)  # it migrates; all others find the schema current
        self._serves()
        for n in range(self.workers):
            self._fill(f"worker-{n}")
        self._watch.start()

    def kill(self, place: str) -> bool:
        """kill -9; False where the place is empty or its process has hardly begun."""
        one = self.running.get(place)
        if one is None or time.monotonic() - one.began < 1:
            return False
        return _signal(one.pid, signal.SIGKILL)

    def stop(self, place: str) -> bool:
        """SIGSTOP; somebody else has to say for how long."""
        one = self.running.get(place)
        return one is not None and _signal(one.pid, signal.SIGSTOP)

    def arm(self, step: str, deed: str) -> None:
        """What is to happen to the next process that comes to a step of the protocols."""
        new = self.fuses / "new"
        new.write_text(deed, "utf-8")
        new.rename(self.fuses / step.replace(" ", "-"))

    def armed(self) -> set[str]:
        return {
            step for step in chaos_steps.STEPS if (self.fuses / step.replace(" ", "-")).exists()
        }

    def sprung(self) -> dict[str, int]:
        """How often each deed happened at a step."""
        deeds: dict[str, int] = {}
        for one in self.fuses.glob("*.*.*"):
            step, deed, _ = one.name.split(".")
            deeds[f"{step.replace('-', ' ')} {deed}"] = 1 + deeds.get(f"{step} {deed}", 0)
        return deeds

    def end(self) -> None:
        """Nothing of it is left."""
        self._over.set()
        if self._watch.is_alive():
            self._watch.join(10)
        for one in self.running.values():
            _signal(one.pid, signal.SIGKILL)
        self._source.communicate(timeout=10)

    def _watching(self) -> None:
        while not self._over.wait(0.05):
            for place, one in list(self.running.items()):
                state = _state(one.pid)
                if state is None:
                    self._fill(place)
                elif state == psutil.STATUS_STOPPED:
                    self._resume(one)

    def _resume(self, one: One) -> None:
        now = time.monotonic()
        until = self._stopped.setdefault(one.pid, now + self._pause(one))
        if now >= until:
            del self._stopped[one.pid]
            self.resumed += 1
            _signal(one.pid, signal.SIGCONT)

    def _pause(self, one: One) -> float:
        """Longer than the lease of what it has in hand."""
        at = [path.name for path in self.fuses.glob(f"*.stop.{one.pid}")]
        sending = any(name.startswith(("outbox", "slack")) for name in at)
        return self.sending_seconds + 3 if sending else 2.5 * self.lease_seconds

    def _fill(self, place: str) -> None:
        command = ["worker"]
        if place == WEB:
            command = ["serve", "--port", str(self.port)]
        log = str(self.logs / f"{place}.log")
        Path(log).touch()
        wanted = {"log": log, "env": self.env, "command": command}
        with self._lock:
            assert self._source.stdin
            self._source.stdin.write(json.dumps(wanted) + "\n")
            self._source.stdin.flush()
            self.running[place] = One(place, int(self._told()), time.monotonic())
            self.started += 1

    def _told(self) -> str:
        assert self._source.stdout
        return self._source.stdout.readline().strip()

    def _serves(self) -> None:
        deadline = time.monotonic() + 60
        while "Taking Slack events" not in (self.logs / f"{WEB}.log").read_text("utf-8", "replace"):
            assert time.monotonic() < deadline, "the web process did not start"
            time.sleep(0.05)


def indexed_home(folder: Path, source: Path | None) -> Path:
    """A home whose passages are indexed: copied, or made anew."""
    home = folder / "home"
    if source:
        shutil.copytree(source, home)
        return home
    done = supportbot("knowledge", "index", env=environment(home), cwd=folder, timeout=300)
    assert done.returncode == 0, done.stderr
    return home


def _state(pid: int) -> str | None:
    """None for a process that is gone."""
    try:
        state = psutil.Process(pid).status()
    except psutil.NoSuchProcess:
        return None
    return None if state in {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD} else state


def _signal(pid: int, number: signal.Signals) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
        return True
    return False
