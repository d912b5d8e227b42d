"""Late interaction: every word of the question looks for its match in the passage."""

from dataclasses import replace

import numpy as np
import pytest
from fakes import FakeEmbedder, passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.adapters.reranker import LateInteraction
from knowledge.documents import Passage
from knowledge.matching import late_interaction, mutual

WORDS = st.text(alphabet="abc de", max_size=30)


def reranked(question: str, *passages: Passage) -> list[Passage]:
    return LateInteraction().rerank(question, FakeEmbedder().encode([question])[0], passages)


def test_a_passage_that_matches_every_word_overtakes_one_that_was_found_before_it() -> None:
    vague = replace(passage("All about boots.", article="care"), score=1.0, cosine=0.5)
    exact = replace(
        passage("Return worn boots within thirty days.", article="rules"), score=0.9, cosine=0.5
    )
    found = reranked("return worn boots within thirty days", vague, exact)
    assert [one.title for one in found] == ["Rules", "Care"]
    assert found[0].score > found[1].score


def test_the_passage_named_like_the_question_comes_first_among_equals() -> None:
    same = "Within thirty days."
    found = reranked("boots", passage(same, article="tents"), passage(same, article="boots"))
    assert found[0].title == "Boots"


@given(question=WORDS, texts=st.lists(WORDS, max_size=6))
def test_nothing_is_lost_and_nothing_but_the_score_changes(question: str, texts: list[str]) -> None:
    given_ = [passage(text, article=f"a{n}") for n, text in enumerate(texts)]
    found = reranked(question, *given_)
    assert sorted(one.title for one in found) == sorted(one.title for one in given_)
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)
    assert {replace(one, score=0.0) for one in found} == {replace(one, score=0.0) for one in given_}


def test_the_mean_of_the_best_matches_is_a_cosine() -> None:
    one, other = FakeEmbedder().encode(["boots laces", "boots"])
    assert late_interaction(one.tokens, one.tokens) == pytest.approx(1.0)
    assert late_interaction(one.tokens, other.tokens) == pytest.approx(0.5)
    assert late_interaction(one.tokens, np.zeros((0, 64), np.int8)) == 0.0


def test_a_sentence_that_also_speaks_of_other_things_matches_less() -> None:
    asked, plain, chatty = (
        FakeEmbedder().encode([text])[0].tokens for text in ("a b", "b a", "a b c d e f")
    )
    assert mutual(asked, plain) == pytest.approx(1.0)
    assert late_interaction(asked, chatty) == pytest.approx(1.0)
    assert mutual(asked, chatty) < mutual(asked, plain)
