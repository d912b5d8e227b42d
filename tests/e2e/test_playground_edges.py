"""The playground at its edges: odd messages, many at once, and how its process begins and ends."""

import base64
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from e2e.playground_page import (
    ADA,
    BOOTS,
    BOT,
    HELP_DESK,
    MAIL,
    RANDOM,
    TEAM,
    TENT,
    TRIAGE,
    Page,
    Playground,
    has_sources,
    said,
)
from e2e.processes import Process, rows, until

Open = Callable[..., tuple[Process, Page]]


def test_a_channel_without_the_bot_is_none_of_its_business(by_http: Playground) -> None:
    spoken = by_http.page.ask(RANDOM, BOOTS)
    asked = by_http.page.say("D0ADA", TENT)
    by_http.page.reply("D0ADA", asked)
    assert not by_http.kept(spoken)
    assert not by_http.page.replies(RANDOM, spoken)


@pytest.mark.parametrize("text", [f"<@{BOT}>", f"<@{BOT}>  …?!", f"<@{BOT}> 🥾"])
def test_a_mention_that_asks_nothing_gets_a_question_back(by_http: Playground, text: str) -> None:
    asked = by_http.page.say(TEAM, text)
    reply = by_http.page.reply(TEAM, asked)
    assert "What would you like to know?" in reply["text"]


@pytest.mark.parametrize(
    "raw",
    [
        MAIL.replace("utf-8", "no-such-charset").encode(),
        MAIL.replace('text/plain; charset="utf-8"', "multipart/mixed; boundary=x").encode(),
        MAIL.encode("utf-16"),
        b"Subject: =?utf-8?b?broken\r\n\r\n\xff\xfe\x00 warranty on a tent?",
        (MAIL + "tent warranty? " * 40_000).encode(),
    ],
    ids=["charset", "no parts", "utf-16", "bytes", "long"],
)
def test_an_e_mail_with_faults_is_answered_or_refused_in_words(
    by_http: Playground, raw: bytes
) -> None:
    eml = base64.b64encode(raw).decode()
    answered = httpx.post(
        f"{by_http.page.url}/playground/email",
        json={"channel": TEAM, "eml_b64": eml},
        trust_env=False,
    )
    if answered.is_success:
        assert by_http.page.reply(TEAM, answered.json()["ts"])
    else:
        assert answered.status_code < 500
        assert answered.json()["error"]


def test_a_very_long_question_gets_a_reply(by_http: Playground) -> None:
    asked = by_http.page.ask(TEAM, f"{TENT} {'I walked a long way. ' * 1_800}")
    assert by_http.page.reply(TEAM, asked)
    asked = by_http.page.ask(TEAM, f"{'I walked a long way. ' * 40}{TENT}")
    assert by_http.page.reply(TEAM, asked)


def test_no_reply_calls_the_whole_channel(by_http: Playground) -> None:
    page = by_http.page
    text = f"<!channel> <!here> <!subteam^S1> *{TENT}* <https://evil.example|click>"
    asked = page.ask(HELP_DESK, text)
    reply = page.reply(HELP_DESK, asked)
    page.click(reply, "ask_person", "ask")
    page.reply(HELP_DESK, asked, n=2)
    link = asked.replace(".", "")
    until(lambda: [one for one in page.messages(TRIAGE) if link in said(one)], "the hand-off")
    for one in (*page.messages(HELP_DESK), *page.messages(TRIAGE)):
        if one.get("user") == BOT:
            assert "<!" not in said(one).replace("<!date^", "")
            assert "evil.example|" not in said(one)


def test_twenty_questions_at_once_are_each_answered_once(by_http: Playground) -> None:
    rooms = [HELP_DESK, TEAM, TRIAGE, "D0ADA"]
    asked = [(room, by_http.page.ask(room, f"{TENT} {n}")) for n in range(5) for room in rooms]
    for room, ts in asked:
        assert by_http.page.reply(room, ts)
    assert [len(by_http.page.replies(room, ts)) for room, ts in asked] == [1] * len(asked)


def test_the_playground_takes_requests_from_its_own_page_only(by_http: Playground) -> None:
    url = by_http.page.url
    body = {"channel": HELP_DESK, "user": ADA, "text": "hello"}
    foreign_host = {"Host": "rebound.example"}
    foreign_page = {"Origin": "https://evil.example"}
    for headers in (foreign_host, foreign_page):
        answered = httpx.post(
            f"{url}/playground/message", json=body, headers=headers, trust_env=False
        )
        assert answered.status_code == 403
    page = httpx.get(url, trust_env=False)
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert not httpx.post(f"{url}/api/auth.test", trust_env=False).json()["ok"]


def test_ctrl_c_ends_the_desk_while_a_page_is_open(open_playground: Open, home: Path) -> None:
    desk, page = open_playground(home)
    with (
        closing(httpx.Client(trust_env=False, timeout=10)) as client,
        client.stream("GET", f"{page.url}/playground/events") as stream,
    ):
        assert next(stream.iter_lines()).startswith(":")
        assert desk.interrupt() == 0
    assert "Traceback" not in desk.log()


def test_a_proxy_in_the_environment_does_not_come_between(
    open_playground: Open, home: Path
) -> None:
    nowhere = "http://127.0.0.1:9"
    desk, page = open_playground(
        home, "--socket", HTTPS_PROXY=nowhere, http_proxy=nowhere, NO_PROXY="intranet.example"
    )
    asked = page.say("D0ADA", TENT)
    assert has_sources(page.reply("D0ADA", asked))
    assert desk.interrupt() == 0


def test_a_home_with_history_is_taken_over_by_the_next_start(
    open_playground: Open, home: Path
) -> None:
    first, page = open_playground(home)
    asked = page.ask(HELP_DESK, TENT)
    page.reply(HELP_DESK, asked)
    assert first.interrupt() == 0
    second, page = open_playground(home)
    assert not page.messages(HELP_DESK)
    asked = page.ask(HELP_DESK, TENT)
    assert has_sources(page.reply(HELP_DESK, asked))
    assert second.terminate() == 0
    assert len(rows(home, "select id from inbox")) == 2
