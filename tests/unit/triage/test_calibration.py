import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.calibration import (
    auroc,
    energy,
    expected_calibration_error,
    loss,
    reliability,
    risk_coverage,
    softmax,
    temperature,
    threshold_for,
)


def test_a_model_that_is_too_sure_gets_a_temperature_over_one() -> None:
    rng = np.random.default_rng(1)
    wanted = rng.integers(0, 4, 2000)
    logits = rng.normal(size=(2000, 4)).astype(np.float32)
    logits[np.arange(2000), wanted] += 1
    found = temperature(logits * 4, list(wanted))
    assert 3 < found < 5
    assert loss(logits * 4 / found, list(wanted)) < loss(logits * 4, list(wanted))


def test_probabilities_that_mean_what_they_say_have_no_calibration_error() -> None:
    rng = np.random.default_rng(2)
    confidence = rng.uniform(0.2, 1, 50_000).astype(np.float32)
    right = rng.uniform(size=50_000) < confidence
    assert expected_calibration_error(confidence, right) < 0.01
    assert expected_calibration_error(confidence, right & False) > 0.5


def test_the_threshold_keeps_what_is_right_often_enough() -> None:
    confidence = np.array([0.9, 0.8, 0.7, 0.6], dtype=np.float32)
    right = np.array([True, True, False, False])
    assert threshold_for(confidence, right, precision=0.95) == pytest.approx(0.8)
    assert threshold_for(confidence, right, precision=0.6) == pytest.approx(0.7)
    assert threshold_for(confidence, ~right, precision=0.95) == 1.0


def test_risk_grows_with_coverage_where_confidence_is_worth_something() -> None:
    coverage, risk = risk_coverage(np.array([0.9, 0.5]), np.array([True, False]))
    assert coverage.tolist() == [0.5, 1.0]
    assert risk.tolist() == [0.0, 0.5]


def test_auroc_is_one_half_for_scores_that_say_nothing() -> None:
    same = np.ones(10, dtype=np.float32)
    assert auroc(same, same) == 0.5
    assert auroc(same + 1, same) == 1.0
    assert auroc(same, same + 1) == 0.0


def test_energy_is_the_log_of_the_summed_exponentials_without_overflow() -> None:
    logits = np.array([[1000.0, 1000.0]], dtype=np.float32)
    assert energy(logits)[0] == pytest.approx(1000 + np.log(2))


@given(st.lists(st.floats(-50, 50), min_size=2, max_size=30))
def test_probabilities_sum_to_one(logits: list[float]) -> None:
    assert softmax(np.array([logits], dtype=np.float32)).sum() == pytest.approx(1, abs=1e-5)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=60))
def test_bins_cover_every_prediction(rows: list[tuple[float, bool]]) -> None:
    confidence = np.array([one for one, _ in rows], dtype=np.float32)
    right = np.array([one for _, one in rows])
    assert sum(one.share for one in reliability(confidence, right)) == pytest.approx(1)
