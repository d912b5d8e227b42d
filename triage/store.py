"""Which model is in use: the shipped one, or one that was promoted over it.

`<home>/triage/` holds `models/<version>/` and `current.json`, which names the version in use and
the ones before it, newest last. A switch is one atomic rename, so a reader sees the old or the new.
"""

import json
import shutil
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from triage.errors import ModelInvalid, PromotionRefused
from triage.manifest import MANIFEST, MODEL, TOKENIZER, read_manifest
from triage.settings import TriageSettings

SHIPPED = Path(__file__).parent / "model"
_SHIPPED_NAME = "shipped"
_KEPT = 5


def model_folder(settings: TriageSettings, *, home: Path) -> Path:
    """The folder of the embedded model in use: the one that `TRIAGE_MODEL` names, or the store's.

    Raises:
        ModelInvalid: the store is asked, and is broken.
    """
    return settings.model or ModelStore(home).current()


class _Current(BaseModel):
    """What `current.json` says; "shipped" stands for the model of the package."""

    model_config = ConfigDict(extra="forbid")

    version: str = _SHIPPED_NAME
    before: list[str] = []


class ModelStore:
    """The models of one home folder."""

    def __init__(self, home: Path, *, shipped: Path = SHIPPED) -> None:
        self._folder = home / "triage"
        self._shipped = shipped

    def current(self) -> Path:
        """The folder of the model in use.

        Raises:
            ModelInvalid: `current.json` is broken, or names a model that is gone.
        """
        return self._path(self._read().version)

    def install(self, candidate: Path) -> str:
        """Copy a model's folder in, put it in use, and keep the one before; its version.

        Raises:
            ModelInvalid: the folder holds no model.
            PromotionRefused: this model is in use already.
        """
        version = read_manifest(candidate).version
        state = self._read()
        if version in {state.version, self._shipped_version(state)}:
            raise PromotionRefused(f"{version} is in use already")
        for name in (MODEL, TOKENIZER):
            if not (candidate / name).is_file():
                raise ModelInvalid(f"{candidate}: {name} is missing")
        self._copy(candidate, version)
        before = [*(one for one in state.before if one != version), state.version][-_KEPT:]
        self._write(_Current(version=version, before=before))
        self._forget({version, *before})
        return version

    def rollback(self) -> str:
        """Put the model before back in use; its version.

        Raises:
            PromotionRefused: there was none before.
        """
        state = self._read()
        if not state.before:
            raise PromotionRefused("there is no model before this one: nothing was ever promoted")
        *before, version = state.before
        self._path(version)
        self._write(_Current(version=version, before=before))
        return version

    def _read(self) -> _Current:
        path = self._folder / "current.json"
        try:
            return _Current.model_validate_json(path.read_text("utf-8"))
        except FileNotFoundError:
            return _Current()
        except (OSError, ValidationError) as error:
            raise ModelInvalid(f"{path} cannot be read: mend or remove it") from error

    def _write(self, state: _Current) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / "current.json"
        written = path.with_suffix(".new")
        written.write_text(json.dumps(state.model_dump()) + "\n", "utf-8")
        written.replace(path)

    def _path(self, version: str) -> Path:
        path = self._shipped if version == _SHIPPED_NAME else self._folder / "models" / version
        if not (path / MANIFEST).is_file():
            raise ModelInvalid(f"the triage model {version} is gone from {path}")
        return path

    def _shipped_version(self, state: _Current) -> str | None:
        if state.version != _SHIPPED_NAME:
            return None
        return read_manifest(self._shipped).version if self._shipped.is_dir() else None

    def _copy(self, candidate: Path, version: str) -> None:
        models = self._folder / "models"
        models.mkdir(parents=True, exist_ok=True)
        if (models / version).is_dir():
            return
        with tempfile.TemporaryDirectory(dir=models, prefix=".new-") as folder:
            whole = Path(folder) / version
            shutil.copytree(candidate, whole)
            whole.replace(models / version)

    def _forget(self, kept: set[str]) -> None:
        """Remove what no rollback can reach."""
        for folder in (self._folder / "models").iterdir():
            if folder.name not in kept and not folder.name.startswith("."):
                shutil.rmtree(folder, ignore_errors=True)
