"""What a provider gets for fine-tuning, and what that will cost about (pure)."""

import json
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from triage.chat import conversation
from triage.dataset import Dataset, Example
from triage.errors import ExamplesInvalid

FEWEST_EXAMPLES = 10
LONGEST_EXAMPLE_TOKENS = 65_536
LARGEST_FILE_BYTES = 512 * 1024**2
CHARACTERS_PER_TOKEN = 4
TRAIN, VALIDATION = "openai-train.jsonl", "openai-validation.jsonl"
"""Not `train.jsonl`: that is what examples are called, and no folder may lose them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be made: the model to begin with, how long, and a name for the result."""

    base: str
    epochs: int
    suffix: str


@dataclass(frozen=True, slots=True)
class Files:
    """The rows that a provider gets, as UTF-8 JSONL; `validation` may be empty."""

    train: bytes
    validation: bytes
    data_sha256: str

    def write(self, folder: Path) -> list[Path]:
        """Write them down for the engineer to read; the paths."""
        folder.mkdir(parents=True, exist_ok=True)
        named = {TRAIN: self.train, VALIDATION: self.validation}
        written = []
        for name, content in named.items():
            (folder / name).unlink(missing_ok=True)
            if content:
                (folder / name).write_bytes(content)
                written.append(folder / name)
        return written


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a job will cost about: `price` is in US dollars per million training tokens."""

    plan: Plan
    examples: int
    validation: int
    tokens: int
    price: float

    @property
    def dollars(self) -> float:
        """Every token of the training file is paid once an epoch; validation is free."""
        return self.tokens * self.plan.epochs * self.price / 1_000_000

    def line(self) -> str:
        """The estimate in one sentence."""
        return (
            f"{self.examples:,} examples, about {self.tokens:,} tokens "
            f"(characters / {CHARACTERS_PER_TOKEN}) x {self.plan.epochs} epochs "
            f"of {self.plan.base} at ${self.price:,.2f} per million: about ${self.dollars:,.2f}"
        )


def prepare(dataset: Dataset) -> Files:
    """The files of a dataset's training and validation splits; the test split stays here.

    Raises:
        ExamplesInvalid: the provider would not take them; names voice and example.
    """
    if len(dataset.train) < FEWEST_EXAMPLES:
        raise ExamplesInvalid(
            f"{len(dataset.train)} examples for training are too few: {FEWEST_EXAMPLES} are needed"
        )
    _check(dataset.train)
    _check(dataset.validation)
    taught = {one.text for one in dataset.train}
    if leaked := [one for one in dataset.validation if one.text in taught]:
        raise ExamplesInvalid(
            f"{len(leaked)} validation examples are in training as well, first in {leaked[0].voice}"
        )
    files = Files(
        train=_rows(dataset.train),
        validation=_rows(dataset.validation),
        data_sha256=dataset.sha256(),
    )
    if max(len(files.train), len(files.validation)) > LARGEST_FILE_BYTES:
        raise ExamplesInvalid(f"a file is over {LARGEST_FILE_BYTES // 1024**2} MB: too large")
    return files


def estimate(dataset: Dataset, plan: Plan, *, price: float) -> Estimate:
    """What a job on these examples will cost about."""
    return Estimate(
        plan=plan,
        examples=len(dataset.train),
        validation=len(dataset.validation),
        tokens=sum(_tokens(one) for one in dataset.train),
        price=price,
    )


def _check(examples: Iterable[Example]) -> None:
    place: Counter[str] = Counter()
    for one in examples:
        place[one.voice] += 1
        where = f"{one.voice or 'examples'}, example {place[one.voice]}"
        if one.urgency is None or one.sentiment is None:
            raise ExamplesInvalid(f"{where}: urgency and sentiment are missing")
        if any("\ud800" <= sign <= "\udfff" for sign in one.text):
            raise ExamplesInvalid(f"{where}: holds half a surrogate pair, which is no text")
        if (tokens := _tokens(one)) > LONGEST_EXAMPLE_TOKENS:
            raise ExamplesInvalid(
                f"{where}: about {tokens:,} tokens are too many, {LONGEST_EXAMPLE_TOKENS:,} fit"
            )


def _tokens(example: Example) -> int:
    characters = sum(len(one["content"]) for one in conversation(example))
    return math.ceil(characters / CHARACTERS_PER_TOKEN)


def _rows(examples: Iterable[Example]) -> bytes:
    rows = ({"messages": conversation(one)} for one in examples)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return "".join(lines).encode()
