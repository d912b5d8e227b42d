"""Whether recent messages still look like those the model was taught (pure NumPy).

Four two-sample tests against the reference that ships with the model, each by permutation, which
holds for small samples too. Energy sees foreign messages and is blind to a new mix of labels; the
mix of labels is blind to a foreign tenth; so all are run, and none of them measures accuracy.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from triage.adapters.local import LocalModel, Reading
from triage.calibration import softmax
from triage.errors import ModelInvalid
from triage.manifest import REFERENCE

ALPHA = 0.01
FEWEST = 50
SHUFFLES = 1000
_SEED = 11

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Reference:
    """The model's view of messages it was validated on, one row a message."""

    energy: Floats
    confidence: Floats
    intent: NDArray[np.int16]
    vectors: Floats

    def save(self, path: Path) -> None:
        """Write one compressed file."""
        np.savez_compressed(
            path,
            energy=self.energy.astype(np.float32),
            confidence=self.confidence.astype(np.float32),
            intent=self.intent,
            vectors=self.vectors.astype(np.float16),
        )


@dataclass(frozen=True, slots=True)
class Signal:
    """One test: its statistic, how likely it is by chance alone, and what it says in words."""

    name: str
    statistic: float
    p_value: float
    words: str

    @property
    def fires(self) -> bool:
        """Whether chance is an unlikely explanation."""
        return self.p_value < ALPHA


@dataclass(frozen=True, slots=True)
class Drift:
    """All signals, and what to do."""

    messages: int
    signals: tuple[Signal, ...]
    retrain: bool
    verdict: str


def load_reference(folder: Path) -> Reference:
    """The reference beside a model's weights.

    Raises:
        ModelInvalid: it is missing or broken.
    """
    try:
        with np.load(folder / REFERENCE, allow_pickle=False) as held:
            return Reference(
                held["energy"],
                held["confidence"],
                held["intent"],
                held["vectors"].astype(np.float32),
            )
    except (OSError, ValueError, KeyError) as error:
        raise ModelInvalid(f"{folder / REFERENCE}: no reference for drift") from error


def view(model: LocalModel, readings: Sequence[Reading]) -> Reference:
    """The model's view of some messages."""
    probabilities = softmax(model.logits(readings, "intent"))
    return Reference(
        energy=model.scope(readings),
        confidence=probabilities.max(axis=1),
        intent=probabilities.argmax(axis=1).astype(np.int16),
        vectors=np.stack([one.vector for one in readings]),
    )


def measure(reference: Reference, recent: Reference, *, intents: Sequence[str]) -> Drift:
    """Compare recent messages with the reference, at least `FEWEST` of them."""
    signals = (
        _energy(reference, recent),
        _confidence(reference, recent),
        _mix(reference, recent, intents),
        _distance(reference, recent),
    )
    return Drift(len(recent.energy), signals, *_verdict(signals))


def _energy(reference: Reference, recent: Reference) -> Signal:
    statistic, p_value = _tested(kolmogorov_smirnov, reference.energy, recent.energy)
    lower = float(np.median(recent.energy)) < float(np.median(reference.energy))
    words = f"messages look {'less' if lower else 'more'} familiar than those it was validated on"
    return Signal("familiarity (energy)", statistic, p_value, words)


def _confidence(reference: Reference, recent: Reference) -> Signal:
    statistic, p_value = _tested(kolmogorov_smirnov, reference.confidence, recent.confidence)
    before, now = float(reference.confidence.mean()), float(recent.confidence.mean())
    words = f"mean confidence is {now:.2f}, it was {before:.2f}"
    return Signal("confidence", statistic, p_value, words)


def _mix(reference: Reference, recent: Reference, intents: Sequence[str]) -> Signal:
    statistic, p_value = _tested(chi_square, reference.intent, recent.intent)
    size = max(int(reference.intent.max()), int(recent.intent.max()), len(intents) - 1) + 1
    before = np.bincount(reference.intent, minlength=size) / len(reference.intent)
    now = np.bincount(recent.intent, minlength=size) / len(recent.intent)
    most = int(np.abs(now - before).argmax())
    words = f"most changed: {intents[most]}, {now[most]:.0%} of messages, it was {before[most]:.0%}"
    return Signal("mix of intents", statistic, p_value, words)


def _distance(reference: Reference, recent: Reference) -> Signal:
    """Cosine distance to the nearest of one half of the reference, for the other half and now."""
    known, held = _unit(reference.vectors[::2]), _unit(reference.vectors[1::2])
    before = 1 - (held @ known.T).max(axis=1)
    now = 1 - (_unit(recent.vectors) @ known.T).max(axis=1)
    statistic, p_value = _tested(kolmogorov_smirnov, before, now)
    words = f"mean distance to the nearest known one is {now.mean():.2f}, was {before.mean():.2f}"
    return Signal("embedding distance", statistic, p_value, words)


def kolmogorov_smirnov(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """The largest distance between two empirical distributions, 0 to 1."""
    both = np.sort(np.concatenate([one, other]))
    first = np.searchsorted(np.sort(one), both, side="right") / len(one)
    second = np.searchsorted(np.sort(other), both, side="right") / len(other)
    return float(np.abs(first - second).max())


def chi_square(one: NDArray[np.generic], other: NDArray[np.generic]) -> float:
    """Pearson's statistic for two samples of labels."""
    _, codes = np.unique(np.concatenate([one, other]), return_inverse=True)
    halves = codes[: len(one)], codes[len(one) :]
    counts = np.array([np.bincount(half, minlength=codes.max() + 1) for half in halves])
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return float(((counts - expected) ** 2 / expected).sum())


def _tested(
    statistic: Callable[[NDArray[np.generic], NDArray[np.generic]], float],
    reference: NDArray[np.generic],
    recent: NDArray[np.generic],
) -> tuple[float, float]:
    """The statistic, and how often shuffled samples reach it."""
    observed = statistic(reference, recent)
    both = np.concatenate([reference, recent])
    shuffle = np.random.default_rng(_SEED)
    reached = 0
    for _ in range(SHUFFLES):
        order = shuffle.permutation(len(both))
        shuffled = statistic(both[order[: len(reference)]], both[order[len(reference) :]])
        reached += shuffled >= observed - 1e-12
    return observed, (reached + 1) / (SHUFFLES + 1)


def _verdict(signals: Sequence[Signal]) -> tuple[bool, str]:
    fired = [one.name for one in signals if one.fires]
    if not fired:
        return False, "No drift: keep the model. Have people label 50 of these to be sure."
    if fired == ["mix of intents"]:
        return False, (
            "People write about other matters than before, in familiar words: no need to retrain. "
            "Have people label 50 of these, and retrain if accuracy fell."
        )
    return True, (
        f"Drift in {', '.join(fired)}: label a random 50 of these messages, measure with "
        "`supportbot triage evaluate`, add them to the training examples and retrain."
    )


def _unit(vectors: Floats) -> Floats:
    found: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return found
