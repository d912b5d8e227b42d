from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from fakes import FakeInbox
from slack_sdk.signature import SignatureVerifier
from starlette.testclient import TestClient

from bot.metrics import Metrics
from bot.slack.listeners import Intake, build_app
from bot.web import LARGEST_BODY, create_web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import SlackApi
    from httpx import Response

    from bot.policy import PolicyFile

SECRET = "signing-secret"  # noqa: S105
MENTION = {
    "type": "app_mention",
    "channel": "C1",
    "user": "UADA",
    "ts": "10.0",
    "text": "<@UBOT> How do I return boots?",
}


@dataclass
class Door:
    """The web application as Slack reaches it."""

    http: TestClient
    inbox: FakeInbox
    slack: SlackApi
    rings: list[str] = field(default_factory=list)
    left: list[tuple[str, float]] = field(default_factory=list)

    def send(self, body: str, **headers: str | bytes) -> Response:
        """Signed rightly and now, but for the headers that are given."""
        timestamp = str(headers.pop("at", int(time.time())))
        signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body=body)
        signed = {
            "X-Slack-Request-Timestamp": timestamp,
            "X-Slack-Signature": signature,
            "Content-Type": "application/json",
            **headers,
        }
        sent = {name: value for name, value in signed.items() if value != ""}
        return self.http.post("/slack/events", content=body.encode(), headers=sent)

    def event(self, event: dict[str, Any] = MENTION, **envelope: Any) -> Response:
        body = {
            "type": "event_callback",
            "team_id": "T1",
            "api_app_id": "A1",
            "event_id": "Ev1",
            "event": event,
            "authorizations": [{"team_id": "T1", "user_id": "UBOT", "is_bot": True}],
        }
        return self.send(json.dumps(body | envelope))

    def click(self, action_id: str, value: str = "ask") -> Response:
        body = {
            "type": "block_actions",
            "team": {"id": "T1"},
            "user": {"id": "UADA"},
            "channel": {"id": "C1"},
            "message": {"ts": "20.0", "thread_ts": "10.0"},
            "actions": [
                {"type": "button", "action_id": action_id, "value": value, "action_ts": "30.0"}
            ],
        }
        form = urlencode({"payload": json.dumps(body)})
        return self.send(form, **{"Content-Type": "application/x-www-form-urlencoded"})


@pytest.fixture
def door(slack: SlackApi, policy: PolicyFile) -> Iterator[Door]:
    inbox, rings = FakeInbox(), []

    def ring() -> None:
        rings.append("ring")

    left: list[tuple[str, float]] = []
    intake = Intake(inbox, policy, ring, ring, lambda *leaving: left.append(leaving))
    app = build_app(slack.client, signing_secret=SECRET, intake=intake)
    web = create_web(app=app, metrics=Metrics(), readiness=lambda: {"books": not inbox.away})
    with TestClient(web, raise_server_exceptions=False) as http:
        yield Door(http, inbox, slack, rings, left)


def test_an_event_is_kept_then_acknowledged(door: Door) -> None:
    assert door.event().status_code == 200
    (message,) = door.inbox.kept
    assert (message.thread.team, message.ts, message.text) == (
        "T1", "10.0", "How do I return boots?",
    )  # fmt: skip
    assert door.rings == ["ring"]


def test_the_same_message_as_two_events_is_kept_once(door: Door) -> None:
    assert door.event().status_code == 200
    assert door.event({**MENTION, "type": "message"}, event_id="Ev2").status_code == 200
    assert len(door.inbox.kept) == 1
    assert door.rings == ["ring"]


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Slack-Signature": "v0=" + "0" * 64},
        {"X-Slack-Signature": "v0="},
        {"X-Slack-Signature": "v0=é".encode()},
        {"X-Slack-Signature": ""},
        {"X-Slack-Request-Timestamp": ""},
        {"X-Slack-Request-Timestamp": "now"},
        {"X-Slack-Request-Timestamp": "-1"},
        {"X-Slack-Request-Timestamp": "1.5"},
        {"X-Slack-Request-Timestamp": "٣".encode()},
        {"X-Slack-Request-Timestamp": "9" * 5_000},
        {"at": "0"},
    ],
)
def test_what_slack_did_not_sign_is_refused(door: Door, headers: dict[str, str | bytes]) -> None:
    assert door.send(json.dumps({"type": "event_callback"}), **headers).status_code == 401
    assert not door.inbox.kept


@pytest.mark.parametrize("seconds", [-600, 600])
def test_what_slack_did_not_sign_just_now_is_refused(door: Door, seconds: int) -> None:
    at = str(int(time.time()) + seconds)
    assert door.send(json.dumps({"type": "event_callback"}), at=at).status_code == 401
    assert not door.inbox.kept


def test_a_body_that_was_changed_on_the_way_is_refused(door: Door) -> None:
    timestamp = str(int(time.time()))
    signature = SignatureVerifier(SECRET).generate_signature(timestamp=timestamp, body="{}")
    assert door.send("{ }", **{"X-Slack-Signature": str(signature)}).status_code == 401


def test_a_body_too_large_is_not_read_to_its_end(door: Door) -> None:
    assert door.send("x" * (LARGEST_BODY + 1)).status_code == 413


