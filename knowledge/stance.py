"""Whether a line affirms or denies a statement, and of the same amounts (pure)."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from itertools import accumulate, groupby

from knowledge.evidence import Line
from knowledge.quantities import Quantity
from knowledge.vocabulary import GENERIC, weight
from knowledge.wording import Clause, clauses

MOST_CLAUSES = 24
_BEFORE = "befor"


@dataclass(frozen=True, slots=True)
class Statement:
    """Clauses of a sentence that hold or fall together.

    `stems` are what they speak of, `names` those of proper names in the sentence, `before` those of
    its earlier statements.
    """

    clauses: tuple[Clause, ...]
    stems: frozenset[str]
    names: frozenset[str]
    before: frozenset[str]

    @property
    def text(self) -> str:
        """Its words in small letters, without its quantities."""
        return " ".join(one.text for one in self.clauses)

    @property
    def counts(self) -> list[Quantity]:
        """Its quantities."""
        return [count for one in self.clauses for count in one.counts]


class Stance(Enum):
    """What a line makes of a statement."""

    SAYS = auto()
    DENIES = auto()
    IS_SILENT = auto()


def statements(text: str, *, named: frozenset[str]) -> list[Statement]:
    """What a sentence states.

    Clauses joined by "and" or "but" are stated one by one, conditions with what they govern. None
    where there are more than a reader could follow.
    """
    parts = clauses(text)
    if len(parts) > MOST_CLAUSES:
        return []
    before, found = frozenset[str](), list[Statement]()
    for _, group in groupby(_grouped(parts), key=lambda one: one[1]):
        held = tuple(one for one, _ in group)
        found.append(Statement(held, stems_of(held), named, before))
        before |= found[-1].stems
    return found


def stance(statement: Statement, line: Line) -> Stance:
    """Whether a line says a statement, denies it, or neither."""
    counts = statement.counts
    kinds = {one.kind for one in line.counts}
    if not all(is_counted(one, line) for one in counts):
        told = all(is_counted(one, line) or one.kind in kinds for one in counts)
        return Stance.DENIES if told else Stance.IS_SILENT
    parts = statement.clauses
    belong = (_belongs(count, one, statement, line) for one in parts for count in one.counts)
    if _repeats(statement, line) or not all(belong):
        return Stance.DENIES
    if all(_is_said(one, line) for one in parts):
        return Stance.SAYS
    chosen = _chosen(parts, line)
    if not chosen:
        return Stance.IS_SILENT
    return Stance.SAYS if _agrees(statement, chosen, line) else Stance.DENIES


def _agrees(statement: Statement, chosen: Sequence[Clause], line: Line) -> bool:
    """Whether both affirm or both deny.

    Clause by clause; all together where the line sets a condition, for "not unless it is new" is
    "if it is new".
    """
    parts = statement.clauses
    if any(one.condition for one in chosen):
        meant = [
            one
            for one in chosen
            if not (one.condition and one.denied) or one.denied in statement.stems
        ]
        return (_turned(parts, chosen) + _denials(parts) + _denials(meant)) % 2 == 0
    return all(
        _says(one, _chosen([one], line))
        or (one.condition and not (_turned([one], chosen) + _denials([one])) % 2)
        for one in parts
    )


def _is_said(claimed: Clause, line: Line) -> bool:
    """Whether one clause of a line has all of a claimed one, and affirms or denies it likewise."""
    return any(
        (one.sign, one.condition) == (claimed.sign, claimed.condition)
        and claimed.words.items() <= one.words.items()
        for one in line.clauses
    )


def is_counted(claimed: Quantity, line: Line) -> bool:
    """Whether a line has an amount; a manner of speaking ("a day") it need not have."""
    if any(one.says(claimed) for one in (*line.counts, *line.above)):
        return True
    return claimed.loose and all(one.kind != claimed.kind for one in line.counts)


def _repeats(statement: Statement, line: Line) -> bool:
    """Whether a claim gives one amount of the line to two things."""
    said = Counter((one.kind, one.value) for one in line.counts)
    claimed = Counter((one.kind, one.value) for one in statement.counts)
    return any(times > max(1, said[amount]) for amount, times in claimed.items())


def _belongs(count: Quantity, claimed: Clause, statement: Statement, line: Line) -> bool:
    """Whether an amount is said of what it is claimed of, not of its neighbour in the line."""
    own = [one for one in line.clauses if any(said.says(count) for said in one.counts)]
    rivals = [
        one
        for one in line.clauses
        if one not in own and any(said.kind == count.kind for said in one.counts)
    ]
    if not own or not rivals:
        return True
    parts = [one for one in statement.clauses if one is claimed or not one.counts]
    about = _keys(parts) - {_key(count)}
    here, there = about & _keys(own), about & _keys(rivals)
    if any(one[0] == "#" or one in statement.names for one in there - here):
        return False
    borrows = bool(here - there) and any(one.elliptical for one in own)
    most = max(len(about & _keys([one])) for one in rivals)
    return borrows or not count.kind or len(here) >= most


def _keys(among: Iterable[Clause]) -> frozenset[str]:
    """Stems, and bare numbers as they stand in names: "Ridgeline 2"."""
    held = list(among)
    return stems_of(held) | {_key(count) for one in held for count in one.counts if not count.kind}


def _key(count: Quantity) -> str:
    return f"#{count.written:g}"


def stems_of(among: Iterable[Clause]) -> frozenset[str]:
    """What some clauses speak of."""
    return frozenset[str]().union(*(one.words for one in among))


def _says(claimed: Clause, chosen: Sequence[Clause]) -> bool:
    """Whether the clauses that speak of a claim say it: all affirm, or one denies."""
    affirmed = chosen and chosen[0].sign > 0  # "not by phone" goes on from "we never ask"
    borrowing = [one for n, one in enumerate(chosen) if n and one.elliptical and affirmed]
    denials = _turned([claimed], chosen) + _denials([claimed, *borrowing])
    denied = any(one.sign < 0 for one in chosen if one not in borrowing)
    return denied == bool(denials % 2)


def _turned(claimed: Sequence[Clause], chosen: Sequence[Clause]) -> int:
    """How often one side speaks of the opposite of what the other speaks of."""
    poles, others = _poles(claimed), _poles(chosen)
    if any(not count.loose for one in claimed for count in one.counts):
        poles.pop(_BEFORE, None)  # "before" and "after" are in the bounds
    return sum(stem in others and others[stem].isdisjoint(poles[stem]) for stem in poles)


def _denials(among: Iterable[Clause]) -> int:
    return sum(one.sign < 0 for one in among)


def _chosen(claimed: Sequence[Clause], line: Line) -> list[Clause]:
    """The fewest clauses of a line that say all of a claim that it says, the fullest first."""
    left = set[tuple[str, float]]().union(*map(_offered, claimed))
    offers = [(one, group, _offered(one)) for one, group in reversed(_grouped(line.clauses))]
    chosen: list[Clause] = []
    groups: set[int] = set()
    while offers:
        clause, group, offered = max(
            offers, key=lambda one: _worth(left & one[2], one[0], among=one[1] in groups)
        )
        if not _worth(left & offered, clause, among=group in groups):
            break
        chosen.append(clause)
        groups.add(group)
        left -= offered
    return chosen


def _grouped(parts: Sequence[Clause]) -> list[tuple[Clause, int]]:
    """Clauses with the number of the statement that they belong to."""
    numbers = accumulate(int(one.new) for one in parts)
    return list(zip(parts, numbers, strict=True))


def _worth(new: set[tuple[str, float]], clause: Clause, *, among: bool) -> float:
    """What a clause adds.

    A condition is meant only with its statement, and for more than a word that goes with anything.
    """
    worth = sum(weight(stem) if stem else 1 for stem, _ in new)
    return 0 if clause.condition and (worth <= GENERIC or not among) else worth


def _offered(clause: Clause) -> set[tuple[str, float]]:
    return {(stem, 0.0) for stem in clause.words} | {("", one.value) for one in clause.counts}


def _poles(among: Iterable[Clause]) -> dict[str, frozenset[int]]:
    found: dict[str, frozenset[int]] = {}
    for clause in among:
        for stem, poles in clause.words.items():
            found[stem] = found.get(stem, frozenset()) | poles
    return found
