"""An evaluation as one HTML file, as text and as JSON (pure).

The HTML needs nothing beside it: styles and figures are inside, there is no script.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from triage import charts, tables
from triage.comparison import Baseline
from triage.evaluation import Evaluation, HeadScore
from triage.manifest import Manifest
from triage.schema import Urgency

_FEW = 8
_STYLE = Path(__file__).with_name("report.css")
_URGENT = (Urgency.CRITICAL, Urgency.HIGH)


def html(evaluation: Evaluation, baselines: Sequence[Baseline], manifest: Manifest) -> str:
    """The whole report, light or dark as the reader prefers, and printable."""
    title = f"Triage model {manifest.name}"
    sections = [
        f"<header><h1>{escape(title)}</h1>{_origin(evaluation, manifest)}</header>",
        f'<div class="tiles">{"".join(_tiles(evaluation))}</div>',
        f"<h2>In short</h2>{tables.headline(evaluation)}",
    ]
    if baselines:
        sections.append(
            "<h2>Beside simple methods</h2><p>Fitted on the same training examples and judged on "
            f"the same messages.</p>{tables.comparison(evaluation, baselines)}"
        )
    sections += [_head(name, score) for name, score in evaluation.heads.items()]
    sections += [_entities(evaluation), _learning(manifest), _speed(evaluation)]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE.read_text('utf-8')}</style></head>"
        f"<body><main>{''.join(sections)}</main></body></html>\n"
    )


def text(evaluation: Evaluation, baselines: Sequence[Baseline]) -> str:
    """The figures that matter, for a terminal."""
    lines = [f"{evaluation.model}, {evaluation.examples} messages", ""]
    lines += _aligned(_head_rows(evaluation))
    lines += ["", *_aligned(_method_rows(evaluation, baselines))] if baselines else []
    for head, score in evaluation.heads.items():
        if worst := list(tables.most_frequent(score, 5)):
            lines += ["", f"{head}: most frequent confusions"]
            lines += [f"  {n:>4} × {wanted} → {said}" for wanted, said, n, _ in worst]
    lines += ["", *_remarks(evaluation)]
    return "\n".join(lines) + "\n"


def as_json(evaluation: Evaluation, baselines: Sequence[Baseline]) -> dict[str, Any]:
    """Every figure under its name; a confusion is wanted × predicted."""
    heads = {
        head: asdict(one) | {"confusion": one.confusion.tolist()}
        for head, one in evaluation.heads.items()
    }
    urgent = _urgent_recall(evaluation.heads)
    return (
        {
            key: getattr(evaluation, key)
            for key in Evaluation.__dataclass_fields__
            if key not in {"heads", "entities"}
        }
        | {"heads": heads, "urgent_recall": urgent}
        | {"entities": asdict(evaluation.entities) if evaluation.entities else None}
        | {"baselines": [asdict(one) for one in baselines]}
    )


def _origin(evaluation: Evaluation, manifest: Manifest) -> str:
    counts = " and ".join(
        f"{count:,} {'training' if split == 'train' else split}"
        for split, count in manifest.examples.items()
    )
    return (
        f'<p class="soft">Version {escape(manifest.version)}, '
        f"made {escape(manifest.created[:10])}, "
        f"fine-tuned from {escape(manifest.origin.name)} on {escape(counts)} examples. "
        f"Judged on {evaluation.examples:,} messages that it has not been trained on.</p>"
    )


def _tiles(evaluation: Evaluation) -> Iterator[str]:
    shown = {f"{head} accuracy": f"{one.accuracy:.1%}" for head, one in evaluation.heads.items()}
    urgent = _urgent_recall(evaluation.heads)
    if urgent is not None:
        shown["urgent messages seen"] = f"{urgent:.1%}"
    if evaluation.entities:
        shown["entities F1"] = f"{evaluation.entities.f1:.1%}"
    if evaluation.out_of_scope_auroc is not None:
        shown["out-of-scope AUROC"] = f"{evaluation.out_of_scope_auroc:.3f}"
    shown["a message, median"] = f"{evaluation.latency_p50_ms:.1f} ms"
    for name, figure in shown.items():
        yield f'<div class="tile"><b>{figure}</b><span>{escape(name)}</span></div>'


def _head(name: str, score: HeadScore) -> str:
    """Curves, the table of labels and the confusion; many labels need the whole width."""
    few = len(score.labels) <= _FEW
    labels = tables.by_label(score.by_label, name)
    confused = tables.confusions(score, most=6 if few else 14)
    confusion = (
        f"<div><h3>Confusion</h3>{charts.heat_map(score)}"
        f'<p class="soft">{_reading(score)}</p></div>'
    )
    if few:
        below = (
            f'<div class="wide"><div>{"".join(labels)}<div class="under">{confused}</div></div>'
            f"{confusion}</div>"
        )
    else:
        below = (
            f'<div class="pair labels">{"".join(labels)}</div>'
            f'<div class="big">{confusion}{confused}</div>'
        )
    return f"<h2>{escape(name.capitalize())}</h2>{_curves(score)}{below}"


def _curves(score: HeadScore) -> str:
    return (
        '<div class="pair"><figure><h3>Reliability</h3>'
        f"{charts.reliability_chart(score.bins)}<figcaption>On the diagonal a confidence of 80 % "
        "is right 80 % of the time. Bars: share of messages. Expected calibration error "
        f"{score.ece_before:.3f} before and {score.ece:.3f} after scaling.</figcaption></figure>"
        "<figure><h3>Risk and coverage</h3>"
        f"{charts.risk_chart(score.curve, score.coverage_at_95)}<figcaption>If only the surest "
        "labels are trusted, fewer are wrong. Dashed: one in twenty.</figcaption></figure></div>"
    )


def _reading(score: HeadScore) -> str:
    shown = len(charts.most_confused(score))
    cut = f" The {shown} most confused of {len(score.labels)} labels." * (shown < len(score.labels))
    return (
        "Rows: the label that people gave; columns: the model's. Shaded by share of the row, "
        f"errors in orange.{cut}"
    )


def _entities(evaluation: Evaluation) -> str:
    if not evaluation.entities:
        return ""
    return (
        "<h2>Entities</h2><p>Right means: the same value as the label, so that 2 weeks is 14 "
        f"days.</p>{tables.entities(evaluation.entities)}"
    )


def _learning(manifest: Manifest) -> str:
    history = manifest.recipe.get("history") or []
    losses = [(one["train_loss"], one["validation_loss"]) for one in history]
    if not losses:
        return ""
    return (
        f'<h2>Training</h2><div class="pair"><figure>{charts.learning_chart(losses)}<figcaption>'
        "A validation loss that rises while the training loss falls is overfitting; the epoch "
        "with the lowest validation loss over all heads is kept.</figcaption></figure></div>"
    )


def _speed(evaluation: Evaluation) -> str:
    remarks = "".join(f"<p>{escape(one)}</p>" for one in _remarks(evaluation))
    return f'<footer class="soft">{remarks}</footer>'


def _remarks(evaluation: Evaluation) -> Iterator[str]:
    urgent = _urgent_recall(evaluation.heads)
    if urgent is not None:
        yield f"Urgent messages (critical or high) seen as urgent: {urgent:.1%}."
    if evaluation.out_of_scope_auroc is not None:
        yield (
            f"{evaluation.out_of_scope} messages are out of scope; AUROC of telling them apart "
            f"{evaluation.out_of_scope_auroc:.3f}."
        )
    yield (
        f"One message takes {evaluation.latency_p50_ms:.1f} ms (median), "
        f"{evaluation.latency_p95_ms:.1f} ms (95th percentile); {evaluation.per_second:.0f} a "
        "second in batches, on one thread."
    )


def _urgent_recall(heads: Mapping[str, HeadScore]) -> float | None:
    """The share of critical and high messages that are seen as one of the two."""
    score = heads.get("urgency")
    rows = [n for n, one in enumerate(score.labels) if one in _URGENT] if score else []
    if score is None or not score.confusion[rows].sum():
        return None
    return float(score.confusion[rows][:, rows].sum() / score.confusion[rows].sum())


def _head_rows(evaluation: Evaluation) -> list[list[str]]:
    rows = [["", "accuracy", "macro-F1", "loss", "ECE before", "after", "decided at 95 %"]]
    for head, one in evaluation.heads.items():
        figures = (one.accuracy, one.macro_f1, one.loss, one.ece_before, one.ece)
        rows.append([head, *(f"{figure:.3f}" for figure in figures), f"{one.coverage_at_95:.1%}"])
    return rows


def _method_rows(evaluation: Evaluation, baselines: Sequence[Baseline]) -> list[list[str]]:
    methods = [*baselines, tables.own_scores(evaluation)]
    has_entities = any(one.entities for one in methods)
    rows = [["accuracy / macro-F1", *evaluation.heads, *["entities F1"] * has_entities]]
    for one in methods:
        cells = [
            f"{found.accuracy:.3f} / {found.macro_f1:.3f}"
            if (found := one.heads.get(head))
            else "–"
            for head in evaluation.heads
        ]
        entities = [f"{one.entities.f1:.3f}" if one.entities else "–"] * has_entities
        rows.append([one.name, *cells, *entities])
    return rows


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        f"{first:<{widths[0]}}  "
        + "  ".join(f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True))
        for first, *rest in rows
    ]
