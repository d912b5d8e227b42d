"""Settings to objects: the only place that knows every adapter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pydantic import SecretStr
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from bot.access import SlackAccess, SlackConnection, connect
from bot.books.engine import Books, open_books
from bot.books.inbox import SqlInbox
from bot.books.mails import SqlMails
from bot.books.outbox import SqlOutbox
from bot.books.wakeup import Wakeup
from bot.budgets import BudgetedDesk
from bot.caching import Forgetting, open_answerer
from bot.desk import Desk
from bot.errors import BooksUnavailable, ConfigurationError
from bot.leases import Leases
from bot.library import Knowledge
from bot.loops import Loops
from bot.mailing import Around, mail_secret, open_casework, open_postbox
from bot.mailroom.intake import Mailroom
from bot.mailroom.naming import case_of
from bot.mailroom.ways import Way, open_ways, providers
from bot.mailroom.webhooks import mail_routes
from bot.messages import Effect, InboundMessage
from bot.metrics import Metrics
from bot.policy import PolicyFile
from bot.ports import HANDLE, SEND, Inbox, Outgoing, Pace
from bot.settings import Settings
from bot.slack.blocks import render
from bot.slack.client import socket_client, team_of
from bot.slack.listeners import Intake, build_app
from bot.slack.transport import SlackTransport
from bot.tallies import RedisPace, RedisTallies
from bot.web import create_web
from bot.worker import RENEW, Handler, Render, Sender
from knowledge.errors import RedisUnavailable, StoreUnavailable
from triage.adapters.local import LocalModel
from triage.mail.reading import read_mail
from triage.ports import TriageModel
from triage.schema import INTENTS
from triage.settings import TriageSettings
from triage.store import model_folder
from triage.tuned import read_tuned

PLAYGROUND_POLICY = Path(__file__).parent / "playground" / "policy.toml"


@dataclass(frozen=True, slots=True)
class Bot:
    """The desk of one process, wired and not started."""

    app: App
    books: Books
    inbox: Inbox
    handler: Handler
    sender: Sender
    loops: Loops
    metrics: Metrics
    knowledge: Knowledge
    app_token: SecretStr | None
    mailroom: Mailroom
    slack: SlackConnection
    webhooks: Sequence[BaseRoute]

    def start_workers(self, settings: Settings) -> None:
        """Begin to handle and to send, as soon as and as long as the desk is installed."""
        handle, send = map(self.slack.while_installed, (self.handler.step, self.sender.step))
        self.loops.start(HANDLE, handle, threads=settings.workers)
        self.loops.start(SEND, send, threads=settings.senders)
        self.loops.start(RENEW, self.handler.leases.step, threads=1)

    def wakeup(self) -> Wakeup:
        """What tells this process of work that others have kept, not started yet."""
        return Wakeup(self.books, self.loops.ring)

    def ways_in(self, settings: Settings, *, by_default: bool) -> list[Way]:
        """The ways mail comes in beside Slack and the webhooks, not started yet."""
        return open_ways(settings, self.mailroom, by_default=by_default)

    def web(self, socket: SocketModeHandler | None) -> Starlette:
        """The web application: with Slack's events, unless they come by socket."""

        def readiness() -> Mapping[str, bool]:
            connected = {"slack": socket.client.is_connected()} if socket else {}
            return {**self.readiness(), **self.slack.readiness(), **connected}

        app = None if socket else self.app
        return create_web(
            app=app, metrics=self.metrics, readiness=readiness, webhooks=self.webhooks
        )

    def socket(self) -> SocketModeHandler:
        """A Socket Mode client, not connected yet.

        Raises:
            ConfigurationError: there is no app token.
        """
        if self.app_token is None:
            raise ConfigurationError("Socket Mode needs SLACK_APP_TOKEN (xapp-…)")
        return socket_client(self.app, self.app_token)

    def readiness(self) -> Mapping[str, bool]:
        """Whether messages can be kept and answered now, and answers remembered."""
        return {
            "books": _holds(self.books.is_ready),
            "knowledge": _holds(lambda: bool(self.knowledge.store.held())),
            "redis": _holds(self.knowledge.redis.answers),
        }


def open_triage(settings: TriageSettings, *, home: Path) -> TriageModel:
    """The triage model in use: one on this machine, or a fine-tuned chat model.

    Raises:
        ModelInvalid: there is none, or its files do not fit together.
        ConfigurationError: a chat model is asked for, and its key or name is missing.
    """
    if settings.provider == "openai":
        return _chat_model(settings, home)
    return LocalModel(model_folder(settings, home=home))


