"""Settings of `triage`; unset means the model on this machine. Built in `bot/cli.py` alone."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class TriageSettings(BaseSettings):
    """Which model labels messages, and how a chat model is reached."""

    model_config = SettingsConfigDict(
        env_prefix="TRIAGE_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    provider: Literal["embedded", "openai"] = Field(
        "embedded", description="The model on this machine, or a fine-tuned chat model."
    )
    model: Path | None = Field(
        None, description="Folder of an embedded model; the one in use without."
    )
    openai_model: str | None = Field(
        None,
        validation_alias="OPENAI_TRIAGE_MODEL",
        description="The chat model's name; the one that was fine-tuned last without.",
    )
    openai_threshold: float = Field(
        0.5, ge=0, le=1, description="A chat model's intent below this confidence is uncertain."
    )
    openai_api_key: SecretStr | None = Field(
        None, validation_alias="OPENAI_API_KEY", description="Key of the chat model."
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias="OPENAI_BASE_URL",
        description="A server that speaks OpenAI's protocol, ending in /v1.",
    )
    openai_timeout_seconds: float = Field(
        20.0,
        gt=0,
        validation_alias="OPENAI_TIMEOUT_SECONDS",
        description="How long a chat model may stay silent.",
    )

    @field_validator("openai_api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().isascii():
            raise ValueError("holds characters that no key has")
        return value

    @field_validator("openai_base_url")
    @classmethod
    def _is_web_address(cls, value: str | None) -> str | None:
        if value and not value.startswith(("https://", "http://")):
            raise ValueError("must begin with https://")
        return value
