import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import InboundMessage, Kind, TeamId, UserId
from bot.slack.inbound import (
    LONGEST_TEXT,
    Deleted,
    Edited,
    Ignored,
    Workspace,
    is_bot,
    plain,
    read,
)

BOT = "UBOT"
HERE = Workspace(TeamId("T1"), UserId(BOT), allowed_bots=frozenset({"BFORMS"}))
MAIL = json.loads(
    (Path(__file__).parents[2] / "fixtures" / "slack_email_event.json").read_text("utf-8")
)


def event(text: str = f"<@{BOT}> How do I return boots?", **changes: Any) -> dict[str, Any]:
    plain_event = {
        "type": "message",
        "channel": "C1",
        "channel_type": "channel",
        "user": "UADA",
        "ts": "10.0",
        "text": text,
    }
    return {name: value for name, value in (plain_event | changes).items() if value is not None}


def understood(given_event: dict[str, Any]) -> InboundMessage:
    meaning = read(given_event, HERE)
    assert isinstance(meaning, InboundMessage)
    return meaning


def changed(now: str, **changes: Any) -> dict[str, Any]:
    inner = event(now, edited={"user": "UADA", "ts": "11.0"}) | changes
    return event(
        subtype="message_changed", message=inner, previous_message=event("before"), text=None
    )


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, Kind.MENTION),
        ({"type": "app_mention", "channel_type": None}, Kind.MENTION),
        ({"text": f"well, <@{BOT}|desk> knows"}, Kind.MENTION),
        ({"text": "hello", "channel": "D1", "channel_type": "im"}, Kind.DIRECT),
        ({"text": "and sandals?", "thread_ts": "9.0"}, Kind.FOLLOW_UP),
        ({"text": "me too", "thread_ts": "9.0", "subtype": "thread_broadcast"}, Kind.FOLLOW_UP),
        ({"channel_type": "mpim", "channel": "G1"}, Kind.MENTION),
        ({"subtype": "file_share", "files": [{"mode": "hosted"}]}, Kind.MENTION),
    ],
)
def test_where_and_how_it_was_said_makes_the_kind(changes: dict[str, Any], kind: Kind) -> None:
    assert understood(event(**changes)).kind is kind


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"text": "lunch?"}, "nobody asked the bot"),
        ({"text": "lunch?", "channel_type": "mpim", "channel": "G1"}, "nobody asked the bot"),
        ({"text": "<@UBOB> can you?", "thread_ts": "9.0"}, "nobody asked the bot"),
        ({"text": "the parent itself", "thread_ts": "10.0"}, "nobody asked the bot"),
        ({"user": BOT}, "the bot's own message"),
        ({"user": BOT, "bot_id": "BOWN"}, "the bot's own message"),
        ({"bot_id": "BOTHER"}, "another bot's message"),
        ({"bot_id": "BOTHER", "subtype": "bot_message", "user": None}, "another bot's message"),
        ({"subtype": "channel_join"}, "a message of subtype channel_join"),
        ({"user": None}, "nobody wrote it"),
        ({"user": "USLACKBOT"}, "nobody wrote it"),
        ({"subtype": "tombstone"}, "a deleted message"),
        ({"ts": None}, "no channel or no ts"),
        ({"channel": None}, "no channel or no ts"),
        ({"subtype": "message_changed"}, "a change without a message"),
        ({"subtype": "message_deleted"}, "a deletion without a message"),
    ],
)
def test_what_is_not_for_the_desk_is_ignored_with_a_reason(
    changes: dict[str, Any], why: str
) -> None:
    assert read(event(**changes), HERE) == Ignored(why)


def test_a_message_keeps_its_place_its_author_and_its_client_id() -> None:
    message = understood(event(thread_ts="9.0", client_msg_id="c-1"))
    assert (message.thread.team, message.thread.channel, message.thread.ts) == ("T1", "C1", "9.0")
    assert (message.ts, message.user, message.client_msg_id) == ("10.0", "UADA", "c-1")
    assert message.text == "How do I return boots?"


def test_a_message_outside_a_thread_is_the_parent_of_its_own() -> None:
    assert understood(event()).thread.ts == "10.0"


def test_an_allowed_bot_is_heard_under_its_bot_id() -> None:
    message = understood(event(bot_id="BFORMS", subtype="bot_message", user="UFORMS"))
    assert message.user == "BFORMS"
    assert is_bot(message.user)


def test_an_edit_is_what_the_message_would_be_now() -> None:
    meaning = read(changed(f"<@{BOT}> and sandals?"), HERE)
    assert isinstance(meaning, Edited)
    assert (meaning.message.text, meaning.message.edited) == ("and sandals?", "11.0")
    assert (meaning.message.ts, meaning.message.thread.channel) == ("10.0", "C1")


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        ({"edited": None}, "no person changed the text"),
        ({"edited": {"user": "UADA"}}, "no person changed the text"),
        ({"text": "before"}, "the text is the same"),
        ({"user": BOT}, "the bot's own message"),
    ],
)
def test_a_change_that_no_person_made_to_the_text_is_ignored(
    inner: dict[str, Any], why: str
) -> None:
    assert read(changed(f"<@{BOT}> after", **inner), HERE) == Ignored(why)


