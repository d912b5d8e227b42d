"""What the figures of an audit come to: whether fine-tuning will pay (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from triage.counting import FEW, HeadCounts, LabelCount, SplitCounts
from triage.duplicates import Repeats
from triage.suspicion import Check
from triage.variety import Variety

_LOPSIDED = 20
_LEAKING, _REPEATED = 0.02, 0.10
_CONTRADICTED, _MUCH_CONTRADICTED = 0.005, 0.05
_DOUBTED, _MUCH_DOUBTED = 0.06, 0.15
_UNLOCATED = 0.02
_CUT = 0.10
_TEMPLATED = 0.97
_NEAR = 0.4
_PHRASES = 0.03
_NAMED = 3


class Readiness(StrEnum):
    """What to do with a set of examples."""

    READY = "ready to fine-tune"
    CARE = "fine-tune with care"
    NOT_YET = "not yet: use prompting and retrieval instead"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do, and why, gravest first."""

    readiness: Readiness
    reasons: tuple[str, ...]

    def __str__(self) -> str:
        return ": ".join(filter(None, [self.readiness, "; ".join(self.reasons)]))


@dataclass(frozen=True, slots=True)
class Figures:
    """What a verdict is made from; `unlocated` is the share of entity values not in their text."""

    splits: Sequence[SplitCounts]
    heads: Sequence[HeadCounts]
    voices_shared: int
    repeats: Repeats
    unlocated: float
    variety: Variety
    checks: Sequence[Check]

    def examples(self, split: str) -> int:
        """Examples in a split."""
        return sum(one.examples for one in self.splits if one.split == split)


def verdict(figures: Figures) -> Verdict:
    """Judge a set of examples."""
    grave = tuple(_grave(figures))
    light = tuple(
        reason
        for rule in (_scarce, _unbalanced, _unjudgeable, _repeated, _doubtful, _monotonous)
        for reason in rule(figures)
    )
    if grave:
        return Verdict(Readiness.NOT_YET, grave + light)
    return Verdict(Readiness.CARE if light else Readiness.READY, light)


def _grave(figures: Figures) -> Iterator[str]:
    intents = next((one for one in figures.heads if one.head == "intent"), None)
    taught = [one for one in intents.labels if one.train] if intents else []
    few = [one for one in taught if one.train < FEW]
    if len(taught) < 2:  # noqa: PLR2004  # nothing to tell apart
        yield "training has fewer than two intents"
    elif len(few) > len(taught) / 2:
        yield f"{len(few)} of {len(taught)} intents have under {FEW} training examples"
    if _contradicted(figures) > _MUCH_CONTRADICTED:
        yield f"{_contradicted(figures):.0%} of the examples are labelled otherwise elsewhere"
    for one in figures.checks:
        if len(one.suspects) > _MUCH_DOUBTED * one.examples:
            yield f"{len(one.suspects) / one.examples:.0%} of the {one.head} labels look wrong"


def _scarce(figures: Figures) -> Iterator[str]:
    for one in figures.heads:
        few = [label for label in one.few() if label.train]
        taught = sum(label.train > 0 for label in one.labels)
        if few and (one.head != "intent" or len(few) <= taught / 2):
            yield f"under {FEW} training examples of {one.head} {_named(few)}"
        unseen = [label for label in one.labels if not label.train]
        if unseen:
            yield f"{one.head} {_named(unseen)} only outside training: judged as out of scope"


def _unbalanced(figures: Figures) -> Iterator[str]:
    for one in figures.heads:
        if one.ratio > _LOPSIDED:
            yield f"the largest {one.head} is {one.ratio:.0f} times the smallest"
    for split in figures.splits:
        if (split.words.over_window or 0) > _CUT:
            yield f"{split.words.over_window:.0%} of {split.split} texts are longer than is read"


def _unjudgeable(figures: Figures) -> Iterator[str]:
    if not figures.examples("test"):
        yield "no test examples: nothing to judge the model on"
    if figures.voices_shared:
        yield f"{figures.voices_shared} voices lie in more than one split"
    for one in figures.repeats.twins:
        share = (one.exact + one.near) / max(1, figures.examples(one.split))
        if one.split != one.other and share > _LEAKING:
            yield f"{share:.0%} of {one.split} repeat {one.other} examples: leaks flatter the score"


def _repeated(figures: Figures) -> Iterator[str]:
    for one in figures.repeats.twins:
        share = (one.exact + one.near) / max(1, figures.examples(one.split))
        if one.split == one.other == "train" and share > _REPEATED:
            yield f"{share:.0%} of the training examples repeat another"


def _doubtful(figures: Figures) -> Iterator[str]:
    if _CONTRADICTED < _contradicted(figures) <= _MUCH_CONTRADICTED:
        yield f"{len(figures.repeats.conflicts)} pairs of like texts have unlike labels"
    for one in figures.checks:
        if _DOUBTED < len(one.suspects) / max(1, one.examples) <= _MUCH_DOUBTED:
            yield f"{len(one.suspects)} {one.head} labels look wrong"
    if figures.unlocated > _UNLOCATED:
        yield f"{figures.unlocated:.0%} of the entity values do not stand in their text"


def _monotonous(figures: Figures) -> Iterator[str]:
    for one in figures.checks:
        if one.head == "intent" and one.accuracy > _TEMPLATED:
            yield f"a linear model on words reaches {one.accuracy:.0%}: the examples look templated"
    nearest = dict(figures.variety.to_train).get("test")
    if nearest and nearest.mean < _NEAR:
        yield "test texts lie close to training texts: the score says little about other writers"
    for overlap in figures.variety.overlaps:
        if overlap.eight > _PHRASES:
            yield f"{overlap.eight:.0%} of the eight-word runs of {overlap.split} stand in training"


def _contradicted(figures: Figures) -> float:
    """Share of examples in a conflict."""
    texts = {
        (place.split, place.example.voice, place.example.text)
        for pair in figures.repeats.conflicts
        for place in (pair.first, pair.second)
    }
    return len(texts) / max(1, sum(one.examples for one in figures.splits))


def _named(labels: Sequence[LabelCount]) -> str:
    shown = ", ".join(one.label for one in labels[:_NAMED])
    return shown + (f" and {len(labels) - _NAMED} more" if len(labels) > _NAMED else "")
