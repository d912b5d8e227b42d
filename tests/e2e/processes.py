"""Processes of the desk and of its stand-ins: started, watched, ended, their logs kept."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

SUPPORTBOT = str(Path(sys.executable).with_name("supportbot"))
ENDS_WITHIN_SECONDS = 15.0
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
T = TypeVar("T")


def until(look: Callable[[], T], what: str, *, seconds: float = 45.0) -> T:
    """What `look` returns as soon as it is true; an AssertionError when that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s: {what}"
        time.sleep(0.03)
    return found


def free_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


def environment(home: Path, **more: str) -> dict[str, str]:
    """Nothing of the developer's own: no key, no token, no setting."""
    kept = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**kept, "SUPPORTBOT_HOME": str(home), "COLUMNS": "200", **more}


def supportbot(
    *arguments: str, env: Mapping[str, str], cwd: Path, timeout: float = 60
) -> subprocess.CompletedProcess[str]:
    """Run a command of the desk to its end."""
    return subprocess.run(
        [SUPPORTBOT, *arguments],
        env=dict(env),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )


def together(runs: Iterable[Callable[[], T]]) -> list[T]:
    """The results of several commands that do not wait for each other."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return [one.result() for one in [pool.submit(run) for run in runs]]


def rows(home: Path, query: str, *values: object) -> list[dict[str, Any]]:
    """Read the desk's books, as an auditor would."""
    with closing(sqlite3.connect(f"file:{home / 'desk.sqlite'}?mode=ro", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        return [dict(row) for row in connection.execute(query, values)]


def let_leases_end(home: Path) -> None:
    """What a dead worker held is free after half a minute or more; a test has no time for that."""
    with closing(sqlite3.connect(home / "desk.sqlite", timeout=10)) as connection, connection:
        connection.execute("update inbox set lease_until = 0 where state = 'claimed'")
        connection.execute("update outbox set not_before = 0 where state = 'sending'")


class Process:
    """A process whose output goes to a file."""

    def __init__(
        self, name: str, command: Sequence[str], *, env: Mapping[str, str], folder: Path
    ) -> None:
        self.name = name
        folder.mkdir(parents=True, exist_ok=True)
        self._log = folder / f"{name}-{time.monotonic_ns()}.log"
        with self._log.open("wb") as log:
            self._popen = subprocess.Popen(
                list(command), env=dict(env), cwd=folder, stdout=log, stderr=log
            )

    @property
    def pid(self) -> int:
        return self._popen.pid

    def log(self) -> str:
        return self._log.read_text("utf-8", "replace")

    def alive(self) -> bool:
        return self._popen.poll() is None

    def says(self, words: str, *, seconds: float = 30.0) -> str:
        """Wait for words in the log; the line that holds them."""

        def line() -> str:
            found = next((one for one in self.log().splitlines() if words in one), "")
            assert found or self.alive(), f"{self.name} ended: {self.log()}"
            return found

        return until(line, f"{self.name} says {words!r}", seconds=seconds)

    def interrupt(self) -> int:
        """Ctrl-C; the exit code."""
        self._popen.send_signal(signal.SIGINT)
        return self._ended()

    def terminate(self) -> int:
        """What a host does before it takes a machine away; the exit code."""
        self._popen.send_signal(signal.SIGTERM)
        return self._ended()

    def terminate_twice(self) -> int:
        """What a host does that is in a hurry; the exit code."""
        self._popen.send_signal(signal.SIGTERM)
        time.sleep(0.2)
        return self.terminate()

    def kill(self) -> None:
        """kill -9."""
        self._popen.kill()
        self._popen.wait()

    def end(self) -> None:
        """Be gone, whatever it takes."""
        if self.alive():
            self.kill()

    def _ended(self) -> int:
        try:
            return self._popen.wait(timeout=ENDS_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(
                f"{self.name} did not end within {ENDS_WITHIN_SECONDS:.0f} s"
            ) from None
