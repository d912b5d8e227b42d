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
    sources: Path | None = Field(
        None, description="A sources.yaml in place of that folder: see sources.example.yaml."
    )
    encoder: Path = Field(_PACKAGE / "encoder", description="Folder of the ONNX encoder.")
    alpha: float = Field(0.6, ge=0, le=1, description="Weight of meaning against words, 0 to 1.")
    passages: int = Field(5, ge=1, le=10, description="Passages that the generator may read.")
    minimum_cosine: float = Field(
        0.3, ge=0, le=1, description="A passage below this cosine is not read."
    )
    minimum_answerable: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Answer from this probability on; unset: as it was fitted.",
    )
    reranker: str = Field(
        "late-interaction",
        validation_alias="RERANKER",
        description="late-interaction, none, or package.module:Class of LangChain.",
    )
    weaviate_url: str | None = Field(
        None,
        validation_alias="WEAVIATE_URL",
        description="http(s)://host:port of a Weaviate; unset: SQLite in the home folder.",
    )
    weaviate_api_key: SecretStr | None = Field(
        None, validation_alias="WEAVIATE_API_KEY", description="Its key."
    )
    weaviate_grpc_port: int | None = Field(
        None,
        ge=1,
        le=65535,
        validation_alias="WEAVIATE_GRPC_PORT",
        description="Its gRPC port, where that is not 50051.",
    )
    collection: str = Field(
        "Supportbot",
        pattern=r"^[A-Z][A-Za-z0-9]{0,60}$",
        description="Name of its collections; a capital letter first.",
    )
    tenant: str = Field(
        "default",
        pattern=r"^[A-Za-z0-9_-]{1,64}$",
        description="The workspace whose articles these are, among those of one Weaviate.",
    )
    redis_url: SecretStr | None = Field(
        None,
        validation_alias="REDIS_URL",
        description="redis[s]://… or redis+cluster://… for answers and counts; unset: in process.",
    )
    cache_semantic: bool = Field(
        default=False,
        validation_alias="CACHE_SEMANTIC",
        description="Answer questions that are only alike from the cache too.",
    )
    chat_model: str | None = Field(
        None,
        description="A chat model of LangChain, provider:model; unset: OPENAI_MODEL.",
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

    @field_validator("redis_url")
    @classmethod
    def _is_redis(cls, value: SecretStr | None) -> SecretStr | None:
        schemes = ("redis://", "rediss://", "redis+cluster://", "rediss+cluster://", "unix://")
        if value and not value.get_secret_value().startswith(schemes):
            raise ValueError("must begin with redis://, rediss:// or redis+cluster://")
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
