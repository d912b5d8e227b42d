"""`supportbot run`, `serve`, `worker`, `release`: the processes of the desk."""

import secrets
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from itertools import chain
from typing import Annotated

import typer
from rich.console import Console
from slack_bolt.adapter.socket_mode import SocketModeHandler

from bot.access import playground_slack, real_slack
from bot.bootstrap import (
    PLAYGROUND_POLICY,
    Bot,
    desk_policy,
    open_bot,
    open_desk_books,
    open_triage,
)
from bot.commands.indexing import indexed, ready_knowledge, summary
from bot.errors import ConfigurationError
from bot.library import Knowledge, open_knowledge
from bot.logs import configure
from bot.messages import ChannelId, Ts
from bot.playground import PlaygroundConfig, create_app, require_loopback
from bot.policy import PolicyFile
from bot.serving import WebServer, listen
from bot.settings import Settings
from bot.slack.blocks import day
from bot.slack.client import connect, identity, require_member, web_client
from knowledge.documents import Article, Status
from knowledge.settings import KnowledgeSettings
from triage.settings import TriageSettings

LOOPBACK = "127.0.0.1"
SAMPLE_HOSTS = ("help.cairnway.example", "desk.cairnway.example")
BySocket = Annotated[
    bool, typer.Option("--socket", help="Take events by Socket Mode instead of HTTP.")
]
OnHost = Annotated[str | None, typer.Option(help="Address to listen on; else SUPPORTBOT_HOST.")]
OnPort = Annotated[int | None, typer.Option(min=0, max=65535, help="Port; else PORT, else 3000.")]
_console = Console(stderr=True, soft_wrap=True)


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    for command in (run, serve, worker, release):
        cli.command()(command)


def run(
    *,
    socket: BySocket = False,
    host: OnHost = None,
    port: OnPort = None,
) -> None:
    """Run the whole desk in one process and print one URL.

    Without SLACK_BOT_TOKEN it opens the playground: a Slack workspace on your own machine, with
    sample people and the sample help centre. With SLACK_BOT_TOKEN, or installed by OAuth, it
    connects to the real workspace, as 'serve' and 'worker' together. Ctrl-C ends it cleanly.

    Examples: supportbot run --port 8080  ·  supportbot run --socket
    """
    settings = _settings(host=host, port=port)
    if settings.plays:
        _run_playground(settings, socket_mode=socket, host=host or LOOPBACK)
    else:
        _run_slack(settings, socket_mode=socket, workers=True)


def serve(*, socket: BySocket = False, host: OnHost = None, port: OnPort = None) -> None:
    """Take Slack's events, keep them and acknowledge them; 'worker' does the rest.

    Needs SLACK_BOT_TOKEN, SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN (--socket), and
    SUPPORTBOT_POLICY. With SLACK_CLIENT_ID and SLACK_CLIENT_SECRET in place of the token it is
    installed at /slack/install. Also serves /livez, /readyz and /metrics.
    """
    _run_slack(_settings(host=host, port=port), socket_mode=socket, workers=False)


def worker() -> None:
    """Handle what 'serve' has kept, and send the replies; run as many as you like.

    Needs SUPPORTBOT_POLICY, what 'serve' reaches Slack with, and the database of 'serve': the same
    DATABASE_URL, or on one machine the same SUPPORTBOT_HOME.
    """
    settings = _settings()
    with _stopping() as stopped, ExitStack() as stack:
        bot = _slack_bot(settings, socket_mode=False, signed=False)
        _start_workers(bot, settings, stack)
        _take_mail(bot, settings, stack)
        _console.print("Worker started. Ctrl-C ends it.")
        stopped.wait()


def release() -> None:
    """Prepare a deployment: migrate the database, then index the articles.

    Safe to run again: what is current already stays as it is. 'serve' and 'worker' may go on
    meanwhile.
    """
    settings = _settings()
    open_desk_books(settings).migrate()
    knowledge = open_knowledge(KnowledgeSettings(), home=settings.home)
    _console.print(f"Database is current. {summary(indexed(knowledge))}")


def _run_playground(settings: Settings, *, socket_mode: bool, host: str) -> None:
    require_loopback(host)
    listener = listen(host, settings.port)
    inner = listen(LOOPBACK, 0)
    url = f"http://{_bracketed(host)}:{listener.getsockname()[1]}"
    config = PlaygroundConfig(
        bot_token=f"xoxb-{secrets.token_hex(12)}",
        app_token=f"xapp-{secrets.token_hex(12)}",
        signing_secret=secrets.token_hex(16),
        base_url=url,
        article_hosts=SAMPLE_HOSTS,
        request_url=None
        if socket_mode
        else f"http://{LOOPBACK}:{inner.getsockname()[1]}/slack/events",
    )
    with _stopping() as stopped, ExitStack() as stack:
        knowledge = open_knowledge(KnowledgeSettings(), home=settings.home)
        _console.print(summary(indexed(knowledge)), style="dim")
        bot = open_bot(
            settings,
            knowledge=knowledge,
            triage=open_triage(TriageSettings(), home=settings.home),
            slack=playground_slack(config),
            policy=PolicyFile(settings.policy or PLAYGROUND_POLICY),
        )
        bot.books.migrate()
        workspace = create_app(config, trace=_trace(bot), article=_article(knowledge))
        _serve(WebServer(workspace, listener), stack)
        stack.callback(workspace.state.close)  # open pages would hold the server up
        socket = bot.socket() if socket_mode else None
        _serve(WebServer(bot.web(socket), inner), stack)
        _start_workers(bot, settings, stack)
        _connect(socket, stack)
        _take_mail(bot, settings, stack, by_default=True)
        typer.echo(f"Open {url} and ask a question. Ctrl-C ends.")
        stopped.wait()
        _console.print("Ending…", style="dim")


