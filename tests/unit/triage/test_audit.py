"""An audit says what is wrong with a set of examples before anybody trains on it."""

import json
from collections.abc import Sequence
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from triage.audit import Audit, as_json, audit
from triage.audit_text import render
from triage.counting import places
from triage.dataset import Dataset, Example
from triage.schema import Sentiment, Urgency
from triage.suspicion import cross_validate, folds
from triage.variety import variety
from triage.verdict import Readiness

ORDERS = "parcel tracking arrive courier depot shipped delivery carrier van"
REFUNDS = "refund money repaid bank credited promised reimbursed owed sum"
CLUB = "club renew points join benefits annual pause tier upgrade"
WORDS = {
    "order_status": ORDERS.split(),
    "refund_status": REFUNDS.split(),
    "membership": CLUB.split(),
}
LINE = (
    "hello there I was wondering about this since my friend told me and nobody could say whether it"
    " works today or next week so please tell us when you know more thanks a lot from all of us"
)
FILLERS = LINE.split()


def written(intent: str, seed: int, *, voice: str = "ann", length: int = 14) -> Example:
    chance = Random(seed)  # noqa: S311  # reproducible
    words = chance.choices(WORDS[intent], k=length // 2) + chance.choices(FILLERS, k=length // 2)
    chance.shuffle(words)
    return Example(
        text=" ".join(words),
        intent=intent,
        urgency=chance.choice(list(Urgency)),
        sentiment=chance.choice(list(Sentiment)),
        entities={},
        voice=voice,
    )


def examples(count: int, *, start: int = 0, voices: Sequence[str] = ("ann",)) -> list[Example]:
    intents = list(WORDS)
    return [
        written(intents[n % 3], start + n, voice=voices[n // 3 % len(voices)]) for n in range(count)
    ]


@pytest.fixture(scope="module")
def healthy() -> Audit:
    voices = [f"v{n}" for n in range(6)]
    return audit(
        Dataset(
            train=tuple(examples(360, voices=voices)),
            test=tuple(examples(60, start=900, voices=["tess"])),
        ),
        count_tokens=len,
        cross_validate_labels=False,
    )


def test_counts_are_by_split_and_label(healthy: Audit) -> None:
    intents = healthy.heads[0]
    assert [(one.train, one.test) for one in intents.labels] == [(120, 20)] * 3
    assert intents.ratio == 1
    assert intents.evenness == pytest.approx(1)
    assert [one.head for one in healthy.heads] == ["intent", "urgency", "sentiment"]


def test_lengths_are_in_words_and_compared_with_the_window(healthy: Audit) -> None:
    assert [one.words.median for one in healthy.splits] == [14, 14]
    assert healthy.splits[0].words.over_window == 0


def test_few_examples_mean_prompting_and_retrieval() -> None:
    found = audit(Dataset(train=tuple(examples(30))), cross_validate_labels=False)
    assert found.verdict.readiness is Readiness.NOT_YET
    assert str(found.verdict).startswith("not yet: use prompting and retrieval instead: 3 of 3")
    assert "under 100 examples: use prompting and retrieval instead" in render(found)


def test_a_leak_and_a_shared_voice_are_named() -> None:
    train = examples(330)
    found = audit(Dataset(train=tuple(train), test=tuple(train[:20])), cross_validate_labels=False)
    assert found.shared_voices == (("ann", ("train", "test")),)
    assert any("leaks flatter the score" in reason for reason in found.verdict.reasons)
    assert found.variety.overlaps[0].eight == 1
    assert found.variety.to_train[0][1].mean == pytest.approx(0, abs=1e-6)


def test_a_value_that_is_not_in_its_text_is_named() -> None:
    one = Example(
        "order 4521 is late", "order_status", entities={"order_id": "77", "days_waiting": 3}
    )
    found = audit(Dataset(train=(one,)), cross_validate_labels=False)
    assert [(lost.key, lost.value) for lost in found.unlocated] == [
        ("order_id", "77"),
        ("days_waiting", 3),
    ]
    assert "train order_id '77': order 4521 is late" in render(found)


def planted(voices: Sequence[str]) -> tuple[Dataset, list[str]]:
    rows = examples(240, voices=voices)
    wrong = [5, 100, 203]
    for n in wrong:
        rows[n] = Example(
            rows[n].text, "membership" if n % 3 != 2 else "order_status", voice=rows[n].voice
        )
    return Dataset(train=tuple(rows)), [rows[n].text for n in wrong]


@pytest.mark.parametrize("voices", [["ann"], [f"v{n}" for n in range(8)]])
def test_planted_label_errors_are_the_most_suspicious(voices: list[str]) -> None:
    dataset, wrong = planted(voices)
    check = cross_validate(places(dataset))[0]
    assert {one.place.example.text for one in check.suspects[:3]} == set(wrong)
    assert check.by_voice == (len(voices) > 1)
    assert check.accuracy > 0.9


def test_vectors_of_an_encoder_take_part() -> None:
    dataset, wrong = planted(["ann"])
    seen: list[int] = []

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        seen.append(len(texts))
        rows = [[sum(word in text for word in of) for of in WORDS.values()] for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    check = cross_validate(places(dataset), embed=embed)[0]
    assert seen == [240]
    assert {one.place.example.text for one in check.suspects[:3]} == set(wrong)


def test_whole_voices_lie_in_one_fold() -> None:
    held = places(Dataset(train=tuple(examples(90, voices=[f"v{n}" for n in range(7)]))))
    fold_of, by_voice = folds(held, [one.example.intent for one in held], seed=1)
    assert by_voice
    pairs = {(one.example.voice, fold) for one, fold in zip(held, fold_of, strict=True)}
    assert len(pairs) == 7
    assert set(fold_of) == set(range(5))


def test_without_voices_every_fold_has_every_label() -> None:
    held = places(Dataset(train=tuple(examples(90))))
    fold_of, by_voice = folds(held, [one.example.intent for one in held], seed=1)
    assert not by_voice
    assert len({(one.example.intent, n) for one, n in zip(held, fold_of, strict=True)}) == 15


def test_templates_are_less_various_than_people() -> None:
    template = tuple(Example(f"where is my order number {n}", "order_status") for n in range(50))
    people = tuple(examples(50))
    assert variety(Dataset(train=template)).openings == 1 / 50
    assert variety(Dataset(train=people)).openings > 0.9
    near = variety(Dataset(train=template, test=template[:5])).to_train[0][1]
    far = variety(Dataset(train=template, test=people[:5])).to_train[0][1]
    assert near.mean < 0.1
    assert far.mean > 0.9


def test_the_text_is_short_and_cut(healthy: Audit) -> None:
    train = tuple(
        Example(f"{word} {n} about the {word} thing again", f"intent-{n % 60}", voice="x")
        for n, word in enumerate(FILLERS * 6)
    )
    for found in (healthy, audit(Dataset(train=train, test=train[:50]))):
        lines = render(found).splitlines()
        assert len(lines) <= 85
        assert max(map(len, lines)) <= 110
    assert "more" in render(found)


EXAMPLES = st.builds(
    Example,
    text=st.text(min_size=1, max_size=25).filter(str.strip),
    intent=st.sampled_from(["a", "b", "c"]),
    urgency=st.sampled_from([None, *Urgency]),
    sentiment=st.sampled_from([None, *Sentiment]),
    entities=st.sampled_from([None, {}, {"order_id": "4521"}, {"amount": "12 EUR"}]),
    voice=st.sampled_from("uvwxyz"),
)
SPLIT = st.lists(EXAMPLES, max_size=8).map(tuple)


@given(st.lists(EXAMPLES, min_size=1, max_size=12).map(tuple), SPLIT, SPLIT)
@settings(deadline=None, max_examples=20)
def test_any_examples_can_be_audited(
    train: tuple[Example, ...], validation: tuple[Example, ...], test: tuple[Example, ...]
) -> None:
    found = audit(Dataset(train, validation, test), count_tokens=len)
    assert render(found)
    json.dumps(as_json(found), allow_nan=False)
