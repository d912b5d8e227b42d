import pytest
from fakes import FakeTriage, inbound
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import Kind
from bot.routing import Route, route

SPEECH = [Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP, Kind.EMAIL]


@pytest.mark.parametrize("kind", SPEECH)
def test_a_question_is_answered(kind: Kind) -> None:
    assert route(inbound("boots?", kind=kind), None) is Route.ANSWER


@pytest.mark.parametrize("kind", SPEECH)
@pytest.mark.parametrize("text", ["", "   ", "???", "👍"])
def test_a_message_without_words_is_asked_back(kind: Kind, text: str) -> None:
    assert route(inbound(text, kind=kind), None) is Route.CLARIFY


@pytest.mark.parametrize(
    ("kind", "expected"), [(Kind.ASK_PERSON, Route.HAND_OFF), (Kind.FEEDBACK, Route.FEEDBACK)]
)
def test_a_button_goes_where_it_says(kind: Kind, expected: Route) -> None:
    assert route(inbound("", kind=kind), None) is expected


@given(text=st.text(), kind=st.sampled_from(Kind), labelled=st.booleans())
def test_every_message_has_a_route(*, text: str, kind: Kind, labelled: bool) -> None:
    triage = FakeTriage().predict("x") if labelled else None
    assert route(inbound(text, kind=kind), triage) in set(Route)


@pytest.mark.parametrize(
    "text", ["thanks", "Thank you so much!", "thx, that helped :)", "OK.", "perfect!", "Got it"]
)
def test_thanks_are_no_question(text: str) -> None:
    assert route(inbound(text), None) is Route.WELCOME


@pytest.mark.parametrize(
    "text", ["thanks, and to Norway?", "ok but what does it cost", "Thank you note with my order?"]
)
def test_thanks_in_front_of_a_question_are_passed_over(text: str) -> None:
    assert route(inbound(text), None) is Route.ANSWER
