"""The tables of a report as HTML (pure). Every text that comes from outside is escaped."""

from collections.abc import Iterable, Iterator, Sequence
from html import escape

import numpy as np

from triage.comparison import Baseline, BaselineScore
from triage.evaluation import EntityScore, Evaluation, HeadScore, LabelScore

_WEAK = 0.7
_LONG = 12


def headline(evaluation: Evaluation) -> str:
    """One row a head, one for the entities."""
    columns = (
        "",
        "messages",
        "accuracy",
        "macro-F1",
        "loss",
        "ECE before → after",
        "decided at 95 %",
    )
    rows = [
        (
            head,
            str(one.confusion.sum()),
            f"{one.accuracy:.3f} ± {margin(one):.3f}",
            f"{one.macro_f1:.3f}",
            f"{one.loss:.3f}",
            f"{one.ece_before:.3f} → {one.ece:.3f}",
            f"{one.coverage_at_95:.1%}",
        )
        for head, one in evaluation.heads.items()
    ]
    note = (
        "Loss is the mean negative log-likelihood; ECE the expected calibration error before and "
        "after temperature scaling; the last column the share of messages that the model can "
        "decide while 95 % of them are right. ± is the 95 % interval of sampling. "
        f"Below, an orange bar marks an F1 under {_WEAK}."
    )
    return table(columns, rows, note=note)


def comparison(evaluation: Evaluation, baselines: Sequence[Baseline]) -> str:
    """Accuracy and macro-F1 of the model beside the baselines; the model's row is bold."""
    heads = list(evaluation.heads)
    methods = [*baselines, own_scores(evaluation)]
    rows = []
    has_entities = any(one.entities for one in methods)
    for one in methods:
        row = [one.name]
        for head in heads:
            score = one.heads.get(head)
            row += [f"{score.accuracy:.3f}", f"{score.macro_f1:.3f}"] if score else ["–", "–"]
        rows.append(row + [f"{one.entities.f1:.3f}" if one.entities else "–"] * has_entities)
    groups = [("", 1), *((head, 2) for head in heads), *[("entities", 1)] * has_entities]
    columns = ["", *("accuracy", "macro-F1") * len(heads), *["F1"] * has_entities]
    return table(columns, rows, groups=groups, own=len(rows) - 1)


def own_scores(evaluation: Evaluation) -> Baseline:
    """The model's own figures in the form of a baseline's."""
    return Baseline(
        name="this model",
        heads={
            head: BaselineScore(one.accuracy, one.macro_f1)
            for head, one in evaluation.heads.items()
        },
        entities=evaluation.entities,
    )


def by_label(scores: Iterable[LabelScore], title: str) -> list[str]:
    """Precision, recall and F1 of each label, the weakest first; what never occurs last.

    A long table is given in two halves.
    """
    rows = sorted(scores, key=lambda one: (not one.support, one.f1, one.label))
    half = len(rows) if len(rows) <= _LONG else (len(rows) + 1) // 2
    return [_labels(part, title) for part in (rows[:half], rows[half:]) if part]


def entities(score: EntityScore) -> str:
    """Values read, each key and all together."""
    needed = sum(one.support for one in score.by_key)
    total = LabelScore("all", score.precision, score.recall, score.f1, needed)
    keys = sorted(score.by_key, key=lambda one: -one.support)
    return _labels([total, *keys], "entity")


def confusions(score: HeadScore, *, most: int = 10) -> str:
    """What is taken for what, most frequent first."""
    rows = [
        (f"{wanted} → {predicted}", str(count), f"{share:.1%}")
        for wanted, predicted, count, share in most_frequent(score, most)
    ]
    return (
        table(
            ("taken for another", "count", "share"),
            rows,
            note="Share: of the messages of the first label.",
        )
        if rows
        else ""
    )


def most_frequent(score: HeadScore, most: int) -> Iterator[tuple[str, str, int, float]]:
    """Wanted and predicted label, how often, and the share of the wanted label's messages."""
    wrong = score.confusion.copy()
    np.fill_diagonal(wrong, 0)
    totals = score.confusion.sum(axis=1)
    for place in np.argsort(-wrong, axis=None, kind="stable")[:most]:
        n, m = divmod(int(place), len(score.labels))
        if wrong[n, m]:
            share = float(wrong[n, m] / totals[n])
            yield score.labels[n], score.labels[m], int(wrong[n, m]), share


def margin(score: HeadScore) -> float:
    """Half of the 95 % interval of the accuracy."""
    count = max(1, int(score.confusion.sum()))
    return float(1.96 * (score.accuracy * (1 - score.accuracy) / count) ** 0.5)


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    groups: Sequence[tuple[str, int]] = (),
    note: str = "",
    own: int | None = None,
) -> str:
    """A table with a heading for each column; the first cell of a row names it.

    `groups` are headings over so many columns each.
    """
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in columns)
    body = "".join(_row(cells, own=n == own) for n, cells in enumerate(rows))
    caption = f"<caption>{escape(note)}</caption>" if note else ""
    return (
        f'<div class="scroll"><table>{caption}<thead>{_over(groups)}<tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _over(groups: Sequence[tuple[str, int]]) -> str:
    cells = "".join(
        f'<th scope="colgroup" colspan="{width}">{escape(one)}</th>' for one, width in groups
    )
    return f"<tr>{cells}</tr>" if groups else ""


def _row(cells: Sequence[str], *, own: bool) -> str:
    first, *rest = map(escape, cells)
    figures = "".join(f"<td>{cell}</td>" for cell in rest)
    kind = ' class="own"' if own else ""
    return f'<tr{kind}><th scope="row">{first}</th>{figures}</tr>'


def _labels(scores: Iterable[LabelScore], title: str) -> str:
    columns = (title, "F1", "precision", "recall", "support")
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    rows = "".join(_label_row(one) for one in scores)
    return (
        f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody>'
        "</table></div>"
    )


def _label_row(one: LabelScore) -> str:
    weak = " weak" if one.f1 < _WEAK else ""
    return (
        f'<tr><th scope="row">{escape(one.label)}</th><td class="bar{weak}">'
        f'<span><i style="width:{100 * one.f1:.0f}%"></i></span>{one.f1:.3f}</td>'
        f"<td>{one.precision:.3f}</td><td>{one.recall:.3f}</td><td>{one.support}</td></tr>"
    )
