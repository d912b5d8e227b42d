"""`manifest.json` of a model's folder: what it can say, how it is calibrated, where it is from."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import ModelInvalid

MODEL, FROZEN, FULL = "model.onnx", "frozen.onnx", "fp32.onnx"
TOKENIZER, MANIFEST, SECOND = "tokenizer.json", "manifest.json", "second.npz"
REFERENCE, CARD = "reference.npz", "README.md"


class Origin(BaseModel):
    """The encoder that was fine-tuned."""

    name: str
    weights_sha256: str
    license: str


class Manifest(BaseModel):
    """What `manifest.json` must say about a triage model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    version: str = Field(description="Hash of weights and calibration.")
    created: str = Field(description="UTC, ISO 8601.")
    heads: dict[str, tuple[str, ...]] = Field(description="Labels of each head, in order.")
    entities: bool = Field(description="Whether tokens are tagged.")
    max_tokens: int = Field(ge=16, le=512)
    temperatures: dict[str, float]
    second_weight: float = Field(
        0.0, ge=0, le=1, description="Of the second head's log-probability."
    )
    thresholds: dict[str, float] = Field(
        description="Below: `intent` is uncertain, an entity is not there."
    )
    entity_scale: tuple[float, float] = Field((1.0, 0.0), description="Platt scaling of spans.")
    silent: dict[str, tuple[str, ...]] = Field(
        {}, description="Entities that messages of an intent hardly ever name."
    )
    origin: Origin
    examples: dict[str, int] = Field(description="Number by split.")
    data_sha256: str
    recipe: dict[str, Any]
    metrics: dict[str, Any]
    seconds: float
    libraries: dict[str, str]


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a model's folder.

    Raises:
        ModelInvalid: it is missing or wrong; names the key.
    """
    try:
        return Manifest.model_validate_json((folder / MANIFEST).read_text("utf-8"))
    except OSError as error:
        raise ModelInvalid(f"{folder}: no triage model here ({MANIFEST} is missing)") from error
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"])) or "JSON"
        raise ModelInvalid(f"{folder / MANIFEST}: {key}: {problem['msg']}") from error
