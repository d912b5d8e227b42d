"""slack_sdk's clients, without the two things they do behind our back.

They send again after a lost connection, which would post twice; and they take a proxy from the
environment without asking NO_PROXY, which would keep a desk from the playground beside it.
"""

import os
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from pydantic import SecretStr
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.web import SlackResponse

from bot.errors import ConfigurationError, TransportUnknown
from bot.installing import Installed
from bot.messages import TeamId

TIMEOUT_SECONDS = 10
REFUSED_TOKENS = frozenset({"account_inactive", "invalid_auth", "token_expired", "token_revoked"})
Client = TypeVar("Client", bound=WebClient)
_THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def web_client(
    token: SecretStr | None, api_url: str, *, timeout_seconds: int = TIMEOUT_SECONDS
) -> WebClient:
    """A client of the Web API at `api_url`."""
    client = WebClient(
        token=token.get_secret_value() if token else None,
        base_url=api_url,
        timeout=timeout_seconds,
        retry_handlers=[],
    )
    return _direct(client)


class InstalledClient(WebClient):
    """A client whose token is the installation's, whichever that is at the moment of a call."""

    def __init__(self, installed: Installed, api_url: str, *, timeout_seconds: int) -> None:
        self._installed = installed
        super().__init__(base_url=api_url, timeout=timeout_seconds, retry_handlers=[])
        _direct(self)

    @property
    def token(self) -> str | None:
        """The bot's token; None while it is not installed, which Slack answers `not_authed`."""
        return self._installed.token()

    @token.setter
    def token(self, value: str | None) -> None:
        """Set by the constructor of slack_sdk alone."""

    def api_call(self, api_method: str, **arguments: Any) -> SlackResponse:  # noqa: ANN401
        """Call a method, again if Slack refuses the token and there is a new one by now."""
        before = self.token
        try:
            return super().api_call(api_method, **arguments)
        except SlackApiError as error:
            if error.response.get("error") not in REFUSED_TOKENS:
                raise
            self._installed.look_again()
            if self.token in {None, before}:
                raise
            return super().api_call(api_method, **arguments)


def team_of(client: WebClient) -> Callable[[], TeamId]:
    """Says whose workspace the bot is in; Slack is asked until it has answered once.

    The function raises TransportUnknown while Slack does not answer.
    """

    @cache
    def team() -> TeamId:
        try:
            return TeamId(str(client.auth_test()["team_id"]))
        except (SlackApiError, OSError) as error:
            raise TransportUnknown(f"auth.test: {type(error).__name__}") from error

    return team


def identity(client: WebClient) -> str:
    """The bot's name and workspace.

    Raises:
        ConfigurationError: Slack refuses the token, or cannot be reached.
    """
    try:
        found = client.auth_test()
    except SlackApiError as error:
        why = error.response.get("error", "no reason given")
        raise ConfigurationError(f"the bot token is refused: {why}") from error
    except OSError as error:
        raise ConfigurationError(f"{client.base_url} cannot be reached: {error}") from error
    return f"{found['user']} in {found['team']}"


def require_member(client: WebClient, channel: str) -> None:
    """Check that the bot can post where people take over; passes where it may not ask.

    Raises:
        ConfigurationError: there is no such channel, or the bot is not in it.
    """
    try:
        found = client.conversations_info(channel=channel)
    except SlackApiError as error:
        why = error.response.get("error")
        if why == "channel_not_found":
            raise ConfigurationError(
                f"triage_channel {channel} is not found: check the policy file, or invite the bot"
            ) from error
        return
    if not found["channel"].get("is_member", True):
        raise ConfigurationError(f"the bot is not in the triage_channel {channel}: invite it")


def connect(handler: SocketModeHandler) -> None:
    """Open the Socket Mode connection.

    Raises:
        ConfigurationError: Slack refuses the app token, or cannot be reached.
    """
    try:
        handler.connect()  # type: ignore[no-untyped-call]
    except SlackApiError as error:
        why = error.response.get("error", "no reason given")
        raise ConfigurationError(f"SLACK_APP_TOKEN is refused: {why}") from error
    except OSError as error:
        raise ConfigurationError(f"Socket Mode cannot be reached: {error}") from error


def socket_client(app: App, app_token: SecretStr) -> SocketModeHandler:
    """A Socket Mode client, not connected yet; goes the same way as the app's own client."""
    handler = SocketModeHandler(app, app_token.get_secret_value())
    handler.client.proxy = app.client.proxy
    return handler


def _direct(client: Client) -> Client:
    if _is_reached_directly(urlsplit(client.base_url).hostname or ""):
        client.proxy = None
    return client


def _is_reached_directly(host: str) -> bool:
    if host in _THIS_MACHINE:  # urllib, which sends for slack_sdk, must know it too
        spared = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
        os.environ["no_proxy"] = ",".join((*filter(None, [spared]), *_THIS_MACHINE))
    return bool(proxy_bypass(host))
