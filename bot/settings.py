"""Settings of `bot`; unset means embedded. Built in `bot/cli.py` alone."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Slack, database, web server and workers."""

    model_config = SettingsConfigDict(
        env_prefix="SUPPORTBOT_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        env_ignore_empty=True,
        populate_by_name=True,
    )

    home: Path = Field(Path("var"), description="Folder of the embedded databases.")
    policy: Path | None = Field(None, description="The desk's policy file (TOML).")
    workers: int = Field(2, ge=1, le=32, description="Threads that handle messages.")
    senders: int = Field(2, ge=1, le=32, description="Threads that send to Slack.")
    lease_seconds: float = Field(
        30, ge=2, le=600, description="Until the messages of a dead worker are taken over."
    )
    posts_a_second: float = Field(
        1.0, ge=0, le=100, description="Posts to one channel; Slack allows about one; 0: no limit."
    )
    sending_seconds: float = Field(
        90,
        ge=15,
        le=600,
        description="Until a reply that a dead sender had in hand is looked for and sent.",
    )
    log_format: Literal["console", "json"] = Field("console", description="How logs are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="The least severe log line that is written."
    )
    host: str = Field("0.0.0.0", description="Address that `serve` listens on.")  # noqa: S104
    port: int = Field(
        3000, ge=0, le=65535, validation_alias="PORT", description="Port of the web server."
    )
    database_url: str | None = Field(
        None,
        validation_alias="DATABASE_URL",
        description="PostgreSQL for the books; SQLite in the home folder without.",
    )
    slack_bot_token: SecretStr | None = Field(
        None, validation_alias="SLACK_BOT_TOKEN", description="xoxb-…; the playground without."
    )
    slack_signing_secret: SecretStr | None = Field(
        None, validation_alias="SLACK_SIGNING_SECRET", description="Proves that Slack is calling."
    )
    slack_client_id: str | None = Field(
        None, validation_alias="SLACK_CLIENT_ID", description="The app's, to install it by OAuth."
    )
    slack_client_secret: SecretStr | None = Field(
        None, validation_alias="SLACK_CLIENT_SECRET", description="Its secret."
    )
    public_url: str | None = Field(
        None, description="https://…, where people reach `serve`; Slack comes back there."
    )
    slack_app_token: SecretStr | None = Field(
        None, validation_alias="SLACK_APP_TOKEN", description="xapp-…; needed for Socket Mode."
    )
    slack_api_url: str = Field(
        "https://slack.com/api/", validation_alias="SLACK_API_URL", description="Slack's Web API."
    )
    mail_listen: str | None = Field(
        None,
        validation_alias="MAIL_LISTEN",
        description="host:port or lmtp://host:port that mail is handed in at; `off` for nowhere.",
    )
    mail_addresses: str = Field(
        "",
        validation_alias="MAIL_ADDRESSES",
        description="The desk's addresses, by commas: the listener takes mail to no other.",
    )
    mail_login: SecretStr | None = Field(
        None, validation_alias="MAIL_LOGIN", description="user:password that the listener asks for."
    )
    mail_authserv_id: str | None = Field(
        None,
        validation_alias="MAIL_AUTHSERV_ID",
        description="Whose Authentication-Results are believed: the id of your own mail server.",
    )
    smtp_url: str | None = Field(
        None,
        validation_alias="SMTP_URL",
        description="smtp[s]://user@host:port that replies are sent by; without, they are copied.",
    )
    smtp_password: SecretStr | None = Field(
        None, validation_alias="SMTP_PASSWORD", description="The password of that account."
    )
    mail_from: str | None = Field(
        None,
        validation_alias="MAIL_FROM",
        description="Sender of replies: Help <help@shop.com>.",
    )
    mail_secret: SecretStr | None = Field(
        None,
        validation_alias="MAIL_SECRET",
        description="Signs our Message-IDs; a key of the books without.",
    )
    imap_url: str | None = Field(
        None, validation_alias="IMAP_URL", description="imaps://user@host:993/INBOX, watched."
    )
    imap_password: SecretStr | None = Field(
        None, validation_alias="IMAP_PASSWORD", description="The password of that account."
    )
    mailgun_signing_key: SecretStr | None = Field(
        None,
        validation_alias="MAILGUN_SIGNING_KEY",
        description="HTTP webhook signing key; opens /mail/mailgun.",
    )
    postmark_login: SecretStr | None = Field(
        None,
        validation_alias="POSTMARK_LOGIN",
        description="user:password in the webhook's address; opens /mail/postmark.",
    )
    sendgrid_login: SecretStr | None = Field(
        None,
        validation_alias="SENDGRID_LOGIN",
        description="user:password in the webhook's address; opens /mail/sendgrid.",
    )
    ses_topic: str | None = Field(
        None,
        validation_alias="SES_TOPIC",
        description="ARN of the SNS topic that SES reports to; opens /mail/ses.",
    )

    @property
    def plays(self) -> bool:
        """Whether nothing leads to a real workspace."""
        return not (self.slack_bot_token or self.slack_client_id or self.slack_client_secret)

    @property
    def slack_timeout_seconds(self) -> int:
        """How long a call of Slack may take.

        A sender posts in the first half of `sending_seconds` or not at all. Half of it is left
        after that: this time-out (a ninth) and the settling (two fifteenths) fit into it with room
        to spare, so whoever takes a reply over finds what the other has posted.
        """
        return max(1, int(self.sending_seconds / 9))

    @property
    def settle_seconds(self) -> float:
        """From a call that nobody knows the outcome of until a look shows it."""
        return self.sending_seconds * 2 / 15

    @field_validator("slack_api_url")
    @classmethod
    def _is_web_address(cls, value: str) -> str:
        if not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return value if value.endswith("/") else f"{value}/"

    dyno: str | None = Field(
        None, validation_alias="DYNO", description="Set by hosts whose disk forgets; not by you."
    )
