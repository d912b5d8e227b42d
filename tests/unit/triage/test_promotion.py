from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from triage.errors import ModelInvalid, PromotionRefused
from triage.evaluation import Evaluation, HeadScore, LabelScore, score_entities, score_labels
from triage.promotion import compare
from triage.store import ModelStore

MANIFEST = """{"name": "triage", "version": "%s", "created": "2026-11-01T00:00:00Z",
"heads": {"intent": ["a"]}, "entities": false, "max_tokens": 64, "temperatures": {"intent": 1.0},
"thresholds": {"intent": 0.5},
"origin": {"name": "b", "weights_sha256": "0", "license": "Apache-2.0"},
"examples": {},
"data_sha256": "0", "recipe": {}, "metrics": {}, "seconds": 1, "libraries": {}}"""


def head(**f1: float) -> HeadScore:
    rows = tuple(LabelScore(label, score, score, score, 20) for label, score in f1.items())
    mean = float(np.mean([*f1.values()]))
    return HeadScore(tuple(f1), mean, mean, rows, np.zeros((0, 0), dtype=np.int64), 0.1, 0, 0, 1)


def judged(**f1: float) -> Evaluation:
    return Evaluation("m", 40, {"intent": head(**f1)}, None, 0, None, 1, 2, 3)


def model(folder: Path, version: str) -> Path:
    folder.mkdir(parents=True)
    (folder / "manifest.json").write_text(MANIFEST % version)
    (folder / "model.onnx").write_bytes(b"weights")
    (folder / "tokenizer.json").write_text("{}")
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "home", shipped=model(tmp_path / "shipped", "one"))


def test_a_candidate_as_good_as_the_model_in_use_has_nothing_against_it() -> None:
    verdict = compare(judged(a=0.9, b=0.8), judged(a=0.9, b=0.797), margin=0.005)
    assert verdict.reasons == ()
    assert verdict.changes[0].before == pytest.approx(0.85)


def test_a_head_that_falls_by_more_than_the_margin_is_a_reason() -> None:
    (reason,) = compare(judged(a=0.9, b=0.8), judged(a=0.9, b=0.7), margin=0.005).reasons
    assert "intent falls from 0.850 to 0.800" in reason


def test_a_label_that_collapses_is_a_reason_even_if_the_mean_rises() -> None:
    verdict = compare(judged(a=0.5, b=0.8), judged(a=1.0, b=0.35), margin=0.005)
    assert verdict.reasons == ("intent b collapses from 0.80 to 0.35",)


def test_a_candidate_without_a_head_is_refused() -> None:
    lacking = replace(judged(a=0.9), heads={})
    assert any("no head" in one for one in compare(judged(a=0.9), lacking, margin=0).reasons)


def test_a_promoted_model_is_in_use_and_the_one_before_comes_back(
    store: ModelStore, tmp_path: Path
) -> None:
    assert store.current() == tmp_path / "shipped"
    for version in ("two", "three"):
        assert store.install(model(tmp_path / version, version)) == version
        assert store.current().name == version
    assert store.rollback() == "two"
    assert store.current().name == "two"
    assert store.rollback() == "shipped"
    assert store.current() == tmp_path / "shipped"
    with pytest.raises(PromotionRefused, match="no model before"):
        store.rollback()


def test_a_model_outlives_the_folder_it_was_trained_in(store: ModelStore, tmp_path: Path) -> None:
    candidate = model(tmp_path / "two", "two")
    store.install(candidate)
    (candidate / "manifest.json").unlink()
    assert (store.current() / "manifest.json").is_file()


def test_only_models_that_a_rollback_can_reach_are_kept(store: ModelStore, tmp_path: Path) -> None:
    for n in range(9):
        store.install(model(tmp_path / f"m{n}", f"m{n}"))
    kept = {one.name for one in (tmp_path / "home" / "triage" / "models").iterdir()}
    assert kept == {f"m{n}" for n in range(3, 9)}


@pytest.mark.parametrize("version", ["one", "two"])
def test_the_model_in_use_is_not_promoted_again(
    store: ModelStore, tmp_path: Path, version: str
) -> None:
    store.install(model(tmp_path / "two", "two")) if version == "two" else None
    with pytest.raises(PromotionRefused, match="in use already"):
        store.install(model(tmp_path / "again", version))


def test_half_a_model_is_refused_and_changes_nothing(store: ModelStore, tmp_path: Path) -> None:
    half = model(tmp_path / "two", "two")
    (half / "model.onnx").unlink()
    with pytest.raises(ModelInvalid, match=r"model\.onnx is missing"):
        store.install(half)
    assert store.current() == tmp_path / "shipped"


@pytest.mark.parametrize("content", ["{", '{"version": "gone"}'])
def test_a_broken_state_is_named(store: ModelStore, tmp_path: Path, content: str) -> None:
    (tmp_path / "home" / "triage").mkdir(parents=True)
    (tmp_path / "home" / "triage" / "current.json").write_text(content)
    with pytest.raises(ModelInvalid, match=r"current\.json|gone"):
        store.current()


def test_entities_count_by_value_and_sums_by_number() -> None:
    wanted = [{"amount": "49.90 EUR", "product": "Tent"}, {"order_id": "1"}, {}]
    found = [{"amount": "49.9 EUR", "product": "tent"}, {"order_id": "2"}, {"phone": "123"}]
    scored = score_entities(wanted, found)
    assert (scored.precision, scored.recall) == (0.5, pytest.approx(2 / 3))
    assert {one.label: one.support for one in scored.by_key}["phone"] == 0


def test_macro_f1_is_the_mean_over_labels_that_occur() -> None:
    accuracy, macro, rows, confusion = score_labels([0, 0, 1], [0, 1, 1], ["a", "b", "c"])
    assert accuracy == pytest.approx(2 / 3)
    assert macro == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert rows[2].support == 0
    assert confusion.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
