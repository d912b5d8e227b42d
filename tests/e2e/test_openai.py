"""With a chat model: what it writes is checked, and its failures are told to people."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest
from e2e.articles import TRAIL_TEST
from e2e.playground_page import ADA, HELP_DESK, TEAM, TOMASZ, TRIAGE, Page, has_sources, said
from e2e.processes import Process, environment, supportbot, together, until

pytestmark = pytest.mark.standin
KEY = "sk-right"
BOOTS = "how long may members return worn boots?"
INVENTED = "may I return boots that a dog has chewed?"
UNGROUNDED = "are boots free on Sundays?"
UNKNOWN = "which boots does the boss wear?"
BROADCAST = "who must know about boots returned?"
STORY = "tell me everything about returning boots"
SLOW, DOWN, BUSY = "boots slowly", "boots while the model is down", "boots while it is busy"
GOODWILL = "what goodwill may I give for a late parcel?"
LONG = " ".join(f"{one} [1]" for one in TRAIL_TEST * 2)
HOSTILE = " ".join(
    f"<!channel> {one[:-1]}, [too](https://evil.example/?q=boots). [1]" for one in TRAIL_TEST
)


def answer(question: str, content: str, **more: object) -> dict[str, Any]:
    return {"match": {"userMessage": question}, "response": {"content": content}, **more}


def failure(question: str, status: int) -> dict[str, Any]:
    error = {"message": "a secret of the provider", "type": "server_error"}
    return {"match": {"userMessage": question}, "response": {"error": error, "status": status}}


FIXTURES = [
    answer(BOOTS, "Members have 30 days. [1]"),
    answer(INVENTED, "Dogs are welcome. [9]\n\nWorn boots: 30 days. [1][7]"),
    answer(UNGROUNDED, "On Sundays everything is free. [42]\n\nTruly."),
    answer(UNKNOWN, "NO_ANSWER"),
    answer(BROADCAST, HOSTILE, latency=60),
    answer(STORY, LONG, latency=60),
    answer(SLOW, "Too late. [1]", streamingProfile={"ttft": 6000}),
    failure(DOWN, 500),
    failure(BUSY, 429),
    answer(GOODWILL, "A parcel may be late. [1]"),
]


@dataclass(frozen=True)
class Model:
    """The stand-in for OpenAI."""

    url: str

    def settings(self, key: str = KEY) -> dict[str, str]:
        return {
            "OPENAI_API_KEY": key,
            "OPENAI_BASE_URL": f"{self.url}/v1",
            "OPENAI_TIMEOUT_SECONDS": "1",
        }

    def asked(self, question: str) -> list[str]:
        """Every prompt that held a question."""
        headers = {"Authorization": f"Bearer {KEY}"}
        url = f"{self.url}/__aimock/journal"
        entries = httpx.get(url, headers=headers, trust_env=False).json()
        prompts = [json.dumps(one["body"], ensure_ascii=False) for one in entries if one["body"]]
        return [one for one in prompts if question in one]


@pytest.fixture(scope="module")
def model(chat_model: Callable[[list[dict[str, Any]]], str]) -> Model:
    return Model(chat_model(FIXTURES))


@pytest.fixture(scope="module")
def ask(
    model: Model, new_home: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., CompletedProcess[str]]:
    """`supportbot ask --json` with the chat model."""
    home, folder = new_home(), tmp_path_factory.mktemp("cwd")

    def run(question: str, *, key: str = KEY) -> CompletedProcess[str]:
        env = environment(home, **model.settings(key))
        return supportbot("ask", "--json", question, env=env, cwd=folder)

    return run


@pytest.fixture(scope="module")
def page(
    model: Model,
    open_playground: Callable[..., tuple[Process, Page]],
    new_home: Callable[[], Path],
) -> Iterator[Page]:
    desk, page = open_playground(new_home(), **model.settings())
    yield page
    assert desk.interrupt() == 0
    assert "Traceback" not in desk.log()


def test_a_written_answer_is_cited_and_checked(
    ask: Callable[..., CompletedProcess[str]],
) -> None:
    good, invented = (
        json.loads(one.stdout) for one in together(partial(ask, one) for one in (BOOTS, INVENTED))
    )
    assert good["answer"] == "Members have 30 days. [1]"
    assert good["generator"] == "gpt-4o-mini"
    assert [one["n"] for one in good["sources"]] == [1]
    assert invented["answer"] == "Worn boots: 30 days. [1]"
    assert [one["n"] for one in invented["sources"]] == [1]


def test_a_model_that_fails_is_one_line_and_exit_code_one(
    ask: Callable[..., CompletedProcess[str]],
) -> None:
    refused, down = together([partial(ask, BOOTS, key="sk-wrong"), partial(ask, DOWN)])
    for wanted, result in (("OPENAI_API_KEY", refused), ("500", down)):
        assert result.returncode == 1
        assert wanted in result.stderr
        assert len(result.stderr.strip().splitlines()) == 1, result.stderr
        assert "sk-" not in result.stderr
        assert "a secret of the provider" not in result.stderr


def test_doctor_tells_whether_the_model_answers(
    model: Model, new_home: Callable[[], Path], tmp_path: Path
) -> None:
    env = environment(new_home(), **model.settings("sk-wrong"))
    result = supportbot("doctor", env=env, cwd=tmp_path)
    assert result.returncode == 1
    assert "OPENAI_API_KEY" in result.stdout
    assert "sk-wrong" not in result.stdout + result.stderr


def test_the_model_reads_no_article_that_the_asker_may_not(model: Model, page: Page) -> None:
    page.reply(HELP_DESK, page.ask(HELP_DESK, GOODWILL))
    [outside] = model.asked(GOODWILL)
    assert "Goodwill and compensation limits" not in outside
    assert outside.count("<passage n=") == 5
    page.reply(TEAM, page.ask(TEAM, GOODWILL))
    assert "Goodwill and compensation limits" in model.asked(GOODWILL)[-1]


def test_an_answer_grows_on_the_page_and_ends_as_one_message_with_sources(page: Page) -> None:
    since = page.cursor()
    asked = page.ask(HELP_DESK, STORY)
    reply = page.reply(HELP_DESK, asked)
    assert has_sources(reply), said(reply)
    forms = page.texts_of(reply["ts"], since=since)
    growing = [one for one in forms if len(one) < len(forms[-1])]
    assert len(growing) >= 2, forms
    assert growing == sorted(growing, key=len)
    assert len(page.replies(HELP_DESK, asked)) == 1


def test_nothing_that_a_model_writes_calls_people_or_links_away(page: Page) -> None:
    since = page.cursor()
    asked = page.ask(HELP_DESK, BROADCAST)
    reply = page.reply(HELP_DESK, asked)
    forms = page.texts_of(reply["ts"], since=since)
    assert len(forms) >= 2, forms
    assert "&lt;!channel&gt;" in forms[0]
    for shown in (*forms, said(reply)):
        assert "<!channel>" not in shown
        assert f"<@{ADA}>" not in shown
        assert "evil.example" not in shown


def test_an_abstention_leaves_no_half_written_answer(page: Page) -> None:
    for question in (UNKNOWN, UNGROUNDED):
        asked = page.ask(TEAM, question)
        reply = page.reply(TEAM, asked)
        assert "I don't know" in reply["text"]
        assert "NO_ANSWER" not in said(reply)
        assert "everything is free" not in said(reply)
        assert page.trace(TEAM, asked)["abstained"] is True


@pytest.mark.parametrize("question", [SLOW, DOWN, BUSY])
def test_when_the_model_fails_people_are_told_and_a_person_is_asked(
    page: Page, question: str
) -> None:
    asked = page.ask("C0HELPDESK", question, user=TOMASZ)
    told = page.reply(HELP_DESK, asked)["text"]
    assert "I cannot look up answers right now" in told
    assert "Reference" in told
    assert "429" not in told
    assert "secret of the provider" not in told
    reference = told.rpartition(" ")[2]

    def handed() -> list[dict[str, Any]]:
        return [one for one in page.messages(TRIAGE) if reference in said(one)]

    [post] = until(handed, "the hand-off")
    assert question in said(post)
    assert f"<@{TOMASZ}>" in said(post)


def test_a_refused_key_in_slack_is_an_apology_and_a_hand_off(
    model: Model,
    open_playground: Callable[..., tuple[Process, Page]],
    home: Path,
) -> None:
    desk, page = open_playground(home, **model.settings("sk-wrong"))
    asked = page.say("D0ADA", BOOTS)
    assert "I cannot look up answers right now" in page.reply("D0ADA", asked)["text"]
    until(lambda: [one for one in page.messages(TRIAGE) if BOOTS in said(one)], "the hand-off")
    assert "sk-wrong" not in desk.log()
    assert desk.interrupt() == 0


def test_the_desk_ends_cleanly_while_an_answer_is_written(
    model: Model,
    open_playground: Callable[..., tuple[Process, Page]],
    home: Path,
) -> None:
    desk, page = open_playground(home, **model.settings())
    page.ask(HELP_DESK, STORY)
    until(lambda: [one for one in page.messages(HELP_DESK) if one["streaming"]], "a growing answer")
    assert desk.interrupt() == 0
    assert "Traceback" not in desk.log()