def _run_slack(settings: Settings, *, socket_mode: bool, workers: bool) -> None:
    listener = listen(settings.host, settings.port)
    with _stopping() as stopped, ExitStack() as stack:
        bot = _slack_bot(settings, socket_mode=socket_mode)
        socket = bot.socket() if socket_mode else None
        server = WebServer(bot.web(socket), listener)
        _serve(server, stack)
        if workers:
            _start_workers(bot, settings, stack)
            _take_mail(bot, settings, stack, by_default=True)
        _connect(socket, stack)
        way = "Socket Mode" if socket_mode else f"http://{settings.host}:{server.port}/slack/events"
        typer.echo(f"Taking Slack events by {way}. Ctrl-C ends.")
        stopped.wait()
        _console.print("Ending…", style="dim")


def _slack_bot(settings: Settings, *, socket_mode: bool, signed: bool = True) -> Bot:
    slack = real_slack(settings, socket_mode=socket_mode, signed=signed)
    policy = desk_policy(settings)
    if slack.bot_token:
        client = web_client(slack.bot_token, slack.api_url)
        identity(client)
        try:
            require_member(client, policy.current().triage_channel)
        except ConfigurationError as error:  # people can mend that while the desk answers
            _console.print(f"Warning: {error}", style="yellow", markup=False)
    knowledge = ready_knowledge(KnowledgeSettings(), home=settings.home)
    triage = open_triage(TriageSettings(), home=settings.home)
    bot = open_bot(settings, knowledge=knowledge, triage=triage, slack=slack, policy=policy)
    bot.books.migrate()
    if where := bot.slack.where_to_install():
        _console.print(f"Not installed in Slack yet: open {where}", markup=False)
    return bot


def _settings(*, host: str | None = None, port: int | None = None) -> Settings:
    settings = Settings()
    chosen = {"host": host, "port": port}
    settings = settings.model_copy(
        update={name: value for name, value in chosen.items() if value is not None}
    )
    configure(settings)
    return settings


def _serve(server: WebServer, stack: ExitStack) -> None:
    server.start()
    stack.callback(server.stop)


def _start_workers(bot: Bot, settings: Settings, stack: ExitStack) -> None:
    bot.start_workers(settings)
    stack.callback(bot.loops.stop)
    wakeup = bot.wakeup()
    wakeup.start()
    stack.callback(wakeup.stop)


def _take_mail(bot: Bot, settings: Settings, stack: ExitStack, *, by_default: bool = False) -> None:
    for way in bot.ways_in(settings, by_default=by_default):
        way.start()
        stack.callback(way.stop)
        _console.print(f"Taking mail by {way.where}.", style="dim", markup=False)


def _connect(socket: SocketModeHandler | None, stack: ExitStack) -> None:
    if socket:
        connect(socket)
        stack.callback(socket.close)


def _article(knowledge: Knowledge) -> Callable[[str], dict[str, object] | None]:
    def look_up(url: str) -> dict[str, object] | None:
        read = chain.from_iterable(source.read() for source in knowledge.sources)
        articles = (one for one in read if isinstance(one, Article))
        published = (one for one in articles if one.status is Status.PUBLISHED)
        found = next((one for one in published if one.url == url), None)
        return asdict(found) | {"updated": day(found.updated)} if found else None

    return look_up


def _trace(bot: Bot) -> Callable[[str, str], dict[str, object] | None]:
    def look_up(channel: str, ts: str) -> dict[str, object] | None:
        found = bot.inbox.trace(ChannelId(channel), Ts(ts))
        return dict(found) if found else None

    return look_up


class _Stopped:
    """A flag without a lock: a handler that waits for one can interrupt itself, and hang."""

    def __init__(self) -> None:
        self._asked = False

    def on_signal(self, *_: object) -> None:
        self._asked = True

    def wait(self) -> None:
        while not self._asked:
            time.sleep(0.1)


@contextmanager
def _stopping() -> Iterator["_Stopped"]:
    """What SIGINT and SIGTERM set; twice is harmless."""
    stopped = _Stopped()
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, stopped.on_signal)
    try:
        yield stopped
    finally:  # the process ends: a second signal must not make a failure of that
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_IGN)


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host
