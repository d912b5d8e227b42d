"""`supportbot knowledge`: index and search the articles."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.bootstrap import Knowledge, open_knowledge
from bot.logs import configure
from bot.settings import Settings
from knowledge.documents import Audience
from knowledge.indexing import IndexReport, OnProgress, index
from knowledge.ports import Query
from knowledge.settings import KnowledgeSettings

commands = typer.Typer(
    help="Index the articles and look into what the bot knows.", no_args_is_help=True
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for machines.")]
ForAudience = Annotated[
    Audience, typer.Option(help="Who asks: 'internal' also reads articles for staff.")
]
_console = Console(stderr=True, soft_wrap=True)


@commands.command("index")
def index_articles(*, as_json: AsJson = False) -> None:
    """Bring the passage store level with KNOWLEDGE_ARTICLES; only what has changed is embedded.

    Each article is a Markdown file whose front matter has title, url, status (published, draft,
    archived), audience (public, internal) and updated (a date). A file that cannot be read is
    named and skipped.

    Example: KNOWLEDGE_ARTICLES=docs/help supportbot knowledge index
    """
    settings = Settings()
    configure(settings)
    report = indexed(open_knowledge(KnowledgeSettings(), home=settings.home))
    if as_json:
        typer.echo(json.dumps(asdict(report)))
    else:
        typer.echo(summary(report))


@commands.command("search")
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    *,
    audience: ForAudience = Audience.PUBLIC,
    limit: Annotated[int, typer.Option(min=1, max=100, help="How many passages.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show the passages that a question finds, with their scores, and no answer.

    Example: supportbot knowledge search "gas cartridge norway" --limit 3
    """
    settings, chosen = Settings(), KnowledgeSettings()
    configure(settings)
    knowledge = ready_knowledge(chosen, home=settings.home)
    vector = knowledge.embedder.embed([query])[0]
    found = knowledge.store.search(Query(query, vector, audience, limit, chosen.alpha))
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in found], default=str))
        return
    for n, one in enumerate(found, start=1):
        path = " › ".join((one.title, *one.chunk.headings))
        typer.echo(f"{n}. {path}  (score {one.score:.2f}, cosine {one.cosine:.2f})\n   {one.url}")
        typer.echo("   " + one.chunk.text.replace("\n", "\n   ") + "\n")


def ready_knowledge(settings: KnowledgeSettings, *, home: Path) -> Knowledge:
    """Knowledge whose index is level with the articles; only what has changed is embedded."""
    knowledge = open_knowledge(settings, home=home)
    report = indexed(knowledge)
    if report.chunks or report.removed:
        _console.print(summary(report), style="dim")
    return knowledge


def indexed(knowledge: Knowledge) -> IndexReport:
    """Index with a progress bar on a terminal; broken articles are named."""
    with _progress() as on_progress:
        report = index(
            knowledge.source,
            store=knowledge.store,
            embedder=knowledge.embedder,
            on_progress=on_progress,
        )
    for line in report.skipped:
        _console.print(f"skipped {line}", style="yellow", markup=False, highlight=False)
    return report


def summary(report: IndexReport) -> str:
    """One line on what an index run did."""
    return (
        f"Articles: {report.added} new, {report.changed} changed, {report.removed} removed, "
        f"{report.unchanged} unchanged, {len(report.skipped)} skipped "
        f"({report.chunks} chunks in {report.seconds:.1f} s)"
    )


@contextmanager
def _progress() -> Iterator[OnProgress]:
    columns = (TextColumn("Indexing"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=_console, transient=True, disable=not _console.is_terminal
    ) as bar:
        task = bar.add_task("index", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
