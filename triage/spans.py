"""Entities as tags on tokens, and back (pure).

Training asks where an entity's value stands in the text; prediction asks which value the tagged
tokens hold.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from triage.entities import Candidate, Value, candidates, value, whole_dates
from triage.schema import ENTITIES
from triage.windows import Window

TAGS = ("O", *(f"{place}-{key}" for key in ENTITIES for place in ("B", "I")))
UNTAGGED = -100
"""The tag of [CLS], [SEP] and padding: no loss is taken there."""
EDGE = 0.2
SURE = dict.fromkeys(ENTITIES, 0.5)
_GAP = 3
_APOSTROPHES = "'’"
_LITERAL = frozenset({"order_id", "product", "deadline", "email", "phone"})


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `start` to `end` of a text hold an entity."""

    key: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Found:
    """An entity read from a text, and how sure the tags are, 0 to 1 (not yet calibrated)."""

    value: Value
    probability: float


def locate(text: str, entities: Mapping[str, Value]) -> list[Span]:
    """Every place in the text where one of these values stands."""
    spans: list[Span] = []
    for key, wanted in entities.items():
        found = list(_literal(key, text, str(wanted))) if key in _LITERAL else []
        if not found:
            same = [one for one in candidates(text) if one.key == key and _equal(one, wanted)]
            found = [Span(key, one.start, one.end) for one in _widest(same)]
        spans += found
    return spans


def tagged(window: Window, spans: Sequence[Span]) -> list[int]:
    """The tag of every token, as an index of `TAGS`."""
    tags = [0 if end > start else UNTAGGED for start, end in window.offsets]
    for span in spans:
        inside = [
            n
            for n, (start, end) in enumerate(window.offsets)
            if end > start and start < span.end and end > span.start
        ]
        for n in inside:
            tags[n] = 1 + 2 * ENTITIES.index(span.key) + (n != inside[0])
    return tags


def decode(
    text: str,
    window: Window,
    probabilities: NDArray[np.float32],
    *,
    thresholds: Mapping[str, float] = SURE,
) -> dict[str, Found]:
    """The entities that the tags' probabilities, tokens × len(TAGS), see in the text.

    One token of each has to reach the threshold of its entity.
    """
    proposed = candidates(text)
    found: dict[str, Found] = {}
    for n, key in enumerate(ENTITIES):
        belongs = probabilities[:, 1 + 2 * n] + probabilities[:, 2 + 2 * n]
        for start, end, sure in _runs(window, belongs, threshold=thresholds[key]):
            held = _value(key, text, (start, end), proposed)
            if held is not None and (key not in found or sure > found[key].probability + 0.05):
                found[key] = Found(held, sure)
    return found


def _runs(
    window: Window, belongs: NDArray[np.float32], *, threshold: float
) -> Iterator[tuple[int, int, float]]:
    """Runs of tokens that may belong, one of them surely: first and last character, and how sure.

    A name's first word is tagged with more certainty than its last, so a run goes on below the
    threshold that one of its tokens has to reach.
    """
    run: list[int] = []
    for n, (start, end) in enumerate(window.offsets):
        inside = end > start and belongs[n] >= EDGE
        if run and (not inside or start - window.offsets[run[-1]][1] > _GAP):
            yield from _bounds(window, run, belongs, threshold=threshold)
            run = []
        if inside:
            run.append(n)
    if run:
        yield from _bounds(window, run, belongs, threshold=threshold)


def _bounds(
    window: Window, run: Sequence[int], belongs: NDArray[np.float32], *, threshold: float
) -> Iterator[tuple[int, int, float]]:
    sure = float(np.clip(belongs[list(run)].max(), 0, 1))
    if sure >= threshold:
        yield window.offsets[run[0]][0], window.offsets[run[-1]][1], sure


def _value(
    key: str, text: str, bounds: tuple[int, int], proposed: Sequence[Candidate]
) -> Value | None:
    start, end = _whole_words(text, *bounds)
    if key == "deadline":
        start, end = whole_dates(text, start, end)
    overlapping = [
        one for one in proposed if one.key == key and one.start < end and start < one.end
    ]
    if overlapping:
        best = max(overlapping, key=lambda one: _overlap(one, start, end))
        return _with_currency(best, proposed) if key == "amount" else best.value
    return value(key, text[start:end])


def _with_currency(amount: Candidate, proposed: Sequence[Candidate]) -> Value:
    """A sum without a currency takes the only one that the text names."""
    if " " in str(amount.value):
        return amount.value
    named = {str(one.value).partition(" ")[2] for one in proposed if one.key == "amount"} - {""}
    return f"{amount.value} {named.pop()}" if len(named) == 1 else amount.value


def _overlap(candidate: Candidate, start: int, end: int) -> float:
    common = min(candidate.end, end) - max(candidate.start, start)
    return common / (max(candidate.end, end) - min(candidate.start, start))


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span with the words it cuts, also "children" in front of "'s"."""
    if text[start] in _APOSTROPHES and text[start - 1 : start].isalnum():
        start -= 1
    while start > 0 and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return start, end


def _literal(key: str, text: str, wanted: str) -> Iterator[Span]:
    words = r"\s+".join(re.escape(word) for word in wanted.split())
    for match in re.finditer(rf"(?<!\w){words}(?!\w)", text, re.IGNORECASE):
        yield Span(key, *match.span())


def _equal(candidate: Candidate, wanted: Value) -> bool:
    if candidate.key != "amount":
        return candidate.value == wanted
    figure, _, code = str(candidate.value).partition(" ")
    wanted_figure, _, wanted_code = str(wanted).partition(" ")
    return float(figure) == float(wanted_figure) and code in {"", wanted_code}


def _widest(spans: Sequence[Candidate]) -> list[Candidate]:
    """Without those that lie inside another; and one with a currency before one without."""
    return [
        one
        for one in spans
        if not any(
            other is not one and other.start <= one.start and one.end <= other.end
            for other in spans
        )
        or spans.index(one)
        == next(
            n for n, other in enumerate(spans) if other.start <= one.start and one.end <= other.end
        )
    ]
