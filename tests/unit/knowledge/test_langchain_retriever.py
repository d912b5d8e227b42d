import json
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pytest
from fakes import FakeEmbedder
from langchain_core.runnables import RunnableLambda
from langchain_core.vectorstores import InMemoryVectorStore
from pydantic import ValidationError

from knowledge.adapters.langchain_retriever import DeskEmbeddings, DeskRetriever
from knowledge.documents import ArticleId, Audience, Chunk, Encoding, Passage, Retrieval
from knowledge.errors import StoreUnavailable

QUESTION, PREVIOUS = "and for members?", "How long may I return boots?"
TOKENS = np.zeros((0, 64), dtype=np.int8)


def passage(position: int, text: str = "Members have 30 days.") -> Passage:
    headings = ("Returns", "Members")
    chunk = Chunk(ArticleId("returns"), position, headings, text, 40, 40 + len(text))
    url = "https://help.test/returns"
    return Passage(chunk, "Returns", url, date(2026, 3, 1), 0.75, 0.5, TOKENS)


@dataclass
class Shelf:
    """Finds the same passages for everything; keeps what it is asked."""

    passages: tuple[Passage, ...] = tuple(map(passage, range(4)))
    away: bool = False
    asked: list[tuple[str, Audience, str | None]] = field(default_factory=list)

    def retrieve(
        self, question: str, *, audience: Audience, previous: str | None = None
    ) -> Retrieval:
        self.asked.append((question, audience, previous))
        if self.away:
            raise StoreUnavailable("no store today")
        encoding = Encoding(np.ones(1, dtype=np.float32), TOKENS)
        return Retrieval(question, self.passages, self.passages, encoding, {})


def test_a_document_says_all_that_is_known_of_its_passage() -> None:
    [document] = DeskRetriever(retriever=Shelf((passage(2),))).invoke(QUESTION)
    assert document.page_content == "Members have 30 days."
    assert document.id == "returns#2"
    assert document.metadata == {
        "id": "returns#2",
        "article_id": "returns",
        "title": "Returns",
        "url": "https://help.test/returns",
        "headings": ["Returns", "Members"],
        "updated": "2026-03-01",
        "score": 0.75,
        "cosine": 0.5,
        "start": 40,
        "end": 61,
    }
    assert json.loads(json.dumps(document.metadata)) == document.metadata


def test_documents_come_in_the_order_of_passages_and_no_two_share_an_id() -> None:
    documents = DeskRetriever(retriever=Shelf()).invoke(QUESTION)
    assert [one.id for one in documents] == ["returns#0", "returns#1", "returns#2", "returns#3"]


def test_a_retriever_asks_for_the_public_unless_it_is_told_otherwise() -> None:
    shelf = Shelf()
    DeskRetriever(retriever=shelf).invoke(QUESTION)
    DeskRetriever(retriever=shelf, audience=Audience.INTERNAL).invoke(QUESTION, previous=PREVIOUS)
    assert shelf.asked == [
        (QUESTION, Audience.PUBLIC, None),
        (QUESTION, Audience.INTERNAL, PREVIOUS),
    ]


def test_nobody_who_asks_can_widen_the_audience() -> None:
    shelf = Shelf()
    with pytest.raises(TypeError, match="audience"):
        DeskRetriever(retriever=shelf).invoke(QUESTION, audience=Audience.INTERNAL)
    assert not shelf.asked


@pytest.mark.anyio
async def test_an_asynchronous_question_takes_the_same_arguments() -> None:
    shelf = Shelf()
    documents = await DeskRetriever(retriever=shelf, k=3).ainvoke(QUESTION, k=2, previous=PREVIOUS)
    assert len(documents) == 2
    assert shelf.asked == [(QUESTION, Audience.PUBLIC, PREVIOUS)]


def test_the_k_of_one_question_goes_before_that_of_the_retriever() -> None:
    retriever = DeskRetriever(retriever=Shelf(), k=1)
    assert len(retriever.invoke(QUESTION)) == 1
    assert len(retriever.invoke(QUESTION, k=3)) == 3
    assert len(retriever.invoke(QUESTION, k=99)) == 4


def test_a_retriever_of_nothing_is_refused() -> None:
    with pytest.raises(ValidationError):
        DeskRetriever(retriever=Shelf(), k=0)
    with pytest.raises(ValidationError):
        DeskRetriever(retriever=object())


def test_errors_are_ours() -> None:
    with pytest.raises(StoreUnavailable):
        DeskRetriever(retriever=Shelf(away=True)).invoke(QUESTION)


def test_a_retriever_is_a_link_of_a_chain() -> None:
    chain = DeskRetriever(retriever=Shelf()) | RunnableLambda(len)
    assert chain.batch([QUESTION, PREVIOUS]) == [4, 4]


def test_a_store_of_langchain_searches_with_our_vectors() -> None:
    store = InMemoryVectorStore(DeskEmbeddings(FakeEmbedder()))
    store.add_texts(["boots may go back", "tents need air"])
    [found] = store.similarity_search("where do boots go", k=1)
    assert found.page_content == "boots may go back"


def test_no_text_has_no_vector() -> None:
    assert DeskEmbeddings(FakeEmbedder()).embed_documents([]) == []


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