@pytest.mark.parametrize(
    "gone",
    [
        event(subtype="message_deleted", deleted_ts="10.0", ts="12.0"),
        changed("This message was deleted.", subtype="tombstone"),
    ],
)
def test_a_message_is_deleted_with_or_without_replies_under_it(gone: dict[str, Any]) -> None:
    assert read(gone, HERE) == Deleted(HERE.team, "C1", "10.0")


def test_a_mail_that_slack_received_is_kept_as_its_file() -> None:
    message = understood(MAIL["event"])
    assert (message.kind, message.user) == (Kind.SHARED_MAIL, "USLACKBOT")
    [file] = json.loads(message.text)
    assert (file["id"], file["subject"], file["plain_text"]) == ("F0123468789", "meow", "meow")
    assert file["headers"]["message_id"] == "<meow@example.com>"
    assert file["from"][0]["address"] == "addr@example.com"


@pytest.mark.parametrize(
    "file",
    [
        {"mode": "email"},
        {"filetype": "eml", "mode": "snippet"},
        {"mimetype": "message/rfc822", "mode": "hosted"},
        {"name": "Forwarded.EML", "mode": "hosted"},
        {"mode": "file_access", "file_access": "check_file_info"},
    ],
)
def test_a_mail_comes_as_several_kinds_of_files(file: dict[str, Any]) -> None:
    found = understood(event("", files=[{"id": "F1", **file}]))
    assert found.kind is Kind.SHARED_MAIL
    assert json.loads(found.text)[0]["id"] == "F1"


def test_a_file_of_another_kind_is_no_mail() -> None:
    spoken = event(f"<@{BOT}> what is this?", files=[{"id": "F1", "mode": "hosted"}])
    assert understood(spoken).kind is Kind.MENTION


def test_a_stub_beside_a_question_does_not_swallow_the_question() -> None:
    spoken = event(f"<@{BOT}> what is this?", files=[{"id": "F1", "mode": "file_access"}])
    assert understood(spoken).kind is Kind.MENTION


def test_a_forwarded_message_is_read_with_the_words_in_front_of_it() -> None:
    forwarded = {"is_share": True, "text": "My <https://x.test|boots> leak", "author_name": "Bob"}
    unfurled = {"title": "A web page", "text": "not said by anybody here"}
    message = understood(event(f"<@{BOT}> please", attachments=[forwarded, unfurled, "odd"]))
    assert message.text == "please\n\nMy boots leak"


@pytest.mark.parametrize(
    ("marked", "read_as"),
    [
        (f"<@{BOT}> hi", "hi"),
        ("<@U2> and <@U3|bob>", "@U2 and @bob"),
        ("<#C2|general>", "#general"),
        ("<!here|here>", "@here"),
        ("<https://x.test/a?b=1&amp;c=2>", "https://x.test/a?b=1&c=2"),
        ("<https://x.test|the page>", "the page"),
        ("<mailto:a@x.test|a@x.test> <tel:123>", "a@x.test 123"),
        ("1 &lt; 2 &amp;&amp; 3 &gt; 2", "1 < 2 && 3 > 2"),
        ("  two\t words \n next ", "two words\nnext"),
    ],
)
def test_slack_markup_is_read_as_a_person_sees_it(marked: str, read_as: str) -> None:
    assert plain(marked, bot_user=BOT) == read_as


def test_a_text_of_any_length_is_bounded() -> None:
    assert len(understood(event(f"<@{BOT}> " + "boots " * 10_000)).text) == LONGEST_TEXT


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "type", "subtype", "user", "bot_id", "text", "ts", "thread_ts", "channel", "channel_type",
    "message", "previous_message", "deleted_ts", "files", "attachments", "edited", "client_msg_id",
)  # fmt: skip
LIKELY = st.sampled_from(
    ["message", "message_changed", "message_deleted", "tombstone", "UADA", BOT, "1.0", "C1", "im",
     f"<@{BOT}> \ud800 \0", [{"mode": "email", "subject": {}}], [{"is_share": 1, "text": []}]]
)  # fmt: skip
INNER = st.dictionaries(st.sampled_from(NAMES), LIKELY | JSON)
EVENTS = st.dictionaries(st.sampled_from(NAMES), LIKELY | JSON | INNER)


@given(EVENTS)
def test_any_event_means_something_and_what_is_kept_can_be_stored(any_event: Any) -> None:
    meaning = read(any_event, HERE)
    message = meaning.message if isinstance(meaning, Edited) else meaning
    if isinstance(message, InboundMessage):
        parts = (message.text, message.ts, message.user, message.thread.ts, message.client_msg_id)
        for part in filter(None, parts):
            assert "\0" not in part.encode().decode()
