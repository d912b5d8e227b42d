"""Fitting what stands on top of the int8 file: second head, temperatures, thresholds, reference.

All of it on validation examples, and on the file that ships. It takes seconds to minutes, so new
examples can improve a model without fine-tuning it again. Needs the extra `[train]`.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from triage import second
from triage.adapters.local import LocalModel, RawNetwork, Reading, frozen_vectors
from triage.calibration import softmax, temperature, threshold_for
from triage.card import card
from triage.dataset import Dataset, Example
from triage.drift import view
from triage.entities import Value
from triage.evaluation import Evaluation, evaluate, same_value, score_entities
from triage.fitting import fit_second, weight_for
from triage.manifest import CARD, FROZEN, MANIFEST, MODEL, REFERENCE, SECOND, Manifest
from triage.schema import ENTITIES
from triage.spans import Found

TRUSTED = 0.965
"""How often an intent above the threshold is right; below, a person decides."""
ENOUGH = 50
HARDLY = 0.005
TAG_THRESHOLDS = (0.5, 0.7, 0.9)
"""Few, so that some hundred examples can choose among them."""
USUAL = 0.7
_REFERENCE = 600


def calibrate(folder: Path, manifest: Manifest, dataset: Dataset, *, seed: int) -> LocalModel:
    """Fit everything anew, write manifest and card, and open the model as the desk would.

    The second head reads the frozen encoder's vectors where `frozen.onnx` lies in the folder.
    """
    labels = manifest.heads["intent"]
    judged = [one for one in dataset.validation if one.intent in labels]
    readings = RawNetwork(folder, manifest.max_tokens).read([one.text for one in judged])
    weight = _second_head(folder, manifest, dataset, (judged, readings), seed=seed)
    manifest = manifest.model_copy(
        update={
            "second_weight": weight,
            "temperatures": dict.fromkeys(manifest.heads, 1.0),
            "thresholds": {"intent": 0.0, **dict.fromkeys(ENTITIES, min(TAG_THRESHOLDS))},
            "entity_scale": (1.0, 0.0),
            "silent": silent(dataset.train),
            "examples": {split: len(dataset.split(split)) for split in ("train", "validation")},
            "data_sha256": dataset.sha256(),
        }
    )
    for fit in (_temperatures, _threshold, _tags, _metrics):
        write(folder, manifest)
        found = fit(LocalModel(folder), judged, readings)
        manifest = manifest.model_copy(update=dict(found))
    manifest = manifest.model_copy(update={"version": version_of(folder, manifest)})
    write(folder, manifest)
    (folder / CARD).write_text(card(manifest), "utf-8")
    model = LocalModel(folder)
    _write_reference(model, readings, folder / REFERENCE)
    return model


def write(folder: Path, manifest: Manifest) -> None:
    """Write the manifest."""
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, ensure_ascii=False)
    (folder / MANIFEST).write_text(text + "\n", "utf-8")


def version_of(folder: Path, manifest: Manifest) -> str:
    """A hash of weights and calibration."""
    total = hashlib.sha256((folder / MODEL).read_bytes())
    if manifest.second_weight:
        total.update((folder / SECOND).read_bytes())
    fitted = manifest.model_dump_json(include={"temperatures", "thresholds", "entity_scale"})
    total.update(fitted.encode())
    return total.hexdigest()[:12]


def headline(found: Evaluation) -> Mapping[str, Any]:
    """The few figures of an evaluation that a manifest keeps."""
    rounded: dict[str, Any] = {
        head: {
            "accuracy": round(one.accuracy, 4),
            "macro_f1": round(one.macro_f1, 4),
            "loss": round(one.loss, 4),
            "ece_before": round(one.ece_before, 4),
            "ece": round(one.ece, 4),
            "coverage_at_95": round(one.coverage_at_95, 4),
        }
        for head, one in found.heads.items()
    }
    if found.entities:
        rounded["entities"] = {"micro_f1": round(found.entities.f1, 4)}
    return rounded | {"examples": found.examples}


def _second_head(
    folder: Path,
    manifest: Manifest,
    dataset: Dataset,
    judged: tuple[Sequence[Example], Sequence[Reading]],
    *,
    seed: int,
) -> float:
    """Fit the light head and keep it only if it pays on validation; its weight."""
    labels = manifest.heads["intent"]
    taught = [one for one in dataset.train if one.intent in labels]
    frozen = None
    if (folder / FROZEN).is_file():
        frozen = RawNetwork(folder, manifest.max_tokens, file=FROZEN)

    def vectors(examples: Sequence[Example]) -> NDArray[np.float32] | None:
        return frozen_vectors(frozen, [one.text for one in examples]) if frozen else None

    head = fit_second(
        [one.text for one in taught],
        [labels.index(one.intent) for one in taught],
        len(labels),
        vectors=vectors(taught),
        seed=seed,
    )
    head.save(folder / SECOND)
    examples, readings = judged
    weight = weight_for(
        np.stack([one.logits["intent"] for one in readings]),
        second.load(folder / SECOND).logits([one.text for one in examples], vectors(examples)),
        [labels.index(one.intent) for one in examples],
    )
    if not weight:
        (folder / SECOND).unlink()
    return weight


def silent(examples: Sequence[Example]) -> dict[str, tuple[str, ...]]:
    """Entities that hardly any example of an intent names, for intents with enough of them."""
    total = Counter(one.intent for one in examples if one.entities is not None)
    named = Counter((one.intent, key) for one in examples for key in one.entities or {})
    return {
        intent: tuple(key for key in ENTITIES if named[intent, key] < HARDLY * count)
        for intent, count in sorted(total.items())
        if count >= ENOUGH
    }


def _temperatures(
    model: LocalModel, judged: Sequence[Example], readings: Sequence[Reading]
) -> Mapping[str, Any]:
    found = {}
    for head, labels in model.manifest.heads.items():
        rows = [n for n, one in enumerate(judged) if getattr(one, head) is not None]
        logits = model.logits([readings[n] for n in rows], head)
        found[head] = temperature(logits, [labels.index(getattr(judged[n], head)) for n in rows])
    return {"temperatures": found}


def _threshold(
    model: LocalModel, judged: Sequence[Example], readings: Sequence[Reading]
) -> Mapping[str, Any]:
    """The confidence from which an intent is right often enough."""
    probabilities = softmax(model.logits(readings, "intent"))
    names = np.array(model.manifest.heads["intent"])
    right = names[probabilities.argmax(axis=1)] == np.array([one.intent for one in judged])
    threshold = threshold_for(probabilities.max(axis=1), right, precision=TRUSTED)
    return {"thresholds": model.manifest.thresholds | {"intent": round(threshold, 4)}}


def _tags(
    model: LocalModel, judged: Sequence[Example], readings: Sequence[Reading]
) -> Mapping[str, Any]:
    """How probable a tag must be, which silences pay, and the scale of the probabilities."""
    rows = [n for n, one in enumerate(judged) if one.entities is not None]
    tagged = [readings[n] for n in rows]
    if not (model.manifest.entities and tagged):
        return {}
    gold = [judged[n].entities or {} for n in rows]
    intents = model.intents(tagged)
    heard = [model.entities(reading, "") for reading in tagged]
    quiet = model.manifest.silent
    pays = {
        key
        for key in ENTITIES
        if _f1(gold, _kept(heard, intents, {one: (key,) for one in quiet if key in quiet[one]}))
        > _f1(gold, heard)
    }
    silent = {one: tuple(key for key in keys if key in pays) for one, keys in quiet.items()}
    found = _kept(heard, intents, silent)
    best = {key: _threshold_of(key, gold, found) for key in ENTITIES}
    certain = [
        (one.probability, key in wanted and same_value(key, wanted[key], one.value))
        for wanted, row in zip(gold, found, strict=True)
        for key, one in row.items()
        if one.probability >= best[key]
    ]
    thresholds = model.manifest.thresholds | best
    return {"thresholds": thresholds, "silent": silent, "entity_scale": _span_scale(certain)}


def _threshold_of(
    key: str, gold: Sequence[Mapping[str, Value]], found: Sequence[Mapping[str, Found]]
) -> float:
    """The threshold with the best F1 of one entity; the usual one if no other is better."""
    alone = [{key: row[key]} if key in row else {} for row in found]
    wanted = [{key: row[key]} if key in row else {} for row in gold]
    return max(TAG_THRESHOLDS, key=lambda one: (_f1(wanted, alone, one), one == USUAL))


def _kept(
    heard: Sequence[Mapping[str, Found]],
    intents: Sequence[str],
    silent: Mapping[str, Sequence[str]],
) -> list[dict[str, Found]]:
    """What is left when some intents are silent about some entities."""
    return [
        {key: one for key, one in row.items() if key not in silent.get(intent, ())}
        for row, intent in zip(heard, intents, strict=True)
    ]


def _f1(
    gold: Sequence[Mapping[str, Value]], found: Sequence[Mapping[str, Found]], least: float = USUAL
) -> float:
    """Micro-F1 of what is probable enough."""
    held = [
        {key: one.value for key, one in row.items() if one.probability >= least} for row in found
    ]
    return score_entities(gold, held).f1


def _metrics(
    model: LocalModel, judged: Sequence[Example], readings: Sequence[Reading]
) -> Mapping[str, Any]:
    del readings
    return {"metrics": {"validation": headline(evaluate(model, judged))}}


def _span_scale(pairs: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Platt scaling of the probability that an entity's value is right: slope and shift."""
    if not pairs:
        return (1.0, 0.0)
    bounded = np.clip(np.array([sure for sure, _ in pairs]), 1e-4, 1 - 1e-4)
    odds = np.log(bounded / (1 - bounded))
    wanted = np.array([right for _, right in pairs], dtype=int)
    grid = [
        (float(slope), float(shift), _binary_loss(slope * odds + shift, wanted))
        for slope in np.linspace(0.1, 2.0, 39)
        for shift in np.linspace(-2.0, 3.0, 51)
    ]
    slope, shift, _ = min(grid, key=lambda one: one[2])
    return round(slope, 3), round(shift, 3)


def _binary_loss(odds: NDArray[np.float64], wanted: NDArray[np.int_]) -> float:
    return float(np.mean(np.logaddexp(0, odds) - wanted * odds))


def _write_reference(model: LocalModel, readings: Sequence[Reading], path: Path) -> None:
    """What drift is measured against: the model's own view of validation messages."""
    chosen = list(readings[:: max(1, len(readings) // _REFERENCE)][:_REFERENCE])
    view(model, chosen).save(path)
