from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from unit.playground.samples import BLOCKS, MODAL, OPTIONS

if TYPE_CHECKING:
    from unit.playground.conftest import Clock, Desk, StandIn


@pytest.fixture
def desk(card_desk: Desk) -> Desk:
    return card_desk


def open_modal(desk: Desk, stand_in: StandIn, view: dict[str, Any] | None = None) -> dict[str, Any]:
    desk.press()
    trigger = stand_in.requests[-1].payload["trigger_id"]
    answer = desk.api("views.open", trigger_id=trigger, view=view or MODAL)
    assert answer["ok"], answer
    return answer["view"]


def submit(desk: Desk, view: dict[str, Any], **texts: object) -> dict[str, Any]:
    state = {"why": {"text": {"type": "plain_text_input", "value": "wrong"}}} | texts
    return desk.page("view", user="U0ADA", view_id=view["id"], action="submit", state=state)


def test_a_trigger_opens_one_modal_within_three_seconds(
    desk: Desk, stand_in: StandIn, clock: Clock
) -> None:
    desk.press()
    desk.press()
    first, second = (request.payload["trigger_id"] for request in stand_in.requests)
    view = desk.api("views.open", trigger_id=first, view=json.dumps(MODAL))["view"]
    assert (view["callback_id"], view["private_metadata"]) == ("correct", "case-1")
    assert view["id"] == view["root_view_id"]
    assert desk.state()["views"]["U0ADA"]["id"] == view["id"]
    again = desk.api("views.open", trigger_id=first, view=MODAL)
    assert again["error"] == "exchanged_trigger_id"
    clock.now += 3.1
    assert desk.api("views.open", trigger_id=second, view=MODAL)["error"] == "expired_trigger_id"
    assert desk.api("views.open", trigger_id="1.2.x", view=MODAL)["error"] == "invalid_trigger_id"
    assert desk.api("views.open", trigger_id=second)["error"] == "invalid_arguments"
    refused = desk.api("views.open", trigger_id=second, view={"type": "modal"})
    assert "missing required field: title" in " ".join(refused["response_metadata"]["messages"])


def test_a_submitted_form_is_sent_with_its_values_and_closes(desk: Desk, stand_in: StandIn) -> None:
    view = open_modal(desk, stand_in)
    chosen = {"pick": {"type": "static_select", "selected_option": OPTIONS[0]}}
    assert submit(desk, view, which=chosen) == {"ok": True}
    payload = stand_in.requests[-1].payload
    assert payload["type"] == "view_submission"
    assert payload["view"]["state"]["values"] == {
        "why": {"text": {"type": "plain_text_input", "value": "wrong"}},
        "which": {"pick": {"type": "static_select", "selected_option": OPTIONS[0]}},
    }
    assert desk.state()["views"]["U0ADA"] is None
    assert "no longer open" in submit(desk, view)["error"]


def test_a_form_checks_what_slacks_own_client_checks(desk: Desk, stand_in: StandIn) -> None:
    view = open_modal(desk, stand_in)
    sent = len(stand_in.requests)
    empty = submit(desk, view, why={})
    assert empty == {"ok": False, "errors": {"why": "Please complete this required field."}}
    long = submit(desk, view, why={"text": {"value": "x" * 11}})
    assert "at most 10" in long["errors"]["why"]
    assert len(stand_in.requests) == sent
    assert desk.page("view", user="U0PRIYA", view_id=view["id"], action="submit")["ok"] is False


def answer_with(stand_in: StandIn, **response: object) -> None:
    stand_in.answers = [(200, {}, json.dumps(response).encode())]


def test_the_app_may_answer_with_errors(desk: Desk, stand_in: StandIn) -> None:
    view = open_modal(desk, stand_in)
    answer_with(stand_in, response_action="errors", errors={"why": "Say more."})
    assert submit(desk, view) == {"ok": False, "errors": {"why": "Say more."}}
    assert desk.state()["views"]["U0ADA"]["id"] == view["id"]
    answer_with(stand_in, response_action="errors", errors={"ghost": "?"})
    assert "no inputs of the form" in submit(desk, view)["error"]


def test_the_app_may_update_push_or_clear(desk: Desk, stand_in: StandIn) -> None:
    view = open_modal(desk, stand_in)
    answer_with(stand_in, response_action="update", view=MODAL | {"callback_id": "second"})
    assert submit(desk, view)["ok"]
    top = desk.state()["views"]["U0ADA"]
    assert (top["id"], top["callback_id"]) == (view["id"], "second")
    answer_with(stand_in, response_action="push", view=MODAL | {"callback_id": "third"})
    assert submit(desk, view)["ok"]
    top = desk.state()["views"]["U0ADA"]
    assert (top["callback_id"], top["previous_view_id"]) == ("third", view["id"])
    answer_with(stand_in, response_action="clear")
    assert submit(desk, top)["ok"]
    assert desk.state()["views"]["U0ADA"] is None


