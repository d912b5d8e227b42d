"""Whether a passage says what a sentence claims (pure)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from knowledge.documents import Passage
from knowledge.evidence import Line, Reading, bare, mark_free, reading
from knowledge.literal import is_literal, is_wider, names
from knowledge.stance import Stance, Statement, is_counted, stance, statements, stems_of
from knowledge.vocabulary import GENERIC, matches, weight

Similarity = Callable[[str, str], float]

COVERED, LEAST_COVERED, ALIKE = 0.65, 0.3, 0.8
_OWN, _MARGIN, _HALF = 0.4, 0.05, 0.5
_OF_MONEY = frozenset(["pay", "cost"])
_MONEY = frozenset(["free", "GBP", "EUR", "USD", "CHF", "NOK", "SEK", "DKK"])
_AMOUNT, _LEANT_ON, _ABOVE, _SUBJECT = 0.5, 0.85, 0.6, 0.3
_MISSING_NAME, _ELSEWHERE = 2.0, 1.5


@dataclass(frozen=True, slots=True)
class Bearing:
    """How far a passage bears out one statement of a sentence, and how far it says otherwise.

    Both are shares of what the statement speaks of, 0 to 1; `own` is that of the line that bears it
    out without what stands around it.
    """

    supports: float
    refutes: float
    own: float = 0.0
    line: str = ""

    @property
    def holds(self) -> bool:
        """Whether the passage says so, and nothing nearer says otherwise."""
        return self.supports >= COVERED and self.own >= max(_OWN, self.refutes - _MARGIN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A sentence against a passage, statement by statement."""

    bearings: tuple[Bearing, ...]

    @property
    def holds(self) -> bool:
        """Whether the passage says all of it; a sentence that states nothing cannot hold."""
        return bool(self.bearings) and all(one.holds for one in self.bearings)

    @property
    def lines(self) -> tuple[str, ...]:
        """What bears it out, each once."""
        return tuple(dict.fromkeys(one.line for one in self.bearings if one.line))

    @property
    def nearness(self) -> float:
        """How much the least borne out statement shares with its line, 0 to 1."""
        return min((one.own for one in self.bearings), default=0.0)

    def yields_to(self, other: "Verdict") -> bool:
        """Whether another passage denies the same sentence more plainly than this one says it."""
        pairs = zip(self.bearings, other.bearings, strict=False)
        return any(theirs.refutes > mine.own + _MARGIN for mine, theirs in pairs)


def judged(claim: str, passage: Passage, *, similarity: Similarity | None = None) -> Verdict:
    """Read a sentence against a passage.

    Numbers, names, quotations and denials have to agree; of the other words most. `similarity`
    (the cosine of two sentences) may speak for a sentence in words of its own.
    """
    said, plain = reading(passage), mark_free(claim)
    stated = statements(plain, named=names(plain))
    if bare(plain) in said.quotable:
        return Verdict((Bearing(1, 0, 1, plain),) * max(1, len(stated)))
    bearings = [_bearing(one, plain, said, similarity) for one in stated]
    if not is_literal(plain, said):
        bearings = [Bearing(0, one.refutes) for one in bearings]
    return Verdict(tuple(bearings))


def _bearing(
    statement: Statement, text: str, said: Reading, similarity: Similarity | None
) -> Bearing:
    """The line that speaks of most of a statement, and the one that says otherwise of most."""
    found, refutes = Bearing(0, 0), 0.0
    weights = tuple(_weights(statement, said))
    for one in said.lines:
        fit = _fit(statement, weights, line=one, said=said)
        if fit.share <= LEAST_COVERED:
            continue
        taken = stance(statement, one)
        if taken is Stance.DENIES and fit.alone >= _HALF:
            refutes = max(refutes, fit.own)
        if taken is not Stance.SAYS or is_wider(statement, one):
            continue
        if (fit.share, fit.own) > (found.supports, found.own):
            found = Bearing(fit.share, 0, fit.own, one.text)
            if not fit.mixes and similarity and similarity(text, one.text) >= ALIKE:
                found = Bearing(max(fit.share, COVERED), 0, max(fit.own, _OWN), one.text)
    return replace(found, refutes=refutes)


@dataclass(frozen=True, slots=True)
class _Fit:
    """How much of a statement a line speaks of, 0 to 1.

    `alone`; on its `own`, with the sentences that it leans on; as a `share`, with all that stands
    around it. `mixes`: what it lacks is spoken of elsewhere in the passage.
    """

    alone: float
    own: float
    share: float
    mixes: bool


def _fit(
    statement: Statement, weights: Sequence[tuple[str, float]], *, line: Line, said: Reading
) -> _Fit:
    """Weigh what is spoken of; what other lines speak of counts against one that lacks it."""
    alone = leant = around = total = 0.0
    mixes = False
    for stem, worth in weights:
        missing = 0.0
        if matches(stem, line.stems):
            alone += worth
        elif matches(stem, line.subject):
            leant += _LEANT_ON * worth
        elif matches(stem, said.about) or matches(stem, line.around):
            around += _ABOVE * worth
        elif stem in statement.stems & statement.names:
            missing = (_MISSING_NAME - 1) * worth
        elif stem in statement.stems and matches(stem, said.stems):
            missing, mixes = (_ELSEWHERE - 1) * worth, True
        total += worth + missing
    amounts = [one for one in statement.counts if not one.loose]
    alone += _AMOUNT * sum(is_counted(one, line) for one in amounts)
    total += _AMOUNT * len(amounts)
    own = alone + leant
    if not total:
        return _Fit(1, 1, 1, mixes)
    return _Fit(alone / total, own / total, (own + around) / total, mixes)


def _weights(statement: Statement, said: Reading) -> Iterator[tuple[str, float]]:
    """How much each stem says: what the article is about sets no line apart, money is a cost.

    A condition that the headings state need not be in the line: "I have lost my phone".
    """
    main = stems_of(one for one in statement.clauses if not one.condition)
    for stem in statement.stems:
        if stem in _OF_MONEY and any(one.kind in _MONEY for one in statement.counts):
            yield stem, GENERIC
        elif stem in main or stem not in said.about:
            yield stem, weight(stem) * (_ABOVE if stem in said.about else 1)
    for stem in statement.before - statement.stems:
        yield stem, _SUBJECT * weight(stem)
