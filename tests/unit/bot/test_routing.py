import pytest
from fakes import FakeTriage, inbound
from hypothesis import given
from hypothesis import strategies as st

from bot.messages import ChannelId, Kind
from bot.policy import Policy, Route, RouteRule
from bot.routing import route
from triage.schema import Sentiment, Triage, Urgency

POLICY = Policy(triage_channel=ChannelId("C0TRIAGE"))
SPEECH = [Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP, Kind.EMAIL]


@pytest.mark.parametrize("kind", SPEECH)
def test_a_question_is_answered(kind: Kind) -> None:
    assert route(inbound("boots?", kind=kind), None, POLICY) is Route.ANSWER


@pytest.mark.parametrize("kind", SPEECH)
@pytest.mark.parametrize("text", ["", "   ", "???", "👍"])
def test_a_message_without_words_is_asked_back(kind: Kind, text: str) -> None:
    assert route(inbound(text, kind=kind), None, POLICY) is Route.CLARIFY


@pytest.mark.parametrize(
    ("kind", "expected"), [(Kind.ASK_PERSON, Route.HAND_OFF), (Kind.FEEDBACK, Route.FEEDBACK)]
)
def test_a_button_goes_where_it_says(kind: Kind, expected: Route) -> None:
    assert route(inbound("", kind=kind), None, POLICY) is expected


@given(text=st.text(), kind=st.sampled_from(Kind), labelled=st.booleans())
def test_every_message_has_a_route(*, text: str, kind: Kind, labelled: bool) -> None:
    triage = FakeTriage().predict("x") if labelled else None
    assert route(inbound(text, kind=kind), triage, POLICY) in set(Route)


@pytest.mark.parametrize(
    "text", ["thanks", "Thank you so much!", "thx, that helped :)", "OK.", "perfect!", "Got it"]
)
def test_thanks_are_no_question(text: str) -> None:
    assert route(inbound(text), None, POLICY) is Route.WELCOME


@pytest.mark.parametrize(
    "text", ["thanks, and to Norway?", "ok but what does it cost", "Thank you note with my order?"]
)
def test_thanks_in_front_of_a_question_are_passed_over(text: str) -> None:
    assert route(inbound(text), None, POLICY) is Route.ANSWER


def labelled(intent: str, urgency: Urgency = Urgency.NORMAL, *, uncertain: bool = False) -> Triage:
    return Triage(
        intent=intent,
        urgency=urgency,
        sentiment=Sentiment.NEUTRAL,
        confidence={"intent": 0.4 if uncertain else 0.9},
        uncertain=uncertain,
        model="fake",
    )


@pytest.mark.parametrize(
    ("triage", "expected"),
    [
        (labelled("policy_question", Urgency.LOW), Route.ANSWER),
        (labelled("policy_question", Urgency.LOW, uncertain=True), Route.ANSWER_AND_HAND_OFF),
        (labelled("product_question", Urgency.CRITICAL), Route.ANSWER_AND_HAND_OFF),
        (labelled("account_access", Urgency.HIGH), Route.ANSWER_AND_HAND_OFF),
        (labelled("account_access"), Route.ANSWER),
        (labelled("order_cancel"), Route.ANSWER_AND_HAND_OFF),
        (labelled("human_request"), Route.HAND_OFF),
        (labelled("smalltalk", Urgency.LOW), Route.CLARIFY),
    ],
)
def test_labels_decide_by_the_default_rules(triage: Triage, expected: Route) -> None:
    assert route(inbound("boots"), triage, POLICY) is expected


def test_spam_is_ignored_as_mail_and_answered_when_somebody_says_it_to_the_bot() -> None:
    spam = labelled("spam", Urgency.LOW)
    assert route(inbound("SEO offer", kind=Kind.EMAIL), spam, POLICY) is Route.IGNORE
    assert route(inbound("SEO offer", kind=Kind.DIRECT), spam, POLICY) is Route.ANSWER


def test_the_first_rule_of_a_team_that_fits_decides() -> None:
    rules = (
        RouteRule(intents=frozenset({"order_cancel"}), confidence_below=0.8, route=Route.HAND_OFF),
        RouteRule(intents=frozenset({"order_cancel"}), route=Route.ANSWER),
    )
    policy = Policy(triage_channel=ChannelId("C0TRIAGE"), routes=rules)
    sure, unsure = labelled("order_cancel"), labelled("order_cancel", uncertain=True)
    assert route(inbound("stop it"), sure, policy) is Route.ANSWER
    assert route(inbound("stop it"), unsure, policy) is Route.HAND_OFF
    assert route(inbound("stop it"), labelled("spam"), policy) is Route.ANSWER
