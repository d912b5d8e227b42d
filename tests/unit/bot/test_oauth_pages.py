from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from slack_sdk.oauth import OAuthStateStore
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.errors import AnotherWorkspace, BooksUnavailable
from bot.slack.client import web_client
from bot.slack.oauth import OAuthApp, install_routes

if TYPE_CHECKING:
    from collections.abc import Callable

    from httpx import Response
    from unit.bot.conftest import SlackApi

    from bot.installing import Installation

APP = OAuthApp("4711.0815", SecretStr("app-s3cret"), "http://desk/slack/install")
TOKEN = "xoxb-granted"  # noqa: S105
GRANTED = {"access_token": TOKEN, "team": {"id": "T1", "name": "Acme & <Sons>"}}


class OneState(OAuthStateStore):
    def issue(self, *_: object, **__: object) -> str:
        return "the-state"

    def consume(self, state: str) -> bool:
        return state == "the-state"


def returned(slack: SlackApi, keep: Callable[[Installation], None]) -> Response:
    """What a browser gets that comes back from Slack."""
    routes = install_routes(APP, web_client(None, slack.url), states=OneState(), keep=keep)
    with TestClient(Starlette(routes=routes), base_url="https://desk.example") as browser:
        assert browser.get("/slack/install", follow_redirects=False).status_code == 302
        return browser.get("/slack/oauth_redirect", params={"code": "c0de", "state": "the-state"})


def test_what_slack_grants_is_kept(slack: SlackApi) -> None:
    slack.answers("oauth.v2.access", {**GRANTED, "refresh_token": "xoxe-1", "expires_in": 43_200})
    kept: list[Installation] = []
    page = returned(slack, kept.append)
    assert page.status_code == 200
    assert "Acme &amp; &lt;Sons&gt;" in page.text
    assert page.headers["cache-control"] == "no-store"
    (one,) = kept
    assert (one.team, one.token, one.refresh_token) == ("T1", TOKEN, "xoxe-1")
    assert one.expires_at


def refusing(error: Exception) -> Callable[[Installation], None]:
    def keep(_: Installation) -> None:
        raise error

    return keep


@pytest.mark.parametrize(
    ("error", "status"), [(AnotherWorkspace("T2"), 409), (BooksUnavailable("away"), 503)]
)
def test_what_cannot_be_kept_is_told(slack: SlackApi, error: Exception, status: int) -> None:
    slack.answers("oauth.v2.access", GRANTED)
    page = returned(slack, refusing(error))
    assert page.status_code == status
    assert TOKEN not in page.text


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        ({**GRANTED, "is_enterprise_install": True}, 409),
        ({"team": {"id": "T1"}}, 409),
        ({"ok": False, "error": "bad_client_secret"}, 401),
        (None, 502),
        ("<html>", 401),
    ],
)
def test_nothing_is_kept_that_is_no_bot_of_one_workspace(
    slack: SlackApi, answer: Any, status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    slack.answers("oauth.v2.access", answer)
    page = returned(slack, refusing(AssertionError("kept")))
    assert page.status_code == status
    told = page.text + "".join(capsys.readouterr())
    assert TOKEN not in told
    assert "app-s3cret" not in told
