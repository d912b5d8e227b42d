"""`supportbot triage`: label messages, judge a model and its examples."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bot.bootstrap import open_triage
from bot.commands import modelling, training, tuning
from bot.commands.extra import needs_training
from bot.commands.options import AsJson
from bot.errors import ConfigurationError
from bot.library import open_embedder
from bot.logs import configure
from bot.settings import Settings
from knowledge.settings import KnowledgeSettings
from triage import report as reporting
from triage.adapters.local import LocalModel
from triage.comparison import Baseline
from triage.dataset import Example, load, read
from triage.errors import TriageError
from triage.evaluation import evaluate as judge
from triage.ports import TriageModel
from triage.schema import HEADS, INTENTS, Triage, labels_schema
from triage.settings import TriageSettings
from triage.store import model_folder
from triage.windows import Windows

commands = typer.Typer(
    help="Label messages with the triage model; train, judge and replace it.",
    no_args_is_help=True,
)
training.register(commands)
modelling.register(commands)
commands.add_typer(tuning.finetune, name="finetune")
_console = Console(stderr=True, soft_wrap=True)
BATCH = 64
UNBOUNDED = 100_000


@commands.command("predict")
def predict(
    text: Annotated[str | None, typer.Argument(help="A message; - reads it from stdin.")] = None,
    *,
    file: Annotated[
        Path | None, typer.Option(help='JSONL with {"input": …} lines; - reads stdin.')
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of another model.")] = None,
    as_json: AsJson = False,
) -> None:
    """Label one message, or a file of them: one JSON a line on stdout, in the file's order.

    A line that is no JSON with an "input" yields {"line": N, "error": "…"}; the rest goes on, and
    the command ends with 1.

    Examples: supportbot triage predict "where is order 4521? it's been 2 weeks"
    supportbot triage predict --file messages.jsonl > labelled.jsonl
    """
    if (text is None) == (file is None):
        raise ConfigurationError("give a message or --file, one of both")
    opened = _model(model)
    if file:
        raise typer.Exit(_predict_file(opened, file))
    utterance = sys.stdin.read() if text == "-" else text or ""
    if not utterance.strip():
        raise ConfigurationError("the message is empty")
    found = opened.predict(utterance)
    typer.echo(json.dumps(found.as_json(), ensure_ascii=False) if as_json else _shown(found))


@commands.command("schema")
def schema() -> None:
    """Print the JSON Schemas: of a prediction, and of the labels that a chat model must return.

    Example: supportbot triage schema > triage.schema.json
    """
    both = {"prediction": Triage.model_json_schema(), "labels": labels_schema(INTENTS)}
    typer.echo(json.dumps(both, indent=2))


@commands.command("audit")
def audit(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="A folder or file of examples.")],
    *,
    fast: Annotated[bool, typer.Option("--fast", help="Leave out likely label errors.")] = False,
    meaning: Annotated[
        bool,
        typer.Option("--meaning", help="Look for label errors by meaning too: slower, surer."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say whether examples are worth fine-tuning on: counts, balance, leaks, conflicts, errors.

    Example: supportbot triage audit triage/data
    """
    configure(Settings())
    with needs_training():
        from triage import audit as auditing  # noqa: PLC0415  # belongs to the extra [train]
        from triage.audit_text import render  # noqa: PLC0415
    encoder = KnowledgeSettings().encoder
    embed = open_embedder(KnowledgeSettings()).embed if meaning else None
    tokens = Windows(encoder / "tokenizer.json", max_tokens=UNBOUNDED)
    with _console.status("Auditing …"):
        found = auditing.audit(
            load(data),
            count_tokens=lambda text: len(tokens.read([text])[0].ids),
            cross_validate_labels=not fast,
            embed=embed,
        )
    typer.echo(json.dumps(auditing.as_json(found)) if as_json else render(found))


