"""`supportbot knowledge`: index and search the articles, and say how they stand."""

import json
from dataclasses import asdict
from typing import Annotated, Any

import typer

from bot.commands import auditing, judging, stocktaking, watching
from bot.commands.indexing import by_source, indexed, ready_knowledge, summary, totals
from bot.commands.options import AsJson, ForAudience
from bot.library import open_knowledge
from bot.logs import configure
from bot.settings import Settings
from knowledge.documents import Audience, Passage
from knowledge.indexing import IndexReport
from knowledge.retrieval import CANDIDATES
from knowledge.settings import KnowledgeSettings

commands = typer.Typer(
    help="Index the articles and look into what the bot knows.", no_args_is_help=True
)


@commands.command("index")
def index_articles(
    *,
    accept_removals: Annotated[
        bool,
        typer.Option("--accept-removals", help="Also remove what is held back as doubtful."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the passage store level with the sources; only what has changed is embedded.

    The sources are those of KNOWLEDGE_SOURCES (see sources.example.yaml); without it, the folder
    KNOWLEDGE_ARTICLES: Markdown files whose front matter has title, url, status (published, draft,
    archived), audience (public, internal) and updated (a date).

    A document that cannot be read is named and skipped. A source that cannot be read, or suddenly
    yields far fewer articles, is held back: nothing of it is removed. Ends with 1 when no source
    yields anything.

    Example: KNOWLEDGE_SOURCES=sources.yaml supportbot knowledge index
    """
    settings = Settings()
    configure(settings)
    knowledge = open_knowledge(KnowledgeSettings(), home=settings.home)
    report = indexed(knowledge, accept_removals=accept_removals)
    if as_json:
        typer.echo(json.dumps({**asdict(report), **totals(report)}, default=str))
    else:
        typer.echo("\n".join([*by_source(report), summary(report)]))
    raise typer.Exit(1 if _yields_nothing(report) else 0)


@commands.command("search")
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    *,
    audience: ForAudience = Audience.PUBLIC,
    limit: Annotated[int, typer.Option(min=1, max=CANDIDATES, help="How many passages.")] = 5,
    as_json: AsJson = False,
) -> None:
    """Show the passages that a question finds, with their scores, and no answer.

    They are looked up and ranked as for an answer; "not read" marks those that an answer would not
    be made of, since they are too far from the question or too many.

    Example: supportbot knowledge search "gas cartridge norway" --limit 3
    """
    settings = Settings()
    configure(settings)
    knowledge = ready_knowledge(KnowledgeSettings(), home=settings.home)
    found = knowledge.retriever.retrieve(query, audience=audience)
    shown = found.candidates[:limit]
    if as_json:
        values = [_as_values(one, is_read=one in found.passages) for one in shown]
        typer.echo(json.dumps(values, ensure_ascii=False, default=str))
        return
    for n, one in enumerate(shown, start=1):
        path = " › ".join((one.title, *one.chunk.headings))
        unread = "" if one in found.passages else ", not read"
        scores = f"score {one.score:.2f}, cosine {one.cosine:.2f}{unread}"
        typer.echo(f"{n}. {path}  ({scores})\n   {one.url}")
        typer.echo("   " + one.chunk.text.replace("\n", "\n   ") + "\n")


stocktaking.register(commands)
watching.register(commands)
auditing.register(commands)
judging.register(commands)


def _yields_nothing(report: IndexReport) -> bool:
    return all(one.held_back and not one.articles for one in report.sources)


def _as_values(passage: Passage, *, is_read: bool) -> dict[str, Any]:
    """The JSON of a passage, without its token vectors."""
    return {
        "title": passage.title,
        "url": passage.url,
        "updated": passage.updated,
        "score": passage.score,
        "cosine": passage.cosine,
        "read": is_read,
        "chunk": asdict(passage.chunk),
    }
