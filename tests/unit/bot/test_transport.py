from __future__ import annotations

import socket
import threading
from typing import TYPE_CHECKING, Any

import pytest
from fakes import ADA, CHANNEL, reply, thread_at
from slack_sdk import WebClient

from bot.errors import TransportBusy, TransportError, TransportRefused, TransportUnknown
from bot.messages import Ts
from bot.ports import Action
from bot.slack.transport import SlackTransport

if TYPE_CHECKING:
    from conftest import SlackApi

SECTION = {"type": "section", "text": {"type": "mrkdwn", "text": "answer"}}
POST = "chat.postMessage"


@pytest.fixture
def transport(slack: SlackApi) -> SlackTransport:
    return SlackTransport(slack.client)


def carrying(marker: str, ts: str) -> dict[str, Any]:
    metadata = {"event_type": "supportbot_message", "event_payload": {"id": marker}}
    return {"ts": ts, "metadata": metadata}


def test_the_tests_themselves_reach_loopback_only() -> None:
    with socket.socket() as attempt, pytest.raises(PermissionError):
        attempt.connect(("192.0.2.1", 80))


def test_a_post_carries_its_marker_and_unfurls_nothing(
    slack: SlackApi, transport: SlackTransport
) -> None:
    slack.answers(POST, {"ts": "7.0"})
    assert transport.post(reply(blocks=[SECTION]), marker="42") == "7.0"
    (sent,) = slack.of(POST)
    assert (sent["channel"], sent["thread_ts"], sent["text"]) == (CHANNEL, "1.0", "answer")
    assert sent["blocks"] == [SECTION]
    assert sent["metadata"]["event_payload"] == {"id": "42"}
    assert not sent["unfurl_links"]
    assert not sent["unfurl_media"]


def test_a_post_outside_a_thread_names_none(slack: SlackApi, transport: SlackTransport) -> None:
    transport.post(reply(thread_ts=None), marker="42")
    assert not {"thread_ts", "blocks"} & slack.of(POST)[0].keys()


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (200, {"ok": False, "error": "channel_not_found"}, TransportRefused),
        (403, {"ok": False, "error": "invalid_auth"}, TransportBusy),
        (200, {"ok": False, "error": "internal_error"}, TransportUnknown),
        (200, {"ok": False, "error": "fatal_error"}, TransportUnknown),
        (200, {"ok": False}, TransportUnknown),
        (200, {"ok": False, "error": "ratelimited"}, TransportBusy),
        (500, {"ok": False, "error": "whatever"}, TransportUnknown),
        (503, "<html>Service unavailable</html>", TransportUnknown),
        (200, "<html>Log in to this network</html>", TransportUnknown),
        (404, "<html>Not found</html>", TransportUnknown),
        (200, "", TransportUnknown),
        (429, "", TransportBusy),
        (200, None, TransportUnknown),
    ],
)
def test_a_failure_is_a_refusal_a_delay_or_a_doubt(
    slack: SlackApi, transport: SlackTransport, status: int, body: Any, error: type[TransportError]
) -> None:
    slack.answers(POST, body, status=status)
    with pytest.raises(error):
        transport.post(reply(), marker="1")
    assert len(slack.of(POST)) == 1


def test_a_refusal_keeps_slacks_word_for_it(slack: SlackApi, transport: SlackTransport) -> None:
    slack.answers(POST, {"ok": False, "error": "is_archived"})
    with pytest.raises(TransportRefused) as refused:
        transport.post(reply(), marker="1")
    assert refused.value.code == "is_archived"


@pytest.mark.parametrize(("headers", "seconds"), [({"Retry_After": "37"}, 37), ({}, 1)])
def test_slack_says_how_long_to_wait(
    slack: SlackApi, transport: SlackTransport, headers: dict[str, str], seconds: float
) -> None:
    slack.answers(POST, {"ok": False, "error": "ratelimited"}, status=429, **headers)
    with pytest.raises(TransportBusy) as busy:
        transport.post(reply(), marker="1")
    assert busy.value.retry_after == seconds


def test_an_answer_that_does_not_come_is_a_doubt(slack: SlackApi) -> None:
    slack.hangs = threading.Event()
    client = WebClient("xoxb-test", base_url=slack.url, timeout=1, retry_handlers=[])
    client.timeout = 0.05
    with pytest.raises(TransportUnknown):
        SlackTransport(client).post(reply(), marker="1")


