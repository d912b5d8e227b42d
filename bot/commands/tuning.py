"""`supportbot triage finetune`: a chat model of a provider as the triage model."""

import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.commands.options import AsJson
from bot.errors import ConfigurationError
from bot.logs import configure
from bot.settings import Settings
from triage import prices
from triage.dataset import Dataset, load
from triage.settings import TriageSettings
from triage.tuned import TunedModel, write_tuned
from triage.tuning import PAUSE_SECONDS, Event, Job, Pace, TuningService, begin, follow
from triage.uploads import Estimate, Files, Plan, estimate, prepare

finetune = typer.Typer(help="Fine-tune a chat model at a provider.", no_args_is_help=True)
INTERRUPTED = 130
LONGEST_SUFFIX = 64
_console = Console(stderr=True, soft_wrap=True, highlight=False)

Examples = Annotated[
    Path, typer.Argument(metavar="DATA", help="A folder with splits, or a file of examples.")
]
Beginning = Annotated[str, typer.Option(help="The model to begin with.")]
Epochs = Annotated[int, typer.Option(min=1, max=50, help="How often each example is read.")]
Suffix = Annotated[str, typer.Option(help="Becomes a part of the model's name.")]
Price = Annotated[
    float | None,
    typer.Option(min=0, help="US dollars per million training tokens; else from our table."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Pay without being asked.")]
Resume = Annotated[
    str | None, typer.Option(metavar="JOB", help="Go on following a job that was started before.")
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Write the files and the estimate; upload nothing.")
]
Out = Annotated[Path | None, typer.Option(help="Folder for the files; else in SUPPORTBOT_HOME.")]
Poll = Annotated[float, typer.Option(min=0.05, help="Seconds between two looks at the job.")]


@finetune.callback()
def root() -> None:
    """Fine-tune a chat model at a provider."""


@finetune.command("openai")
def tune(  # noqa: PLR0913  # each is an option
    data: Examples,
    *,
    base_model: Beginning = prices.DEFAULT,
    epochs: Epochs = 3,
    suffix: Suffix = "supportbot",
    price: Price = None,
    yes: Yes = False,
    resume: Resume = None,
    dry_run: DryRun = False,
    out: Out = None,
    poll: Poll = PAUSE_SECONDS,
    as_json: AsJson = False,
) -> None:
    """Fine-tune a chat model of OpenAI, or of a server that speaks its protocol, on your examples.

    Checks DATA, writes it as chat JSONL, says what the job will cost about and asks; then uploads
    the training and validation splits (never the test split), starts one job, follows it, and
    keeps the model's name in SUPPORTBOT_HOME. TRIAGE_PROVIDER=openai puts it in use.

    Example: supportbot triage finetune openai triage/data --dry-run
    """
    settings = Settings()
    configure(settings)
    if resume and dry_run:
        raise ConfigurationError("--resume and --dry-run exclude each other")
    dataset = load(data)
    files, pace = prepare(dataset), Pace(poll)
    plan = Plan(base_model, epochs, _checked(suffix))
    cost = None if resume else estimate(dataset, plan, price=_price(base_model, price))
    folder = out or settings.home / "triage" / "openai"
    shown = _shown(cost, files.write(folder)) if cost else None
    if dry_run:
        _tell(shown, "Nothing was uploaded.", as_json=as_json)
        return
    service = _service()
    job_id = resume or _begun(service, files, plan=plan, pace=pace, yes=yes)
    job = _followed(service, job_id, files, pace=pace, data=data)
    tuned = _kept(job, files, dataset, settings.home)
    words = f"{tuned.model} is ready: TRIAGE_PROVIDER=openai puts it in use"
    _tell(tuned.model_dump(mode="json") | {"estimate": shown}, words, as_json=as_json)


def _checked(suffix: str) -> str:
    if not 1 <= len(suffix) <= LONGEST_SUFFIX:
        raise ConfigurationError(f"--suffix has 1 to {LONGEST_SUFFIX} characters")
    return suffix


def _price(model: str, given: float | None) -> float:
    if given is not None:
        return given
    if known := prices.offer(model):
        return known.price
    raise ConfigurationError(
        f"no price is known for {model}: give --price, US dollars per million training tokens"
    )


def _shown(cost: Estimate, written: list[Path]) -> dict[str, Any]:
    """Print the estimate; the same for machines."""
    for path in written:
        _console.print(f"Written: {path}", markup=False)
    _console.print(cost.line(), markup=False)
    if known := prices.offer(cost.plan.base):
        _console.print(
            f"OpenAI's terms as of {prices.AS_OF}: {cost.plan.base} and all that is made from it "
            f"end on {known.until}; new jobs end on {prices.NEW_JOBS_UNTIL}",
            style="yellow",
            markup=False,
        )
    return asdict(cost) | {
        "dollars": round(cost.dollars, 2),
        "files": [str(path) for path in written],
    }


def _agree(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigurationError("nobody is there to be asked: --yes agrees to the cost")
    if not typer.confirm("Upload the examples and start the job?", err=True):
        typer.echo("Nothing was uploaded.", err=True)
        raise typer.Exit(1)


def _service() -> TuningService:
    settings = TriageSettings()
    if settings.openai_api_key is None:
        raise ConfigurationError("fine-tuning needs OPENAI_API_KEY")
    from triage.adapters.openai_tuning import open_ai_tuning  # noqa: PLC0415  a second to import

    return open_ai_tuning(
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        timeout_seconds=settings.openai_timeout_seconds,
    )


def _begun(service: TuningService, files: Files, *, plan: Plan, pace: Pace, yes: bool) -> str:
    _agree(yes=yes)
    try:
        job = begin(service, files, plan=plan, pace=pace)
    except KeyboardInterrupt:
        _console.print(
            "Interrupted before the job's name was known: look at the provider's list of jobs "
            "before you start again."
        )
        raise typer.Exit(INTERRUPTED) from None
    _console.print(f"Job {job.id} has begun", markup=False)
    return job.id


def _followed(service: TuningService, job_id: str, files: Files, *, pace: Pace, data: Path) -> Job:
    try:
        return follow(service, job_id, on_event=_report, data_sha256=files.data_sha256, pace=pace)
    except KeyboardInterrupt:
        _console.print(
            f"Job {job_id} goes on. To follow it again:\n"
            f"supportbot triage finetune openai {data} --resume {job_id}",
            markup=False,
        )
        raise typer.Exit(INTERRUPTED) from None


def _report(event: Event) -> None:
    at = datetime.fromtimestamp(event.at, UTC)
    _console.print(f"{at:%H:%M:%S} {event.message}", markup=False)


def _kept(job: Job, files: Files, dataset: Dataset, home: Path) -> TunedModel:
    tuned = TunedModel(
        model=job.model or "",
        job=job.id,
        base=job.base,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        data_sha256=files.data_sha256,
        intents=tuple(sorted({one.intent for one in dataset.train})),
    )
    write_tuned(home, tuned)
    return tuned


def _tell(values: Mapping[str, Any] | None, words: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(values) if as_json else words)
