"""Outcomes to JSON and back."""

import json
from datetime import date

import pytest
from fakes import a_retrieval, an_abstention, an_answer, passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.adapters.kept_json import dumped, loaded
from knowledge.documents import Abstention, Answer, ArticleId, Citation, Outcome, Reason
from knowledge.ports import Kept

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCORE = st.floats(allow_nan=False, allow_infinity=False)
CITATIONS = st.lists(
    st.builds(Citation, st.integers(1, 9), TEXT.map(ArticleId), TEXT, TEXT, st.dates(), SCORE)
).map(tuple)
RETRIEVALS = st.builds(
    lambda texts: a_retrieval(*(passage(text) for text in texts)), st.lists(TEXT)
)
OUTCOMES = st.one_of(
    st.builds(Answer, TEXT, CITATIONS, TEXT, RETRIEVALS),
    st.builds(Abstention, st.sampled_from(Reason), CITATIONS, TEXT, RETRIEVALS),
)
KEPT = st.builds(Kept, OUTCOMES, st.dictionaries(TEXT.map(ArticleId), TEXT), TEXT, TEXT)


@given(KEPT)
def test_an_outcome_comes_back_whole_but_for_question_and_vectors(kept: Kept) -> None:
    text = dumped(kept)
    back = loaded(text.encode())
    assert back
    assert dumped(back) == text
    assert (back.versions, back.epoch, back.reading) == (kept.versions, kept.epoch, kept.reading)
    assert back.usage == kept.usage
    assert shown(back.outcome) == shown(kept.outcome)
    assert back.outcome.retrieval.passages == kept.outcome.retrieval.passages
    assert back.outcome.retrieval.query == ""


def shown(outcome: Outcome) -> object:
    match outcome:
        case Answer():
            return (outcome.text, outcome.citations, outcome.generator)
        case Abstention():
            return (outcome.reason, outcome.nearest, outcome.generator)


@pytest.mark.parametrize("outcome", [an_answer(), an_abstention()])
def test_the_question_is_not_written_down(outcome: Outcome) -> None:
    assert "question" not in json.loads(dumped(Kept(outcome, {}, "e", "r")))


@given(
    st.one_of(st.binary(), TEXT, st.recursive(st.none() | SCORE | TEXT, st.lists).map(json.dumps))
)
def test_anything_may_be_read_and_is_none(value: str | bytes) -> None:
    assert loaded(value) is None


PLAIN = json.loads(dumped(Kept(an_answer(), {ArticleId("a"): "1"}, "e", "r")))


@given(st.sampled_from(sorted(PLAIN)), st.one_of(st.none(), SCORE, TEXT, st.lists(TEXT)))
def test_a_value_with_a_wrong_part_is_read_or_none_and_never_an_error(
    name: str, part: object
) -> None:
    found = loaded(json.dumps({**PLAIN, name: part}))
    assert found is None or isinstance(found, Kept)
    without = loaded(json.dumps({key: one for key, one in PLAIN.items() if key != name}))
    assert (without is None) is (name != "usage")  # older values have none


def test_a_value_of_another_layout_is_none() -> None:
    assert loaded(json.dumps(PLAIN))
    assert loaded(json.dumps({**PLAIN, "layout": 2})) is None


def test_dates_are_dates_again() -> None:
    found = loaded(json.dumps(PLAIN))
    assert found
    assert isinstance(found.outcome, Answer)
    assert isinstance(found.outcome.citations[0].updated, date)
