from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from unit.playground.conftest import Clock, Desk


CHANNEL = "C0HELPDESK"


def texts(answer: dict[str, Any]) -> list[str]:
    return [message["text"] for message in answer["messages"]]


def test_history_is_newest_first_in_pages_without_replies(desk: Desk) -> None:
    stamps = [desk.ask(str(n)) for n in range(5)]
    desk.ask("reply", thread_ts=stamps[0])
    first = desk.api("conversations.history", channel=CHANNEL, limit=2)
    assert (texts(first), first["has_more"]) == (["4", "3"], True)
    cursor = first["response_metadata"]["next_cursor"]
    second = desk.api("conversations.history", channel=CHANNEL, limit=3, cursor=cursor)
    assert (texts(second), second["has_more"]) == (["2", "1", "0"], False)
    assert "response_metadata" not in second


def test_history_between_two_times(desk: Desk) -> None:
    a, _b, c = (desk.ask(text) for text in "abc")
    bounds = {"channel": CHANNEL, "oldest": a, "latest": c}
    assert texts(desk.api("conversations.history", **bounds)) == ["b"]
    assert texts(desk.api("conversations.history", **bounds, inclusive=True)) == ["c", "b", "a"]
    assert texts(desk.api("conversations.history", channel=CHANNEL, oldest="0")) == ["c", "b", "a"]


def test_replies_give_the_parent_first_on_every_page(desk: Desk) -> None:
    parent = desk.ask("q")
    replies = [desk.ask(str(n), thread_ts=parent) for n in range(3)]
    page = desk.api("conversations.replies", channel=CHANNEL, ts=parent, limit=2)
    assert texts(page) == ["q", "0", "1"]
    cursor = page["response_metadata"]["next_cursor"]
    rest = desk.api("conversations.replies", channel=CHANNEL, ts=parent, limit=2, cursor=cursor)
    assert texts(rest) == ["q", "2"]
    by_reply = desk.api("conversations.replies", channel=CHANNEL, ts=replies[1])
    assert by_reply["messages"][0]["reply_count"] == 3
    assert by_reply["messages"][0]["latest_reply"] == replies[2]
    missing = desk.api("conversations.replies", channel=CHANNEL, ts="1.000000")
    assert missing["error"] == "thread_not_found"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"limit": 0}, "invalid_limit"),
        ({"limit": 1000}, "invalid_limit"),
        ({"limit": "many"}, "invalid_limit"),
        ({"cursor": "junk"}, "invalid_cursor"),
        ({"cursor": "YWZ0ZXJfdHM6MS4w"}, "invalid_cursor"),
        ({"cursor": "b2Zmc2V0OjE="}, "invalid_cursor"),
        ({"oldest": "noon"}, "invalid_arguments"),
    ],
)
def test_bad_paging_is_refused(desk: Desk, arguments: dict[str, object], error: str) -> None:
    assert desk.api("conversations.history", channel=CHANNEL, **arguments)["error"] == error


def test_conversations_are_listed_by_kind_in_pages(desk: Desk) -> None:
    page = desk.api("conversations.list", limit=3)
    rest = desk.api("conversations.list", cursor=page["response_metadata"]["next_cursor"])
    channels = page["channels"] + rest["channels"]
    assert [channel["name"] for channel in channels] == [
        "help-desk",
        "support-team",
        "triage",
        "random",
    ]
    assert [channel["is_member"] for channel in channels] == [True, True, True, False]
    direct = desk.api("conversations.list", types="im")["channels"]
    assert [channel["user"] for channel in direct] == ["U0ADA", "U0TOMASZ", "U0PRIYA"]
    assert desk.api("conversations.list", cursor="b2Zmc2V0OngxLjA=")["error"] == "invalid_cursor"


def test_a_channel_can_be_looked_at_without_being_a_member(desk: Desk) -> None:
    info = desk.api("conversations.info", channel="C0RANDOM", include_num_members=True)["channel"]
    assert (info["is_member"], info["num_members"]) == (False, 3)
    assert desk.api("conversations.history", channel="C0RANDOM")["error"] == "not_in_channel"
    assert desk.api("conversations.info", channel="C0")["error"] == "channel_not_found"
    members = desk.api("conversations.members", channel=CHANNEL)["members"]
    assert members == ["U0ADA", "U0TOMASZ", "U0PRIYA", "U0SUPPORT"]


