"""Articles into the passage store: only texts that it does not hold yet are encoded."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from knowledge import chunking
from knowledge.documents import (
    Article,
    ArticleId,
    Audience,
    Chunk,
    Held,
    Indexed,
    SourceName,
    Status,
)
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.ports import ArticleSource, Embedder, PassageStore

OnProgress = Callable[[int, int], None]
SIDE_BY_SIDE = 64
"""Texts that are encoded in one call, or one article's: those of a short one leave cores idle."""
FEWEST_TO_DOUBT = 5
"""A source of which fewer articles are held may well lose more than half of them."""


@dataclass(frozen=True, slots=True)
class SourceReport:
    """What one run found in a source and did about it.

    `articles` are those that could be read, `newest` is the day on which the latest of them was
    updated; `skipped` says why others could not be read, a line each. `held_back` says why nothing
    of the source was removed, and what to do; None where nothing stands in the way.
    """

    name: SourceName
    articles: int
    added: int
    changed: int
    removed: int
    unchanged: int
    skipped: tuple[str, ...]
    held_back: str | None
    newest: date | None


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one run did: `chunks` were written, `embedded` texts were encoded for them."""

    sources: tuple[SourceReport, ...]
    chunks: int
    embedded: int
    seconds: float


@dataclass(slots=True)
class _Reading:
    """A source as it was read, with the ids that are held of it."""

    name: SourceName
    held: frozenset[ArticleId]
    is_declared: bool
    articles: list[Article] = field(default_factory=list)
    skipped: list[ArticleInvalid] = field(default_factory=list)
    failure: SourceUnavailable | None = None
    removals: list[ArticleId] = field(default_factory=list)
    held_back: str | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A chunk with the text that is encoded for it; `digest` names that text."""

    chunk: Chunk
    text: str
    digest: str


def index(
    sources: Sequence[ArticleSource],
    *,
    store: PassageStore,
    embedder: Embedder,
    on_progress: OnProgress | None = None,
    accept_removals: bool = False,
) -> IndexReport:
    """Bring the store level with the sources; each article changes in one step.

    What must vanish goes first: articles removed, unpublished, or for fewer readers than before.
    An article that cannot be read any more keeps its last good version. A source that cannot be
    read loses nothing; neither does one that suddenly yields far fewer articles, unless
    `accept_removals`. Of two articles with one id the first counts.

    Raises:
        SourceUnavailable: no source can be read, and nothing is held.
        StoreUnavailable: the store cannot be read or written.
    """
    began = time.monotonic()
    held = store.held()
    readings = _read(sources, held)
    _choose_removals(readings, accepted=accept_removals)
    stale = [one for reading in readings for one in reading.articles if _is_stale(one, held)]
    stale.sort(key=lambda one: not _is_withdrawn(one, held))
    leaving = [one.id for one in stale if _is_withdrawn(one, held)]
    leaving += [article_id for reading in readings for article_id in reading.removals]
    if leaving:
        store.remove(leaving)
    chunks, embedded = _write(stale, store, embedder, on_progress=on_progress)
    if _is_complete(readings):
        store.switch()
    return IndexReport(
        sources=tuple(_report(reading, held) for reading in readings),
        chunks=chunks,
        embedded=embedded,
        seconds=round(time.monotonic() - began, 2),
    )


def _read(sources: Sequence[ArticleSource], held: Mapping[ArticleId, Held]) -> list[_Reading]:
    """Every source, and behind them those that articles are held of and nobody declares."""
    ids: dict[SourceName, list[ArticleId]] = {one.name: [] for one in sources}
    for article_id, one in held.items():
        ids.setdefault(one.source, []).append(article_id)
    declared = {one.name: one for one in sources}
    owners: dict[ArticleId, SourceName] = {}
    readings = [_Reading(name, frozenset(ids[name]), name in declared) for name in ids]
    for reading in readings:
        if reading.is_declared:
            _read_one(declared[reading.name], reading, owners)
    failures = [reading.failure for reading in readings if reading.failure]
    if failures and len(failures) == len(readings) and not held:
        raise failures[0]
    return readings


def _read_one(
    source: ArticleSource, reading: _Reading, owners: dict[ArticleId, SourceName]
) -> None:
    try:
        for one in source.read():
            if isinstance(one, ArticleInvalid):
                reading.skipped.append(one)
            elif one.id in owners:
                message = f"{one.id} ({one.title}): there is one of this id in {owners[one.id]}"
                reading.skipped.append(ArticleInvalid(message, article_id=one.id))
            else:
                owners[one.id] = source.name
                reading.articles.append(one)
    except SourceUnavailable as failure:
        reading.failure = failure


