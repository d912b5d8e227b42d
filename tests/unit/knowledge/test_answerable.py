"""Whether passages hold an answer: features are total, weights are what was fitted."""

import json
from pathlib import Path

import numpy as np
import pytest
from fakes import FakeEmbedder, passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.answerability.weights import SHIPPED, read_weights
from knowledge.answerable import FEATURES, features, first_passages
from knowledge.documents import Retrieval
from knowledge.errors import EncoderInvalid

WORDS = st.text(alphabet="abc de", max_size=200)


def found(question: str, *texts: str, cosine: float = 0.5) -> Retrieval:
    candidates = tuple(
        passage(text, article=f"a{n}", cosine=cosine) for n, text in enumerate(texts)
    )
    encoding = FakeEmbedder().encode([question])[0]
    return Retrieval(question, candidates, candidates, encoding, {})


@given(question=WORDS, texts=st.lists(WORDS, max_size=7), near=st.lists(st.floats(-1, 1)))
def test_there_is_a_finite_number_for_each_feature(
    question: str, texts: list[str], near: list[float]
) -> None:
    numbers = features(found(question, *texts), near)
    assert numbers.shape == (len(FEATURES),)
    assert np.isfinite(numbers).all()


def test_a_passage_that_says_it_makes_an_answer_likelier_than_one_that_does_not() -> None:
    weights = read_weights()
    question, off = "how heavy is the tent", "Stoves burn gas. Never refill a cartridge."
    likely = features(
        found(question, "how heavy is the tent: two kilos", off, cosine=0.7), [0.8, 0.1]
    )
    unlikely = features(found(question, off, off, cosine=0.3), [0.2, 0.1])
    assert weights.probability(likely) > weights.probability(unlikely)


def test_a_question_for_a_figure_and_its_length_are_told() -> None:
    price = dict(zip(FEATURES, features(found("what is the price", "boots"), [0.5]), strict=True))
    other = dict(zip(FEATURES, features(found("which boots are red", "boots"), [0.5]), strict=True))
    assert (price["figure"], other["figure"]) == (1, 0)
    assert price["length"] < other["length"]


def test_only_the_first_passages_are_read_sentence_by_sentence() -> None:
    assert len(first_passages(found("boots", *["boots"] * 9))) == 5


def test_another_threshold_takes_the_place_of_the_fitted_one() -> None:
    assert 0 < read_weights().threshold < 1
    assert read_weights(threshold=0.7).threshold == 0.7


def test_weights_for_other_features_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.json"
    held = json.loads(SHIPPED.read_text("utf-8"))
    for broken in ({**held, "features": ["age"]}, {"bias": 1}):
        path.write_text(json.dumps(broken), "utf-8")
        with pytest.raises(EncoderInvalid, match=r"weights\.json"):
            read_weights(path)