def open_bot(
    settings: Settings,
    *,
    knowledge: Knowledge,
    triage: TriageModel,
    slack: SlackAccess,
    policy: PolicyFile,
) -> Bot:
    """A bot over one Slack, which may be the playground."""
    books = open_desk_books(settings)
    inbox = SqlInbox(books, lease_seconds=settings.lease_seconds)
    metrics, loops, timeout = Metrics(), Loops(), settings.slack_timeout_seconds
    connection = connect(slack, books, timeout_seconds=timeout)
    transport, rendered = SlackTransport(connection.client), _rendering(policy)
    mailroom = _mailroom(settings, books, client=connection.client, policy=policy, loops=loops)
    around = Around(books, connection.client, mailroom, policy)
    answerer = open_answerer(knowledge, books=books, metrics=metrics)
    casework = open_casework(settings, around, answerer=answerer, triage=triage)
    answering = Desk(answerer, inbox, transport, policy, triage, casework)
    desk = BudgetedDesk(answering, RedisTallies(knowledge.redis), policy, metrics)
    pace = RedisPace(knowledge.redis, a_second=settings.posts_a_second)
    sender, ring = _sender(settings, books, transport, metrics, pace), partial(loops.ring, SEND)
    leases = Leases(inbox, every_seconds=settings.lease_seconds / 3)
    forgetting = Forgetting(inbox, answerer)
    handler = Handler(inbox, desk, transport, rendered, metrics, ring, leases, forgetting)
    return Bot(
        app=build_app(
            connection.client,
            signing_secret=slack.signs_with(),
            intake=_intake(inbox, policy, loops, connection),
            cases=casework.cases,
            sends=sender.postbox is not None,
        ),
        books=books,
        inbox=inbox,
        handler=handler,
        sender=sender,
        loops=loops,
        metrics=metrics,
        knowledge=knowledge,
        app_token=slack.app_token,
        mailroom=mailroom,
        slack=connection,
        webhooks=[*mail_routes(providers(settings), mailroom), *connection.routes],
    )


def open_desk_books(settings: Settings) -> Books:
    """The database that `DATABASE_URL` names, or SQLite in the home folder."""
    if settings.database_url is None and settings.dyno:
        raise ConfigurationError(
            "this host forgets its disk at every restart: set DATABASE_URL to a PostgreSQL database"
        )
    return open_books(settings.database_url or f"sqlite:///{settings.home / 'desk.sqlite'}")


def desk_policy(settings: Settings) -> PolicyFile:
    """The team's policy file; there is none to fall back to."""
    if settings.policy is None:
        raise ConfigurationError(
            "SUPPORTBOT_POLICY must name the desk's policy file: see desk.example.toml"
        )
    return PolicyFile(settings.policy)


def _rendering(policy: PolicyFile) -> Render:
    def rendered(effects: Sequence[Effect], message: InboundMessage) -> list[Outgoing]:
        return render(effects, message, triage_channel=policy.current().triage_channel)

    return rendered


def _sender(
    settings: Settings, books: Books, transport: SlackTransport, metrics: Metrics, pace: Pace
) -> Sender:
    return Sender(
        SqlOutbox(books, sending_seconds=settings.sending_seconds),
        transport,
        metrics,
        postbox=open_postbox(settings, books),
        pace=pace,
        settle_seconds=settings.settle_seconds,
    )


def _intake(inbox: Inbox, policy: PolicyFile, loops: Loops, connection: SlackConnection) -> Intake:
    return Intake(
        inbox,
        policy,
        on_received=lambda: loops.ring(HANDLE),
        on_withdrawn=lambda: loops.ring(SEND),
        on_uninstalled=connection.uninstalled,
    )


def _mailroom(
    settings: Settings, books: Books, *, client: WebClient, policy: PolicyFile, loops: Loops
) -> Mailroom:
    secret = mail_secret(settings, books)
    return Mailroom(
        SqlMails(books),
        team=team_of(client),
        channel=lambda: policy.current().triage_channel,
        on_received=lambda: loops.ring(HANDLE),
        own_case=lambda named: case_of(named, secret()),
        read=partial(read_mail, authserv_id=settings.mail_authserv_id),
    )


def _chat_model(settings: TriageSettings, home: Path) -> TriageModel:
    from triage.adapters.openai import OpenAIModel, connect  # noqa: PLC0415  # a second to import

    tuned = read_tuned(home)
    name = settings.openai_model or (tuned.model if tuned else None)
    if settings.openai_api_key is None or name is None:
        raise ConfigurationError(
            "TRIAGE_PROVIDER=openai needs OPENAI_API_KEY, and OPENAI_TRIAGE_MODEL or a model "
            "from `supportbot triage finetune openai`"
        )
    client = connect(
        api_key=settings.openai_api_key,
        base_url=settings.openai_base_url,
        timeout_seconds=settings.openai_timeout_seconds,
    )
    intents = tuned.intents if tuned else INTENTS
    return OpenAIModel(client, name, intents=intents, threshold=settings.openai_threshold)


def _holds(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except (BooksUnavailable, StoreUnavailable, RedisUnavailable):
        return False
