from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.playground.conftest import Desk


CHANNEL = "C0HELPDESK"


def test_the_state_describes_the_workspace(desk: Desk) -> None:
    state = desk.state()
    assert state["team"] == {"id": "T0CAIRNWAY", "name": "Cairnway Outfitters"}
    assert state["bot"] == {"user_id": "U0SUPPORT", "name": "Support Bot", "bot_id": "B0SUPPORT"}
    assert [user["name"] for user in state["users"]] == ["ada", "tomasz", "priya"]
    assert {"id", "name", "real_name", "title", "color"} == set(state["users"][0])
    rooms = {channel["id"]: channel for channel in state["channels"]}
    assert rooms["D0ADA"] == {
        "id": "D0ADA",
        "name": "ada",
        "is_im": True,
        "user": "U0ADA",
        "is_member": True,
        "topic": "",
    }
    assert not rooms["C0RANDOM"]["is_member"]
    assert set(state["messages"]) == set(rooms)
    assert state["views"] == state["home"] == dict.fromkeys(["U0ADA", "U0TOMASZ", "U0PRIYA"])
    assert (state["status"], state["prompts"]) == ([], {})
    assert isinstance(state["cursor"], int)


def test_a_mention_is_sent_twice_with_one_place_and_two_kinds(desk: Desk) -> None:
    ts = desk.ask("<@U0SUPPORT> a < b")
    message, mention = desk.events
    assert (message["type"], mention["type"]) == ("message", "app_mention")
    for event in desk.events:
        assert (event["channel"], event["ts"], event["user"]) == (CHANNEL, ts, "U0ADA")
        assert event["text"] == "<@U0SUPPORT> a &lt; b"
        assert event["event_ts"] == ts
        assert event["team"] == "T0CAIRNWAY"
    assert message["client_msg_id"] == mention["client_msg_id"]
    assert message["channel_type"] == "channel"
    assert "channel_type" not in mention


def test_only_mentions_in_channels_of_others_are_mentions(desk: Desk) -> None:
    desk.ask("no mention")
    desk.ask("<@U0SUPPORT> direct", channel="D0ADA")
    desk.api("chat.postMessage", channel=CHANNEL, text="<@U0SUPPORT> that is me")
    assert [event["type"] for event in desk.events] == ["message"] * 3
    assert desk.events[1]["channel_type"] == "im"


def test_a_reply_carries_its_thread_and_whom_it_answers(desk: Desk) -> None:
    parent = desk.ask("q", user="U0PRIYA")
    desk.ask("<@U0SUPPORT> re", thread_ts=parent)
    message, mention = desk.events[1:]
    assert (message["thread_ts"], message["parent_user_id"]) == (parent, "U0PRIYA")
    assert mention["thread_ts"] == parent
    assert desk.page("message", channel=CHANNEL, user="U0ADA", text="x", thread_ts="1.000000") == {
        "ok": False,
        "error": "There is no thread to reply to.",
    }


def test_nothing_is_told_of_channels_without_the_bot(desk: Desk) -> None:
    ts = desk.ask(channel="C0RANDOM")
    desk.page("edit", channel="C0RANDOM", user="U0ADA", ts=ts, text="b")
    desk.page("reaction", channel="C0RANDOM", user="U0ADA", ts=ts, name="eyes")
    desk.page("delete", channel="C0RANDOM", user="U0ADA", ts=ts)
    assert desk.events == []


def test_an_edit_carries_both_versions(desk: Desk) -> None:
    ts = desk.ask("before")
    assert desk.page("edit", channel=CHANNEL, user="U0ADA", ts=ts, text="after & more")["ok"]
    event = desk.events[-1]
    assert event["subtype"] == "message_changed"
    assert event["message"]["text"] == "after &amp; more"
    assert event["message"]["edited"]["user"] == "U0ADA"
    assert (event["previous_message"]["text"], event["previous_message"]["ts"]) == ("before", ts)
    assert desk.messages()[0]["edited"]["user"] == "U0ADA"


