"""What `knowledge` needs from outside."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from knowledge.documents import (
    Article,
    ArticleId,
    Audience,
    Encoding,
    Held,
    Indexed,
    Passage,
    SourceName,
    Vectors,
)
from knowledge.errors import ArticleInvalid

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

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        """The same vectors with the compressed token vectors that late interaction reads."""


class PassageStore(Protocol):
    """Chunks with their vectors, searched by words and by meaning.

    A store holds one generation of chunks for each encoder; a caller sees that of its own encoder.
    """

    def held(self) -> Mapping[ArticleId, Held]:
        """Every article held, whatever its status."""

    def encodings(self, digests: Collection[str]) -> Mapping[str, Encoding]:
        """What this encoder made of texts that are held already, by digest; unknown ones lack."""

    def replace(self, article: Article, parts: Sequence[Indexed], *, version: str) -> None:
        """Put an article in place of its older self, all of it or nothing."""

    def remove(self, article_ids: Sequence[ArticleId]) -> None:
        """Take articles out of every answer."""

    def search(self, query: Query) -> list[Passage]:
        """The best passages that are published and readable, best first."""

    def switch(self) -> None:
        """Name this generation the one that serves; the one before it stays, older ones go."""

    def close(self) -> None:
        """Let go of files and connections."""


class Reranker(Protocol):
    """Orders passages anew by reading question and passage together."""

    @property
    def name(self) -> str:
        """The name that is reported beside a ranking."""

    def rerank(
        self, question: str, encoding: Encoding, passages: Sequence[Passage]
    ) -> list[Passage]:
        """All of them, best first, with new scores; `encoding` is the question's."""


class Rewriter(Protocol):
    """Makes a follow-up stand alone."""

    def rewrite(self, question: str, previous: str) -> str:
        """The question as it would be asked alone; "" when that cannot be had."""


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
    """Somewhere articles are kept."""

    @property
    def name(self) -> SourceName:
        """Unique among the sources of a desk; every article it yields carries it."""

    def read(self) -> Iterator[Article | ArticleInvalid]:
        """Every article, or why one cannot be read."""
