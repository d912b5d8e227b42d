"""What a simple method reaches, to set beside a model. Needs nothing; `baselines.py` fits them."""

from collections.abc import Mapping
from dataclasses import dataclass

from triage.evaluation import EntityScore


@dataclass(frozen=True, slots=True)
class BaselineScore:
    """One head of a baseline, 0 to 1."""

    accuracy: float
    macro_f1: float


@dataclass(frozen=True, slots=True)
class Baseline:
    """A simple method; it has the heads and entities that it can say anything about."""

    name: str
    heads: Mapping[str, BaselineScore]
    entities: EntityScore | None = None