def test_a_delete_names_what_is_gone(desk: Desk) -> None:
    ts = desk.ask("gone")
    assert desk.page("delete", channel=CHANNEL, user="U0ADA", ts=ts)["ok"]
    event = desk.events[-1]
    assert (event["subtype"], event["deleted_ts"]) == ("message_deleted", ts)
    assert event["previous_message"]["text"] == "gone"
    assert desk.messages() == []


def test_reactions_of_people_are_told(desk: Desk) -> None:
    ts = desk.ask()
    place = {"channel": CHANNEL, "user": "U0PRIYA", "ts": ts, "name": ":tada:"}
    assert desk.page("reaction", **place)["ok"]
    event = desk.events[-1]
    assert (event["type"], event["user"], event["reaction"], event["item_user"]) == (
        "reaction_added",
        "U0PRIYA",
        "tada",
        "U0ADA",
    )
    assert desk.page("reaction", **place)["ok"] is False
    assert desk.page("reaction", **place, remove=True)["ok"]
    assert desk.events[-1]["type"] == "reaction_removed"
    assert desk.page("reaction", **place | {"name": "a b"})["ok"] is False


def test_a_foreign_bot_posts_as_a_bot(desk: Desk) -> None:
    desk.ask("<@U0SUPPORT> alert", bot=True)
    message, mention = desk.events
    assert (message["subtype"], message["bot_id"]) == ("bot_message", "B0FOREIGN")
    assert "user" not in message
    assert "client_msg_id" not in message
    assert mention["bot_id"] == "B0FOREIGN"


@pytest.mark.parametrize("nested", ["nested", ""])
def test_a_forwarded_message_travels_as_an_attachment(desk: Desk, nested: str) -> None:
    source = desk.ask("my tent leaks", channel="C0RANDOM", user="U0PRIYA")
    forward = {"forward": {"channel": "C0RANDOM", "ts": source}}
    extra = {"attachments": forward} if nested else forward
    ts = desk.ask("", **extra)
    event = desk.events[0]
    [shared] = event["attachments"]
    assert (event["text"], event["ts"]) == ("", ts)
    assert shared["is_share"]
    assert shared["is_msg_unfurl"]
    assert (shared["author_name"], shared["text"]) == ("Priya Raman", "my tent leaks")
    assert shared["footer"] == "Posted in #random"
    assert shared["from_url"].endswith(source.replace(".", ""))


def test_forwarding_keeps_files_and_blocks_of_the_original(desk: Desk) -> None:
    source = desk.api("chat.postMessage", channel=CHANNEL, blocks=[{"type": "divider"}])["ts"]
    desk.ask("", channel="C0TEAM", forward={"channel": CHANNEL, "ts": source})
    [shared] = desk.events[-1]["attachments"]
    assert shared["author_name"] == "Support Bot"
    assert shared["message_blocks"][0]["message"]["blocks"][0]["type"] == "divider"
    mail = desk.page("email", channel=CHANNEL, eml="Subject: a\n\nb")["ts"]
    desk.ask("", channel="D0ADA", forward={"channel": CHANNEL, "ts": mail})
    assert desk.events[-1]["attachments"][0]["files"][0]["subject"] == "a"


def test_opening_a_direct_message_is_told(desk: Desk) -> None:
    assert desk.page("open", channel="D0ADA", user="U0ADA")["ok"]
    event = desk.events[0]
    assert (event["type"], event["tab"], event["user"]) == ("app_home_opened", "messages", "U0ADA")
    assert not desk.page("open", channel=CHANNEL, user="U0ADA")["ok"]


