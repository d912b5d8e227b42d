"""What `knowledge` needs from outside."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from knowledge.documents import (
    Article,
    ArticleId,
    Audience,
    CacheKey,
    Encoding,
    Held,
    Indexed,
    Outcome,
    Passage,
    SourceName,
    Stamp,
    Vectors,
)
from knowledge.errors import ArticleInvalid
from knowledge.metering import NOTHING, Usage

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

    def stamp(self, article_ids: Collection[ArticleId] = ()) -> Stamp:
        """The epoch, and the versions of these articles, as of one moment.

        An article that is gone or is being written has no version.
        """

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


class Answering(Protocol):
    """Whatever answers questions: anew each time, or from what was answered before."""

    def answer(
        self,
        question: str,
        *,
        audience: Audience,
        previous: str | None = None,
        on_text: OnText | None = None,
    ) -> Outcome:
        """Answer from what `audience` may read; see `Answerer`."""


class Lookup(StrEnum):
    """What became of a question at the cache."""

    HIT = "hit"
    NEGATIVE = "negative"
    REVALIDATED = "revalidated"
    MISS = "miss"
    BYPASSED = "bypassed"
    UNAVAILABLE = "unavailable"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Kept:
    """An outcome as it is remembered, without the question and without vectors.

    `versions` are those of the articles that it shows, `epoch` is that of all before they were
    read, `reading` a hash of all that was read, `usage` what it cost to write.
    """

    outcome: Outcome
    versions: Mapping[ArticleId, str]
    epoch: str
    reading: str
    usage: Usage = NOTHING


@dataclass(frozen=True, slots=True)
class Alike:
    """A question without its words, and the name that its answer is remembered by."""

    key: CacheKey
    encoding: Encoding


@dataclass(frozen=True, slots=True)
class Checks:
    """How often an answer to a question that is only alike was the one that was due."""

    right: int = 0
    wrong: int = 0

    @property
    def failed(self) -> bool:
        """Above one in 200: a single one among fewer is too many already."""
        return self.wrong * 200 > self.right + self.wrong


@dataclass(frozen=True, slots=True)
class CacheStats:
    """What a cache holds: answers, abstentions and unreadable values; how questions fared.

    `saved` are the tokens that were not asked for again, `checks` those of each `scope`.
    """

    answers: int
    abstentions: int
    unreadable: int
    lookups: Mapping[Lookup, int]
    saved: Usage = NOTHING
    checks: Mapping[str, Checks] = field(default_factory=dict)


class AnswerCache(Protocol):
    """Remembered outcomes, and a lock for each question; all of it may vanish at any time.

    A lock is held by who knows its token, until it ends by itself. Everything may raise
    RedisUnavailable.
    """

    def look(self, key: CacheKey) -> Kept | None:
        """What is remembered under this name; None also where it cannot be read."""

    def keep(self, key: CacheKey, kept: Kept, *, seconds: float, token: str) -> None:
        """Remember it for so long, and let go of the lock where the token fits; in one step."""

    def restamp(self, key: CacheKey, before: Kept, after: Kept) -> bool:
        """Put one in place of the other, for as long as that had left; False if it is gone."""

    def forget(self, key: CacheKey) -> bool:
        """Forget it; False where there was nothing."""

    def lock(self, key: CacheKey, token: str, *, seconds: float) -> bool:
        """Take the lock; False where somebody has it."""

    def renew(self, key: CacheKey, token: str, *, seconds: float) -> bool:
        """Begin its time anew; False where it is no longer held by this token."""

    def unlock(self, key: CacheKey, token: str) -> None:
        """Let go of it."""

    def count(self, lookup: Lookup, saved: Usage) -> None:
        """Add to what `stats` tells."""

    def look_alike(self, key: CacheKey) -> Alike | None:
        """The question that was remembered under the name of all that are alike."""

    def keep_alike(self, key: CacheKey, alike: Alike, *, seconds: float) -> None:
        """Remember it for so long."""

    def checks(self, scope: str) -> Checks:
        """What checks of alike questions came to, under what made their answers."""

    def check(self, scope: str, *, right: bool) -> Checks:
        """One more; returns what they came to."""

    def stats(self) -> CacheStats:
        """Look at everything: slow."""

    def clear(self) -> int:
        """Forget everything, and say how many outcomes that were."""


class ArticleSource(Protocol):
    """Somewhere articles are kept."""

    @property
    def name(self) -> SourceName:
        """Unique among the sources of a desk; every article it yields carries it."""

    def read(self) -> Iterator[Article | ArticleInvalid]:
        """Every article, or why one cannot be read."""
