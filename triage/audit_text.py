"""An audit as text for a terminal, eighty lines or so (pure)."""

import textwrap
from collections.abc import Iterator, Sequence

from triage.audit import Audit, Unlocated
from triage.counting import FEW, HeadCounts, LabelCount, Place
from triage.duplicates import Pair
from triage.suspicion import Check
from triage.windows import MOST_TOKENS

_WIDTH = 110
_SHOWN = 4
_LABELS_SHOWN = 16


def render(found: Audit) -> str:
    """The verdict first, then each figure; long lists are cut."""
    sections = (
        _verdict(found),
        _splits(found),
        *(_head(one) for one in found.heads),
        _entities(found),
        _repeats(found),
        *(_check(one) for one in found.checks),
        _variety(found),
    )
    return "\n\n".join("\n".join(lines) for one in sections if (lines := list(one))) + "\n"


def _verdict(found: Audit) -> Iterator[str]:
    yield str(found.verdict.readiness).capitalize() + (":" if found.verdict.reasons else ".")
    for reason in found.verdict.reasons:
        yield textwrap.fill(reason, _WIDTH, initial_indent="  - ", subsequent_indent="    ")


def _splits(found: Audit) -> Iterator[str]:
    rows = [("split", "examples", "voices", "words: min", "median", "p95", "max", "over window")]
    for one in found.splits:
        over = one.words.over_window
        rows.append(
            (
                one.split,
                str(one.examples),
                str(len(one.voices)),
                str(one.words.least),
                f"{one.words.median:g}",
                f"{one.words.p95:.0f}",
                str(one.words.most),
                "not counted" if over is None else f"{over:.1%}",
            )
        )
    yield f"Examples (the model's window is {MOST_TOKENS} tokens)"
    yield from _table(rows)
    yield from _cut([f"voice {voice} lies in {', '.join(of)}" for voice, of in found.shared_voices])


def _head(counts: HeadCounts) -> Iterator[str]:
    few = counts.few()
    yield (
        f"{counts.head.capitalize()}: {len(counts.labels)} labels, largest to smallest "
        f"{counts.ratio:.1f} : 1, evenness {counts.evenness:.2f} (training, validation, test)"
    )
    yield from _counted(counts.labels)
    if few:
        yield (
            f"  ! {len(few)} of {len(counts.labels)} under {FEW} examples: "
            "use prompting and retrieval instead"
        )


def _counted(labels: Sequence[LabelCount]) -> Iterator[str]:
    """Label and its counts in two columns, the smallest last; `!` where there are few."""
    shown = list(labels)
    if len(labels) > _LABELS_SHOWN:
        half = _LABELS_SHOWN // 2
        shown = [*labels[: half - 1], *labels[-half:]]
    cells = [
        f"{'!' if one.train < FEW else ' '} {one.label:<34.34}"
        f"{one.train:>6}{one.validation:>5}{one.test:>5}"
        for one in shown
    ]
    if len(shown) < len(labels):
        cells.insert(_LABELS_SHOWN // 2 - 1, f"  … and {len(labels) - len(shown)} more")
    height = (len(cells) + 1) // 2
    yield from (
        "  ".join(filter(None, [f"  {cells[n]:<51}", *cells[n + height : n + height + 1]])).rstrip()
        for n in range(height)
    )


def _entities(found: Audit) -> Iterator[str]:
    if not found.entities:
        return
    yield "Entities (examples that name one: training, validation, test)"
    yield from _counted(found.entities)
    lost = found.unlocated
    if lost:
        yield f"  {len(lost)} values do not stand in their text, so no span can be taught:"
        yield from _cut([_unlocated(one) for one in lost], indent=4)


def _unlocated(one: Unlocated) -> str:
    return f"{_where(one.place)} {one.key} {one.value!r}: {_start(one.place)}"


def _repeats(found: Audit) -> Iterator[str]:
    yield "Repetition"
    for one in found.repeats.twins:
        figures = f"{one.exact} exact, {one.near} near duplicates"
        if one.split == one.other:
            yield f"  {figures} within {one.split}"
        else:
            yield f"  {figures} of {one.other} examples in {one.split}: leaks"
    if not found.repeats.twins:
        yield "  none"
    yield from _cut([_pair(one) for one in found.repeats.leaks], shown=3, indent=4)
    if found.repeats.conflicts:
        yield f"  {len(found.repeats.conflicts)} pairs of like texts with unlike labels"
        yield from _cut([_conflict(one) for one in found.repeats.conflicts], indent=4)


def _pair(one: Pair) -> str:
    return f"{one.alike:.0%} {_where(one.first)} ~ {_where(one.second)}: {_start(one.second)}"


def _conflict(one: Pair) -> str:
    labels = ", ".join(
        f"{getattr(one.first.example, head)} / {getattr(one.second.example, head)}"
        for head in one.differ
    )
    return f"{one.alike:.0%} {labels}: {_start(one.first)}"


def _check(check: Check) -> Iterator[str]:
    how = "by whole voices" if check.by_voice else "at random"
    yield (
        f"Labels of {check.head}: a linear model, cross-validated {how}, "
        f"agrees with {check.accuracy:.1%} of {check.examples}"
    )
    if check.suspects:
        yield f"  {len(check.suspects)} labels that it doubts, likeliest errors first:"
    yield from _cut(
        [
            f"{_where(one.place)} {one.own} → {one.suggested} "
            f"({one.suggested_probability:.2f}): {_start(one.place)}"
            for one in check.suspects
        ],
        indent=4,
    )


def _variety(found: Audit) -> Iterator[str]:
    one = found.variety
    yield "Variety"
    yield (
        f"  {one.openings:.0%} different openings of three words; "
        f"{one.type_token:.0%} different words in a thousand"
    )
    for overlap in one.overlaps:
        yield (
            f"  runs of words of {overlap.split} that stand in training: "
            f"{overlap.four:.1%} of four, {overlap.eight:.1%} of eight"
        )
    distances = [(name, distance) for name, distance in one.to_train]
    if one.between_voices:
        voices = next((len(split.voices) for split in found.splits if split.split == "train"), 0)
        others = "training (other voices)" if voices > 1 else "training (the rest)"
        distances.append((others, one.between_voices))
    for name, distance in distances:
        yield (
            f"  distance to the nearest training example, {name}: "
            f"mean {distance.mean:.2f}, nearest tenth {distance.p10:.2f}"
        )


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [f"{cell:>{width}}" for cell, width in zip(rest, widths[1:], strict=True)]
        yield "  " + "  ".join([f"{first:<{widths[0]}}", *cells])


def _cut(lines: Sequence[str], *, shown: int = _SHOWN, indent: int = 2) -> Iterator[str]:
    for line in lines[:shown]:
        yield _fitted(" " * indent + line)
    if len(lines) > shown:
        yield " " * indent + f"… and {len(lines) - shown} more"


def _where(place: Place) -> str:
    voice = place.example.voice
    return place.split if voice in {"", place.split} else f"{place.split}/{voice}"


def _start(place: Place) -> str:
    text = " ".join(place.example.text.split())
    return text[:_WIDTH]


def _fitted(line: str) -> str:
    """One line of the terminal's width; what would steer the terminal is not shown."""
    line = "".join(letter if letter.isprintable() else "\ufffd" for letter in line)
    return line if len(line) <= _WIDTH else line[: _WIDTH - 1].rstrip() + "…"
