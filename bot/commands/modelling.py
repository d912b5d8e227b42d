"""`supportbot triage merge, promote, rollback, drift, messages`: the life of a triage model."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

import triage
from bot.books.history import written
from bot.bootstrap import open_desk_books
from bot.commands.options import AsJson
from bot.errors import ConfigurationError
from bot.logs import configure
from bot.settings import Settings
from triage.adapters.local import LocalModel
from triage.corrections import merge as merged
from triage.corrections import read_corrections
from triage.dataset import Example, load, read
from triage.drift import FEWEST, load_reference, measure, view
from triage.errors import PromotionRefused
from triage.evaluation import evaluate
from triage.promotion import compare
from triage.settings import TriageSettings
from triage.store import ModelStore, model_folder

GOLDEN = Path(triage.__file__).parent / "data"
HELD_OUT = 0.1
MOST_HELD_OUT = 500
_console = Console(stderr=True, soft_wrap=True)


def register(commands: typer.Typer) -> None:
    """Add the commands of this file."""
    for name, command in (
        ("merge", merge),
        ("promote", promote),
        ("rollback", rollback),
        ("drift", drift),
        ("messages", messages),
    ):
        commands.command(name)(command)


def merge(
    corrections: Annotated[Path, typer.Argument(help="JSONL of corrections from the desk.")],
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The folder of examples.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Put corrected messages into the training split, with who corrected them and when.

    A text of the validation or test split is left out: what judges a model never trains it.

    Example: supportbot triage merge corrections.jsonl triage/data
    """
    if not data.is_dir():
        raise ConfigurationError(f"{data} is no folder of examples")
    found = merged(read_corrections(corrections), data)
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    typer.echo(
        f"{found.added} added, {found.replaced} replaced, {found.unchanged} known already, "
        f"{found.held_out} left out because they are in validation or test"
    )


def promote(
    candidate: Annotated[Path, typer.Argument(help="Folder of the new model.")],
    *,
    golden: Annotated[
        Path, typer.Option(help="Examples that neither model was trained on.")
    ] = GOLDEN,
    margin: Annotated[
        float, typer.Option(min=0, max=1, help="What a head may lose of its F1.")
    ] = 0.005,
    as_json: AsJson = False,
) -> None:
    """Put a new model in use, if it is no worse: no head may fall, no label may collapse.

    The desk takes the new model at its next start; `supportbot triage rollback` goes back.

    Example: supportbot triage promote var/candidate
    """
    settings = Settings()
    configure(settings)
    store = ModelStore(settings.home)
    judged = _judged(golden)
    with _console.status(f"Judging both models on {len(judged)} examples …"):
        verdict = compare(
            evaluate(LocalModel(store.current()), judged),
            evaluate(LocalModel(candidate), judged),
            margin=margin,
        )
    if not as_json:
        for one in verdict.changes:
            typer.echo(f"{one.head:<10} {one.before:.3f} → {one.after:.3f}")
    if verdict.reasons:
        if as_json:
            typer.echo(json.dumps(asdict(verdict) | {"promoted": None}))
        raise PromotionRefused("not promoted: " + "; ".join(verdict.reasons))
    version = store.install(candidate)
    if as_json:
        typer.echo(json.dumps(asdict(verdict) | {"promoted": version}))
    else:
        typer.echo(f"{version} is in use from the next start on")


def rollback(*, as_json: AsJson = False) -> None:
    """Put the model before back in use.

    Example: supportbot triage rollback
    """
    version = ModelStore(Settings().home).rollback()
    typer.echo(json.dumps({"version": version}) if as_json else f"{version} is in use again")


def drift(
    log: Annotated[Path, typer.Argument(metavar="LOG", help='JSONL with {"input": …} lines.')],
    *,
    model: Annotated[Path | None, typer.Option(help="Folder of another model.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say in words whether recent messages still look like those the model was taught.

    Compares familiarity, confidence, mix of intents and distance in embedding space with the
    reference that ships beside the model. It does not measure accuracy: people's labels do.

    Example: supportbot triage drift recent.jsonl
    """
    settings = Settings()
    configure(settings)
    folder = model or model_folder(TriageSettings(), home=settings.home)
    opened, texts = LocalModel(folder), _texts(log)
    if len(texts) < FEWEST:
        raise ConfigurationError(f"{log}: {len(texts)} messages are too few, {FEWEST} are needed")
    with _console.status(f"Comparing {len(texts)} messages …"):
        found = measure(
            load_reference(folder),
            view(opened, opened.read(texts)),
            intents=opened.manifest.heads["intent"],
        )
    if as_json:
        typer.echo(json.dumps(asdict(found)))
        return
    for one in found.signals:
        mark = "DRIFT" if one.fires else "ok"
        typer.echo(f"{mark:<6} {one.name:<22} p = {one.p_value:.4f}  {one.words}")
    typer.echo(found.verdict)


def messages(
    *, limit: Annotated[int, typer.Option(min=1, help="How many, newest first.")] = 1000
) -> None:
    """Print what people have lately written to the desk, as JSONL for `drift` and for labelling.

    Example: supportbot triage messages > recent.jsonl
    """
    settings = Settings()
    configure(settings)
    books = open_desk_books(settings)
    books.migrate()
    for row in written(books, limit=limit):
        typer.echo(json.dumps(row, ensure_ascii=False))


def _judged(golden: Path) -> list[Example]:
    if golden.is_file():
        return read(golden)
    found = load(golden)
    return list(found.test or found.train)


def _texts(log: Path) -> list[str]:
    try:
        rows = [json.loads(line) for line in log.read_text("utf-8").split("\n") if line.strip()]
    except OSError as error:
        raise ConfigurationError(f"{log}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{log}: a line is no JSON: {error}") from error
    texts = [row.get("input") if isinstance(row, dict) else None for row in rows]
    return [text for text in texts if isinstance(text, str) and text.strip()]
