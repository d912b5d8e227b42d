"""A strict workspace that outlives the desk, and a desk that can be killed."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx
from e2e.playground_page import Page
from e2e.processes import SUPPORTBOT, Process, let_leases_end, rows, until
from e2e.wire import Wire


@dataclass
class Stage:
    """A strict workspace behind a wire, and a desk that can be killed."""

    page: Page
    wire: Wire
    home: Path
    env: dict[str, str]
    port: int
    start: Callable[..., Process]

    def run(self, command: str = "run") -> Process:
        options = [] if command == "worker" else ["--port", str(self.port)]
        desk = self.start(command, SUPPORTBOT, command, *options, env=self.env)
        desk.says("Worker started" if command == "worker" else "Taking Slack events")
        return desk

    def settled(self) -> bool:
        """Whether nothing is left to do."""
        open_ones = "state in ('received', 'claimed', 'ready', 'sending')"
        return not any(
            rows(self.home, f"select id from {table} where {open_ones}")  # noqa: S608
            for table in ("inbox", "outbox")
        )

    def finish(self) -> None:
        """Let the dead one's leases end, and wait until all is done."""
        let_leases_end(self.home)
        until(self.settled, "the books are settled")


def is_up(url: str) -> bool:
    try:
        return httpx.get(f"{url}/playground/state", trust_env=False).is_success
    except httpx.TransportError:
        return False
