"""Settings of `knowledge`; unset means embedded. Built in `bot/cli.py` alone."""

from pathlib import Path

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_PACKAGE = Path(__file__).parent


class KnowledgeSettings(BaseSettings):
    """Where articles, encoder and generator are found, and how near a passage must be."""

    model_config = SettingsConfigDict(
        env_prefix="KNOWLEDGE_", env_file=".env", extra="ignore", frozen=True, env_ignore_empty=True
    )

    articles: Path = Field(_PACKAGE / "articles", description="Folder of Markdown articles.")
    encoder: Path = Field(_PACKAGE / "encoder", description="Folder of the ONNX encoder.")
    alpha: float = Field(0.6, ge=0, le=1, description="Weight of meaning against words, 0 to 1.")
    passages: int = Field(5, ge=1, le=10, description="Passages that the generator may read.")
    minimum_cosine: float = Field(
        0.35, ge=0, le=1, description="A passage below this cosine is not read."
    )
    openai_api_key: SecretStr | None = Field(
        None,
        validation_alias="OPENAI_API_KEY",
        description="Key of the chat model; without one the bot quotes.",
    )
    openai_base_url: str | None = Field(
        None,
        validation_alias="OPENAI_BASE_URL",
        description="A server that speaks OpenAI's protocol, ending in /v1.",
    )

    @field_validator("openai_api_key")
    @classmethod
    def _fits_a_header(cls, value: SecretStr | None) -> SecretStr | None:
        if value and not value.get_secret_value().isascii():
            raise ValueError("holds characters that no key has")
        return value

    openai_model: str = Field(
        "gpt-4o-mini", validation_alias="OPENAI_MODEL", description="The chat model's name."
    )
    openai_timeout_seconds: float = Field(
        20.0,
        gt=0,
        validation_alias="OPENAI_TIMEOUT_SECONDS",
        description="How long a chat model may stay silent.",
    )
