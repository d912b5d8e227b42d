"""Labelled examples: reading, checking and splitting files of them.

Two formats, one JSON object a line:
`{"input": "…", "output": {"intent": …, "urgency": …, "sentiment": …, entities…}}` and, for sets
that label nothing else, `{"text": "…", "intent": "…"}`. A folder holds `train`, `validation` and
`test`, each a file `NAME.jsonl` or a folder of such files, one for each writer.
"""

import hashlib
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from triage.entities import Value
from triage.errors import ExamplesInvalid
from triage.schema import Labels

SPLITS = ("train", "validation", "test")
_ALIASES = {"train": ("train",), "validation": ("validation", "val"), "test": ("test",)}


@dataclass(frozen=True, slots=True)
class Example:
    """One utterance and its labels; None where a label is not given.

    `voice` is the file it comes from: examples of one voice never lie in two splits.
    """

    text: str
    intent: str
    urgency: str | None = None
    sentiment: str | None = None
    entities: Mapping[str, Value] | None = None
    voice: str = ""

    def as_line(self) -> str:
        """The example as a line of a file."""
        if self.urgency is None:
            return json.dumps({"text": self.text, "intent": self.intent}, ensure_ascii=False)
        output = {"intent": self.intent, "urgency": self.urgency, "sentiment": self.sentiment}
        row = {"input": self.text, "output": output | dict(self.entities or {})}
        return json.dumps(row, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Dataset:
    """Examples by split; a split that nobody gave is empty."""

    train: tuple[Example, ...]
    validation: tuple[Example, ...] = ()
    test: tuple[Example, ...] = ()

    def split(self, name: str) -> tuple[Example, ...]:
        """The examples of one split."""
        found: tuple[Example, ...] = getattr(self, name)
        return found

    def sha256(self) -> str:
        """What tells one set of training and validation examples from another."""
        return digest((*self.train, *self.validation))


def load(path: Path) -> Dataset:
    """Read a folder with splits, or one file, which is all training.

    Raises:
        ExamplesInvalid: there is nothing, or a line is wrong; names file and line.
    """
    if path.is_file():
        return Dataset(train=tuple(read(path)))
    splits = {split: tuple(read_split(path, split)) for split in SPLITS}
    if not any(splits.values()):
        splits["train"] = tuple(one for file in sorted(path.glob("*.jsonl")) for one in read(file))
    if not any(splits.values()):
        raise ExamplesInvalid(f"{path}: neither a file of examples nor a folder with train.jsonl")
    return Dataset(**splits)


def read(path: Path) -> list[Example]:
    """Every example of one file.

    Raises:
        ExamplesInvalid: the file or a line of it cannot be read; names the line.
    """
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ExamplesInvalid(f"{path}: {error}") from error
    found = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(parse(line, voice=path.stem))
            except ExamplesInvalid as error:
                raise ExamplesInvalid(f"{path}, line {number}: {error}") from error
    if not found:
        raise ExamplesInvalid(f"{path}: holds no examples")
    return found


def parse(line: str, *, voice: str = "") -> Example:
    """One line of a file of examples.

    Raises:
        ExamplesInvalid: names the field that is wrong.
    """
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ExamplesInvalid(f"no JSON: {error}") from error
    if not isinstance(row, dict):
        raise ExamplesInvalid("no JSON object")
    if "output" in row:
        return _checked(row, voice)
    text, intent = row.get("text"), row.get("intent")
    if not (isinstance(text, str) and text.strip() and isinstance(intent, str) and intent):
        raise ExamplesInvalid('needs "input" and "output", or "text" and "intent"')
    return Example(text=text, intent=intent, voice=voice)


def labelled(text: str, labels: Labels, *, voice: str) -> Example:
    """A text and its checked labels as an example."""
    return Example(
        text=text,
        intent=labels.intent,
        urgency=labels.urgency.value,
        sentiment=labels.sentiment.value,
        entities=labels.named(),
        voice=voice,
    )


def hold_out(examples: Sequence[Example], *, share: float, seed: int) -> Dataset:
    """Split training examples in two where nobody gave a validation file.

    Whole voices go one way when there are enough of them; else a share of every intent does.
    """
    shuffled = random.Random(seed)  # noqa: S311  # reproducible, not secret
    voices = sorted({one.voice for one in examples})
    if len(voices) >= round(2 / share):
        chosen = set(shuffled.sample(voices, round(share * len(voices))))
        held = {n for n, one in enumerate(examples) if one.voice in chosen}
    else:
        by_intent = defaultdict(list)
        for n, one in enumerate(examples):
            by_intent[one.intent].append(n)
        held = set()
        for group in by_intent.values():
            held.update(shuffled.sample(group, round(share * len(group))))
    return Dataset(
        train=tuple(one for n, one in enumerate(examples) if n not in held),
        validation=tuple(one for n, one in enumerate(examples) if n in held),
    )


def digest(examples: Iterable[Example]) -> str:
    """A hash of the examples, whatever their order."""
    total = hashlib.sha256()
    for line in sorted(one.as_line() for one in examples):
        total.update(line.encode() + b"\n")
    return total.hexdigest()


def read_split(folder: Path, split: str) -> Iterable[Example]:
    """The examples of one split of a folder, from its file or its folder of voices."""
    for name in _ALIASES[split]:
        if (folder / f"{name}.jsonl").is_file():
            yield from read(folder / f"{name}.jsonl")
        for file in sorted((folder / name).glob("*.jsonl")):
            yield from read(file)


def _checked(row: Mapping[str, Any], voice: str) -> Example:
    text = row.get("input")
    if not (isinstance(text, str) and text.strip()):
        raise ExamplesInvalid('"input" is no text')
    try:
        labels = Labels.model_validate(row["output"])
    except ValidationError as error:
        problem = error.errors()[0]
        raise ExamplesInvalid(f"{'.'.join(map(str, problem['loc']))}: {problem['msg']}") from error
    return labelled(text, labels, voice=voice)
