from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from unit.playground.samples import BLOCKS, CHANNEL, OPTIONS, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.playground.conftest import Clock, Desk, StandIn


@pytest.fixture
def desk(card_desk: Desk) -> Desk:
    return card_desk


def test_a_pressed_button_is_sent_signed_as_a_form(desk: Desk, stand_in: StandIn) -> None:
    assert desk.press() == {"ok": True}
    request = stand_in.requests[0]
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["X-Slack-Signature"].startswith("v0=")
    payload = request.payload
    assert payload["type"] == "block_actions"
    assert payload["user"] == {
        "id": "U0ADA",
        "username": "ada",
        "name": "ada",
        "team_id": "T0CAIRNWAY",
    }
    assert payload["container"] == {
        "type": "message",
        "message_ts": desk.card["ts"],
        "channel_id": CHANNEL,
        "is_ephemeral": False,
        "thread_ts": desk.card["thread_ts"],
    }
    assert payload["channel"] == {"id": CHANNEL, "name": "help-desk"}
    assert payload["team"] == {"id": "T0CAIRNWAY", "domain": "cairnway-outfitters"}
    assert payload["message"]["ts"] == desk.card["ts"]
    [action] = payload["actions"]
    assert re.fullmatch(r"\d+\.\d{6}", action.pop("action_ts"))
    assert action == {
        "type": "button",
        "action_id": "claim",
        "block_id": "acts",
        "text": plain("Claim"),
        "value": "case-1",
    }
    assert payload["state"] == {"values": {}}
    assert payload["response_url"].startswith("http://127.0.0.1:8000/response/")


@pytest.mark.parametrize(
    ("action_id", "selected", "chosen"),
    [
        ("pick", "two", {"selected_option": OPTIONS[1]}),
        ("pick", OPTIONS[0], {"selected_option": OPTIONS[0]}),
        ("grouped", "one", {"selected_option": OPTIONS[0]}),
        ("tick", ["one", "two"], {"selected_options": OPTIONS}),
        ("tick", [], {"selected_options": []}),
        ("who", "U0PRIYA", {"selected_user": "U0PRIYA"}),
    ],
)
def test_choices_are_reported_as_slack_does(
    desk: Desk, stand_in: StandIn, action_id: str, selected: object, chosen: dict[str, object]
) -> None:
    assert desk.press(action_id, selected=selected)["ok"]
    payload = stand_in.requests[0].payload
    action = payload["actions"][0]
    assert {key: action[key] for key in chosen} == chosen
    assert payload["state"]["values"]["acts"][action_id] == {"type": action["type"], **chosen}


def test_feedback_is_sent_and_remembered_per_person(desk: Desk, stand_in: StandIn) -> None:
    assert desk.press("rate", "feed", value="down")["ok"]
    action = stand_in.requests[0].payload["actions"][0]
    assert (action["type"], action["value"], action["text"]) == (
        "feedback_buttons",
        "down",
        plain("Bad"),
    )
    desk.press("rate", "feed", value="up")
    assert desk.messages()[-1]["feedback"] == {"U0ADA": "up"}
    assert "no such value" in desk.press("rate", "feed", value="sideways")["error"]
    assert desk.press("drop", "feed")["ok"]


@pytest.mark.parametrize(
    ("action_id", "block_id", "fields"),
    [("ghost", "acts", {}), ("claim", "ghost", {}), ("pick", "acts", {"selected": "three"})],
)
def test_what_is_not_there_cannot_be_used(
    desk: Desk, stand_in: StandIn, action_id: str, block_id: str, fields: dict[str, object]
) -> None:
    assert desk.press(action_id, block_id, **fields)["ok"] is False
    assert stand_in.requests == []


def test_an_app_that_does_not_acknowledge_is_reported(desk: Desk, stand_in: StandIn) -> None:
    stand_in.answers = [(500, {}, b"")]
    assert desk.press() == {"ok": False, "error": "Support Bot answered with HTTP status 500."}


def test_an_absent_app_is_reported(opened: Callable[..., Desk]) -> None:
    desk = opened(request_url=None)
    ts = desk.api("chat.postMessage", channel=CHANNEL, blocks=BLOCKS)["ts"]
    place = {"channel": CHANNEL, "user": "U0ADA", "message_ts": ts}
    answer = desk.page("interact", **place, block_id="acts", action_id="claim")
    assert "could not be reached" in answer["error"]


def test_a_response_url_follows_up_replaces_and_deletes(desk: Desk, stand_in: StandIn) -> None:
    desk.press()
    url = stand_in.requests[0].payload["response_url"]

    def respond(**body: object) -> int:
        return desk.http.post(url, json=body).status_code

    assert respond(text="only you") == 200
    assert desk.messages()[-1]["ephemeral_for"] == "U0ADA"
    assert desk.messages()[-1]["thread_ts"] == desk.card["thread_ts"]
    assert respond(text="all of you", response_type="in_channel") == 200
    assert desk.messages()[-1]["ephemeral_for"] is None
    assert respond(replace_original=True, text="done") == 200
    card = next(m for m in desk.messages() if m["ts"] == desk.card["ts"])
    assert card["text"] == "done"
    assert "blocks" not in card
    assert respond(delete_original=True) == 200
    assert all(m["ts"] != desk.card["ts"] for m in desk.messages())
    gone = desk.http.post(url, json={"delete_original": True})
    assert (gone.status_code, gone.json()["error"]) == (404, "message_not_found")
    sixth = desk.http.post(url, json={"text": "x"})
    assert (sixth.status_code, sixth.json()["error"]) == (404, "used_url")


def test_a_response_url_expires_and_checks_its_content(
    desk: Desk, stand_in: StandIn, clock: Clock
) -> None:
    desk.press()
    url = stand_in.requests[0].payload["response_url"]
    assert desk.http.post(url, json={"blocks": [{"type": "x"}]}).json()["error"] == "invalid_blocks"
    in_thread = {"text": "x", "thread_ts": desk.card["thread_ts"]}
    assert desk.http.post(url, json=in_thread).text == "ok"
    clock.now += 1801
    assert desk.http.post(url, json={"text": "x"}).json()["error"] == "expired_url"
    assert desk.http.post("/response/guess", json={"text": "x"}).status_code == 404
