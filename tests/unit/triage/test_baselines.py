"""The simple methods are fitted on training examples and say what they honestly reach."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from triage.baselines import baselines, first_of_each
from triage.dataset import Example


def asked(text: str, intent: str, **labels: str) -> Example:
    return Example(text, intent, **labels)  # type: ignore[arg-type]


TRAIN = [asked(f"where is parcel {n} of mine", "order_status") for n in range(12)] + [
    asked(f"money back for receipt {n} now", "refund_status") for n in range(8)
]
JUDGED = [
    asked("where is my parcel", "order_status"),
    asked("I want my money back", "refund_status"),
    asked("my money back please", "refund_status"),
    asked("who won the match", "sports"),
]


def embed(texts: Sequence[str]) -> NDArray[np.float32]:
    return np.array([[1, 0] if "parcel" in one else [0, 1] for one in texts], dtype=np.float32)


def test_the_majority_says_the_most_frequent_label_and_words_do_better() -> None:
    majority, words = baselines(TRAIN, JUDGED)
    assert majority.heads["intent"].accuracy == pytest.approx(1 / 3)
    assert majority.heads["intent"].macro_f1 == pytest.approx(1 / 4)
    assert words.heads["intent"].accuracy == 1
    assert words.heads.keys() == {"intent"}


def test_a_frozen_encoder_is_judged_where_one_is_given() -> None:
    found = baselines(TRAIN, JUDGED, embed=embed)
    assert [one.name.partition(" ")[0] for one in found] == ["majority", "TF-IDF", "frozen"]
    assert found[-1].heads["intent"].accuracy == 1


def test_only_the_models_own_intents_are_in_scope() -> None:
    assert baselines(TRAIN, JUDGED, intents=["refund_status"])[0].heads["intent"].accuracy == 1
    assert baselines(TRAIN, JUDGED[-1:]) == ()
    assert baselines([], JUDGED) == ()


def test_every_head_has_its_own_figures() -> None:
    train = [
        asked("late again!!", "order_status", urgency="high", sentiment="angry"),
        asked("a question", "order_status", urgency="low", sentiment="angry"),
    ] * 5
    words = baselines(train, train)[1]
    assert {head: one.accuracy for head, one in words.heads.items()} == {
        "intent": 1,
        "urgency": 1,
        "sentiment": 1,
    }


def test_patterns_take_the_first_candidate_of_each_kind() -> None:
    one = Example(
        "Order 4521, invoice 5521: I pay 12 EUR, not 15 EUR",
        "billing_problem",
        entities={"order_id": "4521", "amount": "15 EUR"},
    )
    found = baselines([one], [one])[-1]
    assert found.name == "patterns alone"
    assert found.entities is not None
    recalls = {row.label: row.recall for row in found.entities.by_key}
    assert recalls["order_id"] == 1
    assert recalls["amount"] == 0


@given(st.text())
def test_the_first_candidates_of_any_text_are_values(text: str) -> None:
    assert all(isinstance(value, str | int) for value in first_of_each(text).values())
