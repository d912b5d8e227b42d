"""How a Slack workspace is reached: from the settings, or the playground's own."""

import secrets
from dataclasses import dataclass

from pydantic import SecretStr

from bot.errors import ConfigurationError
from bot.playground import PlaygroundConfig
from bot.settings import Settings


@dataclass(frozen=True, slots=True)
class SlackAccess:
    """How Slack is reached, and how it proves itself."""

    bot_token: SecretStr
    api_url: str
    signing_secret: SecretStr | None = None
    app_token: SecretStr | None = None

    def signs_with(self) -> str:
        """Socket Mode is authenticated by its token: nothing is signed, so any secret does."""
        return (
            self.signing_secret.get_secret_value() if self.signing_secret else secrets.token_hex()
        )


def real_slack(settings: Settings, *, socket_mode: bool, signed: bool) -> SlackAccess:
    """Access to a real workspace.

    Raises:
        ConfigurationError: a token or secret is missing; names it.
    """
    if settings.slack_bot_token is None:
        raise ConfigurationError("SLACK_BOT_TOKEN (xoxb-…) is not set: see .env.example")
    if socket_mode and settings.slack_app_token is None:
        raise ConfigurationError("Socket Mode needs SLACK_APP_TOKEN (xapp-…): see .env.example")
    if signed and not socket_mode and settings.slack_signing_secret is None:
        raise ConfigurationError("SLACK_SIGNING_SECRET is not set: see .env.example")
    return SlackAccess(
        bot_token=settings.slack_bot_token,
        api_url=settings.slack_api_url,
        signing_secret=settings.slack_signing_secret,
        app_token=settings.slack_app_token,
    )


def playground_slack(config: PlaygroundConfig) -> SlackAccess:
    """Access to a workspace of the playground."""
    return SlackAccess(
        bot_token=SecretStr(config.bot_token),
        api_url=f"{config.base_url}/api/",
        signing_secret=SecretStr(config.signing_secret),
        app_token=SecretStr(config.app_token),
    )