@pytest.mark.parametrize(
    "response", [{"response_action": "dance"}, {"response_action": "update", "view": {}}]
)
def test_answers_slack_would_refuse_are_reported(
    desk: Desk, stand_in: StandIn, response: dict[str, object]
) -> None:
    view = open_modal(desk, stand_in)
    answer_with(stand_in, **response)
    answer = submit(desk, view)
    assert answer["ok"] is False
    assert answer["error"].startswith("The app answered")


def test_views_are_pushed_to_a_depth_of_three_and_closed_one_by_one(
    desk: Desk, stand_in: StandIn
) -> None:
    assert desk.api("views.push", trigger_id="x", view=MODAL)["error"] == "invalid_trigger_id"
    open_modal(desk, stand_in)
    for expected in (True, True, False):
        desk.press()
        trigger = stand_in.requests[-1].payload["trigger_id"]
        answer = desk.api("views.push", trigger_id=trigger, view=MODAL)
        assert answer["ok"] is expected
    assert answer["error"] == "push_limit_reached"
    top = desk.state()["views"]["U0ADA"]
    assert desk.page("view", user="U0ADA", view_id=top["id"], action="close")["ok"]
    payload = stand_in.requests[-1].payload
    assert (payload["type"], payload["is_cleared"]) == ("view_closed", False)
    assert desk.state()["views"]["U0ADA"]["id"] == top["previous_view_id"]


def test_closing_may_clear_all(desk: Desk, stand_in: StandIn) -> None:
    view = open_modal(desk, stand_in, MODAL | {"clear_on_close": True, "notify_on_close": False})
    sent = len(stand_in.requests)
    assert desk.page("view", user="U0ADA", view_id=view["id"], action="close")["ok"]
    assert desk.state()["views"]["U0ADA"] is None
    assert len(stand_in.requests) == sent


def test_pushing_needs_an_open_view(desk: Desk, stand_in: StandIn) -> None:
    desk.press()
    trigger = stand_in.requests[-1].payload["trigger_id"]
    assert desk.api("views.push", trigger_id=trigger, view=MODAL)["error"] == "not_found"


def test_views_are_updated_by_id_external_id_and_hash(desk: Desk, stand_in: StandIn) -> None:
    view = open_modal(desk, stand_in, MODAL | {"external_id": "ext"})
    update = MODAL | {"external_id": "ext", "callback_id": "new"}
    stale = desk.api("views.update", view_id=view["id"], view=update, hash="old")
    assert stale["error"] == "hash_conflict"
    fresh = desk.api("views.update", external_id="ext", view=update, hash=view["hash"])
    assert fresh["view"]["callback_id"] == "new"
    assert fresh["view"]["id"] == view["id"]
    assert fresh["view"]["hash"] != view["hash"]
    assert desk.api("views.update", view_id="V0", view=MODAL)["error"] == "not_found"
    assert desk.api("views.update", view=MODAL)["error"] == "invalid_arguments"
    desk.press()
    trigger = stand_in.requests[-1].payload["trigger_id"]
    double = desk.api("views.push", trigger_id=trigger, view=update)
    assert double["error"] == "duplicate_external_id"


def test_a_home_tab_is_published_shown_and_used(desk: Desk, stand_in: StandIn) -> None:
    home = {"type": "home", "blocks": BLOCKS[:1]}
    view = desk.api("views.publish", user_id="U0ADA", view=home)["view"]
    assert desk.state()["home"]["U0ADA"]["id"] == view["id"]
    again = desk.api("views.publish", user_id="U0ADA", view=home, hash=view["hash"])
    assert again["view"]["id"] == view["id"]
    stale = desk.api("views.publish", user_id="U0ADA", view=home, hash="old")
    assert stale["error"] == "hash_conflict"
    early = desk.api("views.publish", user_id="U0PRIYA", view=home, hash="old")
    assert early["error"] == "hash_conflict"
    assert desk.api("views.publish", user_id="U0ADA", view=MODAL)["error"] == "invalid_arguments"
    used = {"user": "U0ADA", "view_id": view["id"], "block_id": "acts", "action_id": "pick"}
    assert desk.page("interact", **used, selected="one")["ok"]
    payload = stand_in.requests[-1].payload
    assert payload["container"] == {"type": "view", "view_id": view["id"]}
    chosen = payload["view"]["state"]["values"]["acts"]["pick"]
    assert chosen["selected_option"] == OPTIONS[0]
    desk.page("open", channel="D0ADA", user="U0ADA", tab="home")
    assert desk.events[-1]["view"]["id"] == view["id"]


def test_a_button_in_a_modal_is_sent_with_what_was_typed_so_far(
    desk: Desk, stand_in: StandIn
) -> None:
    view = open_modal(desk, stand_in)
    state = {"why": {"text": {"value": "half"}}}
    place = {"user": "U0ADA", "view_id": view["id"], "block_id": "more", "action_id": "add"}
    assert desk.page("interact", **place, state=state)["ok"]
    values = stand_in.requests[-1].payload["view"]["state"]["values"]
    assert values["why"]["text"]["value"] == "half"
