"""Names of questions, and questions that get none."""

import unicodedata
from collections.abc import Callable

import pytest
from fakes import a_retrieval, passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.cache_keys import (
    CacheKeys,
    Makers,
    is_personal,
    normalised,
    prompt_version,
    reading_of,
)
from knowledge.documents import Audience, CacheKey, Reason

PLAIN = Makers(generator="fake", retriever="one")
ASKED = "how long do I have to return boots?"


def key(question: str = ASKED, audience: Audience = Audience.PUBLIC, **makers: str) -> CacheKey:
    secret = makers.pop("secret", "secret")
    made = Makers(**{"generator": "fake", "retriever": "one", **makers})
    found = CacheKeys(made, secret=lambda: secret).key(question, audience)
    assert found
    return found


@pytest.mark.parametrize(
    "same",
    [
        "How long do I have to return BOOTS?",
        "  how long\n\tdo I have  to return boots? ",
        "how long do I have to return boots\uff1f",
        "\uff48\uff4f\uff57 long do I have to return boots?",
        "Hi, how long do I have to return boots?",
        "<@U0DESK> how long do I have to return boots?",
        "How long do I have to return boots?\n\nKind regards,\nMira",
    ],
)
def test_what_makes_no_difference_to_the_answer_makes_none_to_the_name(same: str) -> None:
    assert key(same) == key()


@pytest.mark.parametrize(
    "changed",
    [
        lambda: key("how long do I have to return tents?"),
        lambda: key("how long do I have to return boots"),
        lambda: key("how long don't I have to return boots?"),
        lambda: key(audience=Audience.INTERNAL),
        lambda: key(language="de"),
        lambda: key(generator="other"),
        lambda: key(retriever="two"),
        lambda: key(prompt="other"),
        lambda: key(secret="another"),  # noqa: S106
    ],
)
def test_everything_that_an_answer_depends_on_is_in_its_name(
    changed: Callable[[], CacheKey],
) -> None:
    assert changed() != key()


def test_two_audiences_have_two_names_for_one_question() -> None:
    assert key(audience=Audience.PUBLIC) != key(audience=Audience.INTERNAL)


def test_parts_do_not_run_into_each_other() -> None:
    assert key(generator="ab", retriever="c") != key(generator="a", retriever="bc")


def test_a_name_does_not_tell_the_question() -> None:
    assert "boots" not in key()
    assert len(key()) == 64


def test_the_secret_is_read_once_and_only_when_it_is_needed() -> None:
    reads = []
    keys = CacheKeys(PLAIN, secret=lambda: str(reads.append(1)))
    assert reads == []
    assert keys.key(ASKED, Audience.PUBLIC) == keys.key(ASKED, Audience.PUBLIC)
    assert reads == [1]


@pytest.mark.parametrize(
    "personal",
    [
        "where is order 4521?",
        "where is my order #4521",
        "where is my order no. 45 21?",
        "invoice INV-2024-118 is wrong",
        "parcel 1Z999AA10123456784 is late",
        "write to mira@shop.test please",
        "ask @ada about it",
        "call me at +44 20 7946 0958",
        "call 0171/123 45 67 please",
        "my IBAN is GB33BUKB20201555555555",
        "IBAN DE89 3704 0044 0532 0130 00",
        "card 4111 1111 1111 1111 was charged",
        "send it to SW1A 1AA",
        "my name is Mira Holt, can I return boots?",
        "see https://shop.test/orders/mine",
        "account 77123 is locked",
        "order \uff14\uff15\uff12\uff11 is late",
        "I was born on 1.2.1980",
    ],
)
def test_what_may_name_a_person_has_no_name(personal: str) -> None:
    assert is_personal(normalised(personal))
    assert CacheKeys(PLAIN, secret=lambda: "secret").key(personal, Audience.PUBLIC) is None


@pytest.mark.parametrize(
    "plain",
    [
        ASKED,
        "can I return 2 tents within 60 days?",
        "is there free delivery over £75 or 100 euros?",
        "what changes in the club in 2027?",
        "do boots of size 42.5 run small?",
        "is the Ember 2 stove recalled?",
        "how do I change my order?",
        "may I pay by card?",
    ],
)
def test_an_everyday_question_has_one(plain: str) -> None:
    assert not is_personal(normalised(plain))
    assert key(plain)


@pytest.mark.parametrize("nothing", ["", "  ", "\n"])
def test_nothing_has_no_name(nothing: str) -> None:
    assert CacheKeys(PLAIN, secret=lambda: "secret").key(nothing, Audience.PUBLIC) is None


@given(st.text())
def test_normalising_is_total_and_does_it_once_for_all(text: str) -> None:
    once = normalised(text)
    assert normalised(once) == once
    assert unicodedata.is_normalized("NFKC", once)
    assert isinstance(is_personal(once), bool)


@given(st.text(alphabet=st.characters()))
def test_every_question_has_a_name_or_none(text: str) -> None:
    found = CacheKeys(PLAIN, secret=lambda: "secret").key(text, Audience.PUBLIC)
    assert found is None or len(found) == 64


def test_a_reading_changes_with_what_is_read_and_with_nothing_else() -> None:
    one, other = passage(), passage("Tents too.", article="tents")
    plain = reading_of(a_retrieval(one, other), None)
    assert plain == reading_of(a_retrieval(passage(cosine=0.4), other), None)
    assert plain != reading_of(a_retrieval(other, one), None)
    assert plain != reading_of(a_retrieval(one), None)
    assert plain != reading_of(a_retrieval(passage("New text."), other), None)
    assert plain != reading_of(a_retrieval(one, other), Reason.NOT_ANSWERABLE)


def test_the_prompt_has_a_version() -> None:
    assert prompt_version() == prompt_version()
    assert len(prompt_version()) == 32
