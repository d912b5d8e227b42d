from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.playground.conftest import Clock, Desk


CHANNEL = "C0HELPDESK"
METADATA = {"event_type": "answered", "event_payload": {"reply": 7}}


def test_a_call_needs_a_known_token(desk: Desk) -> None:
    def error(token: str, method: str = "auth.test") -> str:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return desk.http.post(f"/api/{method}", headers=headers).json()["error"]

    assert error("") == "not_authed"
    assert error("xoxb-wrong") == "invalid_auth"
    assert error("xapp-test") == "not_allowed_token_type"
    assert error("xoxb-test", "apps.connections.open") == "not_allowed_token_type"
    assert error("", "chat.nonsense") == "unknown_method"


def test_arguments_come_from_query_form_or_json(desk: Desk) -> None:
    post = desk.http.post
    assert desk.http.get("/api/auth.test?token=xoxb-test").json()["ok"]
    assert post("/api/auth.test", data={"token": "xoxb-test"}).json()["user_id"] == "U0SUPPORT"
    form = {"token": "xoxb-test", "channel": CHANNEL, "blocks": json.dumps([{"type": "divider"}])}
    assert post("/api/chat.postMessage", data=form).json()["ok"]
    assert post("/api/api.test", json={"a": 1}).json() == {"ok": True, "args": {"a": 1}}
    assert desk.api("api.test", error="boom")["error"] == "boom"


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b"{", "invalid_json"),
        ("application/json", b"[]", "json_not_object"),
        ("text/plain", b"x", "invalid_post_type"),
        ("", b"x", "missing_post_type"),
        ("application/x-www-form-urlencoded", b"\xff", "invalid_charset"),
    ],
)
def test_unreadable_bodies_are_refused(
    desk: Desk, content_type: str, body: bytes, error: str
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = desk.http.post("/api/api.test", content=body, headers=headers)
    assert answer.json() == {"ok": False, "error": error}


def test_a_message_is_posted_shown_and_told_to_the_app(desk: Desk) -> None:
    answer = desk.api("chat.postMessage", channel=CHANNEL, text="Hello")
    message = answer["message"]
    assert (answer["ok"], answer["channel"], answer["ts"]) == (True, CHANNEL, message["ts"])
    assert (message["user"], message["bot_id"], message["app_id"]) == (
        "U0SUPPORT",
        "B0SUPPORT",
        "A0SUPPORT",
    )
    assert "subtype" not in message
    assert desk.messages()[0]["text"] == "Hello"
    [event] = desk.events
    assert (event["type"], event["bot_id"], event["channel_type"]) == (
        "message",
        "B0SUPPORT",
        "channel",
    )


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"channel": "C0NOWHERE", "text": "x"}, "channel_not_found"),
        ({"channel": "C0RANDOM", "text": "x"}, "not_in_channel"),
        ({"text": "x"}, "invalid_arguments"),
        ({"channel": CHANNEL}, "no_text"),
        ({"channel": CHANNEL, "text": "  "}, "no_text"),
        ({"channel": CHANNEL, "text": "", "blocks": []}, "no_text"),
        ({"channel": CHANNEL, "text": "x" * 40_001}, "msg_too_long"),
        ({"channel": CHANNEL, "text": "x", "blocks": "{"}, "invalid_blocks_format"),
        ({"channel": CHANNEL, "blocks": [{"type": "x"}]}, "invalid_blocks"),
        ({"channel": CHANNEL, "text": "x", "markdown_text": "y"}, "markdown_text_conflict"),
        ({"channel": CHANNEL, "markdown_text": "x" * 12_001}, "msg_too_long"),
        ({"channel": CHANNEL, "markdown_text": " "}, "no_text"),
        ({"channel": CHANNEL, "text": "x", "thread_ts": "yesterday"}, "invalid_thread_ts"),
        ({"channel": CHANNEL, "text": "x", "thread_ts": "1.000000"}, "thread_not_found"),
        ({"channel": CHANNEL, "text": "x", "metadata": {"a": 1}}, "invalid_metadata_format"),
        ({"channel": CHANNEL, "text": "x", "metadata": "{"}, "invalid_metadata_format"),
        ({"channel": CHANNEL, "text": ["x"]}, "invalid_arguments"),
    ],
)
def test_what_slack_refuses_is_refused_and_not_shown(
    desk: Desk, arguments: dict[str, object], error: str
) -> None:
    assert desk.api("chat.postMessage", **arguments)["error"] == error
    assert desk.messages() == []
    assert desk.events == []


