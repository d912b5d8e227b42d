"""`supportbot knowledge evaluate`: is found what answers, and told what nothing answers?"""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from bot.commands import scoring
from bot.commands.indexing import indexed, summary
from bot.commands.labelled import read_questions, read_relevant
from bot.commands.options import AsJson, ForAudience
from bot.errors import ConfigurationError
from bot.library import Knowledge, open_knowledge
from bot.logs import configure
from bot.settings import Settings
from knowledge.documents import Article, Audience, SourceName, Status
from knowledge.errors import ArticleInvalid
from knowledge.ports import ArticleSource
from knowledge.ranking import Comparison, PlainWords, Question, Trial
from knowledge.settings import KnowledgeSettings
from knowledge.sources.jsonl import JsonLines
from knowledge.sources.rules import Terms
from knowledge.sources.source import DocumentSource

Queries = Annotated[Path, typer.Option(help='JSONL of questions: {"id", "text"}.')]
Qrels = Annotated[Path, typer.Option(help='JSONL of what answers them: {"query", "doc"}.')]
Corpus = Annotated[
    Path | None,
    typer.Option(help='JSONL of documents: {"id", "title", "url", "text"}; else the desk\'s own.'),
]
Kept = Annotated[Path | None, typer.Option("--index", help="Folder to keep the corpus's index in.")]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Ask only so many questions, spread over the file.")
]
_console = Console(stderr=True, soft_wrap=True)


def register(commands: typer.Typer) -> None:
    """Add the command."""
    commands.command("evaluate")(evaluate)


def evaluate(  # noqa: PLR0913  # each is an option
    *,
    queries: Queries,
    qrels: Qrels,
    corpus: Corpus = None,
    kept: Kept = None,
    limit: Limit = None,
    audience: ForAudience = Audience.PUBLIC,
    as_json: AsJson = False,
) -> None:
    """Judge retrieval on questions whose answers are known, beside what it has to be better than.

    A row each for search by words (BM25), by meaning (dense), by both as a Weaviate does it by
    itself, by both as we do it, and reranked, which is what the desk does: how much of what
    answers is among the first 1, 3 and 5 documents, nDCG and MRR over ten, and milliseconds.

    Where questions also have "answerable": true or false, more tables say how well the desk tells
    those that nothing answers. "previous" is the asker's turn before. No chat model is called.

    Example: supportbot knowledge evaluate --queries queries.jsonl --qrels qrels.jsonl
    --corpus corpus.jsonl --index var/corpus
    """
    settings = Settings()
    configure(settings)
    if kept and corpus is None:
        raise ConfigurationError("--index keeps the index of a corpus: give --corpus too")
    questions = read_questions(queries)
    with _home(settings, corpus, kept) as home:
        knowledge = _opened(corpus, home)
        articles = _indexed(knowledge, is_corpus=corpus is not None)
        readable = [one for one in articles if _is_readable(one, audience)]
        where = str(corpus or f"the articles for {audience} readers")
        if not readable:
            raise ConfigurationError(f"{where}: no article in it can be read")
        documents = {one.id for one in readable}
        relevant = read_relevant(qrels, questions=questions, documents=documents, where=where)
        trials = _asked(_comparison(knowledge, readable, audience), _spread(questions, limit))
    found = scoring.of(
        trials, relevant, documents=len(readable), threshold=knowledge.judge.threshold
    )
    if as_json:
        typer.echo(json.dumps(scoring.as_values(found)))
    else:
        scoring.show(found)


@contextmanager
def _home(settings: Settings, corpus: Path | None, kept: Path | None) -> Iterator[Path]:
    """The folder of the passages; a corpus never comes among the desk's own."""
    if corpus is None:
        yield settings.home
    elif kept:
        yield kept / "corpus"
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield Path(folder)


def _opened(corpus: Path | None, home: Path) -> Knowledge:
    """The desk's knowledge, or a corpus in its place; without a chat model."""
    settings = KnowledgeSettings().model_copy(update={"openai_api_key": None, "chat_model": None})
    if corpus is None:
        return open_knowledge(settings, home=home)
    embedded = settings.model_copy(update={"weaviate_url": None, "sources": None})
    found = JsonLines(corpus, corpus).documents
    source = DocumentSource(SourceName("corpus"), found, terms=Terms(), prefix="")
    return replace(open_knowledge(embedded, home=home), sources=(source,))


class _Kept:
    """A source whose articles are wanted once more: some take long to read."""

    def __init__(self, source: ArticleSource) -> None:
        self._source = source
        self.name = source.name
        self.articles: list[Article] = []

    def read(self) -> Iterator[Article | ArticleInvalid]:
        for one in self._source.read():
            if isinstance(one, Article):
                self.articles.append(one)
            yield one


def _indexed(knowledge: Knowledge, *, is_corpus: bool) -> list[Article]:
    """Bring the store level with its sources; what they hold."""
    sources = [_Kept(one) for one in knowledge.sources]
    report = indexed(replace(knowledge, sources=sources), accept_removals=is_corpus)
    if report.embedded:
        _console.print(summary(report), style="dim", highlight=False)
    return [article for source in sources for article in source.articles]


def _is_readable(article: Article, audience: Audience) -> bool:
    return article.status is Status.PUBLISHED and article.audience in audience.readable


def _comparison(
    knowledge: Knowledge, articles: Sequence[Article], audience: Audience
) -> Comparison:
    return Comparison(
        store=knowledge.store,
        embedder=knowledge.embedder,
        retriever=knowledge.retriever,
        judge=knowledge.judge,
        plain=PlainWords(articles),
        audience=audience,
        alpha=KnowledgeSettings().alpha,
    )


def _spread(questions: Sequence[Question], limit: int | None) -> Sequence[Question]:
    """As many as wanted, evenly spread: files are often sorted by kind."""
    count = min(limit or len(questions), len(questions))
    return [questions[n * len(questions) // count] for n in range(count)]


def _asked(comparison: Comparison, questions: Sequence[Question]) -> dict[str, Trial]:
    """What came of each question, by id; the first is asked twice: a store has to warm up."""
    comparison.ask(questions[0])
    columns = (TextColumn("Asking"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(
        *columns, console=_console, transient=True, disable=not _console.is_terminal
    ) as bar:
        return {one.id: comparison.ask(one) for one in bar.track(questions)}
