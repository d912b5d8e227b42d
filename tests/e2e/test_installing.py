"""One desk is installed in one workspace by OAuth, loses it, and is installed anew."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from e2e import strict_slack
from e2e.playground_page import HELP_DESK, TENT, Page, has_sources
from e2e.processes import SUPPORTBOT, Process, environment, free_port, rows, supportbot, until
from e2e.stage import is_up
from e2e.standins import post_event, signed

from bot.bootstrap import PLAYGROUND_POLICY

if TYPE_CHECKING:
    from collections.abc import Callable

SCRIPT = Path(__file__).with_name("installing_slack.py")
CLIENT_ID, CLIENT_SECRET = "4711.0815", "app-s3cret"
TEAM = "T0CAIRNWAY"


class Browser:
    """A person who installs; the cookie is sent by http too, which a browser would not."""

    def __init__(self, desk: str) -> None:
        self._desk = desk

    def get(self, path: str, cookie: str = "", **query: str) -> httpx.Response:
        headers = {"Cookie": cookie} if cookie else {}
        url = f"{self._desk}{path}"
        return httpx.get(url, params=query, headers=headers, timeout=20, trust_env=False)

    def begin(self) -> tuple[str, str]:
        """The state that Slack is given, and the cookie that goes with it."""
        answered = self.get("/slack/install")
        assert answered.status_code == 302
        where = urlsplit(answered.headers["location"])
        assert f"{where.netloc}{where.path}" == "slack.com/oauth/v2/authorize"
        asked = parse_qs(where.query)
        assert asked["client_id"] == [CLIENT_ID]
        assert "chat:write" in asked["scope"][0]
        return asked["state"][0], answered.headers["set-cookie"].partition(";")[0]

    def install(self, code: str) -> httpx.Response:
        state, cookie = self.begin()
        return self.get("/slack/oauth_redirect", cookie, code=code, state=state)

    def ready(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("/readyz").json()
        return found


def event(kind: str, *, team: str = TEAM, **fields: object) -> str:
    return json.dumps(
        {
            "type": "event_callback",
            "team_id": team,
            "api_app_id": "A0SUPPORT",
            "event_id": f"Ev{time.monotonic_ns()}",
            "event_time": int(time.time()),
            "event": {"type": kind, **fields},
        }
    )


@pytest.mark.slow
def test_a_desk_is_installed_and_uninstalled_and_installed_anew(
    home: Path, start: Callable[..., Process]
) -> None:
    slack_port, port = free_port(), free_port()
    slack, desk_url = f"http://127.0.0.1:{slack_port}", f"http://127.0.0.1:{port}"
    script = [sys.executable, str(SCRIPT), str(slack_port), f"{desk_url}/slack/events"]
    start("workspace", *script, env=environment(home))
    page, browser = Page(slack), Browser(desk_url)
    until(lambda: is_up(slack), "the workspace is up")
    env = environment(
        home,
        SLACK_CLIENT_ID=CLIENT_ID,
        SLACK_CLIENT_SECRET=CLIENT_SECRET,
        SLACK_SIGNING_SECRET=strict_slack.SECRET,
        SLACK_API_URL=f"{slack}/api/",
        SUPPORTBOT_POLICY=str(PLAYGROUND_POLICY),
        SUPPORTBOT_HOST="127.0.0.1",
        SUPPORTBOT_LOG_LEVEL="debug",
        PORT=str(port),
    )
    serve = start("serve", SUPPORTBOT, "serve", env=env)
    serve.says(f"Not installed in Slack yet: open {desk_url}/slack/install")
    serve.says("Taking Slack events")
    worker = start("worker", SUPPORTBOT, "worker", env=env)
    worker.says("Not installed in Slack yet")
    worker.says("Worker started")

    assert not browser.ready()["ready"]
    assert browser.ready()["slack"] is False
    asked = event("app_mention", channel=HELP_DESK, user="U0ADA", text="hi", ts="1.0")
    assert post_event(desk_url, asked, signed(asked)).status_code == 500
    told = supportbot("doctor", env=env, cwd=home)
    assert f"not installed: open {desk_url}/slack/install" in told.stdout

    refuses(browser)

    done = browser.install("good-1")
    assert done.status_code == 200
    assert "Cairnway Outfitters" in done.text
    assert browser.ready()["ready"]
    first = page.ask(HELP_DESK, TENT)
    until(lambda: any(map(has_sources, page.replies(HELP_DESK, first))), "an answer")
    assert worker.log().count("Not installed in Slack yet") == 1
    told = supportbot("doctor", env=env, cwd=home)
    assert "installed in Cairnway Outfitters on 20" in told.stdout

    second_workspace_is_refused(browser, desk_url, home)

    worker.kill()
    waiting = page.ask(HELP_DESK, "what does it cost to resole boots?")
    until(lambda: rows(home, "select 1 from inbox where state = 'received'"), "it is kept")
    httpx.post(f"{slack}/control/uninstall", trust_env=False)
    gone = event("app_uninstalled")
    assert post_event(desk_url, gone, signed(gone)).status_code == 200
    assert browser.ready()["slack"] is False
    worker = start("worker", SUPPORTBOT, "worker", env=env)
    worker.says("Worker started")
    time.sleep(2)
    assert rows(home, "select state from inbox order by id desc")[0]["state"] == "received"
    assert browser.install("good-2").status_code == 200
    until(lambda: any(map(has_sources, page.replies(HELP_DESK, waiting))), "the answer", seconds=70)
    assert len(page.replies(HELP_DESK, waiting)) == 1

    for one in (serve, worker):
        assert one.interrupt() == 0
        assert "xoxb-" not in one.log()
        assert CLIENT_SECRET not in one.log()
    page.close()


def refuses(browser: Browser) -> None:
    state, cookie = browser.begin()
    declined = browser.get("/slack/oauth_redirect", cookie, error="access_denied", state=state)
    assert "You have declined" in declined.text
    bare = browser.get("/slack/oauth_redirect", code="good-0", state=state)
    wrong = browser.get("/slack/oauth_redirect", cookie, code="good-0", state="made-up")
    odd = browser.get("/slack/oauth_redirect", error="<script>")
    spent = browser.install("spent")
    assert [one.status_code for one in (declined, bare, wrong, odd, spent)] == [
        400, 400, 400, 400, 401,
    ]  # fmt: skip
    assert "<script>" not in odd.text
    assert "Slack does not take this code" in spent.text
    state, cookie = browser.begin()
    for code in ("spent", "good-0"):
        again = browser.get("/slack/oauth_redirect", cookie, code=code, state=state)
    assert again.status_code == 401
    assert "used already" in again.text
    assert not browser.ready()["slack"]


def second_workspace_is_refused(browser: Browser, desk_url: str, home: Path) -> None:
    refused = browser.install("other")
    assert refused.status_code == 409
    assert "serves another workspace" in refused.text
    assert [one["token"] for one in rows(home, "select token from installations")] == [
        "xoxb-installed-1"
    ]
    kept = len(rows(home, "select 1 from inbox"))
    strange = event(
        "app_mention", team="T0OTHER", channel="C9", user="U9", text="<@U0SUPPORT> hi", ts="2.0"
    )
    leaves = event("app_uninstalled", team="T0OTHER")
    for one in (strange, leaves):
        assert post_event(desk_url, one, signed(one)).status_code == 200
    assert len(rows(home, "select 1 from inbox")) == kept
    assert browser.ready()["slack"]
