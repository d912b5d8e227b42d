"""How a Slack workspace is reached: from the settings, by an installation, or the playground's."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import SecretStr
from slack_sdk import WebClient
from starlette.routing import BaseRoute

from bot.books.engine import Books
from bot.books.installations import SqlInstallations, SqlStates
from bot.errors import ConfigurationError
from bot.installing import Installed
from bot.messages import TeamId
from bot.playground import PlaygroundConfig
from bot.settings import Settings
from bot.slack.client import InstalledClient, web_client
from bot.slack.manifest import INSTALL_PATH, REDIRECT_PATH
from bot.slack.oauth import OAuthApp, install_routes, renewer

RENEWAL_TIMEOUT_SECONDS = 5
EVERYWHERE = frozenset({"0.0.0.0", "::"})  # noqa: S104  told apart, not listened on


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """How Slack is reached, and how it proves itself: by a token, or as an app to install."""

    bot_token: SecretStr | None
    api_url: str
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None
    app: OAuthApp | None = None

    def signs_with(self) -> str:
        """Socket Mode is authenticated by its token: nothing is signed, so any secret does."""
        return (
            self.signing_secret.get_secret_value() if self.signing_secret else secrets.token_hex()
        )


@dataclass(frozen=True, slots=True)
class SlackConnection:
    """The client of a workspace, and its installation where it is not reached by a fixed token."""

    client: WebClient
    installed: Installed | None = None
    install_url: str | None = None
    routes: Sequence[BaseRoute] = ()

    def where_to_install(self) -> str | None:
        """The address to install the desk at; None where nothing is to be installed."""
        absent = self.installed is not None and self.installed.current() is None
        return self.install_url if absent else None

    def readiness(self) -> Mapping[str, bool]:
        """Whether the desk is installed, where it has to be."""
        return {"slack": self.where_to_install() is None} if self.installed else {}

    def uninstalled(self, team: TeamId, at: float) -> None:
        """Slack has taken back the token of a team."""
        if self.installed:
            self.installed.remove(team, until=at)

    def while_installed(self, step: Callable[[], bool]) -> Callable[[], bool]:
        """A step of a worker that leaves everything as it is while there is no installation."""
        return lambda: self.where_to_install() is None and step()


def connect(slack: SlackAccess, books: Books, *, timeout_seconds: int) -> SlackConnection:
    """The way to a workspace; nothing is asked yet."""
    if slack.app is None:
        client = web_client(slack.bot_token, slack.api_url, timeout_seconds=timeout_seconds)
        return SlackConnection(client)
    plain = web_client(None, slack.api_url, timeout_seconds=RENEWAL_TIMEOUT_SECONDS)
    installed = Installed(SqlInstallations(books), renew=renewer(slack.app, plain), now=books.now)
    return SlackConnection(
        InstalledClient(installed, slack.api_url, timeout_seconds=timeout_seconds),
        installed,
        slack.app.install_url,
        install_routes(slack.app, plain, states=SqlStates(books), keep=installed.keep),
    )


def real_slack(settings: Settings, *, socket_mode: bool, signed: bool) -> SlackAccess:
    """Access to a real workspace.

    Raises:
        ConfigurationError: a token or secret is missing, or is one too many; names it.
    """
    app = _oauth_app(settings)
    if settings.slack_bot_token is None and app is None:
        raise ConfigurationError(
            "SLACK_BOT_TOKEN (xoxb-…) is not set, nor SLACK_CLIENT_ID: see .env.example"
        )
    if socket_mode and app:
        raise ConfigurationError("Socket Mode needs SLACK_BOT_TOKEN in place of SLACK_CLIENT_ID")
    if socket_mode and settings.slack_app_token is None:
        raise ConfigurationError("Socket Mode needs SLACK_APP_TOKEN (xapp-…): see .env.example")
    if signed and not socket_mode and settings.slack_signing_secret is None:
        raise ConfigurationError("SLACK_SIGNING_SECRET is not set: see .env.example")
    return SlackAccess(
        bot_token=settings.slack_bot_token,
        api_url=settings.slack_api_url,
        signing_secret=settings.slack_signing_secret,
        app_token=settings.slack_app_token,
        app=app,
    )


def playground_slack(config: PlaygroundConfig) -> SlackAccess:
    """Access to a workspace of the playground."""
    return SlackAccess(
        bot_token=SecretStr(config.bot_token),
        api_url=f"{config.base_url}/api/",
        signing_secret=SecretStr(config.signing_secret),
        app_token=SecretStr(config.app_token),
    )


def _oauth_app(settings: Settings) -> OAuthApp | None:
    client_id, client_secret = settings.slack_client_id, settings.slack_client_secret
    if client_id is None and client_secret is None:
        return None
    if settings.slack_bot_token:
        raise ConfigurationError(
            "SLACK_BOT_TOKEN and SLACK_CLIENT_ID are two ways to one workspace: unset one of them"
        )
    if client_id is None or client_secret is None:
        raise ConfigurationError("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET are needed together")
    public = settings.public_url.rstrip("/") if settings.public_url else None
    host = "localhost" if settings.host in EVERYWHERE else settings.host
    here = public or f"http://{host}:{settings.port}"
    return OAuthApp(
        client_id=client_id,
        client_secret=client_secret,
        install_url=f"{here}{INSTALL_PATH}",
        redirect_url=f"{public}{REDIRECT_PATH}" if public else None,
    )
