"""Articles that say the same, and articles that are called the same (pure)."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Article, ArticleId, Vectors
from knowledge.lexicon import query_words

NEAR = 0.9
"""Copies with a paragraph cut and every number changed reach .96, siblings in one topic .78."""
Sizes = NDArray[np.int64]
_AT_ONCE = 256
"""Chunks that are compared with all in one step: fewer are slow, more take memory."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Articles that say the same; `alike` is 1 for the same text, else the least of the cosines.

    A cosine of two articles is the mean, over the chunks of the shorter, of the best in the other.
    """

    articles: tuple[Article, ...]
    alike: float


@dataclass(frozen=True, slots=True)
class Namesakes:
    """Articles of one title that say different things; `differ` is what else tells them apart.

    A reader cannot know which of them holds: one of audience, source, url.
    """

    articles: tuple[Article, ...]
    differ: tuple[str, ...]


def likenesses(articles: Sequence[Article], vectors: Mapping[ArticleId, Vectors]) -> list[Likeness]:
    """Groups of the same text, then groups of nearly the same, the most alike first.

    An article of which there are no vectors is compared by its text alone.
    """
    by_text = _grouped((_text(one), one) for one in articles)
    exact = [Likeness(tuple(group), 1.0) for group in by_text if len(group) > 1]
    firsts = [group[0] for group in by_text if len(vectors.get(group[0].id, ()))]
    near = _joined(firsts, list(_links([vectors[one.id] for one in firsts])))
    return exact + sorted(near, key=lambda one: -one.alike)


def namesakes(articles: Iterable[Article]) -> list[Namesakes]:
    """Articles whose titles have the same words, whatever their order and their endings."""
    return [
        Namesakes(tuple(group), _differences(group))
        for group in _grouped((frozenset(query_words(one.title)), one) for one in articles)
        if len({_text(one) for one in group}) > 1
    ]


def _text(article: Article) -> str:
    return " ".join(article.text.split())


def _grouped(keyed: Iterable[tuple[Hashable, Article]]) -> list[list[Article]]:
    groups: dict[Hashable, list[Article]] = defaultdict(list)
    for key, article in keyed:
        groups[key].append(article)
    return list(groups.values())


def _differences(group: Sequence[Article]) -> tuple[str, ...]:
    return tuple(
        name
        for name in ("audience", "source", "url")
        if len({getattr(one, name) for one in group}) > 1
    )


def _links(vectors: Sequence[Vectors]) -> Iterator[tuple[float, int, int]]:
    """Pairs that are near, by position, with their cosine: each against all that are longer."""
    order = sorted(range(len(vectors)), key=lambda n: len(vectors[n]))
    sizes = np.array([len(vectors[n]) for n in order], dtype=np.int64)
    chunks = np.concatenate([vectors[n] for n in order]) if order else np.zeros((0, 1), np.float32)
    starts = np.cumsum(sizes) - sizes
    for first, last in _batches(sizes):
        begin, end = starts[first], starts[last - 1] + sizes[last - 1]
        edges = starts[first:] - begin
        best = _best(chunks[begin:end], chunks[begin:], edges)
        alike = np.add.reduceat(best, edges[: last - first], axis=0) / sizes[first:last, None]
        for one, other in np.argwhere(np.triu(alike >= NEAR, k=1)).tolist():
            yield float(alike[one, other]), order[first + one], order[first + other]


def _batches(sizes: Sizes) -> Iterator[tuple[int, int]]:
    """Runs of articles, from and up to, of about as many chunks as are multiplied at once."""
    full = np.flatnonzero(np.diff(np.cumsum(sizes) // _AT_ONCE)) + 1
    edges = [0, *full.tolist(), len(sizes)]
    return ((first, last) for first, last in pairwise(edges) if first < last)


def _best(rows: Vectors, chunks: Vectors, edges: Sizes) -> Vectors:
    """Of each row the highest cosine among the chunks from each edge to the next."""
    return np.concatenate(
        [
            np.maximum.reduceat(rows[n : n + _AT_ONCE] @ chunks.T, edges, axis=1)
            for n in range(0, len(rows), _AT_ONCE)
        ]
    )


def _joined(
    articles: Sequence[Article], links: Iterable[tuple[float, int, int]]
) -> Iterator[Likeness]:
    """Groups that hang together, directly or through others; the nearest pairs join first."""
    group_of: dict[int, set[int]] = {n: {n} for n in range(len(articles))}
    alike: dict[int, float] = {}
    for cosine, one, other in sorted(links, reverse=True):
        merged = group_of[one] | group_of[other]
        alike[min(merged)] = cosine
        for n in merged:
            group_of[n] = merged
    for first, cosine in alike.items():
        if min(group_of[first]) == first:
            members = tuple(articles[n] for n in sorted(group_of[first]))
            yield Likeness(members, round(min(1.0, cosine), 3))
