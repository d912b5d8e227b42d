"""Amounts are the same however they are written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.quantities import AT_LEAST, AT_MOST, EXACTLY, quantities


def values(text: str) -> list[tuple[float, str]]:
    return [(one.value, one.kind) for one in quantities(text)]


@pytest.mark.parametrize(
    "same",
    [
        ["14 days", "two weeks", "fourteen days", "a fortnight", "14-day", "2 weeks"],
        ["1,000 requests", "1000 requests", "1k requests", "one thousand requests"],
        ["£3.95", "GBP 3.95", "3.95 GBP", "3.95 pounds"],
        ["€12", "EUR 12", "12 euros"],
        ["24 hours", "one day", "1 day"],
        ["12 months", "1 year", "a year"],
        ["1.5 kg", "1500 g", "1,500 grams"],
        ["half an hour", "30 minutes", "30 min"],
        ["14:00", "2 pm", "2:00 p.m."],
        ["31 January", "January 31", "31st of January", "2026-01-31", "31 Jan 2026"],
        ["10 %", "10%", "ten percent"],
        ["twenty-four", "24"],
        ["free of charge", "at no extra cost", "without charge"],
        ["3–5 days", "3-5 days", "3 to 5 days", "between 3 and 5 days", "three to five days"],
    ],
)
def test_one_amount_in_several_spellings(same: list[str]) -> None:
    assert values(same[0])
    assert [values(one) for one in same] == [values(same[0])] * len(same)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("over £50", AT_LEAST),
        ("at least 3 days", AT_LEAST),
        ("£50 or more", AT_LEAST),
        ("after 24 months", AT_LEAST),
        ("up to 5 days", AT_MOST),
        ("within 5 days", AT_MOST),
        ("no more than 5 days", AT_MOST),
        ("before 14:00", AT_MOST),
        ("until 31 January", AT_MOST),
        ("5 days", EXACTLY),
        ("8 times over 24 hours", EXACTLY),
    ],
)
def test_a_bound_is_read_from_the_words_around(text: str, bound: int) -> None:
    assert quantities(text)[-1].bound == bound


@pytest.mark.parametrize("text", ["one of them", "the 3rd", "version C3", "feel free", "AES", ""])
def test_what_counts_nothing_is_no_amount(text: str) -> None:
    assert values(text) == []


@pytest.mark.parametrize(
    ("said", "claimed", "agree"),
    [
        ("5 days", "5 days", True),
        ("5 days", "5", True),
        ("5", "5 days", False),
        ("5 days", "6 days", False),
        ("5 days", "5 working days", False),
        ("3–5 days", "5 days", False),
        ("3–5 days", "up to 5 days", True),
        ("3–5 days", "3 to 5 days", True),
        ("over £50", "£50", True),
        ("over £50", "under £50", False),
        ("£50", "€50", False),
    ],
)
def test_whether_one_says_the_other(said: str, claimed: str, agree: bool) -> None:  # noqa: FBT001
    here = quantities(said)
    assert all(any(one.says(other) for one in here) for other in quantities(claimed)) is agree


def test_an_amount_below_zero_is_another() -> None:
    assert values("-9 °C") == values("\N{MINUS SIGN}9 °C") == [(-9, "°C")]
    assert values("9 °C") == [(9, "°C")]


@given(st.text(max_size=300))
def test_amounts_stand_in_the_text_in_order_and_apart(text: str) -> None:
    end = 0
    for one in quantities(text):
        assert end <= one.start < one.end <= len(text)
        end = one.end