def test_invalid_blocks_are_explained(desk: Desk) -> None:
    answer = desk.api("chat.postMessage", channel=CHANNEL, blocks=[{"type": "header"}])
    assert answer["response_metadata"]["messages"] == [
        "[ERROR] missing required field: text [json-pointer:/blocks/0]"
    ]


def test_text_of_exactly_40000_characters_and_markdown_are_accepted(desk: Desk) -> None:
    assert desk.api("chat.postMessage", channel=CHANNEL, text="x" * 40_000)["ok"]
    answer = desk.api("chat.postMessage", channel=CHANNEL, markdown_text="**hi**")
    [block] = answer["message"]["blocks"]
    assert (block["type"], block["text"]) == ("markdown", "**hi**")


def test_a_reply_needs_the_parents_timestamp(desk: Desk) -> None:
    parent = desk.ask()
    reply = desk.api("chat.postMessage", channel=CHANNEL, text="re", thread_ts=parent)
    assert reply["message"]["parent_user_id"] == "U0ADA"
    nested = desk.api("chat.postMessage", channel=CHANNEL, text="re", thread_ts=reply["ts"])
    assert nested["error"] == "invalid_thread_ts"
    assert desk.messages()[0]["reply_count"] == 1


def test_blocks_and_elements_without_ids_get_some(desk: Desk) -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Go"}}
    blocks = [
        {"type": "actions", "elements": [button, button]},
        {"type": "section", "text": {"type": "mrkdwn", "text": "x"}, "accessory": button},
    ]
    answer = desk.api("chat.postMessage", channel=CHANNEL, blocks=blocks)
    first, second = answer["message"]["blocks"]
    ids = [element["action_id"] for element in first["elements"]]
    assert first["block_id"] != second["block_id"]
    assert len({*ids, second["accessory"]["action_id"]}) == 3


def test_posting_reaches_direct_messages_by_user_and_channels_by_name(desk: Desk) -> None:
    assert desk.api("chat.postMessage", channel="U0ADA", text="hi")["channel"] == "D0ADA"
    assert desk.api("chat.postMessage", channel="#triage", text="hi")["channel"] == "C0TRIAGE"


def test_the_rate_limit_allows_a_burst_then_one_per_interval(
    opened: Callable[..., Desk], clock: Clock
) -> None:
    desk = opened(post_interval=2.0, post_burst=2)
    for _ in range(2):
        assert desk.api("chat.postMessage", channel=CHANNEL, text="x")["ok"]
    headers = {"Authorization": "Bearer xoxb-test"}
    body = {"channel": CHANNEL, "text": "x"}
    answer = desk.http.post("/api/chat.postMessage", headers=headers, json=body)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "2")
    assert answer.json() == {"ok": False, "error": "ratelimited"}
    assert desk.api("chat.postMessage", channel="C0TEAM", text="other channel")["ok"]
    clock.now += 2.0
    assert desk.api("chat.postMessage", channel=CHANNEL, text="x")["ok"]
    assert desk.api("chat.postMessage", channel=CHANNEL, text="x")["error"] == "ratelimited"


def test_metadata_is_returned_only_on_request(desk: Desk) -> None:
    desk.api("chat.postMessage", channel=CHANNEL, text="x", metadata=METADATA)
    [hidden] = desk.api("conversations.history", channel=CHANNEL)["messages"]
    [shown] = desk.api("conversations.history", channel=CHANNEL, include_all_metadata=True)[
        "messages"
    ]
    assert "metadata" not in hidden
    assert shown["metadata"] == METADATA


def test_an_update_with_text_removes_blocks_and_marks_the_edit(desk: Desk) -> None:
    divider = [{"type": "divider"}]
    ts = desk.api("chat.postMessage", channel=CHANNEL, text="a", blocks=divider)["ts"]
    answer = desk.api("chat.update", channel=CHANNEL, ts=ts, text="b")
    assert answer["text"] == "b"
    [message] = desk.messages()
    assert "blocks" not in message
    assert message["edited"]["user"] == "U0SUPPORT"
    event = desk.events[-1]
    assert event["subtype"] == "message_changed"
    assert (event["message"]["text"], event["previous_message"]["text"]) == ("b", "a")
    assert event["ts"] != ts


def test_an_update_with_blocks_keeps_text_and_shows_no_edit(desk: Desk) -> None:
    ts = desk.api("chat.postMessage", channel=CHANNEL, text="a", metadata=METADATA)["ts"]
    desk.api("chat.update", channel=CHANNEL, ts=ts, blocks=[{"type": "divider"}])
    [message] = desk.messages()
    assert (message["text"], message["blocks"][0]["type"]) == ("a", "divider")
    assert "edited" not in message
    assert message["metadata"] == METADATA
    desk.api("chat.update", channel=CHANNEL, ts=ts, text="b", metadata={})
    assert "metadata" not in desk.messages()[0]


