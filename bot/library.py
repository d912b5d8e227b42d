"""Settings to everything that answers: sources, store, encoder, reranker, generator."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot import __version__
from knowledge.adapters.encoder import OnnxEncoder
from knowledge.adapters.extractive import ExtractiveGenerator
from knowledge.adapters.reranker import LateInteraction
from knowledge.adapters.sqlite import SqliteStore
from knowledge.answerability.weights import SHIPPED, read_weights
from knowledge.answering import Answerer, Judge
from knowledge.cache_keys import Makers
from knowledge.ports import AnswerCache, ArticleSource, Embedder, PassageStore, Reranker
from knowledge.retrieval import RetrievalRules, Retriever
from knowledge.sentence_vectors import SentenceVectors
from knowledge.settings import KnowledgeSettings
from knowledge.sources.folder import MarkdownFolder

if TYPE_CHECKING:
    from knowledge.adapters.langchain import ChatGenerator
    from knowledge.adapters.redis_engine import RedisEngine


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that answers; `redis` is the one of this process.

    `makers` names what an answer depends on beside its question and the articles.
    """

    sources: Sequence[ArticleSource]
    store: PassageStore
    embedder: Embedder
    retriever: Retriever
    judge: Judge
    answerer: Answerer
    redis: "RedisEngine"
    makers: Makers
    tenant: str
    answers_alike: bool


def open_knowledge(settings: KnowledgeSettings, *, home: Path) -> Knowledge:
    """Sources, store, encoder and generator; a chat model where there is one.

    Raises:
        SourceUnavailable: the file of sources cannot be read.
        StoreUnavailable, RerankerUnavailable, GeneratorRefused: that part cannot be opened.
    """
    embedder = OnnxEncoder(settings.encoder)
    store = _store(settings, home, encoder=embedder.version)
    vectors = SentenceVectors(embedder)
    chat = open_chat_model(settings)
    retriever = Retriever(
        store=store,
        embedder=embedder,
        rules=RetrievalRules(
            alpha=settings.alpha,
            passages=settings.passages,
            minimum_cosine=settings.minimum_cosine,
        ),
        reranker=_reranker(settings.reranker),
        rewriter=chat,
    )
    judge = Judge(read_weights(threshold=settings.minimum_answerable), vectors)
    answerer = Answerer(
        retriever=retriever,
        judge=judge,
        generator=chat or ExtractiveGenerator(vectors),
        vectors=vectors,
    )
    return Knowledge(
        _sources(settings),
        store,
        embedder,
        retriever,
        judge,
        answerer,
        open_redis(settings),
        makers=Makers(answerer.generator, _retriever_version(settings, embedder)),
        tenant=settings.tenant,
        answers_alike=settings.cache_semantic,
    )


def open_chat_model(settings: KnowledgeSettings) -> "ChatGenerator | None":
    """The chat model that writes answers; None where quotations do.

    Raises:
        GeneratorRefused: it cannot be opened; says what to install or to set.
    """
    key, name = settings.openai_api_key, settings.chat_model
    if name is None and key is None:
        return None
    from knowledge.adapters.langchain import open_ai, open_chat  # noqa: PLC0415  a second to import

    if name is not None or key is None:
        return open_chat(name or "", timeout_seconds=settings.openai_timeout_seconds)
    return open_ai(
        model=settings.openai_model,
        api_key=key,
        base_url=settings.openai_base_url,
        timeout_seconds=settings.openai_timeout_seconds,
    )


def open_redis(settings: KnowledgeSettings) -> "RedisEngine":
    """The Redis that `REDIS_URL` names, or one in this process; not connected yet."""
    from knowledge.adapters.redis_engine import RedisEngine  # noqa: PLC0415  half a second

    return RedisEngine(settings.redis_url)


def open_cache(engine: "RedisEngine", *, tenant: str) -> AnswerCache:
    """The answers that a workspace's desks have kept in that Redis."""
    from knowledge.adapters.redis import RedisAnswers  # noqa: PLC0415  a tenth of a second

    return RedisAnswers(engine, tenant=tenant)


def open_embedder(settings: KnowledgeSettings) -> Embedder:
    """The frozen encoder alone."""
    return OnnxEncoder(settings.encoder)


def _retriever_version(settings: KnowledgeSettings, embedder: Embedder) -> str:
    """Changes whenever other passages might be found; with a release too, whose code may differ."""
    parts = (
        __version__,
        embedder.version,
        settings.alpha,
        settings.passages,
        settings.minimum_cosine,
        settings.minimum_answerable,
        settings.reranker,
        hashlib.sha256(SHIPPED.read_bytes()).hexdigest(),
    )
    return " ".join(map(str, parts))


def _sources(settings: KnowledgeSettings) -> Sequence[ArticleSource]:
    if settings.sources is None:
        return (MarkdownFolder(settings.articles),)
    from knowledge.sources.declared import read_sources  # noqa: PLC0415  a tenth of a second

    return tuple(read_sources(settings.sources))


def _store(settings: KnowledgeSettings, home: Path, *, encoder: str) -> PassageStore:
    if settings.weaviate_url is None:
        return SqliteStore(home / "knowledge.sqlite", encoder=encoder)
    from knowledge.adapters.weaviate import WeaviateStore  # noqa: PLC0415  a second to import
    from knowledge.adapters.weaviate_connection import WeaviateServer  # noqa: PLC0415

    server = WeaviateServer(
        settings.weaviate_url,
        api_key=settings.weaviate_api_key,
        grpc_port=settings.weaviate_grpc_port,
    )
    return WeaviateStore(
        server, encoder=encoder, prefix=settings.collection, tenant=settings.tenant
    )


def _reranker(name: str) -> Reranker | None:
    match name:
        case "none":
            return None
        case LateInteraction.name:
            return LateInteraction()
        case _:
            from knowledge.adapters.langchain_reranker import open_reranker  # noqa: PLC0415

            return open_reranker(name)