def test_joining_makes_the_bot_a_member_that_hears(desk: Desk) -> None:
    desk.ask("unheard", channel="C0RANDOM")
    assert desk.events == []
    assert desk.api("conversations.join", channel="C0RANDOM")["channel"]["is_member"]
    assert desk.events[0]["subtype"] == "channel_join"
    again = desk.api("conversations.join", channel="C0RANDOM")
    assert again["warning"] == "already_in_channel"
    direct = desk.api("conversations.join", channel="D0ADA")
    assert direct["error"] == "method_not_supported_for_channel_type"
    desk.ask("heard", channel="C0RANDOM")
    assert desk.events[-1]["text"] == "heard"


def test_direct_messages_are_opened_by_person_or_id(desk: Desk) -> None:
    assert desk.api("conversations.open", users="U0ADA")["channel"] == {"id": "D0ADA"}
    opened = desk.api("conversations.open", channel="D0ADA", return_im=True)
    assert opened["channel"]["user"] == "U0ADA"
    for arguments, error in [
        ({}, "users_list_not_supplied"),
        ({"users": ["U0ADA", "U0PRIYA"]}, "method_not_supported_for_channel_type"),
        ({"users": "U0GHOST"}, "user_not_found"),
        ({"channel": CHANNEL}, "method_not_supported_for_channel_type"),
    ]:
        assert desk.api("conversations.open", **arguments)["error"] == error


def test_people_bot_and_team(desk: Desk) -> None:
    user = desk.api("users.info", user="U0ADA")["user"]
    assert (user["real_name"], user["is_bot"]) == ("Ada Lindqvist", False)
    assert user["profile"]["title"] == "Support lead"
    bot = desk.api("users.info", user="U0SUPPORT")["user"]
    assert (bot["is_bot"], bot["profile"]["bot_id"]) == (True, "B0SUPPORT")
    assert desk.api("users.info", user="U0GHOST")["error"] == "user_not_found"
    ids = [member["id"] for member in desk.api("users.list")["members"]]
    assert ids == ["U0ADA", "U0TOMASZ", "U0PRIYA", "U0SUPPORT", "USLACKBOT"]
    assert desk.api("users.profile.get")["profile"]["real_name"] == "Support Bot"
    assert desk.api("users.profile.get", user="U0")["error"] == "user_not_found"
    assert len(desk.api("users.conversations", types="public_channel,im")["channels"]) == 6
    assert len(desk.api("users.conversations", user="U0ADA")["channels"]) == 4
    assert desk.api("users.conversations", user="U0")["error"] == "user_not_found"
    assert desk.api("team.info")["team"]["domain"] == "cairnway-outfitters"
    assert desk.api("bots.info", bot="B0SUPPORT")["bot"]["user_id"] == "U0SUPPORT"
    assert desk.api("bots.info", bot="B0")["error"] == "bot_not_found"


def test_reactions_are_added_listed_and_removed_once(desk: Desk) -> None:
    ts = desk.ask()
    place = {"channel": CHANNEL, "timestamp": ts, "name": "eyes"}
    assert desk.api("reactions.add", **place)["ok"]
    assert desk.events[-1]["type"] == "reaction_added"
    assert desk.events[-1]["item"] == {"type": "message", "channel": CHANNEL, "ts": ts}
    assert desk.api("reactions.add", **place)["error"] == "already_reacted"
    got = desk.api("reactions.get", channel=CHANNEL, timestamp=ts)["message"]["reactions"]
    assert got == [{"name": "eyes", "users": ["U0SUPPORT"], "count": 1}]
    assert desk.api("reactions.remove", **place)["ok"]
    assert desk.events[-1]["type"] == "reaction_removed"
    assert desk.api("reactions.remove", **place)["error"] == "no_reaction"
    assert "reactions" not in desk.messages()[0]
    assert desk.api("reactions.add", **place | {"name": "no such"})["error"] == "invalid_name"
    missing = desk.api("reactions.add", **place | {"timestamp": "1.000000"})
    assert missing["error"] == "message_not_found"


