"""Articles that say different things of the same are found, and no others."""

from dataclasses import replace
from datetime import date

import pytest
from fakes import passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.contradiction import contradictions
from knowledge.documents import Passage

OVERVIEW = (
    "How long you have to return something",
    """You have 60 days from the day of delivery to return almost anything you bought from us. The
item must be unused, with its tags still on and in its original packaging.""",
)
ARCHIVED = (
    "Return policy 2024",
    """You can return items you bought from us within 30 days of delivery. The items must be unused,
with tags on and in their original packaging, and you get a full refund.

Boots and shoes can be returned within 30 days if they were tried on indoors only. Sale items may be
returned within 14 days.""",
)
BOOTS = (
    "Returning boots and shoes",
    """Boots and shoes that you have only tried on indoors can be returned within 60 days for a full
refund. Boots you have worn outside can be returned within 30 days if you are a member.""",
)
TENTS = (
    "Returning tents and large items",
    "A tent may be pitched once at home and still be returned within 90 days of delivery.",
)


def article(title: str, text: str, *, updated: date = date(2026, 5, 3)) -> Passage:
    plain = passage(text, article=title)
    return replace(plain, title=title, updated=updated)


def points(one: tuple[str, str], other: tuple[str, str]) -> list[tuple[str, str]]:
    """What the newer and the older say; the first is the newer one."""
    given = [article(*other, updated=date(2024, 1, 1)), article(*one)]
    return [(found.newer.point, found.older.point) for found in contradictions(given)]


def test_an_archived_article_contradicts_the_one_that_replaced_it() -> None:
    assert points(OVERVIEW, ARCHIVED) == [("60 days", "30 days")]
    assert points(BOOTS, ARCHIVED) == [("60 days", "30 days")]


def test_the_newer_article_comes_first_wherever_it_stands() -> None:
    old, new = article(*ARCHIVED, updated=date(2024, 1, 1)), article(*OVERVIEW)
    for given_passages in ([old, new], [new, old]):
        (found,) = contradictions(given_passages)
        assert (found.newer.passage, found.older.passage) == (new, old)
        assert found.newer.sentence.startswith("You have 60 days")


@pytest.mark.parametrize(
    ("new", "old", "newer", "older"),
    [
        ("Express costs £6.95 in the UK.", "Express costs £5.95 in the UK.", "£6.95", "£5.95"),
        ("A card refund takes 3–5 days.", "A card refund takes 9 days.", "3–5 days", "9 days"),
        ("Our shop opens at 9:00.", "Our shop opens at 10 am.", "9:00", "10 am"),
        ("The sale ends on 31 May.", "The sale ends on 15 May.", "31 May", "15 May"),
        ("Boots can be resoled.", "Boots can't be resoled.", "“Boots can be resoled.”", None),
    ],
)
def test_amounts_and_denials_are_compared(
    new: str, old: str, newer: str, older: str | None
) -> None:
    assert points(("Help", new), ("Old help", old)) == [(newer, older or f"“{old}”")]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A card refund takes one week.", "A card refund takes 7 days."),
        ("A card refund takes 5 days.", "A card refund takes 5 working days."),
        ("Orders over £50 are shipped free.", "Orders under £40 are shipped late."),
        ("Boots cannot be resoled.", "Boots can't be resoled."),
    ],
)
def test_the_same_in_other_words_is_no_contradiction(one: str, other: str) -> None:
    assert points(("Help", one), ("Old help", other)) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (BOOTS, TENTS),
        (OVERVIEW, TENTS),
        (("A", "Delivery to Norway takes 5 days."), ("B", "Delivery to Iceland takes 9 days.")),
        (("A", "Returns cost £3.95 in the UK."), ("B", "Returns cost €4.95 in the EU.")),
        (
            ("A", "Orders over £50 are shipped free."),
            ("B", "Orders under £40 are not shipped free."),
        ),
        (("A", "Worn boots can be returned."), ("B", "Worn socks cannot be returned.")),
        (("A", "The link is valid for 30 minutes."), ("B", "The gift card is valid for 5 years.")),
        (("A", "Refunds are quick. It takes 5 days."), ("B", "Swaps are slow. It takes 9 days.")),
        (
            ("A", "Boots tried on indoors can be returned within 60 days."),
            ("B", "Boots worn outside can be returned within 30 days by members."),
        ),
        (
            ("Boot warranty", "The warranty is 2 years."),
            ("Tent warranty", "The warranty is 5 years."),
        ),
    ],
)
def test_other_things_other_conditions_and_other_measures_are_no_contradiction(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert points(one, other) == []


def test_an_article_does_not_contradict_itself() -> None:
    first = passage("A refund takes 5 days.", article="refunds")
    second = passage("A refund takes 9 days.", article="refunds")
    assert contradictions([first, second]) == ()


@given(st.lists(st.text(max_size=200), max_size=4))
def test_any_passages_can_be_compared(texts: list[str]) -> None:
    given_passages = [passage(text, article=f"a{n}") for n, text in enumerate(texts)]
    for found in contradictions(given_passages):
        assert found.newer.passage.chunk.article_id != found.older.passage.chunk.article_id
