import numpy as np
import pytest

from triage.drift import Reference, chi_square, kolmogorov_smirnov, measure

INTENTS = ("a", "b", "c")


def messages(
    count: int, *, seed: int, shift: float = 0.0, mix: tuple[float, ...] = (0.4, 0.3, 0.3)
) -> Reference:
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 16)).astype(np.float32)
    vectors[:, 0] += 4 - 3 * shift
    return Reference(
        energy=rng.normal(8 - 3 * shift, 1, count).astype(np.float32),
        confidence=np.clip(rng.normal(0.9 - 0.2 * shift, 0.05, count), 0, 1).astype(np.float32),
        intent=rng.choice(3, size=count, p=mix).astype(np.int16),
        vectors=vectors,
    )


def fired(reference: Reference, recent: Reference) -> list[str]:
    return [one.name for one in measure(reference, recent, intents=INTENTS).signals if one.fires]


def test_messages_like_those_before_are_no_drift() -> None:
    found = measure(messages(400, seed=1), messages(120, seed=2), intents=INTENTS)
    assert not found.retrain
    assert found.verdict.startswith("No drift")
    assert all(one.p_value > 0.01 for one in found.signals)


def test_foreign_messages_are_seen_at_once() -> None:
    found = measure(messages(400, seed=1), messages(50, seed=2, shift=1), intents=INTENTS)
    assert found.retrain
    assert "familiarity (energy)" in found.verdict
    assert "less familiar" in found.signals[0].words


def test_a_new_mix_of_labels_is_seen_and_is_no_reason_to_retrain_by_itself() -> None:
    recent = messages(150, seed=2, mix=(0.05, 0.05, 0.9))
    found = measure(messages(400, seed=1), recent, intents=INTENTS)
    assert [one.name for one in found.signals if one.fires] == ["mix of intents"]
    assert not found.retrain
    assert "c, 9" in found.signals[2].words


def test_false_alarms_are_rare() -> None:
    reference = messages(300, seed=1)
    alarms = sum(bool(fired(reference, messages(60, seed=seed))) for seed in range(2, 10))
    assert alarms <= 1


def test_the_statistics_are_those_of_the_textbook() -> None:
    assert kolmogorov_smirnov(np.array([1.0, 2.0]), np.array([3.0, 4.0])) == 1.0
    assert kolmogorov_smirnov(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0.0
    one, other = np.array([0] * 10 + [1] * 20), np.array([0] * 20 + [1] * 10)
    assert chi_square(one, other) == pytest.approx(20 / 3)
