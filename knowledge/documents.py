"""What knowledge is made of: articles, chunks, passages, citations, answers."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import NewType

import numpy as np
from numpy.typing import NDArray

ArticleId = NewType("ArticleId", str)
SourceName = NewType("SourceName", str)
CacheKey = NewType("CacheKey", str)
Vectors = NDArray[np.float32]
Tokens = NDArray[np.int8]


class Audience(StrEnum):
    """Who may read an article, and who asks."""

    PUBLIC = "public"
    INTERNAL = "internal"

    @property
    def readable(self) -> tuple["Audience", ...]:
        """The audiences whose articles this one may read."""
        match self:
            case Audience.PUBLIC:
                return (Audience.PUBLIC,)
            case Audience.INTERNAL:
                return (Audience.PUBLIC, Audience.INTERNAL)


class Status(StrEnum):
    """Where an article is in its life; only published ones are answered from."""

    PUBLISHED = "published"
    DRAFT = "draft"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Article:
    """An authored document in Markdown, whatever it was before; `source` is where it is kept."""

    id: ArticleId
    title: str
    url: str
    status: Status
    audience: Audience
    updated: date
    text: str
    source: SourceName = SourceName("articles")

    @property
    def version(self) -> str:
        """A hash of everything that a reader could see."""
        parts = (
            self.title,
            self.url,
            self.status,
            self.audience,
            str(self.updated),
            self.text,
            self.source,
        )
        return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A run of whole blocks of one article: `article.text[start:end] == text`."""

    article_id: ArticleId
    position: int
    headings: tuple[str, ...]
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the encoder makes of a text.

    `vector` has unit length (dimensions); `tokens` are its token vectors, compressed to int8
    (tokens × 64), each about 127 long.
    """

    vector: Vectors
    tokens: Tokens


@dataclass(frozen=True, slots=True)
class Indexed:
    """A chunk as it is stored; `digest` names the text that was encoded."""

    chunk: Chunk
    digest: str
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Held:
    """An article as the store holds it, without its text."""

    version: str
    source: SourceName
    title: str
    url: str
    status: Status
    audience: Audience
    updated: date
    chunks: int


@dataclass(frozen=True, slots=True)
class Stamp:
    """How a store stood at one moment.

    `versions` are those of the articles that were asked for and are whole; a version changes with
    text, status and audience. `epoch` changes with any article.
    """

    epoch: str
    versions: Mapping[ArticleId, str]


@dataclass(frozen=True, slots=True)
class Passage:
    """A retrieved chunk. `score` is fused or reranked and only ranks; `cosine` can be compared.

    `version` is that of its article when it was read, as a `Stamp` tells it.
    """

    chunk: Chunk
    title: str
    url: str
    updated: date
    score: float
    cosine: float
    tokens: Tokens = field(repr=False, compare=False)
    version: str = field(default="", repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Citation:
    """A source of an answer; `n` is its marker in the text."""

    n: int
    article_id: ArticleId
    title: str
    url: str
    updated: date
    score: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was looked up for a question and how long each stage took, in milliseconds.

    `passages` are near enough to be read, best first; `candidates` are all that were ranked.
    `answerable` is the probability that they hold an answer, None where nobody judged that.
    `degraded` says that a part was away and another took its place.
    """

    query: str
    passages: tuple[Passage, ...]
    candidates: tuple[Passage, ...]
    encoding: Encoding = field(repr=False)
    timings_ms: Mapping[str, float]
    answerable: float | None = None
    degraded: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """Text in Markdown whose every paragraph cites; `citations` in the order of their markers.

    A `cached` one was given before to the same question.
    """

    text: str
    citations: tuple[Citation, ...]
    generator: str
    retrieval: Retrieval
    cached: bool = False


class Reason(StrEnum):
    """Why there is no answer."""

    NOTHING_NEAR = "nothing_near"
    NOT_ANSWERABLE = "not_answerable"
    NOT_ANSWERED = "not_answered"
    NOT_GROUNDED = "not_grounded"


@dataclass(frozen=True, slots=True)
class Abstention:
    """No answer, and why; `nearest` are articles that a reader may still want."""

    reason: Reason
    nearest: tuple[Citation, ...]
    generator: str
    retrieval: Retrieval
    cached: bool = False


Outcome = Answer | Abstention
