"""The desk in a workspace that is not ours: a stand-in written by other people."""

import json
import smtplib
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from e2e.conftest import Start
from e2e.processes import SUPPORTBOT, Process, environment, free_port, rows, until
from e2e.standins import (
    ADA,
    BOT,
    DIRECT,
    SUPPORT,
    TEAM,
    TOM,
    TRIAGE,
    LocalSlack,
    post_event,
    signed,
)

pytestmark = pytest.mark.standin
BOOTS = "how long do I have to return boots I already wore outside?"
TENT = "how long is the warranty on a Ridgeline tent?"
Connect = Callable[[int | None], LocalSlack]
Settings = Callable[[str], dict[str, str]]


@dataclass(frozen=True)
class Workplace:
    """A workspace, the desk that works in it, and the desk's home."""

    slack: LocalSlack
    url: str
    home: Path
    mail_port: int

    def kept(self, ts: str) -> list[dict[str, object]]:
        return rows(self.home, "select * from inbox where ts = ?", ts)


@pytest.fixture(scope="module")
def open_workplace(
    start: Start,
    local_slack: Connect,
    slack_settings: Settings,
    new_home: Callable[[], Path],
) -> Callable[..., AbstractContextManager[Workplace]]:
    """`supportbot run`, connected to a workspace."""

    @contextmanager
    def opened(*, by_socket: bool) -> Iterator[Workplace]:
        home, port, mail_port = new_home(), free_port(), free_port()
        slack = local_slack(None if by_socket else port)
        env = environment(home, **slack_settings(slack.url), MAIL_LISTEN=f"127.0.0.1:{mail_port}")
        options = ["--port", str(port), *(["--socket"] if by_socket else [])]
        desk = start("desk", SUPPORTBOT, "run", *options, env=env)
        desk.says("Taking Slack events")
        yield Workplace(slack, f"http://127.0.0.1:{port}", home, mail_port)
        assert desk.interrupt() == 0
        assert "Traceback" not in desk.log()

    return opened


@pytest.fixture(scope="module")
def by_http(
    open_workplace: Callable[..., AbstractContextManager[Workplace]],
) -> Iterator[Workplace]:
    with open_workplace(by_socket=False) as opened:
        yield opened


@pytest.fixture(scope="module")
def by_socket(
    open_workplace: Callable[..., AbstractContextManager[Workplace]],
) -> Iterator[Workplace]:
    with open_workplace(by_socket=True) as opened:
        yield opened


@pytest.fixture(params=["by_http", "by_socket"])
def workplace(request: pytest.FixtureRequest) -> Workplace:
    """Both ways that events come."""
    found: Workplace = request.getfixturevalue(request.param)
    return found


def text_of(message: dict[str, object]) -> str:
    return f"{message['text']}{json.dumps(message.get('blocks'))}"


def test_a_mention_is_answered_in_its_thread_with_sources(workplace: Workplace) -> None:
    asked = workplace.slack.ask(SUPPORT, BOOTS)
    reply = workplace.slack.reply(SUPPORT, asked)
    assert "[1]" in reply["text"]
    assert "*Sources*" in text_of(reply)
    assert "https://help.cairnway.example/" in text_of(reply)


def test_a_mention_comes_as_two_events_and_is_answered_once(workplace: Workplace) -> None:
    asked = workplace.slack.ask(SUPPORT, TENT)
    workplace.slack.reply(SUPPORT, asked)
    assert {one["event"]["type"] for one in workplace.slack.events(about=asked)} == {
        "message",
        "app_mention",
    }
    assert len(workplace.kept(asked)) == 1
    assert len(workplace.slack.calls("chat.postMessage")) == len(
        {
            call["metadata"]["event_payload"]["id"]
            for call in workplace.slack.calls("chat.postMessage")
        }
    )


def test_a_direct_message_needs_no_mention(workplace: Workplace) -> None:
    asked = workplace.slack.say(DIRECT, TENT)
    assert "*Sources*" in text_of(workplace.slack.reply(DIRECT, asked))


def test_a_follow_up_in_the_thread_is_answered_from_the_thread(workplace: Workplace) -> None:
    asked = workplace.slack.ask(SUPPORT, "what does delivery to Norway cost?")
    workplace.slack.reply(SUPPORT, asked)
    more = workplace.slack.say(SUPPORT, "and how long does it take?", thread=asked)
    answered = workplace.slack.reply(SUPPORT, asked, n=2)
    assert "Norway" in text_of(answered)
    assert "Norway" in json.loads(str(workplace.kept(more)[0]["trace"]))["question"]


def test_chat_among_colleagues_is_left_alone(workplace: Workplace) -> None:
    spoken = workplace.slack.say(SUPPORT, "lunch at noon?")
    answered = workplace.slack.say(SUPPORT, "how long is the warranty?", user=TOM, thread=spoken)
    assert not workplace.kept(spoken)
    assert not workplace.kept(answered)


