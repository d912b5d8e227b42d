"""Samples to figures, figures to a table: what every benchmark reports."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

_FEW, _WHOLE = 10, 100


@dataclass(frozen=True, slots=True)
class Row:
    """One thing measured; `against` is the baseline of the same run that its ratio refers to."""

    name: str
    samples: Sequence[float]
    against: "Row | None" = None
    below: float | None = None
    aim_at: float = 50
    note: str = ""

    def percentile(self, percent: float) -> float:
        """The nearest-rank percentile: a value that was measured."""
        ranked = sorted(self.samples)
        return ranked[max(0, math.ceil(percent / 100 * len(ranked)) - 1)]

    @property
    def ratio(self) -> float | None:
        """Median against the baseline's median."""
        if self.against is None:
            return None
        return median(self.samples) / median(self.against.samples)

    def as_values(self) -> dict[str, object]:
        """The row as JSON."""
        return {
            "name": self.name,
            "n": len(self.samples),
            **{f"p{percent}": round(self.percentile(percent), 3) for percent in (50, 95, 99)},
            "max": round(max(self.samples), 3),
            "ratio": self.ratio and round(self.ratio, 3),
            "baseline": self.against and self.against.name,
            "aim": self.aim and {"percentile": self.aim_at, "below": self.below},
            "note": self.note,
        }

    @property
    def aim(self) -> str:
        """The aim, and whether this run met it; nothing fails when it did not."""
        if self.below is None:
            return ""
        word = "met" if self.percentile(self.aim_at) < self.below else "missed"
        return f"p{self.aim_at:.0f} < {self.below:g}: {word}"


@dataclass(frozen=True, slots=True)
class Report:
    """A table of one benchmark; all rows are in one unit."""

    title: str
    unit: str
    rows: Sequence[Row]
    notes: Sequence[str] = field(default=())

    def as_values(self) -> dict[str, object]:
        """The report as JSON."""
        return {
            "title": self.title,
            "unit": self.unit,
            "rows": [row.as_values() for row in self.rows],
            "notes": list(self.notes),
        }


def show(report: Report, console: Console) -> None:
    """Print a report; what follows from one sample alone has no percentiles."""
    table = Table(
        title=f"{report.title} ({report.unit})",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("", overflow="fold")
    for heading in ("n", "p50", "p95", "p99", "max", "ratio"):
        table.add_column(heading, justify="right", no_wrap=True)
    for heading in ("aim", "note"):
        table.add_column(heading)
    for row in report.rows:
        table.add_row(*_cells(row))
    console.print(table)
    for note in report.notes:
        console.print(f"  {note}", style="dim", highlight=False)
    console.print()


def _cells(row: Row) -> list[str]:
    tail = [
        _short(row.percentile(percent)) if len(row.samples) >= _FEW else "" for percent in (95, 99)
    ]
    ratio = "baseline" if row.against is None else ""
    if row.ratio is not None:
        ratio = f"{row.ratio:.2f} ×"
    middle = _short(median(row.samples))
    return [
        row.name,
        str(len(row.samples)),
        middle,
        *tail,
        _short(max(row.samples)),
        ratio,
        row.aim,
        row.note,
    ]


def _short(value: float) -> str:
    """Three figures that mean something."""
    return f"{value:.0f}" if value >= _WHOLE else f"{value:.3g}"
