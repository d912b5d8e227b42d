"""An index run in a terminal: its progress, and what it says at the end."""

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.library import Knowledge, open_knowledge
from knowledge.documents import Article, SourceName
from knowledge.errors import ArticleInvalid
from knowledge.indexing import IndexReport, OnProgress, SourceReport, index
from knowledge.ports import ArticleSource
from knowledge.settings import KnowledgeSettings

_console = Console(stderr=True, soft_wrap=True)


def ready_knowledge(settings: KnowledgeSettings, *, home: Path) -> Knowledge:
    """Knowledge whose index is level with the articles; only what has changed is embedded."""
    knowledge = open_knowledge(settings, home=home)
    report = indexed(knowledge)
    if report.chunks or totals(report)["removed"]:
        _console.print(summary(report), style="dim")
    return knowledge


def indexed(knowledge: Knowledge, *, accept_removals: bool = False) -> IndexReport:
    """Index with a progress bar on a terminal; what is skipped or held back is named."""
    with _progress(knowledge.sources) as (sources, on_progress):
        report = index(
            sources,
            store=knowledge.store,
            embedder=knowledge.embedder,
            on_progress=on_progress,
            accept_removals=accept_removals,
        )
    for line in troubles(report):
        _console.print(line, style="yellow", markup=False, highlight=False)
    return report


def troubles(report: IndexReport) -> list[str]:
    """A line for each document that was skipped and each source that was held back."""
    skipped = [f"skipped {line}" for one in report.sources for line in one.skipped]
    return skipped + [f"warning: {one.held_back}" for one in report.sources if one.held_back]


def summary(report: IndexReport) -> str:
    """One line on what an index run did."""
    counts = totals(report)
    return (
        f"Articles: {_counted(counts)} ({report.chunks} chunks, {report.embedded} embedded, "
        f"in {report.seconds:.1f} s)"
    )


def by_source(report: IndexReport) -> list[str]:
    """A line on each source."""
    width = max((len(one.name) for one in report.sources), default=0)
    return [
        f"{one.name:<{width}}  {one.articles} articles: {_counted(_counts(one))}"
        + (", held back" if one.held_back else "")
        for one in report.sources
    ]


def totals(report: IndexReport) -> dict[str, int]:
    """Articles of all sources, by what became of them."""
    total: Counter[str] = Counter()
    for one in report.sources:
        total.update(_counts(one))
    return dict(total)


def _counts(report: SourceReport) -> dict[str, int]:
    return {
        "added": report.added,
        "changed": report.changed,
        "removed": report.removed,
        "unchanged": report.unchanged,
        "skipped": len(report.skipped),
    }


def _counted(counts: dict[str, int]) -> str:
    words = {"added": "new"}
    return ", ".join(f"{n} {words.get(what, what)}" for what, n in counts.items())


@dataclass(frozen=True, slots=True)
class _Counted:
    """A source that moves a progress bar while it is read."""

    source: ArticleSource
    bar: Progress

    @property
    def name(self) -> SourceName:
        return self.source.name

    def read(self) -> Iterator[Article | ArticleInvalid]:
        for article in self.source.read():
            self.bar.advance(self.bar.task_ids[0])
            yield article


@contextmanager
def _progress(sources: Sequence[ArticleSource]) -> Iterator[tuple[list[_Counted], OnProgress]]:
    """Counts what is read, then what is written of it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(
        *columns, console=_console, transient=True, disable=not _console.is_terminal
    ) as bar:
        task = bar.add_task("Reading", total=None)

        def on_progress(done: int, total: int) -> None:
            bar.update(task, description="Indexing", completed=done, total=total)

        yield [_Counted(one, bar) for one in sources], on_progress
