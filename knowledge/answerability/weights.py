"""Read the shipped weights."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from knowledge.answerable import FEATURES, Weights
from knowledge.errors import EncoderInvalid

SHIPPED = Path(__file__).parent / "weights.json"


class WeightsFile(BaseModel):
    """What `fit.py` writes: a number for each feature, and what was measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    features: tuple[str, ...]
    mean: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    bias: float
    threshold: float
    encoder: str
    measured: dict[str, float]


def read_weights(path: Path = SHIPPED, *, threshold: float | None = None) -> Weights:
    """The weights of a file, with another threshold where one is given.

    Raises:
        EncoderInvalid: the file is missing or fits other features.
    """
    try:
        held = WeightsFile.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise EncoderInvalid(f"{path}: the weights are missing or wrong") from error
    if held.features != FEATURES:
        raise EncoderInvalid(
            f"{path} was fitted to other features: run knowledge.answerability.fit"
        )
    found = Weights(
        mean=np.array(held.mean),
        scale=np.array(held.scale),
        weights=np.array(held.weights),
        bias=held.bias,
        threshold=held.threshold,
    )
    return found if threshold is None else replace(found, threshold=threshold)
