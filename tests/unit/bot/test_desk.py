from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from fakes import ADA, BOOTS, FakeTriage, inbound, thread_at

from bot.desk import CLARIFY, trace_of
from bot.messages import (
    AnswerReply,
    Handled,
    HandOff,
    InboundMessage,
    KeepFeedback,
    Kind,
    NoteReply,
    Say,
    Sentiment,
    Ts,
    Turn,
    Whisper,
)
from knowledge.documents import Abstention, Answer, Audience, Reason
from triage.errors import LabelsInvalid
from triage.schema import Urgency

if TYPE_CHECKING:
    from conftest import House

LINK = "https://acme.slack.test/archives/C1/p10"
BUTTON = inbound("", kind=Kind.ASK_PERSON, ts="5.0:UADA", thread=thread_at("1.0"), about=Ts("2.0"))
THUMB = replace(BUTTON, kind=Kind.FEEDBACK)


def handled(house: House, message: InboundMessage) -> Handled:
    return house.desk().handle(message, reference="ref00001")


def handed_off(given: Handled) -> HandOff:
    (one,) = [effect for effect in given.effects if isinstance(effect, HandOff)]
    return one


def said(given: Handled) -> str:
    (one,) = [effect.reply for effect in given.effects if isinstance(effect, Say)]
    assert isinstance(one, NoteReply)
    return one.text


def test_a_question_is_answered_with_its_source(house: House) -> None:
    given = handled(house, inbound("How do I return boots?"))
    (say,) = given.effects
    assert isinstance(say, Say)
    assert isinstance(say.reply, AnswerReply)
    assert isinstance(say.reply.outcome, Answer)
    assert say.reply.outcome.text == f"{BOOTS} [1]"
    assert say.reply.reference == "ref00001"
    assert [one.article_id for one in say.reply.outcome.citations] == ["returns"]


def test_the_trace_tells_what_was_done(house: House) -> None:
    trace = handled(house, inbound("How do I return boots?")).trace
    assert (trace["kind"], trace["route"], trace["audience"]) == ("mention", "answer", "public")
    assert trace["passages"][0]["title"] == "Returns"
    assert trace["passages"][0]["n"] == 1
    assert not trace["abstained"]
    assert set(trace["timings_ms"]) >= {"embed", "search", "judge", "generate", "ground"}


def test_the_words_of_an_answer_are_heard_while_they_are_written(house: House) -> None:
    heard: list[str] = []
    house.generator.says = "Within 60 days [1].\n\nBoots too [1].\n\nTrust me.\n"
    house.desk().handle(inbound("return boots"), reference="r", on_text=heard.append)
    assert " ".join("".join(heard).split()) == "Within 60 days [1]. Boots too [1]."


def test_a_question_far_from_everything_is_abstained_from(house: House) -> None:
    given = handled(house, inbound("zzz qqq"))
    (say,) = given.effects
    assert isinstance(say, Say)
    assert isinstance(say.reply, AnswerReply)
    assert isinstance(say.reply.outcome, Abstention)
    assert given.trace["abstained"]
    assert given.trace["reason"] == Reason.NOTHING_NEAR


def test_an_answer_that_cites_nothing_is_not_given(house: House) -> None:
    house.generator.says = "Just trust me."
    assert handled(house, inbound("return boots")).trace["reason"] == Reason.NOT_GROUNDED


@pytest.mark.parametrize(
    ("channel", "seen"), [("C1", False), ("D1", False), ("C0TEAM", True), ("C0TRIAGE", True)]
)
def test_articles_for_staff_are_found_only_where_staff_asks(
    house: House, channel: str, *, seen: bool
) -> None:
    question = inbound("Unlock accounts console", thread=thread_at(channel=channel))
    assert ("Runbook" in str(handled(house, question).trace["passages"])) == seen


def test_a_follow_up_is_looked_up_with_the_turn_before_it(house: House) -> None:
    house.inbox.previous = Turn("How do I return boots?", ADA, thread_at(), "ref00000")
    handled(house, inbound("and sandals?", kind=Kind.FOLLOW_UP))
    assert house.generator.questions == ["How do I return boots? and sandals?"]


def test_a_message_without_words_is_asked_back(house: House) -> None:
    assert said(handled(house, inbound("??"))) == CLARIFY
    assert house.generator.questions == []


@pytest.mark.parametrize("away", ["store", "generator"])
def test_without_knowledge_the_asker_is_told_and_a_person_gets_the_question(
    house: House, away: str
) -> None:
    getattr(house, away).away = True
    given = handled(house, inbound("return boots"))
    assert "cannot look up answers right now" in said(given)
    assert "ref00001" in said(given)
    assert handed_off(given).question == "return boots"
    assert not handed_off(given).tried
    assert given.trace["error"] == f"{away.title()}Unavailable"


