"""`supportbot inbox`: what is waiting, what is dead, and what to do about it."""

import json
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from bot.books import oversight
from bot.books.engine import Books
from bot.bootstrap import open_desk_books
from bot.commands.options import AsJson
from bot.errors import ConfigurationError
from bot.logs import configure
from bot.settings import Settings

commands = typer.Typer(
    no_args_is_help=True, help="What the desk has received: waiting, dead, done; retry or drop it."
)
Reference = Annotated[str, typer.Argument(help="As people see it under an apology: 8 characters.")]


@commands.callback()
def group() -> None:
    """Messages in the desk's books."""


@commands.command(name="list")
def list_messages(
    *,
    state: Annotated[
        list[str] | None,
        typer.Option(help=f"One of {', '.join(oversight.STATES)}; several times for several."),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, the oldest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what is waiting, at work or dead, without its text.

    Example: supportbot inbox list --state dead
    """
    chosen = tuple(state or oversight.UNDONE)
    if unknown := sorted(set(chosen) - set(oversight.STATES)):
        raise ConfigurationError(f"no such state: {unknown[0]} (of {', '.join(oversight.STATES)})")
    books = _books()
    found = oversight.listed(books, chosen, limit=limit)
    counts = oversight.counted(books)
    if as_json:
        typer.echo(json.dumps({"messages": found, "counts": counts}))
        return
    console = Console(highlight=False, soft_wrap=True)
    if found:
        console.print(_table(found))
    for name, by_state in counts.items():
        told = ", ".join(f"{n} {one}" for one, n in sorted(by_state.items())) or "empty"
        console.print(f"{name}: {told}", markup=False)


@commands.command()
def show(reference: Reference, *, as_json: AsJson = False) -> None:
    """Show one message: its text, what the desk made of it, and what was sent."""
    found = oversight.shown(_books(), reference)
    if found is None:
        raise _unknown(reference)
    if as_json:
        typer.echo(json.dumps(found))
        return
    console = Console(highlight=False, soft_wrap=True)
    for name, value in found.items():
        if value not in (None, "", []) and name != "outgoing":
            told = json.dumps(value, indent=2) if isinstance(value, dict) else _told(name, value)
            console.print(f"{name:<12} {told}", markup=False)
    for one in found["outgoing"]:
        error = f" ({one['error']})" if one["error"] else ""
        console.print(
            f"{one['action']:<12} {one['state']}{error}: {one['text'][:100]}", markup=False
        )


@commands.command()
def retry(reference: Reference) -> None:
    """Handle a dead or dropped message again; the answer takes the place of the apology."""
    match oversight.retried(_books(), reference):
        case None:
            raise _unknown(reference)
        case "received" | "dead" | "dropped" as was:
            typer.echo(f"{reference} was {was}; it will be handled again.")
        case was:
            raise ConfigurationError(f"{reference} is {was}: there is nothing to retry")


@commands.command()
def drop(
    reference: Annotated[str | None, typer.Argument(help="One message.")] = None,
    *,
    before: Annotated[
        datetime | None,
        typer.Option(help="All that came in before (local time) and is not done."),
    ] = None,
) -> None:
    """Close messages that nobody shall handle; `retry` opens them again.

    After the books were brought back from a copy, messages that were answered since then wait in
    them once more: drop those before the workers start.

    Example: supportbot inbox drop --before "2026-11-23 18:00:00"
    """
    if (reference is None) == (before is None):
        raise ConfigurationError("give either a reference or --before")
    books = _books()
    if before is not None:
        typer.echo(f"{oversight.dropped_before(books, before.timestamp())} dropped.")
        return
    match oversight.dropped(books, reference or ""):
        case None:
            raise _unknown(reference or "")
        case "received" | "claimed" | "dead" as was:
            typer.echo(f"{reference} was {was}; it is dropped.")
        case was:
            raise ConfigurationError(f"{reference} is {was}: there is nothing to drop")


def _books() -> Books:
    settings = Settings()
    configure(settings)
    books = open_desk_books(settings)
    if not books.is_current():
        raise ConfigurationError("the books are not migrated: run `supportbot release`")
    return books


def _table(found: Sequence[Mapping[str, Any]]) -> Table:
    table = Table("reference", "state", "kind", "channel", "attempts", "age", "why", box=None)
    for one in found:
        age = _age(time.time() - one["received_at"])
        columns = (one["reference"], one["state"], one["kind"], one["channel"])
        table.add_row(*columns, str(one["attempts"]), age, one["error"] or "")
    return table


def _told(name: str, value: object) -> str:
    if name in {"received_at", "not_before", "lease_until"} and isinstance(value, float):
        return datetime.fromtimestamp(value).astimezone().isoformat(" ", "seconds")
    return str(value)


def _age(seconds: float) -> str:
    for unit, long in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= long:
            return f"{seconds / long:.0f} {unit}"
    return f"{max(seconds, 0):.0f} s"


def _unknown(reference: str) -> ConfigurationError:
    return ConfigurationError(
        f"no message has the reference {reference}: see `supportbot inbox list`"
    )
