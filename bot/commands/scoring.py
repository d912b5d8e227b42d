"""What an evaluation came to: figures, tables, JSON."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bot.errors import ConfigurationError
from knowledge.evaluation import (
    AbstentionScore,
    RankingScore,
    score_abstention,
    score_rankings,
)
from knowledge.ranking import Method, Trial

_RANKED = ("recall@1", "@3", "@5", "nDCG@10", "MRR")


@dataclass(frozen=True, slots=True)
class Standing:
    """How well a method ranks; milliseconds of one question where it can be timed."""

    method: Method
    score: RankingScore
    p50_ms: float | None
    p95_ms: float | None


@dataclass(frozen=True, slots=True)
class Scoreboard:
    """`judged` of the `questions` are answered by some of the `documents`.

    `abstention` is None unless questions of both kinds are labelled; `threshold` is the desk's.
    """

    questions: int
    judged: int
    documents: int
    methods: tuple[Standing, ...]
    threshold: float
    abstention: AbstentionScore | None


def of(
    trials: Mapping[str, Trial],
    relevant: Mapping[str, Collection[str]],
    *,
    documents: int,
    threshold: float,
) -> Scoreboard:
    """Judge every method by what came of each question.

    Raises:
        ConfigurationError: no document answers any of the questions.
    """
    judged = {question: relevant[question] for question in trials if question in relevant}
    if not judged:
        raise ConfigurationError(f"no document answers any of the {len(trials)} questions asked")
    labelled = [one.judgement for one in trials.values() if one.judgement]
    return Scoreboard(
        questions=len(trials),
        judged=len(judged),
        documents=documents,
        methods=tuple(_standing(method, trials, judged) for method in Method),
        threshold=threshold,
        abstention=score_abstention(labelled),
    )


def as_values(found: Scoreboard) -> dict[str, Any]:
    """The JSON that `--json` prints; shares are 0 to 1."""
    return asdict(found) | {
        "methods": {
            one.method: asdict(one.score) | {"p50_ms": one.p50_ms, "p95_ms": one.p95_ms}
            for one in found.methods
        }
    }


def show(found: Scoreboard) -> None:
    """Print the tables."""
    console = Console(soft_wrap=True)
    judged = f"{found.judged} of {found.questions} questions"
    console.print(f"{judged} are answered in {found.documents} documents\n", highlight=False)
    console.print(_table(["", *_RANKED, "p50 ms", "p95 ms"], map(_cells, found.methods)))
    if found.abstention:
        _show_abstention(found.abstention, found.threshold, console)


def _standing(
    method: Method, trials: Mapping[str, Trial], relevant: Mapping[str, Collection[str]]
) -> Standing:
    rankings = {question: one.rankings[method] for question, one in trials.items()}
    taken = [one.timings_ms[method] for one in trials.values() if method in one.timings_ms]
    p50, p95 = (
        (round(float(one), 2) for one in np.percentile(taken, (50, 95))) if taken else (None, None)
    )
    return Standing(method, score_rankings(rankings, relevant), p50, p95)


def _cells(one: Standing) -> list[str]:
    times = (one.p50_ms, one.p95_ms)
    return [
        one.method,
        *(f"{share:.3f}" for share in asdict(one.score).values()),
        *("–" if time is None else f"{time:.1f}" for time in times),
    ]


def _show_abstention(found: AbstentionScore, threshold: float, console: Console) -> None:
    console.print(
        f"\nIs there an answer? {found.answerable} answerable questions, "
        f"{found.unanswerable} unanswerable",
        highlight=False,
    )
    signals = (("judge", found.judge), ("top cosine", found.cosine))
    console.print(
        _table(
            ["", "AUROC", "unanswerable answered while 90 % of the answerable are"],
            [[name, f"{one.auroc:.3f}", _percent(one.passed)] for name, one in signals],
        )
    )
    console.print(
        f"\nAt the desk's threshold, {threshold:.2f}: {_percent(found.answerable_answered)} of the "
        f"answerable are answered, {_percent(found.unanswerable_answered)} of the unanswerable",
        highlight=False,
    )
    console.print(
        _table(
            ["coverage", "from probability", "risk", "answerable kept"],
            [
                [_percent(one.coverage), f"{one.least:.2f}", _percent(one.risk), _percent(one.kept)]
                for one in found.curve
            ],
        )
    )


def _table(headings: Sequence[str], rows: Iterator[list[str]] | Sequence[list[str]]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for heading in headings:
        table.add_column(heading, justify="right" if heading else "left", no_wrap=not heading)
    for row in rows:
        table.add_row(*row)
    return table


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", " %")
