"""LangChain's own standard tests, over our retriever and our encoder."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from contract.shelf import article
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_tests.integration_tests import EmbeddingsIntegrationTests, RetrieversIntegrationTests
from langchain_tests.unit_tests import EmbeddingsUnitTests

import knowledge
from knowledge.adapters.encoder import OnnxEncoder
from knowledge.adapters.langchain_retriever import DeskEmbeddings, DeskRetriever
from knowledge.adapters.sqlite import SqliteStore
from knowledge.documents import Article, SourceName
from knowledge.indexing import index
from knowledge.ports import Embedder
from knowledge.retrieval import RetrievalRules, Retriever

pytestmark = pytest.mark.anyio


class Shelf:
    """A source of four articles."""

    name = SourceName("help")

    def read(self) -> Iterator[Article]:
        for name in ("boots", "tents", "stoves", "parcels"):
            yield article(name, source=self.name)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def encoder() -> Embedder:
    return OnnxEncoder(Path(knowledge.__file__).parent / "encoder")


@pytest.fixture(scope="module")
def ours(encoder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Retriever]:
    store = SqliteStore(tmp_path_factory.mktemp("store") / "kb.sqlite", encoder=encoder.version)
    index([Shelf()], store=store, embedder=encoder)
    rules = RetrievalRules(alpha=0.5, passages=5, minimum_cosine=0)
    yield Retriever(store=store, embedder=encoder, rules=rules)
    store.close()


class TestOurRetriever(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def use(self, ours: Retriever) -> None:
        self.ours = ours

    @property
    def retriever_constructor(self) -> type[BaseRetriever]:
        return DeskRetriever

    @property
    def retriever_constructor_params(self) -> dict[str, Any]:
        return {"retriever": self.ours}

    @property
    def retriever_query_example(self) -> str:
        return "Do boots come with laces?"


class OurEmbeddings:
    @pytest.fixture(autouse=True)
    def use(self, encoder: Embedder) -> None:
        self.encoder = encoder

    @property
    def embeddings_class(self) -> type[Embeddings]:
        return DeskEmbeddings

    @property
    def embedding_model_params(self) -> dict[str, Any]:
        return {"embedder": self.encoder}


class TestOurEncoder(OurEmbeddings, EmbeddingsUnitTests):
    """What can be said of it without a text."""


class TestOurEncoderAtWork(OurEmbeddings, EmbeddingsIntegrationTests):
    """What it makes of texts."""
