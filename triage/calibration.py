"""Turning logits into probabilities that mean what they say (pure, NumPy).

All of it is fitted on validation examples, on the int8 file that ships.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Booleans = NDArray[np.bool_]
_GOLDEN = (5**0.5 - 1) / 2


def softmax(logits: Floats) -> Floats:
    """Probabilities along the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    found: Floats = (shifted / shifted.sum(axis=-1, keepdims=True)).astype(np.float32)
    return found


def log_softmax(logits: Floats) -> Floats:
    """Log-probabilities along the last axis."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    found: Floats = (shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))).astype(
        np.float32
    )
    return found


def energy(logits: Floats) -> Floats:
    """Logsumexp of the logits, one number a row: low where the model has seen nothing alike."""
    top = logits.max(axis=-1)
    found: Floats = (top + np.log(np.exp(logits - top[..., None]).sum(axis=-1))).astype(np.float32)
    return found


def loss(logits: Floats, wanted: Sequence[int]) -> float:
    """Mean negative log-likelihood."""
    rows = np.arange(len(wanted))
    return float(-log_softmax(logits)[rows, np.asarray(wanted)].mean()) if len(wanted) else 0.0


def temperature(logits: Floats, wanted: Sequence[int]) -> float:
    """The divisor of the logits, 0.2 to 5, under which the labels are likeliest."""
    if not len(wanted):
        return 1.0
    low, high = np.log(0.2), np.log(5.0)
    for _ in range(40):
        left, right = high - _GOLDEN * (high - low), low + _GOLDEN * (high - low)
        if loss(logits / np.exp(left), wanted) < loss(logits / np.exp(right), wanted):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 4)


def expected_calibration_error(confidence: Floats, right: Booleans, *, bins: int = 15) -> float:
    """Mean distance of confidence and accuracy over bins of equal width, weighted by size."""
    return sum(
        abs(one.accuracy - one.confidence) * one.share
        for one in reliability(confidence, right, bins=bins)
    )


@dataclass(frozen=True, slots=True)
class Bin:
    """Predictions of like confidence."""

    confidence: float
    accuracy: float
    share: float


def reliability(confidence: Floats, right: Booleans, *, bins: int = 15) -> list[Bin]:
    """How often predictions were right, by confidence; empty bins are left out."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return [
        Bin(float(confidence[inside].mean()), float(right[inside].mean()), float(inside.mean()))
        for n in range(bins)
        if (inside := place == n).any()
    ]


def risk_coverage(confidence: Floats, right: Booleans) -> tuple[Floats, Floats]:
    """Coverage (rising, 0 to 1) and the share of wrong labels among what is covered."""
    order = np.argsort(-confidence, kind="stable")
    counts = np.arange(1, len(order) + 1)
    wrong = np.cumsum(~right[order])
    return (counts / max(1, len(order))).astype(np.float32), (wrong / counts).astype(np.float32)


def threshold_for(confidence: Floats, right: Booleans, *, precision: float) -> float:
    """The lowest confidence above which labels are right often enough; 1 if there is none."""
    if not len(confidence):
        return 0.0
    order = np.argsort(-confidence, kind="stable")
    kept = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    enough = np.nonzero(kept >= precision)[0]
    return float(confidence[order][enough[-1]]) if len(enough) else 1.0


def auroc(inside: Floats, outside: Floats) -> float:
    """How often a score inside the scope is higher than one outside it; ties count half."""
    both = np.concatenate([inside, outside])
    values, inverse, counts = np.unique(both, return_inverse=True, return_counts=True)
    del values
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    total = ranks[: len(inside)].sum() - len(inside) * (len(inside) + 1) / 2
    return float(total / (len(inside) * len(outside)))
