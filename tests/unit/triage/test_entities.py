import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.entities import candidates, value, whole_dates
from triage.schema import ENTITIES, Entities


def values(key: str, text: str) -> list[object]:
    return [one.value for one in candidates(text) if one.key == key]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("it's been 2 weeks", 14),
        ("three days now", 3),
        ("a month", 30),
        ("a week and a half", 10),
        ("10 business days", 10),
        ("over a fortnight", 14),
        ("a fortnight", 14),
        ("nearly three weeks", 21),
        ("waiting since yesterday", 1),
        ("month and a half of nothing", 45),
        ("two and a half weeks", 17),
        ("going on 2 wks", 14),
        ("5d and counting", 5),
        ("a couple of weeks", 14),
        ("twenty-one days", 21),
        ("48 hours", 2),
    ],
)
def test_a_stated_length_is_a_number_of_days(text: str, days: int) -> None:
    assert days in values("days_waiting", text)


@pytest.mark.parametrize("text", ["ordered yesterday", "since Monday", "a week-long", "weekday 3"])
def test_what_is_no_length_has_no_days(text: str) -> None:
    assert not set(values("days_waiting", text)) - {7}


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("€1.380,00", "1380.00 EUR"),
        ("49,90 €", "49.90 EUR"),
        ("$120", "120 USD"),
        ("120 USD", "120 USD"),
        ("35 quid", "35 GBP"),
        ("C$75.50", "75.50 CAD"),
        ("1,299.00 dollars", "1299.00 USD"),
        ("£12", "12 GBP"),
        ("24.99 euros", "24.99 EUR"),
        ("CHF 1'240.50", "1240.50 CHF"),
        ("€ 1.250", "1250 EUR"),
        ("fifty pounds", "50 GBP"),
        ("AUD 89", "89 AUD"),
        ("₹2,499", "2499 INR"),
        ("R 450", "450 ZAR"),
        ("89.– CHF", "89 CHF"),
        ("$1.2k", "1200 USD"),
        ("99 cents", "0.99"),
        ("charged 35 twice", "35"),
    ],
)
def test_a_sum_in_any_notation_is_a_number_and_a_code(text: str, amount: str) -> None:
    assert amount in values("amount", text)


@pytest.mark.parametrize(
    "order", ["4521", "CW-20931-B", "29 114", "ORD10077", "ord-5512", "903-5517"]
)
def test_an_order_is_kept_as_written(order: str) -> None:
    assert order in values("order_id", f"my order #{order} hasn't come, invoice 5521")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("tracking 1Z 999 AA1 01 2345 6784", "1Z999AA10123456784"),
        ("JD0146 0031 7729 0045 is stuck", "JD0146003177290045"),
        ("track RR123456785GB", "RR123456785GB"),
        ("00340434161094042557", "00340434161094042557"),
    ],
)
def test_a_tracking_number_loses_its_spaces(text: str, number: str) -> None:
    assert number in values("tracking_number", text)


def test_addresses_and_telephone_numbers_end_where_the_sentence_does() -> None:
    text = "Write to ana.b+shop@mail.example. Or call +44 7700 900123!"
    assert values("email", text) == ["ana.b+shop@mail.example"]
    assert "+44 7700 900123" in values("phone", text)


@pytest.mark.parametrize(
    ("key", "span", "expected"),
    [
        ("product", "my Ridgeline 2 tent,", "Ridgeline 2 tent"),
        ("product", "the", "the"),
        ("deadline", "by Friday.", "Friday"),
        ("deadline", " ... ", None),
        ("amount", "no sum", None),
        ("days_waiting", "for a fortnight", 14),
    ],
)
def test_a_span_is_trimmed_to_its_value(key: str, span: str, expected: object) -> None:
    assert value(key, span) == expected


@given(text=st.text(max_size=300))
def test_no_text_breaks_the_patterns_and_every_value_keeps_the_contract(text: str) -> None:
    for one in candidates(text):
        assert 0 <= one.start < one.end <= len(text)
        Entities.model_validate({one.key: one.value})


_PIECES = st.sampled_from(
    ["€", "$", "1.380,00", "12", "a", "half", "week", "fortnight", "and a half", "#", "CW-20", " ",
     "29 114", "@", "x@y.z", "+44", "-", ",", ".", "quid", "k", "٣", "²", "two and", "½", "\n"]
)  # fmt: skip


@given(key=st.sampled_from(ENTITIES), pieces=st.lists(_PIECES, max_size=12))
def test_no_span_breaks_a_normaliser(key: str, pieces: list[str]) -> None:
    found = value(key, " ".join(pieces))
    if found is not None:
        Entities.model_validate({key: found})


@pytest.mark.parametrize(
    ("text", "tagged", "whole"),
    [
        ("until 30 June, then", "30", "30 June"),
        ("by the 6th of next month please", "6th", "the 6th of next month"),
        ("by tomorrow noon", "tomorrow", "tomorrow noon"),
        ("on Friday at 3pm sharp", "Friday", "Friday at 3pm"),
        ("June 3rd it is", "June", "June 3rd"),
        ("in 48 hours", "48 hours", "48 hours"),
        ("may I have it today", "today", "today"),
    ],
)
def test_a_date_is_not_cut(text: str, tagged: str, whole: str) -> None:
    start = text.index(tagged)
    begin, end = whole_dates(text, start, start + len(tagged))
    assert text[begin:end] == whole


def test_long_texts_take_linear_time() -> None:
    for text in ("1 " * 20_000, "a1-" * 20_000, "+4" * 20_000, "A" * 60_000, "@" * 60_000):
        assert isinstance(candidates(text), list)
