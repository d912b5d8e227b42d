"""`supportbot knowledge audit`: what is wrong with the articles, and what to write next."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from bot.books.history import looked_up
from bot.bootstrap import open_desk_books
from bot.commands.audit_text import as_values, render
from bot.commands.indexing import indexed
from bot.commands.options import AsJson
from bot.library import Knowledge, open_knowledge
from bot.logs import configure
from bot.settings import Settings
from knowledge.audit import STALE_DAYS, Shelf
from knowledge.audit import audit as judge
from knowledge.audit_questions import Asked
from knowledge.audit_vectors import chunk_vectors
from knowledge.documents import Article
from knowledge.errors import SourceUnavailable
from knowledge.settings import KnowledgeSettings
from knowledge.watching import Remembered

MESSAGES = 10_000
_console = Console(stderr=True, soft_wrap=True)


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("audit")(audit)


def audit(
    *,
    stale: Annotated[
        int, typer.Option(min=1, metavar="DAYS", help="Days after which an article is stale.")
    ] = STALE_DAYS,
    as_json: AsJson = False,
) -> None:
    """Say which articles to mend, and what to write next.

    Names published articles that are stale, say the same as another, share a title with another
    that says something else, were never retrieved, or are too long or too short; documents that
    cannot be read; and the questions among the latest 10,000 messages that nobody could answer, by
    subject. Brings the index level with the sources before.

    Example: supportbot knowledge audit --stale 180
    """
    settings = Settings()
    configure(settings)
    knowledge = open_knowledge(KnowledgeSettings(), home=settings.home)
    knowledge = replace(knowledge, sources=[Remembered(one) for one in knowledge.sources])
    indexed(knowledge)
    with _console.status("Auditing …"):
        found = judge(
            _shelf(knowledge),
            list(_asked(settings)),
            embed=knowledge.embedder.embed,
            today=datetime.now(UTC).date(),
            stale_days=stale,
        )
    typer.echo(json.dumps(as_values(found), ensure_ascii=False) if as_json else render(found))


def _shelf(knowledge: Knowledge) -> Shelf:
    articles: list[Article] = []
    broken: list[str] = []
    for source in knowledge.sources:
        try:
            found = list(source.read())
        except SourceUnavailable as error:
            broken.append(str(error))
            continue
        articles += (one for one in found if isinstance(one, Article))
        broken += (str(one) for one in found if not isinstance(one, Article))
    return Shelf(articles, chunk_vectors(articles, knowledge.store), broken)


def _asked(settings: Settings) -> Iterator[Asked]:
    """What the desk has looked up, newest first; nothing where there is no desk yet."""
    books = open_desk_books(settings)
    if not books.is_current():
        return
    for trace, received_at in looked_up(books, limit=MESSAGES):
        yield Asked(
            question=trace["question"],
            abstained=bool(trace["abstained"]),
            urls=frozenset(one["url"] for one in trace["passages"]),
            day=datetime.fromtimestamp(received_at, UTC).date(),
        )
