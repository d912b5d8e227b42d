"""The Bolt app: every event is kept before it is acknowledged, and nothing else happens here."""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import structlog
from slack_bolt import Ack, App, BoltContext, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.case_ports import CaseBook
from bot.errors import TransportUnknown
from bot.messages import ChannelId, InboundMessage, Kind, TeamId, ThreadRef, Ts, UserId
from bot.policy import PolicyFile
from bot.ports import Inbox, Receipt
from bot.slack import blocks, casework
from bot.slack.inbound import Deleted, Edited, Ignored, Workspace, is_bot, read

Json = Mapping[str, Any]
MOST_BOT_TURNS = 3
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Intake:
    """From Slack's events to the inbox; `on_uninstalled` hears which team leaves, and when."""

    inbox: Inbox
    policy: PolicyFile
    on_received: Callable[[], None]
    on_withdrawn: Callable[[], None]
    on_uninstalled: Callable[[TeamId, float], None] = lambda *_: None

    def event(self, event: Json, workspace: Workspace) -> None:
        """Keep a message, its new text, or the news that it is gone."""
        meaning = read(event, workspace)
        match meaning:
            case InboundMessage():
                self._message(meaning)
            case Edited(message):
                self._edited(message)
            case Deleted(team, channel, ts):
                if self.inbox.withdraw(team, channel, ts):
                    self.on_withdrawn()
            case Ignored(why):
                _log.debug("ignored", why=why)

    def button(self, body: Json, workspace: Workspace, kind: Kind) -> None:
        """Keep a click on one of the bot's buttons."""
        message, action = body["message"], body["actions"][0]
        channel = ChannelId(body["channel"]["id"])
        reply = Ts(message["ts"])
        self.keep(
            InboundMessage(
                kind=kind,
                thread=ThreadRef(workspace.team, channel, Ts(message.get("thread_ts") or reply)),
                ts=Ts(f"{action['action_ts']}:{body['user']['id']}"),
                user=UserId(body["user"]["id"]),
                text="",
                about=reply,
                value=str(action.get("value") or ""),
            )
        )

    def _message(self, message: InboundMessage) -> None:
        if message.kind is Kind.FOLLOW_UP and not self.inbox.takes_part(message.thread):
            return
        if self._left_to_people(message):
            return
        if is_bot(message.user) and self.inbox.turns(message) >= MOST_BOT_TURNS:
            _log.warning("a bot has had its turns", bot=message.user, thread=message.thread.ts)
            return
        self.keep(message)

    def _edited(self, message: InboundMessage) -> None:
        """An edit matters where the message was kept, or addresses the bot only now."""
        place = message.thread
        if message.kind is Kind.FOLLOW_UP and not self.inbox.knows(
            place.team, place.channel, message.ts
        ):
            return
        if self.inbox.handed_off(place):
            return
        self.keep(message)

    def _left_to_people(self, message: InboundMessage) -> bool:
        """In a thread that a person has taken over the bot speaks only when it is called."""
        in_thread = message.ts != message.thread.ts
        direct = message.kind is Kind.DIRECT and in_thread
        return direct and self.inbox.handed_off(message.thread)

    def keep(self, message: InboundMessage) -> None:
        """Keep a message and ring for it.

        Raises:
            BooksUnavailable: it was not kept.
        """
        receipt = self.inbox.receive(message)
        _log.info("received", kind=message.kind, receipt=receipt, ts=message.ts)
        if receipt is not Receipt.FOLDED:
            self.on_received()


def build_app(
    client: WebClient,
    *,
    signing_secret: str,
    intake: Intake,
    cases: CaseBook | None = None,
    sends: bool = False,
) -> App:
    """The app that production and the playground share; `sends`: whether there is mail out."""
    app = App(
        client=client,
        authorize=_identity(client),
        signing_secret=signing_secret,
        process_before_response=True,  # a message that was not kept is not acknowledged
        token_verification_enabled=False,
        raise_error_for_unhandled_request=False,
        logger=logging.getLogger("slack_bolt"),  # its own is named after the script that runs
    )

    app.middleware(_held_back)
    app.middleware(_of_another_team)

    def workspace(context: BoltContext) -> Workspace:
        return Workspace(
            team=TeamId(str(context.team_id)),
            bot_user=UserId(str(context.bot_user_id)),
            allowed_bots=intake.policy.current().allowed_bots,
        )

    @app.event("message")
    @app.event("app_mention")
    def spoken(event: dict[str, Any], context: BoltContext) -> None:
        intake.event(event, workspace(context))

    _listen_to_buttons(app, intake, workspace)
    if cases is not None:
        casework.register(app, casework.CaseDialogs(cases, intake.policy, sends, intake.keep))

    _listen_to_leaving(app, intake)
    _listen_to_the_rest(app)
    return app


def _listen_to_buttons(
    app: App, intake: Intake, workspace: Callable[[BoltContext], Workspace]
) -> None:
    @app.action(blocks.ASK_PERSON)
    def ask_person(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        intake.button(body, workspace(context), Kind.ASK_PERSON)
        ack()

    @app.action(blocks.FEEDBACK)
    def feedback(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        intake.button(body, workspace(context), Kind.FEEDBACK)
        ack()


def _listen_to_leaving(app: App, intake: Intake) -> None:
    @app.event("app_uninstalled")
    @app.event("tokens_revoked")
    def left(event: dict[str, Any], body: dict[str, Any]) -> None:
        revoked = event.get("tokens") or {}
        if event["type"] == "app_uninstalled" or revoked.get("bot"):  # not a person's alone
            at = float(body.get("event_time") or time.time()) + 1  # Slack tells whole seconds
            intake.on_uninstalled(TeamId(str(body["team_id"])), at)


def _listen_to_the_rest(app: App) -> None:
    @app.event(re.compile(".+"))
    def another_event() -> None:
        """What nobody asked for is acknowledged too: Slack would send it three times more."""

    @app.action(re.compile(".+"))
    def another_button(ack: Ack) -> None:
        ack()


def _held_back(body: Json, next: Callable[[], BoltResponse]) -> BoltResponse:  # noqa: A002  Bolt's name
    """Slack says that it holds events back: too many came. There is no event in it to listen to."""
    if body.get("type") != "app_rate_limited":
        return next()
    _log.warning("Slack holds events back", team=body.get("team_id"))
    return BoltResponse(status=200)


def _of_another_team(
    body: Json,
    context: BoltContext,
    next: Callable[[], BoltResponse],  # noqa: A002  Bolt's name
) -> BoltResponse:
    """The desk is one workspace's: others are told 200, since failures make Slack stop for all."""
    ours = context.authorize_result.team_id if context.authorize_result else None
    theirs = context.team_id
    if body.get("type") != "event_callback" or context.is_enterprise_install or theirs == ours:
        return next()
    _log.warning("an event of another workspace", team=theirs)
    return BoltResponse(status=200)


def _identity(client: WebClient) -> Callable[[], AuthorizeResult]:
    """Who the bot is, asked once for each token.

    Left to itself, Bolt acknowledges an event with 200 and drops it while `auth.test` fails.
    """

    @lru_cache(maxsize=1)
    def asked(token: str) -> AuthorizeResult:
        try:
            answered = client.auth_test()
        except SlackApiError as error:
            raise TransportUnknown(f"auth.test: {error.response.get('error')}") from error
        return AuthorizeResult.from_auth_test_response(bot_token=token, auth_test_response=answered)

    def authorize() -> AuthorizeResult:
        token = client.token
        if token is None:
            raise TransportUnknown("the desk is not installed in Slack")
        return asked(token)

    return authorize
