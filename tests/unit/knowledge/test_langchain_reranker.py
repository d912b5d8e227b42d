import sys
from collections.abc import Callable, Sequence
from traceback import format_exception
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from fakes import TODAY
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.callbacks import Callbacks
from langchain_core.cross_encoders import BaseCrossEncoder
from langchain_core.documents import BaseDocumentCompressor, Document

from knowledge.adapters.langchain_reranker import (
    CompressorReranker,
    CrossEncoderReranker,
    open_reranker,
)
from knowledge.documents import ArticleId, Chunk, Encoding, Passage
from knowledge.errors import RerankerUnavailable
from knowledge.ports import Reranker

QUESTION = "May I return worn boots?"
TOKENS = np.zeros((0, 64), dtype=np.int8)
ENCODING = Encoding(np.ones(1, dtype=np.float32), TOKENS)


def passage(text: str, *, headings: tuple[str, ...] = ("Returns", "Boots")) -> Passage:
    chunk = Chunk(ArticleId(text), 0, headings, text, 0, len(text))
    return Passage(chunk, "Returns", "https://help.test/returns", TODAY, 0.5, 0.5, TOKENS)


PASSAGES = [passage(text) for text in ("short", "the longest of them", "longer one")]


class ByLength(BaseCrossEncoder):
    """Prefers long texts; keeps what it reads."""

    def __init__(self, factor: float = 1.0) -> None:
        self.factor = factor
        self.read: list[tuple[str, str]] = []

    def score(self, text_pairs: list[tuple[str, str]]) -> list[float]:
        self.read += text_pairs
        return [self.factor * len(text) for _, text in text_pairs]


class Told(BaseCrossEncoder):
    """Gives the scores that it is told."""

    def __init__(self, scores: Any) -> None:
        self.scores = scores

    def score(self, text_pairs: list[tuple[str, str]]) -> list[float]:
        del text_pairs
        if isinstance(self.scores, Exception):
            raise self.scores
        scores: list[float] = self.scores
        return scores


class Keeping(BaseDocumentCompressor):
    """Leaves what `choose` makes of the documents."""

    choose: Callable[[list[Document]], list[Document]]

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Document]:
        assert query == QUESTION
        assert callbacks is None
        return self.choose(list(documents))


class LongestTwo(BaseDocumentCompressor):
    """Keeps the two longest, as new documents, without their ids."""

    top_n: int = 2

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks | None = None
    ) -> Sequence[Document]:
        del query, callbacks
        best = sorted(documents, key=lambda one: -len(one.page_content))[: self.top_n]
        return [Document("shortened", metadata=dict(one.metadata)) for one in best]


def texts(reranker: Reranker, passages: Sequence[Passage] = PASSAGES) -> list[str]:
    reranked = reranker.rerank(QUESTION, ENCODING, passages)
    assert [one.score for one in reranked] == sorted((one.score for one in reranked), reverse=True)
    return [one.chunk.text for one in reranked]


def needy() -> BaseCrossEncoder:
    raise ImportError("No cairn_torch. Please install it with `pip install -U cairn-torch`.")


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch) -> str:
    """A package with rerankers in it."""
    module = ModuleType("cairn_rerankers")
    vars(module).update(ByLength=ByLength, LongestTwo=LongestTwo, neither=dict, needy=needy)
    monkeypatch.setitem(sys.modules, "cairn_rerankers", module)
    return "cairn_rerankers"


def test_a_cross_encoder_puts_the_best_first_with_its_scores() -> None:
    encoder = ByLength()
    reranked = CrossEncoderReranker(encoder, name="by length").rerank(QUESTION, ENCODING, PASSAGES)
    assert [one.chunk.text for one in reranked] == ["the longest of them", "longer one", "short"]
    assert [one.score for one in reranked] == [
        len(f"Returns › Boots\n{one.chunk.text}") for one in reranked
    ]
    assert {one.cosine for one in reranked} == {0.5}


def test_a_cross_encoder_reads_title_and_headings_once_before_the_text() -> None:
    encoder = ByLength()
    CrossEncoderReranker(encoder, name="by length").rerank(QUESTION, ENCODING, PASSAGES[:1])
    assert encoder.read == [(QUESTION, "Returns › Boots\nshort")]


@pytest.mark.parametrize(
    "scores",
    [RuntimeError("sk-secret"), [1.0], [1.0] * 4, [1.0, float("nan"), 2.0], [1.0, None, 2.0], None],
)
def test_a_cross_encoder_without_a_score_for_each_is_unavailable(scores: Any) -> None:
    reranker = CrossEncoderReranker(Told(scores), name="told")
    with pytest.raises(RerankerUnavailable, match="told") as failed:
        reranker.rerank(QUESTION, ENCODING, PASSAGES)
    assert "sk-secret" not in str(failed.value)


