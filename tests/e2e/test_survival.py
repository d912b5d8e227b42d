"""kill -9 at the worst moments: the reply comes all the same, and it comes once.

Slack is the playground in a process of its own: it keeps the metadata by which a desk finds what
it has sent already, and it is as strict as Slack.
"""

from collections.abc import Callable
from typing import Any

import pytest
from e2e.articles import TRAIL_TEST
from e2e.playground_page import BOT, HELP_DESK, TRIAGE, Page, has_sources, said
from e2e.processes import rows, until
from e2e.stage import Stage

BOOTS = "how long do I have to return boots I already wore outside?"


def replies(page: Page, asked: str) -> list[dict[str, object]]:
    return [one for one in page.replies(HELP_DESK, asked) if one["user"] == BOT]


@pytest.mark.parametrize("arrived", [False, True], ids=["before it arrived", "after it arrived"])
def test_a_desk_killed_while_it_sends_replies_once(stage: Stage, arrived: bool) -> None:  # noqa: FBT001
    desk = stage.run()
    stage.wire.at("chat.postMessage", desk.kill, arrived=arrived)
    asked = stage.page.ask(HELP_DESK, BOOTS)
    assert stage.wire.sprung.wait(20)
    stage.run()
    stage.finish()
    [reply] = replies(stage.page, asked)
    assert has_sources(reply)


def test_a_worker_killed_while_it_handles_leaves_the_message_to_the_next(stage: Stage) -> None:
    web, worker = stage.run("serve"), stage.run("worker")
    asked = stage.page.ask(HELP_DESK, BOOTS)
    reply = stage.page.reply(HELP_DESK, asked)
    stage.wire.at("chat.getPermalink", worker.kill, arrived=False)
    stage.page.click(reply, "ask_person", "ask")
    assert stage.wire.sprung.wait(20)
    stage.run("worker")
    stage.finish()
    told = [one for one in replies(stage.page, asked) if "I have asked the team" in said(one)]
    handed = [one for one in stage.page.messages(TRIAGE) if BOOTS in said(one)]
    assert (len(told), len(handed)) == (1, 1)
    assert web.interrupt() == 0


def test_a_worker_killed_in_the_middle_of_many_questions_answers_each_once(stage: Stage) -> None:
    stage.run("serve")
    worker = stage.run("worker")
    rooms = [HELP_DESK, "C0TEAM", TRIAGE] * 2
    asked = [(room, stage.page.ask(room, BOOTS)) for room in rooms]
    until(lambda: replies(stage.page, asked[0][1]), "the first reply")
    worker.kill()
    stage.run("worker")
    stage.finish()
    assert [len(stage.page.replies(room, ts)) for room, ts in asked] == [1] * len(asked)


@pytest.mark.standin
def test_a_desk_killed_while_its_answer_grows_completes_the_same_message(
    stage: Stage, chat_model: Callable[[list[dict[str, Any]]], str]
) -> None:
    text = " ".join(f"{one} [1]" for one in TRAIL_TEST * 2)
    url = chat_model(
        [{"match": {"userMessage": BOOTS}, "response": {"content": text}, "latency": 40}]
    )
    stage.env |= {"OPENAI_API_KEY": "sk-right", "OPENAI_BASE_URL": f"{url}/v1"}
    desk = stage.run()
    stage.wire.at("chat.appendStream", desk.kill, arrived=True)
    asked = stage.page.ask(HELP_DESK, BOOTS)
    assert stage.wire.sprung.wait(20)
    stage.run()
    stage.finish()
    [reply] = replies(stage.page, asked)
    assert has_sources(reply)
    assert TRAIL_TEST[-1] in said(reply)


def test_a_hand_off_survives_the_desk_that_made_it(stage: Stage) -> None:
    desk = stage.run()
    asked = stage.page.ask(HELP_DESK, BOOTS)
    reply = stage.page.reply(HELP_DESK, asked)
    stage.wire.at("chat.postMessage", desk.kill, arrived=True)
    stage.page.click(reply, "ask_person", "ask")
    assert stage.wire.sprung.wait(20)
    stage.run()
    stage.finish()
    told = [one for one in replies(stage.page, asked) if "I have asked the team" in said(one)]
    handed = [one for one in stage.page.messages(TRIAGE) if BOOTS in said(one)]
    assert (len(told), len(handed)) == (1, 1)


def test_an_answer_that_slack_may_have_taken_is_looked_up_before_it_is_sent_again(
    stage: Stage,
) -> None:
    desk = stage.run()
    stage.wire.at("chat.postMessage", lambda: None, arrived=True)
    asked = stage.page.ask(HELP_DESK, BOOTS)
    assert stage.wire.sprung.wait(20)
    doubted = "select id from outbox where doubtful"
    until(lambda: rows(stage.home, doubted), "the desk is in doubt")
    stage.finish()
    assert len(replies(stage.page, asked)) == 1
    assert desk.interrupt() == 0


def test_questions_asked_while_the_desk_is_away_are_answered_when_it_is_back(
    stage: Stage,
) -> None:
    asked = stage.page.ask(HELP_DESK, BOOTS)
    stage.run()
    reply = stage.page.reply(HELP_DESK, asked)
    assert has_sources(reply)
