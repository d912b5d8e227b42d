"""Articles into the passage store: only what has changed is cut and embedded again."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from knowledge import chunking
from knowledge.documents import Article, ArticleId, Chunk
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.ports import ArticleSource, Embedder, PassageStore, Vectors

OnProgress = Callable[[int, int], None]
SIDE_BY_SIDE = 8
"""Articles that are embedded in one call."""


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run did; `skipped` says why, an article a line."""

    added: int
    changed: int
    removed: int
    unchanged: int
    chunks: int
    seconds: float
    skipped: tuple[str, ...] = field(default=())


def index(
    source: ArticleSource,
    *,
    store: PassageStore,
    embedder: Embedder,
    on_progress: OnProgress | None = None,
) -> IndexReport:
    """Bring the store level with the source; each article changes in one step.

    An article that can no longer be read keeps its last good version in the store.

    Raises:
        SourceUnavailable: the source is missing, or suddenly empty.
        StoreUnavailable: the store cannot be read or written.
    """
    began = time.monotonic()
    articles, skipped = _read(source)
    held = store.versions()
    if held and not articles:
        raise SourceUnavailable(
            f"the source yields no article, the store holds {len(held)}: nothing was removed"
        )
    wanted = {article.id: _version(article, embedder) for article in articles}
    stale = [article for article in articles if held.get(article.id) != wanted[article.id]]
    chunks = 0
    for n, (article, parts, vectors) in enumerate(_embedded(stale, embedder), start=1):
        store.replace(article, parts, vectors=vectors, version=wanted[article.id])
        chunks += len(parts)
        if on_progress:
            on_progress(n, len(stale))
    spared = {one.article_id for one in skipped}
    gone = [one for one in held if one not in wanted and one not in spared]
    if gone:
        store.remove(gone)
    return IndexReport(
        added=sum(article.id not in held for article in stale),
        changed=sum(article.id in held for article in stale),
        removed=len(gone),
        unchanged=len(articles) - len(stale),
        chunks=chunks,
        seconds=round(time.monotonic() - began, 2),
        skipped=tuple(map(str, skipped)),
    )


def _read(source: ArticleSource) -> tuple[Sequence[Article], Sequence[ArticleInvalid]]:
    articles: dict[ArticleId, Article] = {}
    skipped: list[ArticleInvalid] = []
    for one in source.read():
        if isinstance(one, ArticleInvalid):
            skipped.append(one)
        else:
            articles[one.id] = one
    return list(articles.values()), skipped


def _version(article: Article, embedder: Embedder) -> str:
    """Changes with the article, the way it is cut, or the encoder."""
    parts = f"{article.version} {chunking.VERSION} {embedder.version}"
    return hashlib.sha256(parts.encode()).hexdigest()


def _embedded(
    articles: Sequence[Article], embedder: Embedder
) -> Iterator[tuple[Article, Sequence[Chunk], Vectors]]:
    """Articles with their chunks and vectors; those of one alone would leave cores idle."""
    for first in range(0, len(articles), SIDE_BY_SIDE):
        cut = [(one, chunking.chunk(one)) for one in articles[first : first + SIDE_BY_SIDE]]
        texts = [chunking.embedding_text(one, part) for one, parts in cut for part in parts]
        vectors, start = embedder.embed(texts), 0
        for article, parts in cut:
            yield article, parts, vectors[start : start + len(parts)]
            start += len(parts)