def test_asking_for_a_person_hands_over_what_is_known(house: House) -> None:
    trace = trace_of(house.desk().answerer.answer("return boots", audience=Audience.PUBLIC))
    house.inbox.behind = Turn("How do I return boots?", ADA, thread_at(), "ref00000", trace)
    given = handled(house, BUTTON)
    assert "A person will reply here" in said(given)
    assert handed_off(given) == HandOff(
        question="How do I return boots?",
        asked_by=ADA,
        permalink=LINK,
        tried=[f"Answered: {BOOTS} [1]", "Cited: Returns"],
        why="The bot's answer was not enough.",
        reference="ref00000",
    )


def test_a_colleague_learns_that_nothing_was_found(house: House) -> None:
    trace = {"abstained": True, "passages": [{"title": "Boots"}, {"title": "Boots"}]}
    house.inbox.behind = Turn("?", ADA, thread_at(), "ref00000", trace)
    given = handed_off(handled(house, BUTTON))
    assert given.tried == ["Found no answer; nearest: Boots"]
    assert given.why == "The bot found no answer."


def test_a_person_is_asked_even_if_the_question_is_gone(house: House) -> None:
    assert handed_off(handled(house, BUTTON)).question == "(the question was deleted)"


def test_asking_for_a_person_twice_whispers_that_one_is_coming(house: House) -> None:
    house.inbox.handed.add(BUTTON.thread)
    (whisper,) = handled(house, BUTTON).effects
    assert isinstance(whisper, Whisper)
    assert whisper.user == ADA
    assert "already" in whisper.text


@pytest.mark.parametrize(
    ("value", "sentiment", "words"),
    [("up", Sentiment.UP, "Thank you, noted."), ("down", Sentiment.DOWN, "press “Ask a person”")],
)
def test_feedback_is_kept_and_thanked_for(
    house: House, value: str, sentiment: Sentiment, words: str
) -> None:
    kept, whisper = handled(house, replace(THUMB, value=value)).effects
    assert kept == KeepFeedback(Ts("2.0"), ADA, sentiment)
    assert isinstance(whisper, Whisper)
    assert words in whisper.text


@pytest.mark.parametrize("odd", [{"value": "sideways"}, {"value": None}, {"about": None}])
def test_feedback_that_says_nothing_changes_nothing(house: House, odd: dict[str, str]) -> None:
    assert handled(house, replace(THUMB, **{"value": "up", **odd})).effects == []


def test_giving_up_apologises_and_asks_a_person(house: House) -> None:
    given = house.desk().give_up(inbound("return boots"), reference="ref00001")
    assert "ref00001" in said(given)
    assert handed_off(given).question == "return boots"
    assert handed_off(given).why == "The bot failed on this message."


def test_the_labels_of_triage_are_in_the_trace(house: House) -> None:
    house.triage = FakeTriage()
    assert handled(house, inbound("return boots")).trace["triage"]["intent"] == "policy_question"
    assert handled(house, inbound("")).trace["triage"] is None


def test_what_needs_a_person_is_answered_and_handed_over_with_its_labels(house: House) -> None:
    house.triage = FakeTriage(intent="return_exchange", urgency=Urgency.HIGH)
    given = handled(house, inbound("How do I return boots?"))
    answer, note, hand_off = given.effects
    assert isinstance(answer, Say)
    assert isinstance(answer.reply, AnswerReply)
    assert isinstance(note, Say)
    assert isinstance(hand_off, HandOff)
    assert hand_off.why == "This needs a person: return exchange, high, neutral."
    assert any(one.startswith("Answered: ") for one in hand_off.tried)
    assert given.trace["route"] == "answer_and_hand_off"


def test_a_person_is_asked_once_for_a_thread(house: House) -> None:
    house.triage = FakeTriage(urgency=Urgency.HIGH)
    house.inbox.handed.add(thread_at())
    assert len(handled(house, inbound("How do I return boots?")).effects) == 1


def test_what_the_model_is_not_sure_of_is_decided_by_a_person(house: House) -> None:
    house.triage = FakeTriage(uncertain=True)
    given = handled(house, inbound("How do I return boots?"))
    assert "not sure" in handed_off(given).why


def test_a_wish_for_a_person_is_handed_over_without_an_answer(house: House) -> None:
    house.triage = FakeTriage(intent="human_request")
    given = handled(house, inbound("a human please", kind=Kind.DIRECT))
    assert "asked the team" in said(given)
    assert handed_off(given).question == "a human please"
    assert house.generator.questions == []


def test_spam_in_a_mail_is_filed_quietly(house: House) -> None:
    house.triage = FakeTriage(intent="spam")
    given = handled(house, inbound("rank your site", kind=Kind.EMAIL))
    assert given.effects == []
    assert given.trace["route"] == "ignore"


def test_labels_that_break_the_contract_send_the_message_to_a_person(house: House) -> None:
    house.triage = FakeTriage(LabelsInvalid("urgency: Input should be 'critical'"))
    given = handled(house, inbound("How do I return boots?"))
    assert "could not read" in handed_off(given).why
    assert given.trace["triage"] is None
    assert given.trace["triage_error"].startswith("urgency: ")


def test_a_button_is_not_labelled(house: House) -> None:
    house.triage = FakeTriage(RuntimeError("asked about a button"))
    assert handled(house, BUTTON).trace["triage"] is None