@commands.command("evaluate")
def evaluate(  # noqa: PLR0913  # each is an option
    data: Annotated[
        Path, typer.Argument(metavar="DATA", help="A folder with a test split, or a file.")
    ],
    *,
    also: Annotated[
        list[Path] | None,
        typer.Option(help="More files, such as messages out of scope."),
    ] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of the model.")] = None,
    train: Annotated[
        Path | None, typer.Option(help="Training examples: fits three baselines beside.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report here.")] = None,
    as_json: AsJson = False,
) -> None:
    """Judge a model on labelled examples that it was not trained on, baselines beside it.

    DATA may be a folder (its test split is judged, and its training split fits the baselines) or a
    file. Examples whose intent the model does not know count as out of scope.

    Example: supportbot triage evaluate triage/data --report report.html
    """
    configure(Settings())
    opened = _local(model)
    judged, taught = _examples(data, train)
    judged = [*judged, *(one for path in also or () for one in read(path))]
    with _console.status(f"Judging {len(judged)} examples …"):
        found = judge(opened, judged)
    beside = _baselines(taught, judged, opened) if taught else ()
    if report:
        report.write_text(reporting.html(found, beside, opened.manifest), "utf-8")
        _console.print(f"Report: {report}")
    if as_json:
        typer.echo(json.dumps(reporting.as_json(found, beside)))
    else:
        typer.echo(reporting.text(found, beside))


def _baselines(
    taught: Sequence[Example], judged: Sequence[Example], model: LocalModel
) -> Sequence[Baseline]:
    with needs_training():
        from triage.baselines import baselines  # noqa: PLC0415
    with _console.status("Fitting baselines …"):
        return baselines(
            taught,
            judged,
            embed=open_embedder(KnowledgeSettings()).embed,
            intents=model.manifest.heads["intent"],
        )


def _examples(data: Path, train: Path | None) -> tuple[list[Example], list[Example]]:
    """What is judged, and what baselines are fitted on."""
    if data.is_file():
        return read(data), list(load(train).train) if train else []
    dataset = load(data)
    if not dataset.test:
        raise ConfigurationError(f"{data} has no test split: name a file of examples instead")
    return list(dataset.test), list(load(train).train if train else dataset.train)


def _predict_file(model: TriageModel, file: Path) -> int:
    broken = 0
    with _lines(file) as lines:
        numbered = enumerate(lines, start=1)
        while group := list(islice(numbered, BATCH)):
            rows = [(number, _utterance(line)) for number, line in group if line.strip()]
            found = iter(_predicted(model, [text for _, text in rows if text is not None]))
            for number, text in rows:
                if text is None:
                    broken += 1
                    shown = {"line": number, "error": 'no JSON object with a text "input"'}
                else:
                    shown = next(found)
                typer.echo(json.dumps(shown, ensure_ascii=False))
    if broken:
        _console.print(f"{broken} lines could not be read", style="yellow")
    return 1 if broken else 0


def _predicted(model: TriageModel, texts: Sequence[str]) -> list[dict[str, object]]:
    if isinstance(model, LocalModel):
        return [one.as_json() for one in model.predict_all(texts)]
    return [_predicted_alone(model, text) for text in texts]


def _predicted_alone(model: TriageModel, text: str) -> dict[str, object]:
    try:
        return model.predict(text).as_json()
    except TriageError as error:
        return {"error": str(error)}


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[str]]:
    if str(file) == "-":
        yield iter(sys.stdin)
        return
    try:
        with file.open(encoding="utf-8") as opened:
            yield iter(opened)
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error


def _utterance(line: str) -> str | None:
    try:
        row = json.loads(line)
    except ValueError:
        return None
    text = row.get("input") if isinstance(row, dict) else None
    return text if isinstance(text, str) and text.strip() else None


def _shown(found: Triage) -> str:
    sure = found.confidence
    rows = [(head, getattr(found, head), sure[head]) for head in HEADS]
    rows += [(key, held, sure[key]) for key, held in found.entities.named().items()]
    lines = [f"{key:<16} {held!s:<28} {confidence:.0%}" for key, held, confidence in rows]
    if found.uncertain:
        lines.append("uncertain: below the model's threshold, a person decides")
    return "\n".join([*lines, f"{'model':<16} {found.model}"])


def _model(folder: Path | None) -> TriageModel:
    settings = Settings()
    configure(settings)
    if folder:
        return LocalModel(folder)
    return open_triage(TriageSettings(), home=settings.home)


def _local(folder: Path | None) -> LocalModel:
    return LocalModel(folder or model_folder(TriageSettings(), home=Settings().home))
