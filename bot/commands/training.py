"""`supportbot triage train, calibrate`: making a triage model. Both need the extra [train]."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.commands.extra import needs_training
from bot.commands.options import AsJson
from bot.logs import configure
from bot.settings import Settings
from triage.adapters.local import LocalModel
from triage.dataset import Dataset, Example, hold_out, load, read
from triage.foundation import fetch, verify
from triage.manifest import CARD, read_manifest

if TYPE_CHECKING:
    from triage.training import Epoch

HELD_OUT = 0.1
MOST_HELD_OUT = 500
Examples = Annotated[
    list[Path], typer.Argument(metavar="DATA", help="A folder with splits, or files.")
]
Validation = Annotated[
    Path | None, typer.Option(help="A file of validation examples, where DATA has none.")
]
Start = Annotated[
    Path | None, typer.Option("--from", help="Folder of all-MiniLM-L6-v2; fetched without.")
]
Frozen = Annotated[
    bool,
    typer.Option(
        "--frozen",
        help="The second head reads the frozen encoder too: often better where intents are many "
        "and messages short; twice the time a message and twice the size.",
    ),
]
KeepFull = Annotated[
    bool, typer.Option("--keep-fp32", help="Keep the network before rounding, 91 MB.")
]
_console = Console(stderr=True, soft_wrap=True)


def register(commands: typer.Typer) -> None:
    """Add the commands of this file."""
    commands.command("train")(train)
    commands.command("calibrate")(calibrate)


def train(  # noqa: PLR0913  # each is an option
    data: Examples,
    *,
    out: Annotated[Path, typer.Option(help="Folder of the new model.")],
    validation: Validation = None,
    out_of_scope: Annotated[str, typer.Option(help="Intent of examples out of scope.")] = "oos",
    epochs: Annotated[int | None, typer.Option(min=1, max=100, help="At most.")] = None,
    max_tokens: Annotated[int | None, typer.Option(min=16, max=512, help="Tokens read.")] = None,
    seed: Annotated[int, typer.Option(help="Another seed gives another model.")] = 7,
    start_from: Start = None,
    limit: Annotated[int | None, typer.Option(min=10, help="Use so many examples only.")] = None,
    name: Annotated[str, typer.Option(help="The model's name.")] = "triage",
    frozen: Frozen = False,
    keep_fp32: KeepFull = False,
    as_json: AsJson = False,
) -> None:
    """Fine-tune the triage model on labelled examples; writes weights, manifest and model card.

    Needs the extra [train]. Five thousand examples take about half an hour on two cores. The
    test split is never read.

    Example: supportbot triage train triage/data --out var/candidate
    """
    settings = Settings()
    configure(settings)
    with needs_training():
        from triage.release import Order, make  # noqa: PLC0415  # torch belongs to the extra [train]
        from triage.training import recipe_for  # noqa: PLC0415
    dataset = _dataset(data, validation, seed=seed, limit=limit)
    start = _start(settings, start_from)
    usual = recipe_for(len(dataset.train))
    recipe = replace(
        usual, epochs=epochs or usual.epochs, max_tokens=max_tokens or usual.max_tokens, seed=seed
    )
    _console.print(
        f"Fine-tuning on {len(dataset.train)} examples, {len(dataset.validation)} for validation"
    )
    order = Order(out, name, out_of_scope=out_of_scope, frozen=frozen, full=keep_fp32)
    with _progress() as shown:
        model = make(
            dataset, start, recipe=recipe, order=order, on_step=shown.step, on_epoch=shown.epoch
        )
    _tell(model, out, as_json=as_json)


def calibrate(  # noqa: PLR0913  # each is an option
    data: Examples,
    *,
    model: Annotated[Path, typer.Option(help="Folder of the model; it is changed.")],
    validation: Validation = None,
    frozen: Frozen = False,
    start_from: Start = None,
    seed: Annotated[int, typer.Option(help="As it was trained with.")] = 7,
    as_json: AsJson = False,
) -> None:
    """Fit second head, temperatures and thresholds anew, without fine-tuning: minutes, not hours.

    Worth it after corrections: the network stays, its second head learns the new examples.

    Example: supportbot triage calibrate triage/data --model var/candidate
    """
    settings = Settings()
    configure(settings)
    with needs_training():
        from triage.calibrating import calibrate as calibrated  # noqa: PLC0415
        from triage.release import add_frozen  # noqa: PLC0415
    dataset = _dataset(data, validation, seed=seed, limit=None)
    if frozen:
        add_frozen(_start(settings, start_from), model)
    with _console.status(f"Calibrating on {len(dataset.validation)} examples …"):
        found = calibrated(model, read_manifest(model), dataset, seed=seed)
    _tell(found, model, as_json=as_json)


def _tell(model: LocalModel, folder: Path, *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(model.manifest.model_dump(mode="json")))
    else:
        typer.echo(f"{model.version} is in {folder}; its card: {folder / CARD}")


def _start(settings: Settings, given: Path | None) -> Path:
    """The encoder to start from, and no other."""
    if given is None:
        return fetch(settings.home / "triage" / "all-MiniLM-L6-v2")
    verify(given)
    return given


def _dataset(
    paths: Sequence[Path], validation: Path | None, *, seed: int, limit: int | None
) -> Dataset:
    parts = [load(path) for path in paths]
    taught = [one for part in parts for one in part.train]
    judged = [one for part in parts for one in part.validation]
    judged += read(validation) if validation else []
    if limit:
        taught, judged = _some(taught, limit), _some(judged, limit)
    if judged:
        return Dataset(train=tuple(taught), validation=tuple(judged))
    return hold_out(taught, share=min(HELD_OUT, MOST_HELD_OUT / len(taught)), seed=seed)


def _some(examples: list[Example], limit: int) -> list[Example]:
    """Evenly spread over the files."""
    return examples[:: max(1, len(examples) // limit)][:limit]


class _Shown:
    """How far a training has come, on a terminal as a bar, else as a line an epoch."""

    def __init__(self, bar: Progress) -> None:
        self._bar = bar
        self._task = bar.add_task("train", total=None)

    def step(self, done: int, total: int, loss: float) -> None:
        """One step is done."""
        self._bar.update(self._task, completed=done, total=total, description=f"loss {loss:.2f}")

    def epoch(self, one: "Epoch") -> None:
        """One epoch is done."""
        gap = one.train_accuracy - one.validation_accuracy
        _console.print(
            f"epoch {one.number}: loss {one.train_loss:.3f}, validation {one.validation_loss:.3f}; "
            f"intent accuracy {one.train_accuracy:.3f}, validation {one.validation_accuracy:.3f} "
            f"(gap {gap:+.3f}), {one.seconds:.0f} s",
            highlight=False,
        )


@contextmanager
def _progress() -> Iterator[_Shown]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=_console, transient=True, disable=not _console.is_terminal
    ) as bar:
        yield _Shown(bar)
