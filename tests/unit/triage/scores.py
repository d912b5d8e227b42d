"""An evaluation as it might come out, for tests of what is made of it."""

import numpy as np

from triage.calibration import (
    Booleans,
    Floats,
    expected_calibration_error,
    loss,
    reliability,
    risk_coverage,
    softmax,
)
from triage.comparison import Baseline, BaselineScore
from triage.evaluation import (
    EntityScore,
    Evaluation,
    HeadScore,
    LabelScore,
    score_labels,
)
from triage.manifest import Manifest, Origin
from triage.schema import ENTITIES, INTENTS, Sentiment, Urgency


def head_score(labels: tuple[str, ...], *, count: int, skill: float = 4.5) -> HeadScore:
    chance = np.random.default_rng(len(labels))
    wanted = chance.integers(len(labels), size=count)
    logits: Floats = chance.normal(size=(count, len(labels))).astype(np.float32)
    logits[np.arange(count), wanted] += chance.normal(skill, 1.6, size=count).astype(np.float32)
    neighbour = (wanted + 1) % len(labels)
    logits[np.arange(count), neighbour] += np.float32(skill / 2)
    found = softmax(logits)
    predicted = found.argmax(axis=1)
    right: Booleans = predicted == wanted
    confidence = found.max(axis=1)
    coverage, risk = risk_coverage(confidence, right)
    accuracy, macro_f1, rows, confusion = score_labels(list(wanted), list(predicted), labels)
    return HeadScore(
        labels=labels,
        accuracy=accuracy,
        macro_f1=macro_f1,
        by_label=rows,
        confusion=confusion,
        loss=loss(logits, list(wanted)),
        ece_before=0.043,
        ece=expected_calibration_error(confidence, right),
        coverage_at_95=float(coverage[np.nonzero(risk <= 0.05)[0][-1]]),
        bins=tuple(reliability(confidence, right)),
        curve=tuple(zip(coverage[::10].tolist(), risk[::10].tolist(), strict=True)),
    )


def evaluation(intents: tuple[str, ...] = INTENTS, *, count: int = 1200) -> Evaluation:
    keys = [
        LabelScore(key, 0.95 - 0.05 * n, 0.9 - 0.04 * n, 0.92 - 0.045 * n, 90 - 9 * n)
        for n, key in enumerate(ENTITIES)
    ]
    return Evaluation(
        model="cairnway/abc123def456",
        examples=count,
        heads={
            "intent": head_score(intents, count=count),
            "urgency": head_score(tuple(Urgency), count=count, skill=3.2),
            "sentiment": head_score(tuple(Sentiment), count=count, skill=3.6),
        },
        entities=EntityScore(0.884, 0.861, 0.872, tuple(keys)),
        out_of_scope=40,
        out_of_scope_auroc=0.921,
        latency_p50_ms=5.2,
        latency_p95_ms=21.7,
        per_second=214.0,
    )


BASELINES = (
    Baseline(
        "majority",
        {
            "intent": BaselineScore(0.051, 0.004),
            "urgency": BaselineScore(0.37, 0.13),
            "sentiment": BaselineScore(0.46, 0.16),
        },
    ),
    Baseline(
        "TF-IDF + logistic regression",
        {
            "intent": BaselineScore(0.861, 0.857),
            "urgency": BaselineScore(0.801, 0.772),
            "sentiment": BaselineScore(0.823, 0.81),
        },
    ),
    Baseline("patterns alone", {}, EntityScore(0.224, 0.421, 0.293, ())),
)


def manifest(*, name: str = "cairnway") -> Manifest:
    losses = [(1.61, 0.92), (0.71, 0.58), (0.38, 0.47), (0.22, 0.44), (0.12, 0.45), (0.07, 0.49)]
    return Manifest(
        name=name,
        version="abc123def456",
        created="2026-02-01T10:00:00+00:00",
        heads={"intent": INTENTS, "urgency": tuple(Urgency), "sentiment": tuple(Sentiment)},
        entities=True,
        max_tokens=256,
        temperatures={"intent": 1.2, "urgency": 1.1, "sentiment": 1.1},
        second_weight=0.2,
        thresholds={"intent": 0.61, "tags": 0.45},
        origin=Origin(name="all-MiniLM-L6-v2", weights_sha256="53aa" * 16, license="Apache-2.0"),
        examples={"train": 4200, "validation": 640},
        data_sha256="0" * 64,
        recipe={
            "history": [{"train_loss": train, "validation_loss": held} for train, held in losses]
        },
        metrics={},
        seconds=912.0,
        libraries={},
    )
