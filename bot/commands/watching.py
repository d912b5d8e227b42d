"""`supportbot knowledge watch`: answers follow the articles as they are written."""

import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from bot.commands.indexing import by_source, indexed, summary, troubles
from bot.library import Knowledge, open_knowledge
from bot.logs import configure
from bot.settings import Settings
from knowledge.documents import SourceName
from knowledge.errors import KnowledgeError
from knowledge.indexing import index
from knowledge.settings import KnowledgeSettings
from knowledge.watching import Watcher, changes

RETRY_SECONDS = 10.0


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("watch")(watch)


def watch(
    *,
    every: Annotated[
        float,
        typer.Option(min=1, help="Seconds between two looks at sites and loaders."),
    ] = 900,
) -> None:
    """Index, then go on indexing whatever changes, until Ctrl-C.

    Folders and files are looked at every second, other sources are read again every 15 minutes. A
    saved article is in answers a moment later, also in those of desks that run beside. Each change
    is told in a line; a file that cannot be read is named and keeps its last good version.

    A change of the file of sources itself is seen at the next start.

    Example: KNOWLEDGE_ARTICLES=docs/help supportbot knowledge watch --every 3600
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    settings, chosen = Settings(), KnowledgeSettings()
    configure(settings)
    try:
        knowledge = open_knowledge(chosen, home=settings.home)
        watcher = Watcher(knowledge.sources, paths=_paths(chosen), every=every)
        _Follower(replace(knowledge, sources=watcher.sources)).follow(watcher)
    except KeyboardInterrupt:
        typer.echo("Ended.")


class _Follower:
    """Keeps a store level with its sources, and tells of each change once."""

    def __init__(self, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._known: list[str] = []

    def follow(self, watcher: Watcher) -> None:
        """Never returns."""
        report = indexed(self._knowledge)
        self._known = troubles(report)
        typer.echo("\n".join([*by_source(report), summary(report)]))
        typer.echo("Watching. Ctrl-C ends.")
        pending = False
        while True:
            time.sleep(RETRY_SECONDS if pending else watcher.pause)
            pending = (watcher.look() or pending) and not self._is_level()

    def _is_level(self) -> bool:
        """Index, and tell what came of it; whether the store could be reached."""
        store = self._knowledge.store
        try:
            before = store.held()
            report = index(self._knowledge.sources, store=store, embedder=self._knowledge.embedder)
            after = store.held()
        except KnowledgeError as error:
            self._tell_troubles([f"warning: {error}"])
            return False
        for one in changes(before, after):
            _tell(f"{one.deed} {one.article_id}: {one.title}")
        self._tell_troubles(troubles(report))
        return True

    def _tell_troubles(self, lines: list[str]) -> None:
        """Those that are new: a broken file stays broken until somebody mends it."""
        for line in lines:
            if line not in self._known:
                _tell(line)
        self._known = lines


def _paths(settings: KnowledgeSettings) -> Mapping[SourceName, Path]:
    """Where the sources that are files are, by name."""
    if settings.sources is None:
        return {SourceName("articles"): settings.articles}
    from knowledge.sources.declared import watched_paths  # noqa: PLC0415  a tenth of a second

    return watched_paths(settings.sources)


def _tell(line: str) -> None:
    typer.echo(f"{time.strftime('%H:%M:%S')} {line}")
