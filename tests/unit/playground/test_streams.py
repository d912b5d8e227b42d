from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from unit.playground.conftest import Clock, Desk


CHANNEL = "C0HELPDESK"


@pytest.fixture
def thread(desk: Desk) -> dict[str, str]:
    return {
        "channel": CHANNEL,
        "thread_ts": desk.ask(),
        "recipient_team_id": "T0CAIRNWAY",
        "recipient_user_id": "U0ADA",
    }


def test_a_stream_starts_grows_and_stops(desk: Desk, thread: dict[str, str]) -> None:
    ts = desk.api("chat.startStream", **thread, markdown_text="**Boots**")["ts"]
    place = {"channel": CHANNEL, "ts": ts}
    assert desk.messages()[-1]["streaming"]
    assert desk.api("chat.appendStream", **place, markdown_text=" can")["ok"]
    blocks = [{"type": "divider"}]
    metadata = {"event_type": "answered", "event_payload": {}}
    answer = desk.api(
        "chat.stopStream", **place, markdown_text=" go.", blocks=blocks, metadata=metadata
    )
    assert answer["message"]["text"] == "**Boots** can go."
    message = desk.messages()[-1]
    assert not message["streaming"]
    assert [block["type"] for block in message["blocks"]] == ["markdown", "divider"]
    assert message["blocks"][0]["text"] == "**Boots** can go."
    assert message["metadata"] == metadata
    assert "edited" not in message
    kinds = [event.get("subtype", event["type"]) for event in desk.events[2:]]
    assert kinds == ["message", "message_changed"]
    for method in ("chat.appendStream", "chat.stopStream"):
        again = desk.api(method, **place, markdown_text="x")
        assert again["error"] == "message_not_in_streaming_state"


def test_chunks_add_text_tasks_and_blocks(desk: Desk, thread: dict[str, str]) -> None:
    task = {"type": "task_update", "id": "1", "title": "Search", "status": "in_progress"}
    ts = desk.api("chat.startStream", **thread, chunks=[task])["ts"]
    chunks = [
        {"type": "markdown_text", "text": "a"},
        {**task, "status": "complete"},
        {"type": "plan_update", "title": "Plan"},
        {"type": "blocks", "blocks": [{"type": "divider"}]},
    ]
    assert desk.api("chat.appendStream", channel=CHANNEL, ts=ts, chunks=chunks)["ok"]
    message = desk.messages()[-1]
    assert message["text"] == "a"
    assert [t.get("status", t["title"]) for t in message["tasks"]] == ["complete", "Plan"]
    assert [block["type"] for block in message["blocks"]] == ["markdown", "divider"]


@pytest.mark.parametrize(
    "chunks",
    ["x", [1], [{"type": "x"}], [{"type": "markdown_text"}], [{"type": "task_update", "id": "1"}],
     [{"type": "task_update", "id": "1", "title": "t", "status": "odd"}]],
)  # fmt: skip
def test_malformed_chunks_are_refused(desk: Desk, thread: dict[str, str], chunks: object) -> None:
    assert desk.api("chat.startStream", **thread, chunks=chunks)["error"] == "invalid_chunks"


def test_recipients_are_required_in_channels_only(desk: Desk, thread: dict[str, str]) -> None:
    for name in ("recipient_team_id", "recipient_user_id"):
        without = {key: value for key, value in thread.items() if key != name}
        assert desk.api("chat.startStream", **without)["error"] == f"missing_{name}"
    ghost = desk.api("chat.startStream", **thread | {"recipient_user_id": "U0GHOST"})
    assert ghost["error"] == "user_not_found"
    direct = desk.ask("hi", channel="D0ADA")
    assert desk.api("chat.startStream", channel="D0ADA", thread_ts=direct)["ok"]


def test_a_stream_needs_a_thread(desk: Desk, thread: dict[str, str]) -> None:
    del thread["thread_ts"]
    assert desk.api("chat.startStream", **thread)["error"] == "invalid_arguments"
    reply = desk.api("chat.startStream", **thread, thread_ts="1.000000")
    assert reply["error"] == "thread_not_found"


def test_a_stream_dies_of_age_and_is_then_an_ordinary_message(
    desk: Desk, thread: dict[str, str], clock: Clock
) -> None:
    ts = desk.api("chat.startStream", **thread, markdown_text="a")["ts"]
    place = {"channel": CHANNEL, "ts": ts}
    conflict = desk.api("chat.update", **place, text="b")
    assert conflict["error"] == "streaming_state_conflict"
    clock.now += 299.0
    assert desk.api("chat.appendStream", **place, markdown_text="b")["ok"]
    clock.now += 1.0
    late = desk.api("chat.appendStream", **place, markdown_text="c")
    assert late["error"] == "message_not_in_streaming_state"
    assert not desk.messages()[-1]["streaming"]
    assert desk.api("chat.update", **place, text="whole")["ok"]


def test_appending_needs_something_short_and_an_own_message(
    desk: Desk, thread: dict[str, str]
) -> None:
    ts = desk.api("chat.startStream", **thread)["ts"]
    place = {"channel": CHANNEL, "ts": ts}
    assert desk.api("chat.appendStream", **place)["error"] == "no_text"
    assert desk.api("chat.stopStream", **place)["error"] == "no_text"
    long = desk.api("chat.appendStream", **place, markdown_text="x" * 12_001)
    assert long["error"] == "msg_too_long"
    theirs = desk.api("chat.appendStream", channel=CHANNEL, ts=thread["thread_ts"])
    assert theirs["error"] == "message_not_owned_by_app"
    for _ in range(3):
        assert desk.api("chat.appendStream", **place, markdown_text="x" * 12_000)["ok"]
    whole = desk.api("chat.appendStream", **place, markdown_text="x" * 12_000)
    assert whole["error"] == "msg_too_long"
