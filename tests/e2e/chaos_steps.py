"""The real command line with a fuse at every step of both protocols.

A step is armed by a file of its name, which says what happens to the first process that comes by:
`kill` ends it as kill -9 does, `stop` stops it until it is told to go on. A step is the commit of a
deed of the books, before and after, or a call of Slack, before and after. Nothing in the desk knows
of this.

Run as
    python chaos_steps.py FOLDER
and write one JSON line for each process that is wanted: {"log": …, "env": {…}, "command": […]}; its
process id comes back. The processes are forked from this one, whose imports are done: on a slow
machine to import is most of what it takes to start.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

DEEDS = {
    "inbox": ("receive", "claim", "renew", "may_stream", "streaming", "settle"),
    "outbox": ("claim", "sent", "again", "doubt"),
}
CALLS = ("post", "update", "find", "start_stream")
STEPS = tuple(
    [
        f"{place} {deed} {when}"
        for place, deeds in DEEDS.items()
        for deed in deeds
        for when in ("uncommitted", "committed")
    ]
    + [f"slack {call} {when}" for call in CALLS for when in ("before", "after")]
)
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
_at_work = threading.local()


class Fuse:
    """Goes off once for every file that arms it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def pass_by(self, step: str) -> None:
        armed = self._folder / step.replace(" ", "-")
        if not armed.exists():
            return
        taken = self._folder / f"taken-{os.getpid()}-{threading.get_ident()}"
        try:
            armed.rename(taken)  # one process alone succeeds
        except FileNotFoundError:
            return
        deed = taken.read_text("utf-8")
        taken.rename(self._folder / f"{armed.name}.{deed}.{os.getpid()}")
        os.kill(os.getpid(), SIGNALS[deed])


def lay(fuse: Fuse) -> None:
    """Put the fuse at every step."""
    from sqlalchemy import event
    from sqlalchemy.engine import Engine

    from bot.books.inbox import SqlInbox
    from bot.books.outbox import SqlOutbox
    from bot.slack.transport import SlackTransport

    for place, kind in (("inbox", SqlInbox), ("outbox", SqlOutbox)):
        for deed in DEEDS[place]:
            setattr(kind, deed, _deed(fuse, f"{place} {deed}", getattr(kind, deed)))
    for call in CALLS:
        setattr(SlackTransport, call, _call(fuse, f"slack {call}", getattr(SlackTransport, call)))

    @event.listens_for(Engine, "before_cursor_execute")
    def execute(*arguments: Any) -> None:
        if arguments[2].lstrip()[:6].lower() in {"insert", "update", "delete"}:
            _at_work.written = True

    @event.listens_for(Engine, "commit")
    def commit(_connection: object) -> None:
        if getattr(_at_work, "deed", None) and _at_work.written:
            fuse.pass_by(f"{_at_work.deed} uncommitted")


def _deed(fuse: Fuse, name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
    """A deed that writes nothing, as a look that finds nothing, is no step."""

    def done(*arguments: Any, **named: Any) -> Any:
        _at_work.deed, _at_work.written = name, False
        try:
            outcome = inner(*arguments, **named)
        finally:
            _at_work.deed = None
        if _at_work.written:
            fuse.pass_by(f"{name} committed")
        return outcome

    return done


def _call(fuse: Fuse, name: str, inner: Callable[..., Any]) -> Callable[..., Any]:
    def called(*arguments: Any, **named: Any) -> Any:
        fuse.pass_by(f"{name} before")
        outcome = inner(*arguments, **named)
        fuse.pass_by(f"{name} after")
        return outcome

    return called


def _become(wanted: dict[str, Any]) -> None:
    """Be the command, in a process that was just forked."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for source, target in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(source, target)
    os.environ.clear()
    os.environ.update(wanted["env"])
    sys.argv = ["supportbot", *wanted["command"]]
    from bot.cli import main as supportbot

    supportbot()


def main(folder: Path) -> None:
    """Import what the desk imports, lay the fuses, then fork what is asked for."""
    import alembic.command
    import langchain_openai
    import onnxruntime
    import redis
    import uvicorn

    import bot.cli  # noqa: F401

    del alembic, langchain_openai, onnxruntime, redis, uvicorn
    lay(Fuse(folder))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are not waited for
    print("ready", flush=True)
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            try:
                _become(json.loads(line))
            finally:
                os._exit(1)
        print(pid, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
