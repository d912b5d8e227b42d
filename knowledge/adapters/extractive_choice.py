"""Which sentences are quoted, and with which others (pure)."""

from collections.abc import Sequence

import numpy as np

from knowledge.adapters.extractive_quotes import Quote
from knowledge.documents import Vectors
from knowledge.parts import Part
from knowledge.sentences import Form

MOST_WORDS = 90
MOST_SENTENCES = 4
MOST_ENTRIES = 8
_SAME = 0.78
_MARGIN = 0.17
_COMPLETES, _ASIDE = 0.10, 0.14
_LEANED_ON = 2


def chosen(
    asked: Sequence[Part], quotes: Sequence[Quote], *, scores: Vectors, alike: Vectors
) -> list[int]:
    """Which quotes to give: the best for each question, then what is nearly as good.

    Each comes with what it needs to be understood. `scores` are parts × quotes, -inf for what may
    not be picked; `alike` are the cosines of all quotes.
    """
    choice = _Choice(quotes, alike, whole_lists=any(part.steps for part in asked))
    for row in scores:
        ranked = sorted(np.flatnonzero(np.isfinite(row)).tolist(), key=lambda n: -row[n])
        next((n for n in ranked if choice.settle(n)), None)
    for n in _nearly(quotes, scores, choice.taken):
        choice.add(n)
    return choice.taken


def _nearly(quotes: Sequence[Quote], scores: Vectors, taken: Sequence[int]) -> list[int]:
    """The quotes that are little worse than the best, the nearest first.

    Of a passage that is quoted already, the sentences beside the quoted ones; others of it, and
    other rows of a table, are mostly about something else.
    """
    if not taken:
        return []
    behind = (scores.max(axis=1, keepdims=True) - scores).min(axis=0)
    quoted = {quotes[n].passage for n in taken}
    for n, one in enumerate(quotes):
        beside = {n - 1, n + 1} & set(taken)
        if n - 1 in beside and one.leans:
            behind[n] -= _COMPLETES
        elif one.passage in quoted and (not beside or one.form is Form.ROW):
            behind[n] += _ASIDE
    near = np.flatnonzero(behind <= _MARGIN).tolist()
    return sorted(near, key=lambda n: float(behind[n]))


class _Choice:
    """The quotes taken so far."""

    def __init__(self, quotes: Sequence[Quote], alike: Vectors, *, whole_lists: bool) -> None:
        self.taken: list[int] = []
        self._quotes = quotes
        self._alike = alike
        self._whole_lists = whole_lists

    def settle(self, n: int) -> bool:
        """Take a quote, however long, unless it has been said; False where it cannot be given."""
        if not self._is_said(n):
            self.taken += self._new(n)
        return self._is_said(n)

    def add(self, n: int) -> None:
        """Take a quote if it is new and leaves the answer short."""
        new = [] if self._is_said(n) else self._new(n)
        words = sum(self._quotes[one].length for one in (*self.taken, *new))
        if len(self.taken) < MOST_SENTENCES and words <= MOST_WORDS:
            self.taken += new

    def _is_said(self, n: int) -> bool:
        """Articles repeat each other; a passage does not repeat itself."""
        own = self._quotes[n].passage
        return any(
            n == one or (self._alike[n, one] >= _SAME and self._quotes[one].passage != own)
            for one in self.taken
        )

    def _new(self, n: int) -> list[int]:
        return [one for one in self._with(n) if one not in self.taken]

    def _with(self, n: int) -> list[int]:
        """A quote with those that it means nothing without."""
        own = self._quotes[n]
        together = [m for m, one in enumerate(self._quotes) if one.place == own.place]
        entries = {self._quotes[m].entry for m in together if not self._quotes[m].announces}
        is_short = len(entries) <= MOST_ENTRIES
        if own.announces or (self._whole_lists and own.form is Form.STEP and is_short):
            return self._whole(together) if is_short else []
        found = [n]
        while len(found) <= _LEANED_ON and self._quotes[found[0]].leans:
            if not self._follows(found[0]):
                break
            found.insert(0, found[0] - 1)
        if self._follows(n + 1) and self._quotes[n + 1].limits:
            found.append(n + 1)
        return [m for m in together if self._quotes[m].announces] + found

    def _follows(self, n: int) -> bool:
        """Whether quote n stands behind another in its paragraph or entry."""
        if not 0 < n < len(self._quotes):
            return False
        own, before = self._quotes[n], self._quotes[n - 1]
        return (before.place, before.entry) == (own.place, own.entry)

    def _whole(self, together: Sequence[int]) -> list[int]:
        """A whole list; of each entry the first sentence where all would be too long."""
        if sum(self._quotes[m].length for m in together) <= MOST_WORDS:
            return list(together)
        return sorted({self._quotes[m].entry: m for m in reversed(together)}.values())
