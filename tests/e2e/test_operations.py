"""What the engineer of docs/operations.md sees: no disk, and books brought back from a copy."""

import json
import resource
import shutil
import sqlite3
import subprocess
from contextlib import closing

import httpx
import pytest
from e2e.playground_page import BOT, HELP_DESK, has_sources
from e2e.processes import SUPPORTBOT, rows, until
from e2e.stage import Stage

BOOTS = "how long do I have to return boots I already wore outside?"
TOO_SMALL = 4096


def limited(pid: int, longest_file: int) -> None:
    """Let a process write no file beyond so many bytes: what a full disk looks like to it."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (longest_file, resource.RLIM_INFINITY))


def ready(stage: Stage) -> int:
    return httpx.get(f"http://127.0.0.1:{stage.port}/readyz", trust_env=False).status_code


def inbox(stage: Stage, *words: str) -> str:
    done = subprocess.run(
        [SUPPORTBOT, "inbox", *words],
        env=stage.env,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_without_disk_space_nothing_is_acknowledged_and_nothing_is_lost(stage: Stage) -> None:
    desk = stage.run()
    assert ready(stage) == 200
    limited(desk.pid, TOO_SMALL)
    until(lambda: ready(stage) == 503, "the desk says that it is not ready")
    asked = stage.page.ask(HELP_DESK, BOOTS)
    assert not rows(stage.home, "select id from inbox")
    limited(desk.pid, resource.RLIM_INFINITY)
    until(lambda: ready(stage) == 200, "the desk is ready again")
    assert has_sources(stage.page.reply(HELP_DESK, asked))
    stage.finish()
    assert desk.interrupt() == 0


def test_books_of_yesterday_send_nothing_again(stage: Stage) -> None:
    """What waited in the copy was sent since: it is looked up, or dropped by the engineer."""
    serving = stage.run("serve")
    asked = stage.page.ask(HELP_DESK, BOOTS)
    until(lambda: rows(stage.home, "select id from inbox"), "the message is kept")
    books, copy = stage.home / "desk.sqlite", stage.home / "copy.sqlite"
    with closing(sqlite3.connect(books)) as held, closing(sqlite3.connect(copy)) as kept:
        held.backup(kept)
    worker = stage.run("worker")
    stage.page.reply(HELP_DESK, asked)
    stage.finish()
    worker.kill()
    assert serving.interrupt() == 0
    for one in stage.home.glob("desk.sqlite*"):
        one.unlink()
    shutil.copy(copy, books)
    [waiting] = json.loads(inbox(stage, "list", "--json"))["messages"]
    assert waiting["state"] == "received"
    inbox(stage, "drop", "--before", "2100-01-01")
    stage.run("worker")
    stage.finish()
    replies = [one for one in stage.page.replies(HELP_DESK, asked) if one["user"] == BOT]
    assert len(replies) == 1


@pytest.mark.parametrize("command", ["run", "worker"])
def test_two_signals_in_a_row_end_a_desk_that_is_at_work_and_lose_nothing(
    stage: Stage, command: str
) -> None:
    serving = stage.run("serve") if command == "worker" else None
    desk = stage.run(command)
    asked = [stage.page.ask(HELP_DESK, BOOTS) for _ in range(3)]
    until(lambda: len(rows(stage.home, "select id from inbox")) == 3, "all three are kept")
    assert desk.terminate_twice() == 0
    stage.run(command)
    stage.finish()
    for one in asked:
        assert has_sources(stage.page.reply(HELP_DESK, one))
        assert len(stage.page.replies(HELP_DESK, one)) == 1
    if serving:
        assert serving.interrupt() == 0
