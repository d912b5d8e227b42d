"""From examples to a folder that can be shipped: weights, calibration, manifest, card.

Needs the extra `[train]`.
"""

import shutil
import time
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from triage.adapters.local import LocalModel
from triage.calibrating import calibrate
from triage.dataset import Dataset
from triage.export import export, export_full
from triage.foundation import WEIGHTS_SHA256
from triage.manifest import FROZEN, FULL, MODEL, TOKENIZER, Manifest, Origin
from triage.network import Network
from triage.training import Fitted, OnEpoch, OnStep, Recipe, fit

ORIGIN = Origin(name="all-MiniLM-L6-v2", weights_sha256=WEIGHTS_SHA256, license="Apache-2.0")
_LIBRARIES = ("torch", "transformers", "onnx", "onnxruntime", "scikit-learn", "numpy", "tokenizers")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made, and where.

    `frozen` lets the second head read the frozen encoder too: more accurate where intents are many
    and messages short, at twice the time a message. `full` keeps the float32 network beside.
    """

    out: Path
    name: str
    out_of_scope: str | None = None
    frozen: bool = False
    full: bool = False


def make(  # noqa: PLR0913  # what is made of what, and two who listen
    dataset: Dataset,
    start: Path,
    *,
    recipe: Recipe,
    order: Order,
    on_step: OnStep = lambda _done, _total, _loss: None,
    on_epoch: OnEpoch = lambda _epoch: None,
) -> LocalModel:
    """Fine-tune the encoder in `start` and write a model's folder."""
    began = time.monotonic()
    fitted = fit(
        dataset,
        start,
        recipe,
        out_of_scope=order.out_of_scope,
        on_step=on_step,
        on_epoch=on_epoch,
    )
    seconds = time.monotonic() - began
    out = order.out
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(start / TOKENIZER, out / TOKENIZER)
    outputs = ("vector", *fitted.labels, *(("tags",) if fitted.has_entities else ()))
    export(fitted.network, outputs, out / MODEL)
    for name in (FROZEN, FULL):
        (out / name).unlink(missing_ok=True)
    if order.frozen:
        add_frozen(start, out)
    if order.full:
        export_full(fitted.network, outputs, out / FULL)
    manifest = _manifest(fitted, recipe=recipe, order=order, seconds=seconds)
    return calibrate(out, manifest, dataset, seed=recipe.seed)


def add_frozen(start: Path, folder: Path) -> None:
    """Put the encoder beside the model as it was before fine-tuning, int8."""
    export(Network(start, {}, tags=0), ("vector",), folder / FROZEN)


def _manifest(fitted: Fitted, *, recipe: Recipe, order: Order, seconds: float) -> Manifest:
    """What is known before calibration."""
    return Manifest(
        name=order.name,
        version="new",
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        heads=fitted.labels,
        entities=fitted.has_entities,
        max_tokens=recipe.max_tokens,
        temperatures={},
        thresholds={},
        origin=ORIGIN,
        examples={},
        data_sha256="",
        recipe=asdict(recipe) | {"history": [asdict(one) for one in fitted.history]},
        metrics={},
        seconds=round(seconds, 1),
        libraries={library: version(library) for library in _LIBRARIES},
    )
