"""Fitting the light second head with scikit-learn. Needs the extra `[train]`."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression

from triage.calibration import log_softmax, loss, temperature
from triage.second import BUCKETS, SecondHead, terms, weighted

STRENGTH = 20.0
"""Inverse regularisation; about 20 is best for unit-length TF-IDF on every set tried."""
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
FROZEN_SCALE = 2.0
"""How much longer than the terms' unit length the frozen encoder's vector is."""
MOST_STEPS = 100
NEVER = -20.0
WORTH = 0.002
"""A second head must lower the validation loss by this share to be kept: simpler is better."""


def fit_second(
    texts: Sequence[str],
    wanted: Sequence[int],
    labels: int,
    *,
    vectors: NDArray[np.float32] | None,
    seed: int,
) -> SecondHead:
    """Logistic regression on hashed terms, and on the frozen encoder's vectors where given."""
    counted = [terms(text) for text in texts]
    documents = np.zeros(BUCKETS, dtype=np.float32)
    for counts in counted:
        documents[list(counts)] += 1
    rarity = (np.log((1 + len(texts)) / (1 + documents)) + 1).astype(np.float16).astype(np.float32)
    rows = [weighted(counts, rarity) for counts in counted]
    matrix = csr_matrix(
        (
            np.concatenate([values for _, values in rows]),
            np.concatenate([places for places, _ in rows]),
            np.cumsum([0, *(len(places) for places, _ in rows)]),
        ),
        shape=(len(texts), BUCKETS),
    )
    if vectors is not None:
        matrix = hstack([matrix, csr_matrix(vectors * FROZEN_SCALE)]).tocsr()
    model = LogisticRegression(C=STRENGTH, max_iter=MOST_STEPS, random_state=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # the last steps change nothing
        model.fit(matrix, np.asarray(wanted))
    return _head(model, labels, rarity)


def _head(model: LogisticRegression, labels: int, rarity: NDArray[np.float32]) -> SecondHead:
    """The weights of the terms rounded to eight bits; a label never seen is never said."""
    coefficients = _both_sides(model.coef_)
    weights = np.zeros((labels, BUCKETS), dtype=np.float32)
    dense = np.zeros((labels, coefficients.shape[1] - BUCKETS), dtype=np.float32)
    bias = np.full(labels, NEVER, dtype=np.float32)
    weights[model.classes_] = coefficients[:, :BUCKETS]
    dense[model.classes_] = coefficients[:, BUCKETS:] * FROZEN_SCALE
    bias[model.classes_] = _both_sides(model.intercept_)
    scale = np.maximum(np.abs(weights).max(axis=1) / 127, 1e-9).astype(np.float32)
    return SecondHead(
        rarity=rarity,
        weights=np.round(weights / scale[:, None]).astype(np.int8),
        scale=scale,
        bias=bias,
        dense=dense,
    )


def weight_for(
    first: NDArray[np.float32], second: NDArray[np.float32], wanted: Sequence[int]
) -> float:
    """How much of the second head's log-probability is best on validation; 0 if it does not pay."""
    losses = {}
    for weight in WEIGHTS:
        share = np.float32(weight)
        mixed = ((1 - share) * log_softmax(first) + share * log_softmax(second)).astype(np.float32)
        losses[weight] = loss(mixed / temperature(mixed, wanted), wanted)
    best = min(losses, key=lambda weight: losses[weight])
    return best if losses[best] < losses[0.0] * (1 - WORTH) else 0.0


def _both_sides(found: NDArray[np.float64]) -> NDArray[np.float32]:
    """Two classes are one row in scikit-learn."""
    return (np.concatenate([-found, found]) if len(found) == 1 else found).astype(np.float32)
