"""How good a model is on labelled examples (pure NumPy).

Examples whose intent the model does not know are out of scope: they count for the AUROC alone.
"""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.adapters.local import LocalModel, Reading
from triage.calibration import (
    Bin,
    Booleans,
    Floats,
    auroc,
    expected_calibration_error,
    loss,
    reliability,
    risk_coverage,
    softmax,
)
from triage.dataset import Example
from triage.entities import Value

PRECISION = 0.95
CURVE_POINTS = 60
_WARM_UP = 3
_TIMED = 60


@dataclass(frozen=True, slots=True)
class LabelScore:
    """One label of a head, all between 0 and 1."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True, slots=True)
class HeadScore:
    """One head; `confusion` is wanted × predicted, counts; losses are negative log-likelihoods."""

    labels: tuple[str, ...]
    accuracy: float
    macro_f1: float
    by_label: tuple[LabelScore, ...]
    confusion: NDArray[np.int64]
    loss: float
    ece_before: float
    ece: float
    coverage_at_95: float
    bins: tuple[Bin, ...] = ()
    curve: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class EntityScore:
    """Entities compared by value; `by_key` has precision, recall, F1 and support of each key."""

    precision: float
    recall: float
    f1: float
    by_key: tuple[LabelScore, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that `supportbot triage evaluate` reports; latency in milliseconds a message."""

    model: str
    examples: int
    heads: Mapping[str, HeadScore]
    entities: EntityScore | None
    out_of_scope: int
    out_of_scope_auroc: float | None
    latency_p50_ms: float
    latency_p95_ms: float
    per_second: float


def evaluate(model: LocalModel, examples: Sequence[Example]) -> Evaluation:
    """Judge a model on examples that it has not been trained on."""
    began = time.perf_counter()
    readings = model.read([one.text for one in examples])
    seconds = time.perf_counter() - began
    known = set(model.manifest.heads["intent"])
    inside = [n for n, one in enumerate(examples) if one.intent in known]
    scope = model.scope(readings)
    outside = np.array([one.intent not in known for one in examples])
    p50, p95 = _latency(model, [one.text for one in examples])
    return Evaluation(
        model=model.version,
        examples=len(examples),
        heads={
            head: scored
            for head in model.manifest.heads
            if (scored := _head(model, head, [(examples[n], readings[n]) for n in inside]))
        },
        entities=_entities(model, [(examples[n], readings[n]) for n in inside]),
        out_of_scope=int(outside.sum()),
        out_of_scope_auroc=auroc(scope[~outside], scope[outside])
        if 0 < outside.sum() < len(outside)
        else None,
        latency_p50_ms=p50,
        latency_p95_ms=p95,
        per_second=len(examples) / seconds,
    )


def score_labels(
    wanted: Sequence[int], predicted: Sequence[int], labels: Sequence[str]
) -> tuple[float, float, tuple[LabelScore, ...], NDArray[np.int64]]:
    """Accuracy, macro-F1 over the labels that occur, the table of labels, the confusion."""
    confusion = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(confusion, (np.asarray(wanted), np.asarray(predicted)), 1)
    right = confusion.diagonal()
    rows = tuple(
        _label_score(name, int(right[n]), int(confusion[:, n].sum()), int(confusion[n].sum()))
        for n, name in enumerate(labels)
    )
    occurring = [row.f1 for row in rows if row.support]
    accuracy = float(right.sum() / max(1, confusion.sum()))
    return accuracy, float(np.mean(occurring)) if occurring else 0.0, rows, confusion


def same_value(key: str, one: Value, other: Value) -> bool:
    """Whether two values of an entity are the same: amounts numerically, text without case."""
    if key == "days_waiting":
        return one == other
    if key == "amount":
        figure, _, code = str(one).partition(" ")
        other_figure, _, other_code = str(other).partition(" ")
        return float(figure) == float(other_figure) and code == other_code
    return " ".join(str(one).split()).lower() == " ".join(str(other).split()).lower()