def _choose_removals(readings: Sequence[_Reading], *, accepted: bool) -> None:
    """Name what is held and in no source any more, or say why it stays."""
    present = {one.id for reading in readings for one in reading.articles}
    present |= {ArticleId(one.article_id) for reading in readings for one in reading.skipped}
    is_any_left = any(reading.articles for reading in readings)
    for reading in readings:
        gone = sorted(reading.held - present)
        if reading.failure:
            reading.held_back = f"{reading.failure} ({len(reading.held)} articles of it stay)"
        elif gone and not accepted and _is_doubtful(reading, is_any_left=is_any_left):
            reading.held_back = (
                f"{reading.name} yields {len(reading.articles)} articles where {len(reading.held)}"
                f" are held: {len(gone)} were not removed. If they are to go, run"
                " `supportbot knowledge index --accept-removals`"
            )
        else:
            reading.removals = gone


def _is_doubtful(reading: _Reading, *, is_any_left: bool) -> bool:
    """Whether what is gone may be gone by mistake: all of it, or more than half of many."""
    if not reading.is_declared:
        return not is_any_left
    yielded = len(reading.articles) + len(reading.skipped)
    is_many = len(reading.held) >= FEWEST_TO_DOUBT
    return yielded == 0 or (is_many and 2 * yielded < len(reading.held))


def _is_complete(readings: Sequence[_Reading]) -> bool:
    """Whether this generation may serve: it has articles, and of every source that has any."""
    unknown = any(reading.failure and not reading.held for reading in readings)
    return not unknown and any(reading.articles or reading.held for reading in readings)


def _is_stale(article: Article, held: Mapping[ArticleId, Held]) -> bool:
    return article.id not in held or held[article.id].version != _version(article)


def _is_withdrawn(article: Article, held: Mapping[ArticleId, Held]) -> bool:
    """Whether the article is held, and somebody may not read it who could read what is held."""
    old = held.get(article.id)
    if old is None:
        return False
    return article.status is not Status.PUBLISHED or any(
        old.audience in reader.readable and article.audience not in reader.readable
        for reader in Audience
    )


def _version(article: Article) -> str:
    """Changes with the article and the way it is cut; each encoder has a generation of its own."""
    return hashlib.sha256(f"{article.version} {chunking.VERSION}".encode()).hexdigest()


def _write(
    articles: Sequence[Article],
    store: PassageStore,
    embedder: Embedder,
    *,
    on_progress: OnProgress | None,
) -> tuple[int, int]:
    """How many chunks were written, and how many texts were encoded for them."""
    done = written = embedded = 0
    for batch in _batches(articles):
        texts = {part.digest: part.text for _, parts in batch for part in parts}
        known = dict(store.encodings(texts))
        new = [digest for digest in texts if digest not in known]
        if new:
            known |= zip(new, embedder.encode([texts[digest] for digest in new]), strict=True)
        embedded += len(new)
        for article, parts in batch:
            indexed = [Indexed(part.chunk, part.digest, known[part.digest]) for part in parts]
            store.replace(article, indexed, version=_version(article))
            written += len(parts)
            done += 1
            if on_progress:
                on_progress(done, len(articles))
    return written, embedded


def _batches(articles: Sequence[Article]) -> Iterator[list[tuple[Article, list[_Part]]]]:
    """Whole articles in order, as many as make a batch of texts."""
    batch: list[tuple[Article, list[_Part]]] = []
    size = 0
    for article in articles:
        parts = _parts(article)
        batch.append((article, parts))
        size += 1 + len(parts)
        if size >= SIDE_BY_SIDE:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _parts(article: Article) -> list[_Part]:
    """None for an article that nobody may find yet: it would be encoded for nothing."""
    if article.status is not Status.PUBLISHED:
        return []
    chunks = chunking.chunk(article)
    texts = [chunking.embedding_text(article, one) for one in chunks]
    return [
        _Part(one, text, chunking.digest(text)) for one, text in zip(chunks, texts, strict=True)
    ]


def _report(reading: _Reading, held: Mapping[ArticleId, Held]) -> SourceReport:
    stale = [one for one in reading.articles if _is_stale(one, held)]
    added = sum(one.id not in held for one in stale)
    return SourceReport(
        name=reading.name,
        articles=len(reading.articles),
        added=added,
        changed=len(stale) - added,
        removed=len(reading.removals),
        unchanged=len(reading.articles) - len(stale),
        skipped=tuple(map(str, reading.skipped)),
        held_back=reading.held_back,
        newest=max((one.updated for one in reading.articles), default=None),
    )
