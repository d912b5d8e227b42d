"""What one should know about a set of examples before fine-tuning on it.

Behind `supportbot triage audit DATA`. Needs the extra `[train]`.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from triage.counting import (
    CountTokens,
    HeadCounts,
    LabelCount,
    Place,
    SplitCounts,
    entity_counts,
    head_counts,
    places,
    shared_voices,
    split_counts,
)
from triage.dataset import Dataset
from triage.duplicates import Repeats, repeats
from triage.entities import Value
from triage.linear import Embed
from triage.spans import locate
from triage.suspicion import Check, cross_validate
from triage.variety import Variety, variety
from triage.verdict import Figures, Verdict, verdict


@dataclass(frozen=True, slots=True)
class Unlocated:
    """An entity whose value does not stand in its text, so that no span can be taught."""

    place: Place
    key: str
    value: Value


@dataclass(frozen=True, slots=True)
class Audit:
    """Every figure; `checks` is empty where nothing was cross-validated."""

    splits: tuple[SplitCounts, ...]
    shared_voices: tuple[tuple[str, tuple[str, ...]], ...]
    heads: tuple[HeadCounts, ...]
    entities: tuple[LabelCount, ...]
    unlocated: tuple[Unlocated, ...]
    repeats: Repeats
    variety: Variety
    checks: tuple[Check, ...]
    verdict: Verdict


def audit(
    dataset: Dataset,
    *,
    count_tokens: CountTokens | None = None,
    cross_validate_labels: bool = True,
    embed: Embed | None = None,
) -> Audit:
    """Look at every side of a set of examples; 13,000 take half a minute, most of it checking.

    `count_tokens` says how long a text is to the model; `embed` sharpens the search for wrong
    labels by a frozen encoder's vectors, at about 2 ms a text.
    """
    held = places(dataset)
    splits, heads = split_counts(dataset, count_tokens), head_counts(dataset)
    entities, lost = entity_counts(dataset), tuple(unlocated(held))
    shared, repeated, various = shared_voices(dataset), repeats(held), variety(dataset)
    checks = cross_validate(held, embed=embed) if cross_validate_labels else ()
    named = sum(one.train + one.validation + one.test for one in entities)
    judged = verdict(
        Figures(
            splits=splits,
            heads=heads,
            voices_shared=len(shared),
            repeats=repeated,
            unlocated=len(lost) / max(1, named),
            variety=various,
            checks=checks,
        )
    )
    return Audit(splits, shared, heads, entities, lost, repeated, various, checks, judged)


def unlocated(held: Sequence[Place]) -> list[Unlocated]:
    """Entities that training cannot use, since their value cannot be found in the text."""
    return [
        Unlocated(place, key, value)
        for place in held
        for key, value in (place.example.entities or {}).items()
        if not locate(place.example.text, {key: value})
    ]


def as_json(found: Audit) -> dict[str, Any]:
    """Every figure under its name, lists in full."""
    return asdict(found)