def test_nobody_listening_is_a_doubt() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    client = WebClient("xoxb-test", base_url=f"http://127.0.0.1:{port}/", retry_handlers=[])
    with pytest.raises(TransportUnknown):
        SlackTransport(client).post(reply(), marker="1")


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long", "msg_too_long"])
def test_blocks_that_slack_refuses_are_sent_as_text(
    slack: SlackApi, transport: SlackTransport, code: str
) -> None:
    slack.answers(POST, {"ok": False, "error": code}, {"ts": "8.0"})
    assert transport.post(reply(blocks=[SECTION]), marker="1") == "8.0"
    first, second = slack.of(POST)
    assert "blocks" in first
    assert "blocks" not in second
    assert second["metadata"] == first["metadata"]


def test_an_update_keeps_the_marker(slack: SlackApi, transport: SlackTransport) -> None:
    transport.update(reply("new"), Ts("5.0"), marker="9")
    (sent,) = slack.of("chat.update")
    assert (sent["ts"], sent["text"], sent["metadata"]["event_payload"]["id"]) == (
        "5.0", "new", "9",
    )  # fmt: skip
    assert not slack.of("chat.stopStream")


@pytest.mark.parametrize("ended", [{}, {"ok": False, "error": "message_not_in_streaming_state"}])
def test_a_stream_is_ended_before_its_final_form(
    slack: SlackApi, transport: SlackTransport, ended: dict[str, Any]
) -> None:
    slack.answers("chat.stopStream", ended)
    transport.update(reply(live_ts=Ts("5.0")), Ts("5.0"), marker="9")
    assert [method for method, _ in slack.requests] == ["chat.stopStream", "chat.update"]


def test_a_stream_that_cannot_be_ended_now_waits_for_its_final_form(
    slack: SlackApi, transport: SlackTransport
) -> None:
    slack.answers("chat.stopStream", "", status=429)
    with pytest.raises(TransportBusy):
        transport.update(reply(live_ts=Ts("5.0")), Ts("5.0"), marker="9")
    assert not slack.of("chat.update")


def test_what_is_gone_already_counts_as_deleted(slack: SlackApi, transport: SlackTransport) -> None:
    slack.answers("chat.delete", {"ok": False, "error": "message_not_found"})
    transport.delete(CHANNEL, Ts("5.0"))
    slack.answers("chat.delete", {"ok": False, "error": "cant_delete_message"})
    with pytest.raises(TransportRefused):
        transport.delete(CHANNEL, Ts("5.0"))


def test_a_whisper_is_ephemeral(slack: SlackApi, transport: SlackTransport) -> None:
    transport.whisper(reply("psst", action=Action.WHISPER, user=ADA))
    (sent,) = slack.of("chat.postEphemeral")
    assert (sent["user"], sent["thread_ts"], sent["text"]) == (ADA, "1.0", "psst")


@pytest.mark.parametrize("code", [None, "already_reacted", "missing_scope"])
def test_an_emoji_that_is_there_or_was_never_allowed_is_no_failure(
    slack: SlackApi, transport: SlackTransport, code: str | None
) -> None:
    if code:
        slack.answers("reactions.add", {"ok": False, "error": code})
    transport.react(CHANNEL, Ts("5.0"), "eyes")
    (sent,) = slack.of("reactions.add")
    assert (sent["channel"], sent["timestamp"], sent["name"]) == (CHANNEL, "5.0", "eyes")


def test_a_message_that_takes_no_emoji_is_refused(
    slack: SlackApi, transport: SlackTransport
) -> None:
    slack.answers("reactions.add", {"ok": False, "error": "message_not_found"})
    with pytest.raises(TransportRefused):
        transport.react(CHANNEL, Ts("5.0"), "eyes")


def test_a_marker_is_found_on_a_later_page_of_the_thread(
    slack: SlackApi, transport: SlackTransport
) -> None:
    other = {"ts": "2.0", "metadata": {"event_type": "another_app", "event_payload": {"id": "9"}}}
    slack.answers(
        "conversations.replies",
        {"messages": [{"ts": "1.0"}, other], "response_metadata": {"next_cursor": "more"}},
        {"messages": [carrying("8", "3.0"), carrying("9", "4.0")]},
    )
    assert transport.find(reply(), marker="9") == "4.0"
    first, second = slack.of("conversations.replies")
    assert (first["ts"], first["include_all_metadata"]) == ("1.0", "1")
    assert second["cursor"] == "more"


def test_a_marker_that_is_nowhere_is_not_found(slack: SlackApi, transport: SlackTransport) -> None:
    slack.answers("conversations.replies", {"messages": [carrying("8", "3.0")]})
    assert transport.find(reply(), marker="9") is None


def test_outside_a_thread_the_latest_page_of_the_channel_is_read(
    slack: SlackApi, transport: SlackTransport
) -> None:
    page = {"messages": [{"ts": "1.0"}], "response_metadata": {"next_cursor": "older"}}
    slack.answers("conversations.history", page, page)
    assert transport.find(reply(thread_ts=None), marker="9") is None
    assert len(slack.of("conversations.history")) == 1


