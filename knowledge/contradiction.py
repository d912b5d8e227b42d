"""Where two articles say different things of the same (pure)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

from knowledge.documents import Passage
from knowledge.evidence import Line, bare, reading
from knowledge.literal import names
from knowledge.quantities import Quantity
from knowledge.stance import Stance, Statement, is_counted, stance, statements
from knowledge.vocabulary import GENERIC, listed, matches, weight
from knowledge.wording import stems

_LABEL = 2
_NEAR, _VERY_NEAR, _LEAST = 0.6, 0.8, 2.0
_ANY_TITLE = listed("polici guid overview rule question faq chang new old archiv version")


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence of a passage, and the `point` on which another differs, as written."""

    passage: Passage
    sentence: str
    point: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two sayings that cannot both be true; of one day, in the order of their passages."""

    newer: Saying
    older: Saying


def contradictions(passages: Sequence[Passage]) -> tuple[Contradiction, ...]:
    """Each pair of sentences of different articles that speak of the same and differ.

    They differ in an amount, or one denies what the other affirms. Sentences that differ in what
    they speak of (another product, country or condition) do not contradict each other.
    """
    found = []
    for one, other in combinations(passages, 2):
        if one.chunk.article_id != other.chunk.article_id and _same_scope(one, other):
            newer, older = sorted((one, other), key=lambda passage: passage.updated, reverse=True)
            found += list(_between(newer, older))
    return tuple(found)


def _between(newer: Passage, older: Passage) -> Iterator[Contradiction]:
    for line in _standing_alone(newer):
        for other in _standing_alone(older):
            if points := _points(line, other):
                yield Contradiction(
                    Saying(newer, line.text, points[0]), Saying(older, other.text, points[1])
                )


def _standing_alone(passage: Passage) -> list[Line]:
    """Sentences that need no other to be understood: "It takes 5 days" may be of anything."""
    said = reading(passage)
    return [
        one
        for one in said.lines
        if not one.subject and bare(one.text) in said.quotable and len(one.text.split()) > _LABEL
    ]


def _points(line: Line, other: Line) -> tuple[str, str] | None:
    """What each says where they differ: an amount, or all of it."""
    for mine in _statements(line.meant):
        for theirs in _statements(other.meant):
            near = min(_nearness(mine, other), _nearness(theirs, line))
            if near < _NEAR:
                continue
            if amounts := _amounts(mine, theirs):
                return _written(amounts[0], line.meant), _written(amounts[1], other.meant)
            if near >= _VERY_NEAR and _deny(mine, other) and _deny(theirs, line):
                return f"“{line.text}”", f"“{other.text}”"
    return None


def _deny(statement: Statement, line: Line) -> bool:
    counted = all(is_counted(one, line) for one in statement.counts)
    return counted and stance(statement, line) is Stance.DENIES


@lru_cache(maxsize=4096)
def _statements(text: str) -> tuple[Statement, ...]:
    return tuple(statements(text, named=names(text)))


def _nearness(statement: Statement, line: Line) -> float:
    """The share of what a statement speaks of that a line speaks of; 0 when it lacks a name."""
    found = total = 0.0
    for stem in statement.stems:
        total += weight(stem)
        if matches(stem, line.stems):
            found += weight(stem)
        elif stem in statement.names:
            return 0
    return found / total if found >= _LEAST else 0


def _amounts(mine: Statement, theirs: Statement) -> tuple[list[Quantity], list[Quantity]] | None:
    """The amounts of one kind in which two statements differ altogether."""
    for kind in dict.fromkeys(one.kind for one in mine.counts if one.kind and not one.loose):
        here = [one for one in mine.counts if one.kind == kind]
        there = [one for one in theirs.counts if one.kind == kind and not one.loose]
        apart = all(
            one.value != other.value and one.bound * other.bound >= 0
            for one in here
            for other in there
        )
        if there and apart:
            return here, there
    return None


def _written(amounts: Sequence[Quantity], text: str) -> str:
    """An amount as it stands in the text; both ends of a range."""
    last = amounts[1] if amounts[0].ranged and len(amounts) > 1 else amounts[0]
    return text[amounts[0].start : last.end]


def _same_scope(one: Passage, other: Passage) -> bool:
    """Whether no title speaks of a thing that the other passage does not: tents are no boots."""
    return all(
        matches(stem, reading(theirs).stems)
        for mine, theirs in ((one, other), (other, one))
        for stem in stems(mine.title)
        if weight(stem) > GENERIC and stem not in _ANY_TITLE
    )
