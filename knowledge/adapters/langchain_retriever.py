"""Ours into theirs: the retriever and the encoder as parts of a LangChain application."""

from typing import Protocol, runtime_checkable

from langchain_core.callbacks import (
    AsyncCallbackManagerForRetrieverRun,
    CallbackManagerForRetrieverRun,
)
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import run_in_executor
from pydantic import Field

from knowledge.documents import Audience, Passage, Retrieval
from knowledge.ports import Embedder


@runtime_checkable
class Retrieves(Protocol):
    """Finds the passages for a question; `previous` is what was asked before it."""

    def retrieve(
        self, question: str, *, audience: Audience, previous: str | None = None
    ) -> Retrieval:
        """The passages that the audience may read, best first."""


class DeskRetriever(BaseRetriever):
    """The desk's retriever: `invoke(question, k=…, previous=…)` → documents, best first.

    `k` is the most documents that come back; None means all that the retriever finds. `audience`
    is fixed here, so that no caller of the chain can widen it.
    """

    retriever: Retrieves
    audience: Audience = Audience.PUBLIC
    k: int | None = Field(default=None, ge=1)

    def _get_relevant_documents(
        self,
        query: str,
        *,
        run_manager: CallbackManagerForRetrieverRun,  # noqa: ARG002  LangChain looks for it by name
        k: int | None = None,
        previous: str | None = None,
    ) -> list[Document]:
        found = self.retriever.retrieve(query, audience=self.audience, previous=previous)
        return [_document(one) for one in found.passages[: k or self.k]]

    async def _aget_relevant_documents(
        self,
        query: str,
        *,
        run_manager: AsyncCallbackManagerForRetrieverRun,
        k: int | None = None,
        previous: str | None = None,
    ) -> list[Document]:
        # LangChain's own would not take k
        return await run_in_executor(
            None,
            self._get_relevant_documents,
            query,
            run_manager=run_manager.get_sync(),
            k=k,
            previous=previous,
        )


class DeskEmbeddings(Embeddings):
    """The desk's encoder; questions and documents are embedded alike, to unit length."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector a text."""
        vectors: list[list[float]] = self._embedder.embed(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of one text."""
        return self.embed_documents([text])[0]


def _document(passage: Passage) -> Document:
    chunk = passage.chunk
    identity = f"{chunk.article_id}#{chunk.position}"
    return Document(
        id=identity,
        page_content=chunk.text,
        metadata={
            "id": identity,
            "article_id": chunk.article_id,
            "title": passage.title,
            "url": passage.url,
            "headings": list(chunk.headings),
            "updated": passage.updated.isoformat(),
            "score": passage.score,
            "cosine": passage.cosine,
            "start": chunk.start,
            "end": chunk.end,
        },
    )