def test_only_own_messages_are_changed_or_deleted(desk: Desk) -> None:
    theirs = desk.ask()
    assert desk.api("chat.update", channel=CHANNEL, ts=theirs, text="x")["error"] == (
        "cant_update_message"
    )
    assert desk.api("chat.delete", channel=CHANNEL, ts=theirs)["error"] == "cant_delete_message"
    assert desk.api("chat.update", channel=CHANNEL, ts="1.000000", text="x")["error"] == (
        "message_not_found"
    )
    own = desk.api("chat.postMessage", channel=CHANNEL, text="a")["ts"]
    assert desk.api("chat.update", channel=CHANNEL, ts=own)["error"] == "no_text"
    assert desk.api("chat.delete", channel=CHANNEL, ts=own)["ok"]
    assert desk.events[-1]["subtype"] == "message_deleted"
    assert desk.events[-1]["deleted_ts"] == own
    assert desk.api("chat.delete", channel=CHANNEL, ts=own)["error"] == "message_not_found"


def test_a_deleted_parent_leaves_a_tombstone_until_its_last_reply_goes(desk: Desk) -> None:
    parent = desk.api("chat.postMessage", channel=CHANNEL, text="parent")["ts"]
    reply = desk.api("chat.postMessage", channel=CHANNEL, text="re", thread_ts=parent)["ts"]
    desk.api("chat.delete", channel=CHANNEL, ts=parent)
    tombstone = desk.messages()[0]
    assert (tombstone["subtype"], tombstone["reply_count"]) == ("tombstone", 1)
    assert desk.events[-1]["message"]["subtype"] == "tombstone"
    assert desk.events[-1]["previous_message"]["text"] == "parent"
    assert desk.api("chat.postMessage", channel=CHANNEL, text="more", thread_ts=parent)["ok"]
    more = desk.messages()[-1]["ts"]
    for ts in (reply, more):
        assert desk.api("chat.delete", channel=CHANNEL, ts=ts)["ok"]
    assert desk.messages() == []


def test_ephemeral_messages_are_seen_by_one_person_and_never_listed(desk: Desk) -> None:
    parent = desk.ask()
    answer = desk.api(
        "chat.postEphemeral", channel=CHANNEL, user="U0ADA", text="psst", thread_ts=parent
    )
    assert desk.messages()[-1]["ephemeral_for"] == "U0ADA"
    assert desk.messages()[-1]["ts"] == answer["message_ts"]
    assert len(desk.api("conversations.replies", channel=CHANNEL, ts=parent)["messages"]) == 1
    assert len(desk.events) == 2  # the question, as message and as mention
    update = desk.api("chat.update", channel=CHANNEL, ts=answer["message_ts"], text="x")
    assert update["error"] == "message_not_found"
    refused = desk.api("chat.postEphemeral", channel="D0ADA", user="U0PRIYA", text="x")
    assert refused["error"] == "user_not_in_channel"
    unknown = desk.api("chat.postEphemeral", channel=CHANNEL, user="U0GHOST", text="x")
    assert unknown["error"] == "user_not_found"


def test_a_broadcast_reply_is_in_the_channels_history(desk: Desk) -> None:
    parent = desk.ask()
    desk.api("chat.postMessage", channel=CHANNEL, text="re", thread_ts=parent, reply_broadcast=True)
    newest = desk.api("conversations.history", channel=CHANNEL)["messages"][0]
    assert (newest["subtype"], newest["text"]) == ("thread_broadcast", "re")


def test_permalinks_lead_to_the_message_and_its_thread(desk: Desk) -> None:
    parent = desk.ask()
    reply = desk.api("chat.postMessage", channel=CHANNEL, text="re", thread_ts=parent)["ts"]

    def link(ts: str) -> str:
        return desk.api("chat.getPermalink", channel=CHANNEL, message_ts=ts)["permalink"]

    place = f"http://127.0.0.1:8000/archives/{CHANNEL}/p"
    assert link(parent) == place + parent.replace(".", "")
    assert link(reply) == (place + reply.replace(".", "") + f"?thread_ts={parent}&cid={CHANNEL}")
    assert desk.http.get(link(reply)).status_code == 200
    missing = desk.api("chat.getPermalink", channel=CHANNEL, message_ts="1.000000")
    assert missing["error"] == "message_not_found"