def test_a_body_that_is_no_text_is_refused(door: Door) -> None:
    headers = {"X-Slack-Request-Timestamp": str(int(time.time())), "X-Slack-Signature": "v0=00"}
    refused = door.http.post("/slack/events", content=b"\xff\xfe", headers=headers)
    assert refused.status_code == 400


def test_slack_is_told_to_come_again_while_the_books_are_away(door: Door) -> None:
    door.inbox.away = True
    assert door.event().status_code == 500
    assert door.click("ask_person").status_code == 500
    door.inbox.away = False
    assert door.event().status_code == 200
    assert len(door.inbox.kept) == 1


@pytest.mark.parametrize(
    ("body", "status"), [({"ok": False, "error": "ratelimited"}, 429), ({}, 503), (None, 200)]
)
def test_no_event_is_acknowledged_before_the_bot_knows_who_it_is(
    door: Door, body: Any, status: int
) -> None:
    door.slack.answers("auth.test", body, status=status)
    assert door.event().status_code == 500
    assert door.event().status_code == 200
    assert len(door.inbox.kept) == 1


def test_who_the_bot_is_is_asked_once(door: Door) -> None:
    door.event()
    door.event({**MENTION, "ts": "11.0"})
    assert len(door.slack.of("auth.test")) == 1


def test_the_address_is_verified_by_its_challenge(door: Door) -> None:
    answer = door.send(json.dumps({"type": "url_verification", "challenge": "c-1"}))
    assert (answer.status_code, answer.json()) == (200, {"challenge": "c-1"})


@pytest.mark.parametrize(
    "event",
    [
        {"type": "reaction_added", "user": "UADA", "item": {"channel": "C1", "ts": "1.0"}},
        {"type": "app_home_opened", "user": "UADA", "tab": "home", "channel": "D1"},
        {"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}},
        {"type": "app_uninstalled"},
        {"type": "something_new"},
        {**MENTION, "type": "message", "subtype": "channel_join"},
        {**MENTION, "type": "message", "bot_id": "BOWN", "user": "UBOT"},
        {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "9.0",
         "ts": "9.1"},
    ],
)  # fmt: skip
def test_an_event_that_is_none_of_ours_is_acknowledged(door: Door, event: dict[str, Any]) -> None:
    assert door.event(event).status_code == 200
    assert not door.inbox.kept


def test_a_warning_about_too_many_events_is_acknowledged(door: Door) -> None:
    warning = {"type": "app_rate_limited", "team_id": "T1", "minute_rate_limited": 1518467820}
    assert door.send(json.dumps(warning)).status_code == 200


@pytest.mark.parametrize(("action_id", "kept"), [("ask_person", 1), ("feedback", 1), ("else", 0)])
def test_a_button_is_acknowledged_and_ours_are_kept(door: Door, action_id: str, kept: int) -> None:
    assert door.click(action_id).status_code == 200
    assert len(door.inbox.kept) == kept


def test_an_operator_sees_life_readiness_and_numbers(door: Door) -> None:
    door.event()
    assert door.http.get("/livez").text == "alive\n"
    assert door.http.get("/readyz").json() == {"ready": True, "books": True}
    page = door.http.get("/metrics").text
    assert 'supportbot_acknowledged_seconds_count{status="200"} 1.0' in page
    door.inbox.away = True
    unready = door.http.get("/readyz")
    assert (unready.status_code, unready.json()) == (503, {"ready": False, "books": False})


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ({"books": True, "redis": False}, 200),
        ({"books": False, "redis": True}, 503),
        ({"books": False, "redis": False}, 503),
    ],
)
def test_without_redis_a_desk_is_ready_all_the_same(parts: dict[str, bool], status: int) -> None:
    web = create_web(app=None, metrics=Metrics(), readiness=lambda: parts)
    with TestClient(web) as http:
        told = http.get("/readyz")
    assert (told.status_code, told.json()) == (status, {"ready": status == 200, **parts})


def test_in_socket_mode_there_is_no_address_for_events() -> None:
    web = create_web(app=None, metrics=Metrics(), readiness=dict)
    with TestClient(web) as http:
        assert http.post("/slack/events", content=b"{}").status_code == 404
        assert http.get("/livez").status_code == 200


def test_an_event_of_another_workspace_is_acknowledged_and_not_kept(door: Door) -> None:
    strange = [{"team_id": "T2", "user_id": "UBOT", "is_bot": True}]
    assert door.event(team_id="T2", authorizations=strange).status_code == 200
    assert not door.inbox.kept


@pytest.mark.parametrize(
    ("event", "heard"),
    [
        ({"type": "app_uninstalled"}, [("T1", 1_001.0)]),
        ({"type": "tokens_revoked", "tokens": {"bot": ["UBOT"]}}, [("T1", 1_001.0)]),
        ({"type": "tokens_revoked", "tokens": {"oauth": ["UADA"]}}, []),
    ],
)
def test_a_workspace_that_takes_its_token_back_is_heard(
    door: Door, event: dict[str, Any], heard: list[tuple[str, float]]
) -> None:
    assert door.event(event, event_time=1_000).status_code == 200
    assert door.left == heard