def score_entities(
    wanted: Sequence[Mapping[str, Value]], found: Sequence[Mapping[str, Value]]
) -> EntityScore:
    """Micro precision, recall and F1 of values."""
    right, proposed, needed = Counter[str](), Counter[str](), Counter[str]()
    for gold, read in zip(wanted, found, strict=True):
        needed.update(gold.keys())
        proposed.update(read.keys())
        right.update(key for key in gold if key in read and same_value(key, gold[key], read[key]))
    total = _label_score("all", right.total(), proposed.total(), needed.total())
    keys = sorted(needed.keys() | proposed.keys())
    rows = tuple(_label_score(key, right[key], proposed[key], needed[key]) for key in keys)
    return EntityScore(total.precision, total.recall, total.f1, rows)


def _head(
    model: LocalModel, head: str, pairs: Sequence[tuple[Example, Reading]]
) -> HeadScore | None:
    labelled = [(one, reading) for one, reading in pairs if getattr(one, head) is not None]
    if not labelled:
        return None
    labels = model.manifest.heads[head]
    wanted = [labels.index(getattr(one, head)) for one, _ in labelled]
    logits = model.logits([reading for _, reading in labelled], head)
    probabilities = softmax(logits)
    unscaled = softmax(logits * np.float32(model.manifest.temperatures[head]))
    predicted = probabilities.argmax(axis=1)
    right: Booleans = predicted == np.asarray(wanted)
    confidence = probabilities.max(axis=1)
    accuracy, macro_f1, rows, confusion = score_labels(wanted, list(predicted), labels)
    coverage, risk = risk_coverage(confidence, right)
    return HeadScore(
        labels=labels,
        accuracy=accuracy,
        macro_f1=macro_f1,
        by_label=rows,
        confusion=confusion,
        loss=loss(logits, wanted),
        ece_before=expected_calibration_error(unscaled.max(axis=1), right),
        ece=expected_calibration_error(confidence, right),
        coverage_at_95=_coverage_at(coverage, risk, 1 - PRECISION),
        bins=tuple(reliability(confidence, right)),
        curve=_thinned(coverage, risk),
    )


def _entities(model: LocalModel, pairs: Sequence[tuple[Example, Reading]]) -> EntityScore | None:
    labelled = [(one, reading) for one, reading in pairs if one.entities is not None]
    if not (model.manifest.entities and labelled):
        return None
    found = entity_values(model, [reading for _, reading in labelled])
    return score_entities([one.entities or {} for one, _ in labelled], found)


def entity_values(model: LocalModel, readings: Sequence[Reading]) -> list[dict[str, Value]]:
    """The entities that a model reads from each text, by the intent that it predicts."""
    intents = model.intents(readings)
    return [
        {key: held.value for key, held in model.entities(reading, intent).items()}
        for reading, intent in zip(readings, intents, strict=True)
    ]


def _label_score(label: str, right: int, proposed: int, needed: int) -> LabelScore:
    precision = right / proposed if proposed else 0.0
    recall = right / needed if needed else 0.0
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    return LabelScore(label, precision, recall, f1, needed)


def _coverage_at(coverage: Floats, risk: Floats, most: float) -> float:
    enough = np.nonzero(risk <= most)[0]
    return float(coverage[enough[-1]]) if len(enough) else 0.0


def _thinned(coverage: Floats, risk: Floats) -> tuple[tuple[float, float], ...]:
    places = np.unique(np.linspace(0, len(coverage) - 1, CURVE_POINTS).astype(int))
    return tuple((float(coverage[n]), float(risk[n])) for n in places)


def _latency(model: LocalModel, texts: Sequence[str]) -> tuple[float, float]:
    """Milliseconds of one message alone, median and 95th percentile, over some of the texts."""
    chosen = texts[:: max(1, len(texts) // _TIMED)][:_TIMED]
    for text in chosen[:_WARM_UP]:
        model.read([text])
    times = []
    for text in chosen:
        began = time.perf_counter()
        model.read([text])
        times.append((time.perf_counter() - began) * 1000)
    return float(np.percentile(times, 50)), float(np.percentile(times, 95))
