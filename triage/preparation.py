"""Examples as the network reads them: tokens, label indices, tags."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.dataset import Dataset, Example
from triage.schema import Sentiment, Urgency
from triage.spans import UNTAGGED, locate, tagged
from triage.windows import Window, Windows


@dataclass(frozen=True, slots=True)
class Prepared:
    """One example as the network reads it; -100 where a label is not given."""

    window: Window
    labels: dict[str, int]
    tags: tuple[int, ...] | None
    outlier: bool = False


def label_sets(dataset: Dataset, out_of_scope: str | None) -> dict[str, tuple[str, ...]]:
    """The labels of each head; a head that no example labels is not built."""
    intents = sorted({one.intent for one in dataset.train} - {out_of_scope})
    found = {"intent": tuple(intents)}
    if any(one.urgency for one in dataset.train):
        found["urgency"] = tuple(Urgency)
        found["sentiment"] = tuple(Sentiment)
    return found


def prepare(
    examples: Sequence[Example],
    windows: Windows,
    labels: dict[str, tuple[str, ...]],
    out_of_scope: str | None,
) -> list[Prepared]:
    """Tokens, label indices and tags of every example."""
    read = windows.read([one.text for one in examples]) if examples else []
    indices = {key: {label: n for n, label in enumerate(of)} for key, of in labels.items()}
    rows = []
    for one, window in zip(examples, read, strict=True):
        found = {
            key: index.get(getattr(one, key) or "", UNTAGGED) for key, index in indices.items()
        }
        tags = (
            tuple(tagged(window, locate(one.text, one.entities)))
            if one.entities is not None
            else None
        )
        rows.append(Prepared(window, found, tags, outlier=one.intent == out_of_scope))
    return rows
