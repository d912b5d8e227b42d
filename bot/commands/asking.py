"""`supportbot ask`: a cited answer in the terminal."""

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markdown import Markdown

from bot.commands.indexing import ready_knowledge
from bot.commands.options import AsJson, ForAudience
from bot.desk import trace_of
from bot.logs import configure
from bot.settings import Settings
from bot.slack.blocks import answer_text, day
from knowledge.documents import Answer, Audience, Citation, Outcome
from knowledge.settings import KnowledgeSettings


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command()(ask)


def ask(
    question: Annotated[str, typer.Argument(help="The question, in quotation marks.")],
    *,
    audience: ForAudience = Audience.PUBLIC,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the help centre, with numbered sources.

    The same retrieval, generator and citations as in Slack. Without OPENAI_API_KEY the answer is
    made of quotations. Ends with 0 for an answer and for an honest "I don't know".

    Example: supportbot ask "how long do I have to return boots I already wore outside?"
    """
    question = question.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    if not question.strip():
        raise typer.BadParameter("the question is empty", param_hint="QUESTION")
    settings = Settings()
    configure(settings)
    knowledge = ready_knowledge(KnowledgeSettings(), home=settings.home)
    outcome = knowledge.answerer.answer(question, audience=audience)
    if as_json:
        typer.echo(json.dumps(as_values(outcome), ensure_ascii=False))
    else:
        _show(outcome)


def as_values(outcome: Outcome) -> Mapping[str, Any]:
    """The JSON that `ask --json` prints; an abstention's sources are the nearest articles."""
    trace = trace_of(outcome)
    return {
        "answer": outcome.text if isinstance(outcome, Answer) else None,
        "abstained": trace["abstained"],
        "sources": [
            {
                "n": one.n,
                "title": one.title,
                "url": one.url,
                "score": one.score,
                "updated": one.updated.isoformat(),
            }
            for one in _sources(outcome)
        ],
        "passages": trace["passages"],
        "timings_ms": trace["timings_ms"],
        "generator": outcome.generator,
    }


def _sources(outcome: Outcome) -> Sequence[Citation]:
    return outcome.citations if isinstance(outcome, Answer) else outcome.nearest


def _show(outcome: Outcome) -> None:
    console = Console()
    console.print(Markdown(answer_text(outcome)))
    if sources := _sources(outcome):
        console.print("\nSources" if isinstance(outcome, Answer) else "\nNearest articles")
    for one in sources:
        console.print(
            f"  [{one.n}] {one.title}, updated {day(one.updated)}\n      {one.url}",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