@pytest.mark.parametrize(
    ("name", "body", "status", "words"),
    [
        ("message", {"channel": "C0", "user": "U0ADA", "text": "x"}, 404, "no channel"),
        ("message", {"channel": CHANNEL, "user": "U0", "text": "x"}, 404, "no user"),
        ("message", {"channel": "D0ADA", "user": "U0PRIYA", "text": "x"}, 403, "not in this"),
        ("message", {"channel": CHANNEL, "user": "U0ADA", "text": " "}, 400, "Write something"),
        ("message", {"channel": CHANNEL, "user": "U0ADA", "text": 7}, 400, "must be text"),
        ("message", {"channel": CHANNEL, "user": "U0ADA", "text": "x" * 40_001}, 400, "longer"),
        ("message", {"user": "U0ADA", "text": "x"}, 400, "lacks 'channel'"),
        ("message", {"channel": CHANNEL, "user": "U0ADA", "forward": 1}, 400, "must be an object"),
        ("edit", {"channel": CHANNEL, "user": "U0ADA", "ts": "1.0", "text": "x"}, 404, "no longer"),
        ("view", {"user": "U0ADA", "view_id": "V0", "action": "dance"}, 400, "submit or close"),
        ("view", {"user": "U0ADA", "view_id": "V0", "action": "close"}, 404, "no longer open"),
        ("email", {"channel": "C0", "eml": "Subject: x"}, 404, "no channel"),
        ("email", {"channel": CHANNEL, "eml": "just words"}, 400, "This is no e-mail"),
        ("email", {"channel": CHANNEL, "eml_b64": "%%%"}, 400, "not base64"),
    ],
)
def test_refusals_are_plain_sentences(
    desk: Desk, name: str, body: dict[str, object], status: int, words: str
) -> None:
    answer = desk.http.post(f"/playground/{name}", json=body)
    assert answer.status_code == status
    assert answer.json()["ok"] is False
    assert words in answer.json()["error"]


@pytest.mark.parametrize(
    "raw", [b"{", b"[]", b"\xff", b'{"a": NaN}', b'{"a": 1e999}', b"[" * 100_000]
)
def test_bodies_that_are_no_json_object_are_refused(desk: Desk, raw: bytes) -> None:
    assert desk.http.post("/playground/message", content=raw).status_code == 400


def test_people_change_only_their_own_messages(desk: Desk) -> None:
    ts = desk.ask()
    place = {"channel": CHANNEL, "user": "U0PRIYA", "ts": ts}
    assert "Only the author" in desk.page("edit", **place, text="x")["error"]
    assert "Only the author" in desk.page("delete", **place)["error"]
    own = {"channel": CHANNEL, "user": "U0ADA", "ts": ts}
    assert "delete it instead" in desk.page("edit", **own, text=" ")["error"]


def test_the_trace_is_looked_up_off_the_event_loop(opened: Callable[..., Desk]) -> None:
    def trace(channel: str, ts: str) -> dict[str, object] | None:
        with pytest.raises(RuntimeError):
            asyncio.get_running_loop()
        return {"route": "ANSWER", "channel": channel} if ts == "1.0" else None

    desk = opened(trace=trace)
    get = desk.http.get
    assert get("/playground/trace?channel=C1&ts=1.0").json()["trace"]["route"] == "ANSWER"
    assert get("/playground/trace?channel=C1&ts=2.0").json() == {"trace": None}


def test_without_a_lookup_there_is_no_trace(desk: Desk) -> None:
    assert desk.http.get("/playground/trace").json() == {"trace": None}


def test_half_a_surrogate_pair_breaks_nothing(desk: Desk) -> None:
    desk.http.post(
        "/playground/message",
        content=b'{"channel": "C0HELPDESK", "user": "U0ADA", "text": "\\ud83d"}',
    )
    assert desk.messages()[0]["text"] == "\ud83d"
    answer = desk.http.post(
        "/api/auth.test",
        content=b'{"token": "\\ud83d"}',
        headers={"Content-Type": "application/json"},
    )
    assert answer.json()["error"] == "invalid_auth"