def test_scores_may_come_as_numpy_numbers() -> None:
    reranker = CrossEncoderReranker(Told(np.array([1, 3, 2], dtype=np.float32)), name="told")
    reranked = reranker.rerank(QUESTION, ENCODING, PASSAGES)
    assert [one.score for one in reranked] == [3.0, 2.0, 1.0]
    assert {type(one.score) for one in reranked} == {float}


def test_what_a_compressor_drops_follows_in_its_old_order() -> None:
    last = CompressorReranker(Keeping(choose=lambda found: found[-1:]), name="last")
    assert texts(last) == ["longer one", "short", "the longest of them"]
    nothing = CompressorReranker(Keeping(choose=lambda _: []), name="nothing")
    assert texts(nothing) == [one.chunk.text for one in PASSAGES]


def test_a_compressor_may_shorten_and_copy_but_passages_stay_as_they_were() -> None:
    reranker = CompressorReranker(LongestTwo(), name="longest")
    assert texts(reranker) == ["the longest of them", "longer one", "short"]


def test_a_compressor_may_split_a_document() -> None:
    halves = CompressorReranker(Keeping(choose=lambda found: [*found[1:], *found[1:]]), name="two")
    assert texts(halves) == ["the longest of them", "longer one", "short"]


def fail(_: list[Document]) -> list[Document]:
    raise RuntimeError("sk-secret")


@pytest.mark.parametrize(
    ("choose", "told"),
    [
        (fail, r"mine failed \(RuntimeError\)$"),
        (lambda _: [Document("lost")], "mine drops the metadata of documents$"),
    ],
)
def test_a_compressor_that_fails_is_unavailable(
    choose: Callable[[list[Document]], list[Document]], told: str
) -> None:
    with pytest.raises(RerankerUnavailable, match=told):
        CompressorReranker(Keeping(choose=choose), name="mine").rerank(QUESTION, ENCODING, PASSAGES)


@given(words=st.lists(st.text()), kept=st.lists(st.integers(0, 20)))
def test_every_passage_comes_back_once_whatever_a_compressor_keeps(
    words: list[str], kept: list[int]
) -> None:
    def choose(found: list[Document]) -> list[Document]:
        return [found[place] for place in kept if place < len(found)]

    given = [passage(f"{n} {word}") for n, word in enumerate(words)]
    told = texts(CompressorReranker(Keeping(choose=choose), name="any"), given)
    assert sorted(told) == sorted(one.chunk.text for one in given)


@given(scores=st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_every_passage_comes_back_once_whatever_a_cross_encoder_scores(
    scores: list[float],
) -> None:
    given = [passage(str(n)) for n in range(len(scores))]
    told = texts(CrossEncoderReranker(Told(scores), name="any"), given)
    assert sorted(told) == sorted(one.chunk.text for one in given)


@pytest.mark.parametrize(
    ("name", "best"),
    [
        ("{}:ByLength", "the longest of them"),
        ('{}:ByLength?{{"factor": -1}}', "short"),
        ('{}:LongestTwo?{{"top_n": 1}}', "the longest of them"),
    ],
)
def test_a_reranker_is_opened_by_name_and_arguments(package: str, name: str, best: str) -> None:
    reranker = open_reranker(name.format(package))
    assert texts(reranker)[0] == best
    assert reranker.name == name.format(package).partition("?")[0]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "write package.module:Class"),
        ("{}", "write package.module:Class"),
        ("{}:", "write package.module:Class"),
        (":ByLength", "write package.module:Class"),
        (".:ByLength", "cannot be imported"),
        ("{}.nowhere:ByLength", "pip install cairn-rerankers, or check its name"),
        ("{}:Nobody", r"cannot be imported \(AttributeError\): check its name"),
        ("{}:needy", "pip install cairn-torch, or check its name"),
        ("{}:ByLength?", "must be a JSON object"),
        ('{}:ByLength?"sk-secret"', "must be a JSON object"),
        ('{}:ByLength?{{"api_key": "sk-secret"}}', r"cannot be made \(TypeError\)"),
        ('{}:LongestTwo?{{"top_n": "sk-secret"}}', r"cannot be made \(ValidationError\)"),
        ("{}:neither", "neither a cross-encoder nor a compressor"),
    ],
)
def test_a_name_that_opens_nothing_is_one_clear_line_without_a_key(
    package: str, name: str, told: str
) -> None:
    with pytest.raises(RerankerUnavailable, match=told) as failed:
        open_reranker(name.format(package))
    assert len(str(failed.value).splitlines()) == 1
    assert "sk-secret" not in "".join(format_exception(failed.value))
