"""What `knowledge` needs from outside."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Article, ArticleId, Audience, Chunk, Passage
from knowledge.errors import ArticleInvalid

Vectors = NDArray[np.float32]
OnText = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Query:
    """One hybrid search.

    `vector` has unit length; `alpha` is the weight of the vector side, 0 to 1.
    """

    text: str
    vector: Vectors
    audience: Audience
    limit: int
    alpha: float


class Embedder(Protocol):
    """Texts to vectors of unit length."""

    @property
    def version(self) -> str:
        """Changes whenever vectors of the same text would."""

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Return len(texts) × dimensions, float32, unit length."""


class PassageStore(Protocol):
    """Chunks with their vectors, searched by words and by meaning."""

    def versions(self) -> Mapping[ArticleId, str]:
        """The version of every article held, whatever its status."""

    def replace(
        self, article: Article, chunks: Sequence[Chunk], *, vectors: Vectors, version: str
    ) -> None:
        """Put an article in place of its older self, all of it or nothing."""

    def remove(self, article_ids: Sequence[ArticleId]) -> None:
        """Take articles out of every answer."""

    def search(self, query: Query) -> list[Passage]:
        """The best passages that are published and readable, best first."""


class Generator(Protocol):
    """Writes an answer from passages alone."""

    @property
    def name(self) -> str:
        """The name that is reported beside an answer."""

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        """Markdown with [n] after each claim, n counting passages from 1; "" when they hold none.

        Raises:
            GeneratorUnavailable: no text came back.
        """


class ArticleSource(Protocol):
    """Somewhere articles are written."""

    def read(self) -> Iterator[Article | ArticleInvalid]:
        """Every article, or why one cannot be read."""