def test_an_edit_changes_the_same_reply(workplace: Workplace) -> None:
    asked = workplace.slack.ask(SUPPORT, BOOTS)
    first = workplace.slack.reply(SUPPORT, asked)
    new_text = f"<@{BOT}> {TENT}"
    workplace.slack.control("edit-message", channel=SUPPORT, user=ADA, ts=asked, text=new_text)

    def changed() -> bool:
        replies = workplace.slack.replies(SUPPORT, asked)
        return len(replies) == 1 and replies[0]["text"] != first["text"]

    until(changed, "the reply has changed")
    [now] = workplace.slack.replies(SUPPORT, asked)
    assert now["ts"] == first["ts"]
    assert "warranty" in now["text"]


def test_a_deleted_question_takes_its_reply_with_it(workplace: Workplace) -> None:
    asked = workplace.slack.ask(SUPPORT, BOOTS)
    workplace.slack.reply(SUPPORT, asked)
    workplace.slack.control("delete-message", channel=SUPPORT, user=ADA, ts=asked)
    until(lambda: not workplace.slack.replies(SUPPORT, asked), "the reply is gone")
    assert workplace.kept(asked)[0]["text"] == ""


def test_the_bot_answers_neither_itself_nor_another_bot(workplace: Workplace) -> None:
    posted = workplace.slack.as_foreign_bot(
        "chat.postMessage", channel=SUPPORT, text=f"<@{BOT}> {BOOTS}"
    )
    assert posted["ok"]
    asked = workplace.slack.ask(SUPPORT, TENT)
    reply = workplace.slack.reply(SUPPORT, asked)
    assert not workplace.kept(posted["ts"])
    assert not workplace.kept(reply["ts"])


def test_ask_a_person_hands_the_thread_to_the_triage_channel(workplace: Workplace) -> None:
    asked = workplace.slack.ask(SUPPORT, BOOTS)
    reply = workplace.slack.reply(SUPPORT, asked)
    workplace.slack.click(SUPPORT, reply, "ask_person", value="ask", user=ADA)
    told = workplace.slack.reply(SUPPORT, asked, n=2)
    assert "I have asked the team" in told["text"]

    def handed() -> list[dict[str, object]]:
        link = asked.replace(".", "")
        return [one for one in workplace.slack.messages(TRIAGE) if link in text_of(one)]

    [post] = until(handed, "the hand-off is in the triage channel")
    assert BOOTS in text_of(post)
    assert f"<@{ADA}>" in text_of(post)
    assert "What was tried" in text_of(post)
    workplace.slack.click(SUPPORT, reply, "ask_person", value="ask", user=TOM)
    until(lambda: workplace.slack.calls("chat.postEphemeral"), "a second click is answered")
    assert len(handed()) == 1


def test_feedback_is_kept_and_the_last_word_counts(workplace: Workplace) -> None:
    asked = workplace.slack.ask(SUPPORT, TENT)
    reply = workplace.slack.reply(SUPPORT, asked)

    def kept() -> list[str]:
        query = "select sentiment from feedback where reply_ts = ? and user = ?"
        return [one["sentiment"] for one in rows(workplace.home, query, reply["ts"], ADA)]

    for value in ("up", "down"):
        workplace.slack.click(SUPPORT, reply, "feedback", value=value, user=ADA)
        until(lambda value=value: kept() == [value], f"feedback is {value}")


def test_articles_for_staff_stay_in_the_channels_of_staff(workplace: Workplace) -> None:
    question = "what goodwill may I give for a late parcel?"
    outside, inside = (workplace.slack.ask(place, question) for place in (SUPPORT, TEAM))
    staff = "https://desk.cairnway.example/"
    assert staff in text_of(workplace.slack.reply(TEAM, inside))
    assert staff not in text_of(workplace.slack.reply(SUPPORT, outside))


def test_an_event_that_slack_sends_again_is_folded(by_http: Workplace) -> None:
    asked = by_http.slack.ask(SUPPORT, BOOTS)
    first = by_http.slack.reply(SUPPORT, asked)
    for envelope in by_http.slack.events(about=asked):
        body = json.dumps(envelope)
        assert post_event(by_http.url, body, signed(body), retry=1).status_code == 200
    later = by_http.slack.ask(SUPPORT, TENT)
    by_http.slack.reply(SUPPORT, later)
    assert by_http.slack.replies(SUPPORT, asked) == [first]
    assert len(by_http.kept(asked)) == 1


