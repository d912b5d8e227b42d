"""What the triage benchmark compares, each opened from its folder with nothing else imported.

Run as: python -m benchmarks.labellers KIND FOLDER   (labels the texts of one JSON line, then waits)
"""

import json
import sys
from collections.abc import Sequence
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np

INTENTS, DIMENSIONS = 25, 384
_LIBRARIES = ("onnxruntime", "pydantic", "tokenizers")


class Kind(StrEnum):
    """What reads a folder."""

    IMPORTS = "imports"
    FROZEN = "frozen"
    TRIAGE = "triage"


class Labeller(Protocol):
    """The part of a model that is timed."""

    def predict(self, utterance: str) -> object:
        """Label one utterance."""
        ...

    def predict_all(self, utterances: Sequence[str]) -> Sequence[object]:
        """Label many."""
        ...


class Idle:
    """The libraries that every labeller needs, and no model."""

    def __init__(self) -> None:
        for name in _LIBRARIES:
            import_module(name)

    def predict(self, utterance: str) -> str:
        """Hand the utterance back."""
        return utterance

    def predict_all(self, utterances: Sequence[str]) -> list[str]:
        """Hand the utterances back."""
        return list(utterances)


class Frozen:
    """The encoder of `knowledge` as it is, and a logistic regression on its vectors.

    The regression is random: it takes as long as a fitted one.
    """

    def __init__(self, folder: Path) -> None:
        from knowledge.adapters.encoder import OnnxEncoder  # noqa: PLC0415  # weighed alone

        self._encoder = OnnxEncoder(folder, workers=1)
        random = np.random.default_rng(0)
        self._weights = random.standard_normal((INTENTS, DIMENSIONS), dtype=np.float32)

    def predict(self, utterance: str) -> tuple[int, float]:
        """The likeliest label and its probability."""
        return self.predict_all([utterance])[0]

    def predict_all(self, utterances: Sequence[str]) -> list[tuple[int, float]]:
        """The likeliest label of each, and its probability."""
        scores = self._encoder.embed(utterances) @ self._weights.T
        odds = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities = odds / odds.sum(axis=1, keepdims=True)
        best = probabilities.argmax(axis=1)
        return [
            (int(label), float(row[label])) for label, row in zip(best, probabilities, strict=True)
        ]


def opened(kind: Kind, folder: Path) -> Labeller:
    """Load what reads this folder."""
    match kind:
        case Kind.IMPORTS:
            return Idle()
        case Kind.FROZEN:
            return Frozen(folder)
        case Kind.TRIAGE:
            from triage.adapters.local import LocalModel  # noqa: PLC0415  # weighed alone

            return LocalModel(folder)


def main() -> None:
    """Load, label, say so, and stay to be weighed until stdin is closed."""
    kind, folder = sys.argv[1:]
    labeller = opened(Kind(kind), Path(folder))
    for text in json.loads(sys.stdin.readline()):
        labeller.predict(text)
    print("Labelled.", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
