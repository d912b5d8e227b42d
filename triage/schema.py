"""The triage model's contract: what it says about one utterance."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Urgency(StrEnum):
    """How soon somebody has to act, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Sentiment(StrEnum):
    """How the writer feels about the matter."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    FRUSTRATED = "frustrated"
    ANGRY = "angry"


class Triage(BaseModel):
    """Labels of one utterance, each with a calibrated confidence between 0 and 1."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    intent: str
    urgency: Urgency
    sentiment: Sentiment
    entities: dict[str, str | int] = Field(default_factory=dict)
    confidence: dict[str, float]
    model: str
