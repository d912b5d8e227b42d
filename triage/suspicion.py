"""Labels that a model trained on the other examples contradicts: likely errors, worth a look.

Cross-validated over five folds, so that nothing judges what it was taught, and by whole voices
where there are enough of them. A linear model on words, if wished joined with one on a frozen
encoder's vectors; its probabilities are calibrated before they are believed. After confident
learning (Northcutt et al., 2021). Needs the extra `[train]`.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from triage.calibration import Floats, softmax, temperature
from triage.counting import Place
from triage.fitting import weight_for
from triage.linear import Embed, Features, logistic, term_weights
from triage.schema import HEADS

FOLDS = 5
SURE, DOUBTED = 0.5, 0.1
_UNSEEN, _LEAST = -20.0, 1e-6
_LETTERS_UP_TO = 150_000
"""Examples × labels up to which letters are read too: two points better, and slow."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """An example whose label is doubted, and the label that is likelier, with probabilities."""

    place: Place
    own: str
    suggested: str
    own_probability: float
    suggested_probability: float


@dataclass(frozen=True, slots=True)
class Check:
    """One head cross-validated: how often the linear model is right, and what it doubts."""

    head: str
    examples: int
    by_voice: bool
    accuracy: float
    suspects: tuple[Suspect, ...]


def cross_validate(
    held: Sequence[Place], *, embed: Embed | None = None, seed: int = 7
) -> tuple[Check, ...]:
    """Check every head that has two labels or more; the most suspicious examples first."""
    texts = [one.example.text for one in held]
    vectors = embed(texts) if embed and texts else None
    found = []
    for head in HEADS:
        rows = [n for n, one in enumerate(held) if getattr(one.example, head)]
        if len({getattr(held[n].example, head) for n in rows}) > 1 and len(rows) >= FOLDS:
            chosen = [held[n] for n in rows]
            found.append(
                _check(head, chosen, vectors[rows] if vectors is not None else None, seed=seed)
            )
    return tuple(found)


def folds(held: Sequence[Place], labels: Sequence[str], *, seed: int) -> tuple[list[int], bool]:
    """The fold of every example, and whether whole voices go together."""
    sizes = Counter(one.example.voice for one in held)
    if len(sizes) >= FOLDS and max(sizes.values()) <= len(held) / 2:
        filled = [0] * FOLDS
        fold_of = {}
        for voice, size in sizes.most_common():
            fold_of[voice] = filled.index(min(filled))
            filled[fold_of[voice]] += size
        return [fold_of[one.example.voice] for one in held], True
    order = list(range(len(held)))
    random.Random(seed).shuffle(order)  # noqa: S311  # reproducible, not secret
    dealt = [0] * len(held)
    for turn, n in enumerate(sorted(order, key=lambda n: labels[n])):
        dealt[n] = turn % FOLDS
    return dealt, False


def _check(
    head: str, held: Sequence[Place], vectors: NDArray[np.float32] | None, *, seed: int
) -> Check:
    own = [getattr(one.example, head) for one in held]
    labels = sorted(set(own))
    wanted = np.array([labels.index(one) for one in own])
    dealt, by_voice = folds(held, own, seed=seed)
    fold_of = np.array(dealt)
    terms = term_weights(longest=4 if len(held) * len(labels) <= _LETTERS_UP_TO else 0)
    texts = terms.fit_transform([one.example.text for one in held])
    logits = _out_of_fold(texts, wanted, fold_of, seed=seed)
    if vectors is not None:
        second = _out_of_fold(vectors, wanted, fold_of, seed=seed)
        weight = weight_for(logits, second, list(wanted))
        logits = (1 - weight) * logits + weight * second
    taught = logits[np.arange(len(held)), wanted] > _UNSEEN
    scaled = logits[taught] / np.float32(temperature(logits[taught], list(wanted[taught])))
    kept = [n for n, seen in enumerate(taught) if seen]
    return _judged(
        Check(head, len(kept), by_voice, 0.0, ()),
        [held[n] for n in kept],
        [own[n] for n in kept],
        labels=labels,
        probabilities=softmax(scaled),
    )


def _out_of_fold(
    features: Features,
    wanted: NDArray[np.int64],
    fold_of: NDArray[np.int64],
    *,
    seed: int,
) -> Floats:
    """Log-probabilities, examples × labels, by models that have not seen the example's fold."""
    found = np.full((len(wanted), int(wanted.max()) + 1), _UNSEEN, dtype=np.float32)
    for fold in range(FOLDS):
        inside = fold_of == fold
        if not inside.any() or len(set(wanted[~inside])) < 2:  # noqa: PLR2004  # nothing to choose
            continue
        model = logistic(int((~inside).sum()), epochs=_epochs(len(wanted)), seed=seed)
        model.fit(features[~inside], wanted[~inside])
        shares = np.maximum(model.predict_proba(features[inside]), _LEAST)
        found[np.ix_(inside, model.classes_)] = np.log(shares)
    return found


def _epochs(examples: int) -> int:
    """Passes over the examples: many over few, few over many."""
    return int(np.clip(40_000 // max(1, examples), 6, 20))


def _judged(
    check: Check,
    held: Sequence[Place],
    own: Sequence[str],
    *,
    labels: Sequence[str],
    probabilities: Floats,
) -> Check:
    suspects = []
    right = 0
    for place, label, row in zip(held, own, probabilities, strict=True):
        best = int(row.argmax())
        doubted = float(row[labels.index(label)])
        right += labels[best] == label
        if row[best] > SURE and doubted < DOUBTED:
            suspects.append(Suspect(place, label, labels[best], doubted, float(row[best])))
    return replace(
        check,
        accuracy=right / max(1, len(held)),
        suspects=tuple(
            sorted(suspects, key=lambda one: one.own_probability - one.suggested_probability)
        ),
    )
