"""Make .venv and install the desk into it; standard library only, runs on Python 3.6 and newer.

Run as
    python3 bot/install.py [--with dev]

Says in one line what stands in the way: an old Python, no venv module, a full disk, no package for
this machine. Does nothing when the environment is already right, so `make run` starts at once.
"""

import argparse
import errno
import hashlib
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NoReturn

OLDEST = (3, 11)
NEEDED_MB = 900
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts" if os.name == "nt" else "bin") / "python"
STAMP = VENV / "installed"
LOG = ROOT / "install.log"
DISK_FULL = f"The disk is full: free {NEEDED_MB} MB below {ROOT} and try again"
NO_BUILD = (
    "A package has no build for this machine, and a compiler is missing: use Python 3.11 to 3.13 "
    "on Linux, macOS or Windows (details in install.log)"
)
NO_INDEX = "The package index cannot be reached: check the network, or set PIP_INDEX_URL"
NO_VENV = "This Python lacks venv: on Debian and Ubuntu run `apt install python3-venv`"
KNOWN_TROUBLE = (
    ("No space left on device", DISK_FULL),
    ("No matching distribution", NO_BUILD),
    ("Failed building wheel", NO_BUILD),
    ("error: command 'gcc' failed", NO_BUILD),
    ("ensurepip is not available", NO_VENV),
    ("No module named venv", NO_VENV),
    ("name resolution", NO_INDEX),
    ("Failed to establish a new connection", NO_INDEX),
)


def main() -> None:
    """Install unless that is done already; end with one line on failure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--with", dest="extras", action="append", default=[], metavar="EXTRA")
    arguments = parser.parse_args()
    try:
        install(sorted(set(arguments.extras)))
    except OSError as error:
        if error.errno == errno.ENOSPC:
            stop(DISK_FULL)
        raise
    except KeyboardInterrupt:
        stop("Not installed: interrupted. Run it again to go on")


def install(extras: "list[str]") -> None:
    """Bring .venv to what pyproject.toml asks for."""
    python = right_python()
    asked = hashlib.sha256((ROOT / "pyproject.toml").read_bytes()).hexdigest()
    wanted = " ".join([asked, version_of(python), *extras])
    if is_current(wanted):
        return
    require_space()
    began = time.time()
    print("Installing into .venv (once; about a minute)...", flush=True)
    with LOG.open("w") as log:
        if not PYTHON.exists() or version_of(str(PYTHON)) != version_of(python):
            quietly([python, "-m", "venv", "--clear", str(VENV)], log)
        target = f".[{','.join(extras)}]" if extras else "."
        pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
        quietly([*pip, "--prefer-binary", "--editable", target], log)
    STAMP.write_text(wanted)
    LOG.unlink()
    print(f"Installed in {time.time() - began:.0f} s.", flush=True)


def right_python() -> str:  # noqa: RET503  stop() does not return
    """This Python, else a newer one on the path."""
    candidates = [sys.executable, "python3.13", "python3.12", "python3.11"]
    for name in candidates:
        found = shutil.which(name)
        if found and new_enough(version_of(found)):
            return found
    stop(
        f"Python {version_of(sys.executable)} is too old: install Python 3.11 or newer, or name "
        "one with `make run PYTHON=/path/to/python3.13`"
    )


def version_of(python: str) -> str:
    """As in 3.11; empty where it does not run."""
    asks = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        said = subprocess.check_output([python, "-c", asks], stderr=subprocess.DEVNULL)
    except (OSError, subprocess.CalledProcessError):
        return ""
    return said.decode().strip()


def new_enough(version: str) -> bool:
    """Whether a version is the oldest we run on, or newer."""
    return bool(version) and tuple(int(part) for part in version.split(".")) >= OLDEST


def is_current(wanted: str) -> bool:
    """Whether the stamp says that all of this, or more, is installed."""
    held = STAMP.read_text() if STAMP.exists() and PYTHON.exists() else ""
    return f"{held} ".startswith(f"{wanted} ")


def require_space() -> None:
    """End where the disk cannot hold the packages."""
    free = shutil.disk_usage(str(ROOT)).free // 1000000
    if free < NEEDED_MB:
        stop(f"The disk is too full: {free} MB are free below {ROOT}, {NEEDED_MB} MB are needed")


def quietly(command: "list[str]", log: "IO[str]") -> None:
    """Run a command, its output in the log; end with one line when it fails."""
    if subprocess.call(command, stdout=log, stderr=subprocess.STDOUT, cwd=str(ROOT)) == 0:
        return
    said = LOG.read_text(errors="replace")
    for sign, line in KNOWN_TROUBLE:
        if sign in said:
            stop(line)
    last = ([""] + said.strip().splitlines())[-1]
    stop(f"Installation failed: {last} (see install.log)")


def stop(line: str) -> NoReturn:
    """One line on standard error, and an exit status that make understands."""
    print(f"supportbot: {line}", file=sys.stderr)
    sys.exit(1)


if __name__ == "__main__":
    main()
