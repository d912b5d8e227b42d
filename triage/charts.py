"""Figures as inline SVG, coloured by the page's style sheet (pure).

Every text that comes from outside is escaped; every mark has a `<title>` for a pointer to rest on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

from triage.calibration import Bin
from triage.evaluation import PRECISION, HeadScore

MOST_LABELS = 40
MOST_CONFUSED = 25
_WIDTH, _HEIGHT = 520, 300
_LEFT, _RIGHT, _TOP, _BOTTOM = 52, 16, 14, 44
_LETTER = 6.4
_DARK = 0.5
_FAINT = 0.01
"""Share of messages below which the accuracy of a bin is chance."""
_LONGEST = 34
_GAP = 8
_TINY = 1e-9


@dataclass(frozen=True, slots=True)
class Axes:
    """A frame with scales: x from 0 to `x_most`, y from 0 to `y_most`."""

    x_most: float
    y_most: float

    def x(self, value: float) -> float:
        """Where a value lies, in pixels from the left."""
        inner = _WIDTH - _LEFT - _RIGHT
        return round(_LEFT + inner * min(value / self.x_most, 1), 1)

    def y(self, value: float) -> float:
        """Where a value lies, in pixels from the top."""
        inner = _HEIGHT - _TOP - _BOTTOM
        return round(_TOP + inner * (1 - min(value / self.y_most, 1)), 1)

    def path(self, points: Sequence[tuple[float, float]]) -> str:
        """Straight lines from point to point."""
        return "M" + "L".join(f"{self.x(x)},{self.y(y)}" for x, y in points)


def reliability_chart(bins: Sequence[Bin]) -> str:
    """How often labels of one confidence are right; a good model stays on the diagonal."""
    axes = Axes(1, 1)
    marks = [f'<path class="ideal" d="{axes.path([(0, 0), (1, 1)])}"/>']
    for one in bins:
        height = axes.y(0) - axes.y(one.share)
        told = f"confidence {one.confidence:.2f}: {one.share:.1%} of messages"
        marks.append(
            f'<rect class="share" x="{axes.x(one.confidence) - 7:.1f}" y="{axes.y(one.share)}" '
            f'width="14" height="{height:.1f}"><title>{told}</title></rect>'
        )
    line = [(one.confidence, one.accuracy) for one in bins if one.share >= _FAINT]
    marks += [f'<path class="line" d="{axes.path(line)}"/>'] if line else []
    marks += [
        f'<circle class="dot{" faint" * (one.share < _FAINT)}" cx="{axes.x(one.confidence)}" '
        f'cy="{axes.y(one.accuracy)}" '
        f'r="{3 + 5 * one.share**0.5:.1f}"><title>{one.accuracy:.1%} right</title></circle>'
        for one in bins
    ]
    titles = ("confidence", "share that is right")
    return _framed(axes, marks, titles=titles, steps=(0.2, 0.2), told="Reliability diagram")


def risk_chart(curve: Sequence[tuple[float, float]], covered: float) -> str:
    """Errors among the messages decided, the surest first; dashed where 5 % are wrong."""
    step = _step(max((risk for _, risk in curve), default=0))
    axes = Axes(1, 5 * step)
    most = 1 - PRECISION
    marks = []
    if curve:
        area = [(curve[0][0], 0.0), *curve, (curve[-1][0], 0.0)]
        marks = [
            f'<path class="area" d="{axes.path(area)}Z"/>',
            f'<path class="line" d="{axes.path(curve)}"/>',
        ]
    if most <= axes.y_most + _TINY:
        marks.append(f'<path class="ideal" d="{axes.path([(0, most), (1, most)])}"/>')
    if covered:
        x = axes.x(covered)
        marks.append(f'<path class="ideal" d="M{x},{axes.y(0)}V{axes.y(axes.y_most)}"/>')
        near_edge = covered > 0.5  # noqa: PLR2004  # the wider side
        anchor, x = ("end", x - _GAP) if near_edge else ("start", x + _GAP)
        marks.append(
            f'<text class="note" x="{x}" y="{_TOP + 12}" text-anchor="{anchor}">'
            f"{covered:.0%} decided at {PRECISION:.0%} precision</text>"
        )
    titles = ("share of messages decided", "share of those that is wrong")
    return _framed(axes, marks, titles=titles, steps=(0.2, step), told="Risk and coverage")


def learning_chart(losses: Sequence[tuple[float, float]]) -> str:
    """Training and validation loss by epoch: where they part, overfitting begins."""
    step = _step(max(max(pair) for pair in losses))
    axes = Axes(len(losses), 5 * step)
    marks = []
    for kind, name in enumerate(("training", "validation")):
        points = [(float(n), pair[kind]) for n, pair in enumerate(losses, start=1)]
        x, y = axes.x(points[-1][0]), axes.y(points[-1][1])
        marks.append(f'<path class="line {name}" d="{axes.path(points)}"/>')
        marks += [
            f'<circle class="dot {name}" cx="{axes.x(n)}" cy="{axes.y(loss)}" r="3.5">'
            f"<title>epoch {n:g}: {loss:.3f}</title></circle>"
            for n, loss in points
        ]
        marks.append(f'<text class="note" x="{x}" y="{y - _GAP}" text-anchor="end">{name}</text>')
    titles = ("epoch", "loss of the intent")
    whole = max(1, round(len(losses) / 8))
    return _framed(axes, marks, titles=titles, steps=(whole, step), told="Loss by epoch")


def heat_map(score: HeadScore) -> str:
    """The confusion of a head: wanted down, predicted across, shaded by share of the wanted label.

    Of more than forty labels the 25 most confused are shown.
    """
    shown = most_confused(score)
    names = [_short(score.labels[n]) for n in shown]
    counts = score.confusion[np.ix_(shown, shown)]
    totals = score.confusion[shown].sum(axis=1)
    cell = 27 if len(shown) > 8 else 64  # noqa: PLR2004  # few labels have room
    margin = round(max((len(one) for one in names), default=0) * _LETTER) + 14
    size = margin + cell * len(shown) + 4
    marks = []
    for n, name in enumerate(names):
        middle = margin + cell * (n + 0.5)
        marks.append(
            f'<text class="name" x="{margin - 8}" y="{middle + 4:.1f}" text-anchor="end">'
            f'{escape(name)}</text><text class="name" transform="translate({middle + 4:.1f} '
            f'{margin - 8}) rotate(-90)">{escape(name)}</text>'
        )
        for m, other in enumerate(names):
            told = f"{name} → {other}: {counts[n, m]} of {totals[n]}"
            share = float(counts[n, m] / max(1, totals[n]))
            kind = "hit" if n == m else "miss"
            x, y = margin + cell * m, margin + cell * n
            marks.append(_cell((x, y, cell), int(counts[n, m]), share, kind=kind, told=told))
    return (
        f'<svg class="heat" viewBox="0 0 {size} {size}" style="max-width:{size}px" role="img" '
        f'aria-label="Confusion matrix">{"".join(marks)}</svg>'
    )


def most_confused(score: HeadScore) -> list[int]:
    """Positions of the labels of a heat map, in the order of the head."""
    if len(score.labels) <= MOST_LABELS:
        return list(range(len(score.labels)))
    right = score.confusion.diagonal()
    wrong = score.confusion.sum(axis=0) + score.confusion.sum(axis=1) - 2 * right
    return sorted(int(n) for n in np.argsort(-wrong, kind="stable")[:MOST_CONFUSED])


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST else label[: _LONGEST - 1] + "…"


def _cell(square: tuple[int, int, int], count: int, share: float, *, kind: str, told: str) -> str:
    x, y, size = square
    opacity = 0.12 + 0.88 * share if count else 0.0
    dark = " on" if opacity > _DARK else ""
    text = (
        f'<text class="count{dark}" x="{x + size / 2}" y="{y + size / 2 + 3.5}">{count}</text>'
        if count
        else ""
    )
    return (
        f'<g><title>{escape(told)}</title><rect class="void" x="{x}" y="{y}" width="{size - 1}" '
        f'height="{size - 1}"/><rect class="{kind}" x="{x}" y="{y}" width="{size - 1}" '
        f'height="{size - 1}" fill-opacity="{opacity:.2f}"/>{text}</g>'
    )


def _framed(
    axes: Axes,
    marks: Sequence[str],
    *,
    titles: tuple[str, str],
    steps: tuple[float, float],
    told: str,
) -> str:
    middle = (_TOP + _HEIGHT - _BOTTOM) / 2
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{told}">'
        f"{''.join(_grid(axes, steps))}{''.join(marks)}"
        f'<text class="axis" x="{axes.x(axes.x_most / 2)}" y="{_HEIGHT - 6}" '
        f'text-anchor="middle">{titles[0]}</text>'
        f'<text class="axis" transform="translate(13 {middle}) rotate(-90)" '
        f'text-anchor="middle">{titles[1]}</text></svg>'
    )


def _grid(axes: Axes, steps: tuple[float, float]) -> Iterator[str]:
    right, bottom = axes.x(axes.x_most), axes.y(0)
    for value in np.arange(0, axes.y_most + steps[1] / 2, steps[1]):
        y = axes.y(value)
        yield f'<path class="grid" d="M{_LEFT},{y}H{right}"/>'
        yield f'<text class="tick" x="{_LEFT - 7}" y="{y + 4}" text-anchor="end">{value:g}</text>'
    for value in np.arange(0, axes.x_most + steps[0] / 2, steps[0]):
        x = axes.x(value)
        yield f'<text class="tick" x="{x}" y="{bottom + 17}" text-anchor="middle">{value:g}</text>'


def _step(most: float) -> float:
    """A round fifth of an axis that holds the highest value."""
    wanted = max(most, 1e-3) / 5
    power = float(10 ** np.floor(np.log10(wanted)))
    return next(power * n for n in (1, 2, 2.5, 3, 4, 5, 10) if power * n >= wanted)
