"""How many examples there are of what, how long they are and who wrote them (pure)."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from triage.dataset import SPLITS, Dataset, Example
from triage.schema import HEADS
from triage.windows import MOST_TOKENS

FEW = 100
"""Training examples of a label below which prompting and retrieval do better than fine-tuning."""

CountTokens = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Place:
    """An example and the split that it lies in."""

    split: str
    example: Example


@dataclass(frozen=True, slots=True)
class LabelCount:
    """Examples of one label, or naming one kind of entity, by split."""

    label: str
    train: int
    validation: int
    test: int


@dataclass(frozen=True, slots=True)
class HeadCounts:
    """The labels of one head, those with most training examples first.

    `ratio` is largest to smallest over the labels that are taught; `evenness` is the entropy of
    the training labels over its highest value: 1 where all are level, 0 where there is one.
    """

    head: str
    labels: tuple[LabelCount, ...]
    ratio: float
    evenness: float

    def few(self) -> tuple[LabelCount, ...]:
        """Labels with too few training examples, scarcest first."""
        return tuple(one for one in reversed(self.labels) if one.train < FEW)


@dataclass(frozen=True, slots=True)
class Lengths:
    """Words of a text; `over_window` is the share of texts with more tokens than are read."""

    least: int
    median: float
    p95: float
    most: int
    over_window: float | None


@dataclass(frozen=True, slots=True)
class SplitCounts:
    """One split: how many examples, how many of each voice, how long."""

    split: str
    examples: int
    voices: tuple[tuple[str, int], ...]
    words: Lengths


def places(dataset: Dataset) -> list[Place]:
    """Every example with its split: training first, test last."""
    return [Place(split, one) for split in SPLITS for one in dataset.split(split)]


def split_counts(dataset: Dataset, count_tokens: CountTokens | None) -> tuple[SplitCounts, ...]:
    """The splits that hold anything."""
    return tuple(
        SplitCounts(
            split=split,
            examples=len(examples),
            voices=tuple(Counter(one.voice for one in examples).most_common()),
            words=_lengths([one.text for one in examples], count_tokens),
        )
        for split in SPLITS
        if (examples := dataset.split(split))
    )


def head_counts(dataset: Dataset) -> tuple[HeadCounts, ...]:
    """The heads that any example labels."""
    found = []
    for head in HEADS:
        labels = _count(
            dataset,
            lambda one, head=head: filter(None, [getattr(one, head)]),  # type: ignore[misc]
        )
        if labels:
            taught = [one.train for one in labels if one.train]
            ratio = max(taught) / min(taught) if taught else 0.0
            found.append(HeadCounts(head, labels, ratio, _evenness(taught)))
    return tuple(found)


def entity_counts(dataset: Dataset) -> tuple[LabelCount, ...]:
    """Examples that name an entity of each kind."""
    return _count(dataset, lambda one: one.entities or ())


def shared_voices(dataset: Dataset) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Voices that lie in more than one split, with those splits."""
    held: dict[str, list[str]] = {}
    for split in SPLITS:
        for voice in sorted({one.voice for one in dataset.split(split)}):
            held.setdefault(voice, []).append(split)
    return tuple((voice, tuple(splits)) for voice, splits in held.items() if len(splits) > 1)


def _count(
    dataset: Dataset, labels_of: Callable[[Example], Iterable[str]]
) -> tuple[LabelCount, ...]:
    counts = {
        split: Counter(label for one in dataset.split(split) for label in labels_of(one))
        for split in SPLITS
    }
    known = sorted(set().union(*counts.values()))
    rows = [LabelCount(label, *(counts[split][label] for split in SPLITS)) for label in known]
    return tuple(sorted(rows, key=lambda one: -one.train))


def _evenness(counts: Sequence[int]) -> float:
    if len(counts) < 2:  # noqa: PLR2004  # one label is as uneven as can be
        return 0.0
    shares = np.asarray(counts) / sum(counts)
    return float(-(shares * np.log(shares)).sum() / math.log(len(counts)))


def _lengths(texts: Sequence[str], count_tokens: CountTokens | None) -> Lengths:
    words = [len(text.split()) for text in texts]
    over = None
    if count_tokens:
        over = sum(count_tokens(text) > MOST_TOKENS for text in texts) / len(texts)
    return Lengths(
        least=min(words),
        median=float(np.median(words)),
        p95=float(np.percentile(words, 95)),
        most=max(words),
        over_window=over,
    )
