"""The golden set does not get worse."""

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from evals.golden import Score, embedded_knowledge, judged

if TYPE_CHECKING:
    from pathlib import Path

ANSWERABLE = ("plain", "two_articles", "angry")


@pytest.fixture(scope="module")
def score(tmp_path_factory: pytest.TempPathFactory) -> Score:
    home: Path = tmp_path_factory.mktemp("golden")
    return judged(embedded_knowledge(home))


def together(score: Score, *kinds: str) -> Counter[str]:
    return sum((score[kind] for kind in kinds), Counter())


def test_the_right_article_is_found_for_nine_in_ten_questions(score: Score) -> None:
    counts = together(score, *ANSWERABLE)
    assert counts["found"] >= 0.9 * counts["asked"]


def test_four_in_five_answerable_questions_are_answered(score: Score) -> None:
    counts = together(score, *ANSWERABLE)
    assert counts["answered"] >= 0.8 * counts["asked"]


def test_nine_in_ten_answers_cite_an_article_that_answers(score: Score) -> None:
    counts = together(score, *ANSWERABLE)
    assert counts["sourced"] >= 0.9 * counts["answered"]


def test_no_question_from_another_world_is_answered(score: Score) -> None:
    assert score["unanswerable_foreign"]["answered"] == 0


def test_no_passage_for_staff_is_retrieved_for_the_public(score: Score) -> None:
    assert sum(counts["leaked"] for counts in score.values()) == 0