def test_a_retry_whose_first_delivery_was_lost_is_answered(by_http: Workplace) -> None:
    spoken = by_http.slack.say(SUPPORT, "hello all")
    [envelope] = by_http.slack.events(about=spoken)
    envelope["event"]["text"] = f"<@{BOT}> {TENT}"
    body = json.dumps(envelope)
    assert post_event(by_http.url, body, signed(body), retry=2).status_code == 200
    assert by_http.slack.reply(SUPPORT, spoken)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"X-Slack-Signature": "v0=" + "0" * 64}, "wrong"),
        ({"X-Slack-Signature": ""}, "missing"),
        ({"X-Slack-Request-Timestamp": ""}, "no time"),
        ({"X-Slack-Request-Timestamp": "yesterday"}, "no number"),
        ({"X-Slack-Request-Timestamp": "²"}, "no ASCII digit"),
        ({"X-Slack-Signature": "v0=ü"}, "no ASCII signature"),
    ],
)
def test_an_event_that_slack_did_not_sign_is_refused(
    by_http: Workplace, changed: dict[str, str], why: str
) -> None:
    body = json.dumps({"type": "event_callback", "why": why})
    headers = {**signed(body), **changed}
    raw = {name: value.encode("utf-8") for name, value in headers.items()}
    answered = httpx.post(f"{by_http.url}/slack/events", content=body, headers=raw, trust_env=False)
    assert answered.status_code == 401


def test_an_old_event_or_another_secret_is_refused(by_http: Workplace) -> None:
    body = json.dumps({"type": "event_callback"})
    stale = signed(body, at=time.time() - 400)
    assert post_event(by_http.url, body, stale).status_code == 401
    foreign = signed(body, secret="another")  # noqa: S106
    assert post_event(by_http.url, body, foreign).status_code == 401


def test_a_body_that_is_no_event_does_no_harm(by_http: Workplace) -> None:
    deep, form = "[" * 200_000, "payload=%7B"
    for body in ("", "not json", "[]", "null", "{}", deep, form):
        assert post_event(by_http.url, body, signed(body)).status_code < 500
        unsigned = signed(body, secret="another")  # noqa: S106
        assert post_event(by_http.url, body, unsigned).status_code in {400, 401}
    large = "x" * 1_000_001
    assert post_event(by_http.url, large, signed(large)).status_code == 413
    challenge = json.dumps({"type": "url_verification", "challenge": "c0ffee"})
    assert "c0ffee" in post_event(by_http.url, challenge, signed(challenge)).text
    asked = by_http.slack.ask(SUPPORT, TENT)
    assert by_http.slack.reply(SUPPORT, asked)


def test_the_desk_shows_that_it_is_ready_and_what_it_did(workplace: Workplace) -> None:
    ready = httpx.get(f"{workplace.url}/readyz", trust_env=False)
    assert ready.status_code == 200
    assert set(ready.json()) >= {"ready", "books", "knowledge"}
    assert all(ready.json().values())
    assert "# HELP" in httpx.get(f"{workplace.url}/metrics", trust_env=False).text


def test_two_processes_share_one_home_and_a_worker_may_come_later(
    start: Start, local_slack: Connect, slack_settings: Settings, home: Path
) -> None:
    port = free_port()
    slack = local_slack(port)
    env = environment(home, **slack_settings(slack.url))
    web: Process = start("serve", SUPPORTBOT, "serve", "--port", str(port), env=env)
    web.says("Taking Slack events")
    asked = [slack.ask(SUPPORT, BOOTS) for _ in range(3)]
    assert len(rows(home, "select * from inbox where state = 'received'")) == 3
    worker = start("worker", SUPPORTBOT, "worker", env=env)
    for one in asked:
        assert slack.reply(SUPPORT, one)
    assert web.interrupt() == 0
    assert worker.terminate() == 0
    assert [len(slack.replies(SUPPORT, one)) for one in asked] == [1, 1, 1]


def cards(workplace: Workplace, channel: str, words: str) -> list[dict[str, object]]:
    found = workplace.slack.messages(channel)
    return [one for one in found if words in text_of(one) and "case_take" in text_of(one)]


def test_a_mail_shared_as_a_file_makes_a_card_and_by_smtp_none_again(workplace: Workplace) -> None:
    number = f"77{workplace.mail_port}"
    lines = (
        "From: Kim <kim@shop.test>",
        "To: support@desk.test",
        f"Subject: Order {number} came broken",
        f"Message-ID: <{number}@shop.test>",
        "",
        "The lid of the stove is cracked. What now?",
        "",
    )
    raw = "\r\n".join(lines).encode()
    shared = workplace.slack.upload(SUPPORT, "complaint.eml", raw)
    until(lambda: cards(workplace, TRIAGE, number), "a card for the mail")
    below = until(
        lambda: [one for one in cards(workplace, SUPPORT, number) if one["thread_ts"] == shared],
        "the card in the thread of the file",
    )
    with smtplib.SMTP("127.0.0.1", workplace.mail_port) as server:
        server.sendmail("kim@shop.test", ["support@desk.test"], raw)
    kept = "select via from mail where message_id = ?"
    until(lambda: rows(workplace.home, "select id from mail"), "the mail is kept")
    assert [one["via"] for one in rows(workplace.home, kept, f"<{number}@shop.test>")] == ["upload"]
    assert (len(cards(workplace, TRIAGE, number)), len(below)) == (1, 1)
