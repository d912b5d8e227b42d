"""The same text twice: within a split it teaches nothing new, across splits it is a leak (pure).

Two texts are exact duplicates if they agree but for case, punctuation and spacing; near duplicates
if their runs of three words agree for the most part (Jaccard), numbers not told apart. Candidates
come from an inverted index over each text's rarest runs (prefix filtering), so that 15,000 texts
take seconds.
"""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from triage.counting import Place
from triage.dataset import SPLITS
from triage.schema import HEADS

NEAR = 0.6
"""Jaccard index from which two texts are near duplicates."""
SAME_MEANING = 0.8
"""Jaccard index from which two texts should have the same labels."""
_RUN = 3
_LONGEST_POSTING = 40
"""A template with a thousand copies is compared with its last forty, which link them all."""
_WORD = re.compile(r"\w+")
_NUMBER = re.compile(r"\w*\d\w*")


@dataclass(frozen=True, slots=True)
class Link:
    """Two texts, by position, that are alike: 0.6 to 1."""

    first: int
    second: int
    alike: float
    exact: bool


@dataclass(frozen=True, slots=True)
class Twins:
    """Examples of one split that have a twin, exact or near, in another or the same split.

    Within a split the first of several is not counted: the figure is what could be removed.
    """

    split: str
    other: str
    exact: int
    near: int


@dataclass(frozen=True, slots=True)
class Pair:
    """Two examples that are alike, and the heads that label them differently."""

    first: Place
    second: Place
    alike: float
    exact: bool
    differ: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Repeats:
    """Every repetition in a set of examples; pairs most alike first."""

    twins: tuple[Twins, ...]
    leaks: tuple[Pair, ...]
    conflicts: tuple[Pair, ...]


def repeats(held: Sequence[Place]) -> Repeats:
    """Duplicates within and across splits, and like texts with unlike labels."""
    found = links([one.example.text for one in held])
    pairs = [
        Pair(held[one.first], held[one.second], one.alike, one.exact, _differ(held, one))
        for one in sorted(found, key=lambda one: (not one.exact, -one.alike))
    ]
    return Repeats(
        twins=tuple(_twins([one.split for one in held], found)),
        leaks=tuple(one for one in pairs if one.first.split != one.second.split),
        conflicts=tuple(one for one in pairs if one.differ and one.alike >= SAME_MEANING),
    )


def links(texts: Sequence[str], *, least: float = NEAR) -> list[Link]:
    """Texts that are alike; several copies of one text are linked to the first of them."""
    first_of: dict[str, int] = {}
    exact, kept = [], []
    for n, text in enumerate(texts):
        first = first_of.setdefault(" ".join(_words(text)) or text.strip(), n)
        if first == n:
            kept.append(n)
        else:
            exact.append(Link(first, n, 1.0, exact=True))
    near = _near([_runs(texts[n]) for n in kept], least)
    return exact + [Link(kept[a], kept[b], alike, exact=False) for a, b, alike in near]


def groups(found: Iterable[Link]) -> list[tuple[int, ...]]:
    """Positions that hang together by links, directly or through others."""
    leader: dict[int, int] = {}

    def top(n: int) -> int:
        while leader.setdefault(n, n) != n:
            leader[n] = leader[leader[n]]
            n = leader[n]
        return n

    for one in found:
        first, second = sorted((top(one.first), top(one.second)))
        leader[second] = first
    members = defaultdict(list)
    for n in sorted(leader):
        members[top(n)].append(n)
    return [tuple(group) for group in members.values()]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    """Runs of three words, of a shorter text the whole; numbers look all the same."""
    words = [_NUMBER.sub("0", word) for word in _words(text)] or [text.strip()]
    return frozenset(tuple(words[n : n + _RUN]) for n in range(max(1, len(words) - _RUN + 1)))


def _near(
    texts: Sequence[frozenset[tuple[str, ...]]], least: float
) -> Iterator[tuple[int, int, float]]:
    """Pairs at least so alike: they share one of their rarest runs, and are of like size."""
    frequency = Counter(run for text in texts for run in text)
    postings: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for n, text in enumerate(texts):
        rarest = sorted(text, key=lambda run: (frequency[run], run))
        prefix = rarest[: len(text) - math.ceil(least * len(text)) + 1]
        seen = {other for run in prefix for other in postings[run][-_LONGEST_POSTING:]}
        for other in sorted(seen):
            alike = _jaccard(text, texts[other], least)
            if alike >= least:
                yield other, n, alike
        for run in prefix:
            postings[run].append(n)


def _jaccard(
    one: frozenset[tuple[str, ...]], other: frozenset[tuple[str, ...]], least: float
) -> float:
    if min(len(one), len(other)) < least * max(len(one), len(other)):
        return 0.0
    common = len(one & other)
    return common / (len(one) + len(other) - common)


def _differ(held: Sequence[Place], link: Link) -> tuple[str, ...]:
    first, second = held[link.first].example, held[link.second].example
    return tuple(
        head
        for head in HEADS
        if getattr(first, head) and getattr(second, head)
        if getattr(first, head) != getattr(second, head)
    )


def _twins(split_of: Sequence[str], found: Sequence[Link]) -> Iterator[Twins]:
    exact = _overlaps(split_of, groups(one for one in found if one.exact))
    every = _overlaps(split_of, groups(found))
    for other in SPLITS:
        for split in SPLITS[SPLITS.index(other) :]:
            key = (split, other)
            if every[key]:
                yield Twins(split, other, exact[key], every[key] - exact[key])


def _overlaps(
    split_of: Sequence[str], alike: Sequence[tuple[int, ...]]
) -> Counter[tuple[str, str]]:
    """How many examples of a split have a twin in another; in the same, how many too many."""
    counts: Counter[tuple[str, str]] = Counter()
    for group in alike:
        by_split = Counter(split_of[n] for n in group)
        for split, count in by_split.items():
            for other in by_split:
                counts[split, other] += count - 1 if split == other else count
    return counts