def test_a_thread_that_cannot_be_read_is_no_proof_of_absence(
    slack: SlackApi, transport: SlackTransport
) -> None:
    slack.answers("conversations.replies", {}, status=500)
    with pytest.raises(TransportUnknown):
        transport.find(reply(), marker="9")


def test_a_permalink_is_asked_for_and_may_be_missing(
    slack: SlackApi, transport: SlackTransport
) -> None:
    slack.answers("chat.getPermalink", {"permalink": "https://x.test/p1"}, None)
    assert transport.permalink(CHANNEL, Ts("1.0")) == "https://x.test/p1"
    assert transport.permalink(CHANNEL, Ts("1.0")) is None


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        ({}, 2),
        (None, 2),
        ({"ok": False, "error": "thread_not_found"}, 2),
        ({"ok": False, "error": "unknown_method"}, 1),
        ({"ok": False, "error": "missing_scope"}, 1),
    ],
)
def test_a_status_never_fails_and_is_given_up_where_slack_has_none(
    slack: SlackApi, transport: SlackTransport, body: Any, calls: int
) -> None:
    slack.answers("assistant.threads.setStatus", body)
    transport.status(thread_at(), "is searching")
    transport.status(thread_at(), "is searching")
    assert len(slack.of("assistant.threads.setStatus")) == calls


def test_a_stream_starts_for_the_asker_and_grows_without_live_tokens(
    slack: SlackApi, transport: SlackTransport
) -> None:
    assert transport.start_stream(thread_at(), ADA, "<!channel> [x](https://evil.test)") == "100.0"
    assert transport.append_stream(CHANNEL, Ts("100.0"), "<@U1> more")
    (begun,), (grown,) = slack.of("chat.startStream"), slack.of("chat.appendStream")
    assert (begun["recipient_user_id"], begun["recipient_team_id"]) == (ADA, "T1")
    assert begun["markdown_text"] == "&lt;!channel&gt; [x] (https://evil.test)"
    assert grown["markdown_text"] == "&lt;@U1&gt; more"


@pytest.mark.parametrize(
    ("body", "calls"),
    [
        ({"ok": False, "error": "unknown_method"}, 1),
        ({"ok": False, "error": "channel_type_not_supported"}, 2),
        ({"ok": False, "error": "ratelimited"}, 2),
    ],
)
def test_where_a_stream_cannot_start_there_is_none(
    slack: SlackApi, transport: SlackTransport, body: Any, calls: int
) -> None:
    slack.answers("chat.startStream", body, body)
    assert transport.start_stream(thread_at(), ADA, "a") is None
    assert transport.start_stream(thread_at(), ADA, "a") is None
    assert len(slack.of("chat.startStream")) == calls


def test_a_stream_that_may_have_begun_is_no_refusal(
    slack: SlackApi, transport: SlackTransport
) -> None:
    slack.answers("chat.startStream", None)
    with pytest.raises(TransportUnknown):
        transport.start_stream(thread_at(), ADA, "a")


@pytest.mark.parametrize("ended", [{"ok": True}, {"ok": False, "error": "message_not_found"}])
def test_a_stream_that_grows_old_is_edited_without_live_tokens(
    slack: SlackApi, transport: SlackTransport, ended: dict[str, Any]
) -> None:
    slack.answers("chat.stopStream", ended)
    assert transport.edit_stream(CHANNEL, Ts("5.0"), "<!channel> all of it", ends=True)
    (edited,) = slack.of("chat.update")
    assert (edited["ts"], edited["text"]) == ("5.0", "&lt;!channel&gt; all of it")
    slack.answers("chat.update", {"ok": False, "error": "message_not_found"})
    assert not transport.edit_stream(CHANNEL, Ts("5.0"), "more", ends=False)
    assert len(slack.of("chat.stopStream")) == 1


def test_strays_are_our_own_later_messages_without_a_marker(
    slack: SlackApi, transport: SlackTransport
) -> None:
    slack.answers("auth.test", {"user_id": "U0BOT"})
    said = [
        {"ts": "1.0", "user": "U0BOT"},
        {"ts": "2.0", "user": "U0BOT"},
        {"ts": "4.0", "user": ADA},
        {**carrying("8", "5.0"), "user": "U0BOT"},
        {"ts": "6.0", "user": "U0BOT"},
    ]
    slack.answers("conversations.replies", {"messages": said})
    assert transport.strays(reply(), after=Ts("3.0")) == ["6.0"]


def test_a_stream_that_has_ended_says_so(slack: SlackApi, transport: SlackTransport) -> None:
    slack.answers("chat.appendStream", {"ok": False, "error": "message_not_in_streaming_state"})
    assert not transport.append_stream(CHANNEL, Ts("100.0"), "more")
