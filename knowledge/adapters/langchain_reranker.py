"""Theirs into ours: a cross-encoder or a compressor of LangChain as a reranker."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Protocol, runtime_checkable

from langchain_core.documents import Document

from knowledge.adapters.langchain_names import missing_package, split_arguments
from knowledge.documents import Encoding, Passage
from knowledge.errors import RerankerUnavailable
from knowledge.ports import Reranker

_PLACE = "desk_place"
_EXAMPLE = 'langchain_cohere:CohereRerank?{"model": "rerank-v3.5", "top_n": 20}'


@runtime_checkable
class Scores(Protocol):
    """A cross-encoder, such as LangChain's `BaseCrossEncoder`."""

    def score(self, text_pairs: list[tuple[str, str]]) -> list[float]:
        """One score a pair of question and text."""


@runtime_checkable
class Compresses(Protocol):
    """A compressor, such as LangChain's `BaseDocumentCompressor`."""

    def compress_documents(self, documents: Sequence[Document], query: str) -> Sequence[Document]:
        """Those that are worth keeping, best first."""


def open_reranker(name: str) -> Reranker:
    """A reranker by name: `package.module:Class` or `package.module:Class?{JSON arguments}`.

    The class, or a function in its place, makes a cross-encoder or a compressor of documents.

    Raises:
        RerankerUnavailable: there is no such thing, or it is neither.
    """
    try:
        plain, arguments = split_arguments(name)
    except ValueError as error:
        raise RerankerUnavailable(f"RERANKER: {error}") from error
    made = _made(plain, arguments)
    match made:
        case Scores():
            return CrossEncoderReranker(made, name=plain)
        case Compresses():
            return CompressorReranker(made, name=plain)
        case _:
            raise RerankerUnavailable(
                f"{plain} makes neither a cross-encoder nor a compressor of LangChain"
            )


class CrossEncoderReranker:
    """Orders passages by the score that a cross-encoder gives question and passage together."""

    def __init__(self, encoder: Scores, *, name: str) -> None:
        self._encoder = encoder
        self.name = name

    def rerank(
        self,
        question: str,
        encoding: Encoding,  # noqa: ARG002  it reads the words themselves
        passages: Sequence[Passage],
    ) -> list[Passage]:
        """All of them, best first, with the cross-encoder's scores.

        Raises:
            RerankerUnavailable: it gave no score, or not one a passage.
        """
        if not passages:
            return []
        pairs = [(question, _text(one)) for one in passages]
        try:
            scores = [float(one) for one in self._encoder.score(pairs)]
        except Exception as error:  # theirs can be anything
            raise _failure(self.name, error) from error
        if len(scores) != len(passages) or not all(map(math.isfinite, scores)):
            raise RerankerUnavailable(f"{self.name} gave no score to some of the passages")
        scored = [replace(one, score=score) for one, score in zip(passages, scores, strict=True)]
        return sorted(scored, key=lambda one: -one.score)


class CompressorReranker:
    """Orders passages as a compressor leaves them; what it drops follows in the order it had.

    Scores fall evenly from 1: compressors agree on an order, not on what they score or where.
    """

    def __init__(self, compressor: Compresses, *, name: str) -> None:
        self._compressor = compressor
        self.name = name

    def rerank(
        self,
        question: str,
        encoding: Encoding,  # noqa: ARG002  it reads the words themselves
        passages: Sequence[Passage],
    ) -> list[Passage]:
        """All of them, best first.

        Raises:
            RerankerUnavailable: it failed, or lost track of which document is which.
        """
        documents = [
            Document(page_content=_text(one), metadata=_metadata(one, place), id=str(place))
            for place, one in enumerate(passages)
        ]
        try:
            kept = self._compressor.compress_documents(documents, question) if documents else []
        except Exception as error:  # theirs can be anything
            raise _failure(self.name, error) from error
        order = dict.fromkeys([*self._places(kept), *range(len(passages))])
        return [
            replace(passages[place], score=1 - rank / len(passages))
            for rank, place in enumerate(order)
        ]

    def _places(self, kept: Sequence[Document]) -> list[int]:
        try:
            return [int(one.metadata[_PLACE]) for one in kept]
        except (KeyError, TypeError, ValueError) as error:
            raise RerankerUnavailable(f"{self.name} drops the metadata of documents") from error


def _made(path: str, arguments: Mapping[str, object]) -> object:
    module, _, attribute = path.partition(":")
    if not module or not attribute:
        raise RerankerUnavailable(
            f"RERANKER={path} names no class: write package.module:Class, as in {_EXAMPLE}"
        )
    try:
        maker = getattr(import_module(module), attribute)
    except ImportError as error:
        raise _missing(path, error) from error
    except Exception as error:  # what a module does when it is imported is its own
        raise RerankerUnavailable(
            f"{path} cannot be imported ({type(error).__name__}): check its name"
        ) from error
    try:
        return maker(**arguments)
    except ImportError as error:
        raise _missing(path, error) from error
    except Exception as error:  # noqa: BLE001  theirs can be anything
        raise RerankerUnavailable(
            f"{path} cannot be made ({type(error).__name__}): check its arguments and its key"
        ) from None  # its text may repeat the arguments, and a key may be among them


def _missing(path: str, error: ImportError) -> RerankerUnavailable:
    return RerankerUnavailable(
        f"{path} cannot be imported: pip install {missing_package(error)}, or check its name"
    )


def _failure(name: str, error: Exception) -> RerankerUnavailable:
    return RerankerUnavailable(f"{name} failed ({type(error).__name__})")


def _text(passage: Passage) -> str:
    """What is embedded too: title and headings in front of the text."""
    above = " › ".join(dict.fromkeys((passage.title, *passage.chunk.headings)))
    return f"{above}\n{passage.chunk.text}"


def _metadata(passage: Passage, place: int) -> dict[str, object]:
    return {_PLACE: place, "title": passage.title, "url": passage.url}