def test_a_status_ends_with_the_next_message_or_after_two_minutes(desk: Desk, clock: Clock) -> None:
    ts = desk.ask()
    place = {"channel_id": CHANNEL, "thread_ts": ts}
    status = {**place, "status": "is searching…", "loading_messages": ["a", "b"]}
    assert desk.api("assistant.threads.setStatus", **status)["ok"]
    [shown] = desk.state()["status"]
    assert shown == {
        "channel": CHANNEL,
        "thread_ts": ts,
        "status": "is searching…",
        "loading_messages": ["a", "b"],
    }
    desk.api("chat.postMessage", channel=CHANNEL, text="re", thread_ts=ts)
    assert desk.state()["status"] == []
    desk.api("assistant.threads.setStatus", **status)
    desk.api("assistant.threads.setStatus", **place, status="")
    assert desk.state()["status"] == []
    desk.api("assistant.threads.setStatus", **status)
    clock.now += 120.0
    assert desk.state()["status"] == []


def test_assistant_arguments_are_checked(desk: Desk) -> None:
    ts = desk.ask()
    place = {"channel_id": CHANNEL, "thread_ts": ts}
    for method, arguments, error in [
        ("setStatus", place, "invalid_arguments"),
        (
            "setStatus",
            {**place, "status": "x", "loading_messages": ["x"] * 11},
            "invalid_arguments",
        ),
        ("setStatus", {**place, "status": "x", "loading_messages": [1]}, "invalid_arguments"),
        ("setStatus", {**place, "thread_ts": "1.000000", "status": "x"}, "thread_not_found"),
        ("setTitle", place, "invalid_arguments"),
        ("setSuggestedPrompts", {**place, "prompts": []}, "method_not_supported_for_channel_type"),
        ("setSuggestedPrompts", {"channel_id": "D0ADA", "prompts": []}, "invalid_arguments"),
        ("setSuggestedPrompts", {"channel_id": "D0ADA", "prompts": [{}]}, "invalid_arguments"),
    ]:
        assert desk.api(f"assistant.threads.{method}", **arguments)["error"] == error


def test_titles_and_prompts_are_kept(desk: Desk) -> None:
    ts = desk.ask()
    desk.api("assistant.threads.setTitle", channel_id=CHANNEL, thread_ts=ts, title="Boots")
    assert desk.playground.assistant.titles[CHANNEL, ts] == "Boots"
    prompts = [{"title": "Returns", "message": "How do I return boots?"}]
    desk.api("assistant.threads.setSuggestedPrompts", channel_id="D0ADA", prompts=prompts)
    assert desk.state()["prompts"] == {"D0ADA": prompts}


def test_a_file_is_uploaded_shared_and_served_to_the_token_only(desk: Desk) -> None:
    target = desk.api("files.getUploadURLExternal", filename="a b.txt", length=5)
    uploaded = desk.http.post(target["upload_url"], content=b"hello!")
    assert uploaded.text == "OK - 6"
    assert desk.http.post(target["upload_url"], content=b"again").status_code == 404
    files = [{"id": target["file_id"], "title": "Notes"}]
    done = desk.api(
        "files.completeUploadExternal", files=files, channel_id=CHANNEL, initial_comment="see"
    )
    assert done["files"][0]["title"] == "Notes"
    message = desk.messages()[0]
    assert (message["subtype"], message["text"]) == ("file_share", "see")
    described = desk.api("files.info", file=target["file_id"])["file"]
    assert (described["size"], described["mimetype"]) == (6, "text/plain")
    url = described["url_private_download"]
    assert "Sign in" in desk.http.get(url).text
    wrong = desk.http.get(url, headers={"Authorization": "Bearer xoxb-wrong"})
    assert "Sign in" in wrong.text
    served = desk.http.get(url, headers={"Authorization": "Bearer xoxb-test"})
    assert served.content == b"hello!"
    assert served.headers["content-disposition"] == "attachment; filename*=UTF-8''a%20b.txt"
    assert served.headers["content-security-policy"].startswith("sandbox")
    gone = desk.http.get("/files/F0/x", headers={"Authorization": "Bearer xoxb-test"})
    assert gone.status_code == 404


def test_file_arguments_are_checked(desk: Desk) -> None:
    assert desk.api("files.info", file="F0")["error"] == "file_not_found"
    for length in (0, "x"):
        refused = desk.api("files.getUploadURLExternal", filename="a", length=length)
        assert refused["error"] == "invalid_arguments"
    for files in ([], "x", [{}]):
        assert not desk.api("files.completeUploadExternal", files=files)["ok"]
