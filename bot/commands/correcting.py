"""`supportbot corrections export`: what people have labelled anew, as training examples."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, TextIO

import typer

from bot.books.cases import corrected
from bot.bootstrap import open_desk_books
from bot.errors import ConfigurationError
from bot.logs import configure
from bot.settings import Settings

commands = typer.Typer(
    no_args_is_help=True, help="What people have corrected on the cards of cases."
)


@commands.callback()
def group() -> None:
    """Corrections by people, kept in the desk's books."""


@commands.command()
def export(
    *,
    out: Annotated[Path | None, typer.Option(help="File to write; without, it is printed.")] = None,
) -> None:
    """Write every correction as a line of JSON, which `supportbot triage merge` reads.

    They hold what customers wrote: treat the file as you treat their mail.

    Example: supportbot corrections export --out corrections.jsonl
    """
    settings = Settings()
    configure(settings)
    books = open_desk_books(settings)
    books.migrate()
    with _target(out) as target:
        for one in corrected(books):
            target.write(json.dumps(one, ensure_ascii=False) + "\n")


@contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield typer.get_text_stream("stdout")
        return
    try:
        with out.open("w", encoding="utf-8") as opened:
            yield opened
    except OSError as error:
        raise ConfigurationError(f"{out}: {error.strerror}") from error
