"""`supportbot knowledge status`: what the passage store holds, and how old it is."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path

import typer

from bot.commands.options import AsJson
from bot.library import open_knowledge
from bot.logs import configure
from bot.settings import Settings
from knowledge.adapters.sqlite_file import generation
from knowledge.documents import Audience, Held, SourceName, Status
from knowledge.settings import KnowledgeSettings


@dataclass(frozen=True, slots=True)
class Stock:
    """What is held of one source; `newest` and `oldest` are days on which articles were updated."""

    name: SourceName
    articles: int
    published: int
    draft: int
    archived: int
    internal: int
    chunks: int
    newest: date | None
    oldest: date | None


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("status")(status)


def status(*, as_json: AsJson = False) -> None:
    """Show what is indexed: articles and chunks of each source, and how old the articles are.

    Nothing is read from the sources and nothing is indexed: this is what answers are made of now.

    Example: supportbot knowledge status
    """
    settings, chosen = Settings(), KnowledgeSettings()
    configure(settings)
    knowledge = open_knowledge(chosen, home=settings.home)
    stocks = take_stock(knowledge.store.held().values(), [one.name for one in knowledge.sources])
    encoder = knowledge.embedder.version
    about = {"store": _whereabouts(chosen, settings.home, encoder), "encoder": encoder}
    if as_json:
        values = {**about, "sources": [asdict(one) for one in stocks]}
        typer.echo(json.dumps(values, default=str))
    else:
        _show(about, stocks)


def take_stock(held: Iterable[Held], declared: Collection[SourceName]) -> list[Stock]:
    """Every source, the declared ones first: also those of which nothing is held."""
    by_source: dict[SourceName, list[Held]] = defaultdict(list)
    for name in declared:
        by_source[name] = []
    for one in held:
        by_source[one.source].append(one)
    return [_stock(name, articles) for name, articles in by_source.items()]


def _stock(name: SourceName, held: Collection[Held]) -> Stock:
    days = [one.updated for one in held]
    return Stock(
        name=name,
        articles=len(held),
        published=sum(one.status is Status.PUBLISHED for one in held),
        draft=sum(one.status is Status.DRAFT for one in held),
        archived=sum(one.status is Status.ARCHIVED for one in held),
        internal=sum(one.audience is Audience.INTERNAL for one in held),
        chunks=sum(one.chunks for one in held),
        newest=max(days, default=None),
        oldest=min(days, default=None),
    )


def _whereabouts(settings: KnowledgeSettings, home: Path, encoder: str) -> str:
    """Where this encoder's passages are: a file, or the collections of a Weaviate."""
    if settings.weaviate_url is None:
        return str(generation(home / "knowledge.sqlite", encoder))
    from knowledge.adapters.weaviate_generations import Generation  # noqa: PLC0415  a second

    chunks = Generation(settings.collection, encoder, settings.tenant).chunks
    return f"{settings.weaviate_url} {chunks} ({settings.tenant})"


def _show(about: Mapping[str, str], stocks: Collection[Stock]) -> None:
    for what, value in about.items():
        typer.echo(f"{what:<8} {value}")
    names = [field.name for field in fields(Stock)]
    rows = [["source", *names[1:]]]
    rows += [[_cell(getattr(one, name)) for name in names] for one in stocks]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())


def _cell(value: object) -> str:
    return "–" if value is None else str(value)
