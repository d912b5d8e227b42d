"""`supportbot doctor` and `manifest`: for the engineer who runs the desk."""

import json
import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.console import Console

from bot.access import SlackAccess, SlackConnection, connect, real_slack
from bot.bootstrap import desk_policy, open_desk_books
from bot.commands.options import AsJson
from bot.errors import ConfigurationError, SupportbotError
from bot.library import Knowledge, open_chat_model, open_knowledge, open_redis
from bot.logs import configure
from bot.mailroom.ways import described
from bot.settings import Settings
from bot.slack.client import TIMEOUT_SECONDS, identity, require_member
from bot.slack.manifest import manifest
from knowledge.documents import Article
from knowledge.errors import KnowledgeError, RedisUnavailable
from knowledge.settings import KnowledgeSettings

Check = Callable[[], str]


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.command()(doctor)
    cli.command(name="manifest")(print_manifest)


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and what it found; what is only `degraded` makes the desk slower, not wrong."""

    name: str
    ok: bool
    note: str
    degraded: bool = False


def doctor(*, as_json: AsJson = False) -> None:
    """Check everything that the desk needs, and say what to do about what is missing.

    Ends with 1 when something is wrong; what is marked ~~ only makes the desk slower. Secrets are
    never printed.
    """
    settings = Settings()
    configure(settings)
    findings = [_finding(name, check) for name, check in _checks(settings, KnowledgeSettings())]
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in findings]))
    else:
        console = Console(highlight=False, soft_wrap=True)
        for one in findings:
            good = "[yellow]~~ [/yellow]" if one.degraded else "[green]ok [/green]"
            mark = good if one.ok else "[red]no [/red]"
            console.print(f"{mark} {one.name:<10}", end=" ")
            console.print(one.note, markup=False)
    raise typer.Exit(0 if all(one.ok for one in findings) else 1)


def print_manifest(
    *,
    url: Annotated[
        str | None,
        typer.Option(help="Public address of this desk, like https://desk.example.com."),
    ] = None,
    name: Annotated[str, typer.Option(help="The bot's name in Slack.")] = "Support Bot",
) -> None:
    """Print the app manifest to paste at api.slack.com/apps → Create New App → From a manifest.

    Without --url the app uses Socket Mode (run with --socket) and needs no public address.
    """
    typer.echo(json.dumps(manifest(name=name, url=url), indent=2))


def _checks(settings: Settings, knowledge: KnowledgeSettings) -> Iterator[tuple[str, Check]]:
    opened: dict[str, Knowledge] = {}

    def encoder() -> str:
        opened["it"] = open_knowledge(knowledge, home=settings.home)
        return f"{opened['it'].embedder.version}"

    yield "python", lambda: sys.version.split()[0]
    yield "sqlite", _sqlite
    yield "encoder", encoder
    yield "articles", lambda: _articles(opened)
    yield "index", lambda: _index(opened)
    yield "books", lambda: _books(settings)
    yield "redis", lambda: _redis(knowledge)
    yield "generator", lambda: _generator(knowledge)
    yield "slack", lambda: _slack(settings)
    yield "mail", lambda: described(settings)


def _finding(name: str, check: Check) -> Finding:
    try:
        return Finding(name, ok=True, note=check())
    except RedisUnavailable as error:
        note = f"{error}: answers are not remembered until it is back; check REDIS_URL"
        return Finding(name, ok=True, note=note, degraded=True)
    except (SupportbotError, KnowledgeError) as error:
        return Finding(name, ok=False, note=str(error))


def _sqlite() -> str:
    with sqlite3.connect(":memory:") as connection:
        options = {row[0] for row in connection.execute("pragma compile_options")}
    if "ENABLE_FTS5" not in options:
        raise ConfigurationError("this Python's SQLite lacks FTS5: install Python from python.org")
    return f"{sqlite3.sqlite_version} with FTS5"


def _articles(opened: Mapping[str, Knowledge]) -> str:
    found = [one for source in _opened(opened).sources for one in source.read()]
    broken = [one for one in found if not isinstance(one, Article)]
    if broken:
        raise ConfigurationError(
            f"{len(broken)} of {len(found)} cannot be read; first: {broken[0]}"
        )
    return f"{len(found)} can be read"


def _index(opened: Mapping[str, Knowledge]) -> str:
    held = _opened(opened).store.held()
    if not held:
        raise ConfigurationError("empty: run `supportbot knowledge index`")
    return f"{len(held)} articles"


def _opened(opened: Mapping[str, Knowledge]) -> Knowledge:
    if "it" not in opened:
        raise ConfigurationError("not checked: the encoder or the store cannot be opened")
    return opened["it"]


def _books(settings: Settings) -> str:
    books = open_desk_books(settings)
    name = books.engine.url.render_as_string(hide_password=True)
    if not books.is_current():
        raise ConfigurationError(f"{name} is not migrated: run `supportbot release`")
    return f"{name} is current"


def _redis(settings: KnowledgeSettings) -> str:
    if settings.redis_url is None:
        return "in each process (set REDIS_URL for answers that processes share)"
    open_redis(settings).answers()
    return "answers"


def _generator(settings: KnowledgeSettings) -> str:
    chat = open_chat_model(settings)
    if chat is None:
        return "quotations (set OPENAI_API_KEY or KNOWLEDGE_CHAT_MODEL for written answers)"
    chat.check()
    return f"{chat.name} answers"


def _slack(settings: Settings) -> str:
    if settings.plays:
        return "the playground (set SLACK_BOT_TOKEN or SLACK_CLIENT_ID for a real workspace)"
    by_socket = settings.slack_signing_secret is None and settings.slack_app_token is not None
    slack = real_slack(settings, socket_mode=by_socket, signed=True)
    connection = _connection(settings, slack)
    found = identity(connection.client)
    require_member(connection.client, desk_policy(settings).current().triage_channel)
    return f"{found}, by {'Socket Mode' if by_socket else 'HTTP'}{_installed(connection)}"


def _connection(settings: Settings, slack: SlackAccess) -> SlackConnection:
    books = open_desk_books(settings)
    if slack.app and not books.is_current():
        raise ConfigurationError("not checked: the books are not migrated")
    connection = connect(slack, books, timeout_seconds=TIMEOUT_SECONDS)
    if where := connection.where_to_install():
        raise ConfigurationError(f"not installed: open {where}")
    return connection


def _installed(connection: SlackConnection) -> str:
    found = connection.installed.current() if connection.installed else None
    if found is None:
        return ""
    since = datetime.fromtimestamp(found.installed_at, UTC)
    return f", installed in {found.team_name} on {since:%Y-%m-%d %H:%M} UTC"
