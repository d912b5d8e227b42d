"""Articles into the passage store: only what has changed is cut and embedded again."""

import hashlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from knowledge import chunking
from knowledge.documents import Article, ArticleId
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.ports import ArticleSource, Embedder, PassageStore

OnProgress = Callable[[int, int], None]


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
    for n, article in enumerate(stale, start=1):
        chunks += _replace(article, wanted[article.id], store=store, embedder=embedder)
        if on_progress:
            on_progress(n, len(stale))
    gone = [] if skipped else [one for one in held if one not in wanted]
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


def _replace(article: Article, version: str, *, store: PassageStore, embedder: Embedder) -> int:
    chunks = chunking.chunk(article)
    vectors = embedder.embed([chunking.embedding_text(article, one) for one in chunks])
    store.replace(article, chunks, vectors=vectors, version=version)
    return len(chunks)
