"""Whether a candidate may replace the model in use (pure).

Judged on a golden set that neither has been trained on: no head may fall by more than a margin, and
no label may collapse, since a mean hides one label that is lost.
"""

from dataclasses import dataclass

from triage.evaluation import Evaluation, LabelScore

COLLAPSE = 0.5
"""A label's F1 may not fall below this share of what it was."""
FEWEST = 5
"""Labels with fewer golden examples are not judged one by one."""


@dataclass(frozen=True, slots=True)
class HeadChange:
    """One head of both models: macro-F1, or micro-F1 of entities; 0 to 1."""

    head: str
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was compared, and every reason against the candidate; none means: promote."""

    changes: tuple[HeadChange, ...]
    reasons: tuple[str, ...]


def compare(current: Evaluation, candidate: Evaluation, *, margin: float) -> Verdict:
    """Compare two evaluations on the same examples."""
    before, after = _scores(current), _scores(candidate)
    changes = tuple(HeadChange(head, before[head], after.get(head, 0.0)) for head in before)
    reasons = [
        f"{one.head} falls from {one.before:.3f} to {one.after:.3f} (margin {margin:g})"
        for one in changes
        if one.after < one.before - margin
    ]
    for head in current.heads:
        reasons += _collapsed(head, current, candidate)
    return Verdict(changes, tuple(reasons))


def _scores(found: Evaluation) -> dict[str, float]:
    scores = {head: one.macro_f1 for head, one in found.heads.items()}
    return scores | ({"entities": found.entities.f1} if found.entities else {})


def _collapsed(head: str, current: Evaluation, candidate: Evaluation) -> list[str]:
    if head not in candidate.heads:
        return [f"the candidate has no head for {head}"]
    after = {one.label: one for one in candidate.heads[head].by_label}
    return [
        f"{head} {one.label} collapses from {one.f1:.2f} to {_f1(after.get(one.label)):.2f}"
        for one in current.heads[head].by_label
        if one.support >= FEWEST and _f1(after.get(one.label)) < COLLAPSE * one.f1
    ]


def _f1(row: LabelScore | None) -> float:
    return row.f1 if row else 0.0
