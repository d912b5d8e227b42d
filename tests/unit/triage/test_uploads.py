"""What a provider gets for fine-tuning, and what it will cost."""

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from triage import prices
from triage.chat import SYSTEM
from triage.dataset import Dataset, Example
from triage.errors import ExamplesInvalid
from triage.schema import KEYS, labels_schema, read_labels
from triage.uploads import Plan, estimate, prepare

PLAN = Plan("gpt-4.1-mini-2025-04-14", 3, "desk")


def example(text: str, *, voice: str = "letters", **changes: Any) -> Example:
    plain = Example(text, "order_status", "normal", "neutral", {"order_id": "4521"}, voice)
    return replace(plain, **changes)


def dataset(*more: Example, validation: Sequence[Example] = ()) -> Dataset:
    return Dataset(
        train=(*(example(f"where is order {n}?") for n in range(10)), *more),
        validation=tuple(validation),
        test=(example("nobody may see this"),),
    )


def test_a_row_is_what_a_prediction_asks_and_what_structured_outputs_answer() -> None:
    files = prepare(dataset(validation=[example("and mine? Größe 42", entities=None)]))
    [row] = [json.loads(line) for line in files.validation.splitlines()]
    system, user, assistant = row["messages"]
    assert system == {"role": "system", "content": SYSTEM}
    assert user == {"role": "user", "content": "and mine? Größe 42"}
    assert assistant["role"] == "assistant"
    assert list(json.loads(assistant["content"])) == list(KEYS)
    assert list(KEYS) == labels_schema(["order_status"])["required"]
    labels = read_labels(assistant["content"], ["order_status"])
    assert labels.named() == {}
    assert '"order_id":null' in assistant["content"]
    assert len(files.train.splitlines()) == 10


def test_the_test_split_stays_here() -> None:
    files = prepare(dataset(validation=[example("v")]))
    assert b"nobody may see this" not in files.train + files.validation


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (example("hi", voice="chats", urgency=None, sentiment=None), "chats, example 1: urgency"),
        (example("x" * 300_000), "letters, example 11: about 75,"),
        (example("half \ud83d a sign"), "letters, example 11: holds half"),
    ],
)
def test_an_example_that_the_provider_would_not_take_is_named(wrong: Example, told: str) -> None:
    with pytest.raises(ExamplesInvalid, match=told):
        prepare(dataset(wrong))
    with pytest.raises(ExamplesInvalid, match=told.replace("11", "1")):
        prepare(dataset(validation=[wrong]))


def test_few_examples_and_leaked_ones_are_refused() -> None:
    with pytest.raises(ExamplesInvalid, match="9 examples for training are too few"):
        prepare(Dataset(train=dataset().train[:9]))
    with pytest.raises(ExamplesInvalid, match="1 validation examples are in training"):
        prepare(dataset(validation=[example("where is order 3?")]))


def test_the_files_are_written_beside_the_examples_and_never_over_them(tmp_path: Path) -> None:
    own = tmp_path / "train.jsonl"
    own.write_text("mine", "utf-8")
    prepare(dataset(validation=[example("v")])).write(tmp_path)
    files = prepare(dataset())
    [written] = files.write(tmp_path)
    assert written.read_bytes() == files.train
    assert own.read_text("utf-8") == "mine"
    assert {one.name for one in tmp_path.iterdir()} == {"train.jsonl", written.name}


def test_the_estimate_is_characters_by_four_times_epochs_times_price() -> None:
    cost = estimate(dataset(), PLAN, price=5.0)
    characters = [
        sum(len(one["content"]) for one in json.loads(line)["messages"])
        for line in prepare(dataset()).train.splitlines()
    ]
    assert cost.tokens == pytest.approx(sum(characters) / 4, abs=10)
    assert cost.dollars == pytest.approx(cost.tokens * 3 * 5 / 1_000_000)
    assert f"about ${cost.dollars:.2f}" in cost.line()
    assert "characters / 4" in cost.line()


def test_a_tuned_model_costs_what_its_base_does() -> None:
    assert prices.offer(f"ft:{prices.DEFAULT}:org:desk:abc") == prices.offer(prices.DEFAULT)
    assert prices.offer("my-own-model") is None
