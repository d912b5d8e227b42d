"""Which chat model was fine-tuned last: `<home>/triage/openai.json`."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import ModelInvalid


class TunedModel(BaseModel):
    """What `openai.json` says about a fine-tuned chat model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: str = Field(min_length=1, description="The provider's name of it: ft:…")
    job: str
    base: str = Field(description="The model that was fine-tuned.")
    created: str = Field(description="UTC, ISO 8601.")
    data_sha256: str = Field(description="Of the training and validation examples.")
    intents: tuple[str, ...] = Field(min_length=1, description="What it was taught to say.")


def write_tuned(home: Path, tuned: TunedModel) -> Path:
    """Put a model in use by one atomic rename; the file."""
    path = _path(home)
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    written.write_text(tuned.model_dump_json(indent=2) + "\n", "utf-8")
    return written.replace(path)


def read_tuned(home: Path) -> TunedModel | None:
    """The model that was fine-tuned last; None where there is none.

    Raises:
        ModelInvalid: the file is broken.
    """
    path = _path(home)
    try:
        return TunedModel.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise ModelInvalid(f"{path} cannot be read: mend or remove it") from error


def _path(home: Path) -> Path:
    return home / "triage" / "openai.json"
