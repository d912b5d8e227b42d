"""Corrections from the desk become training examples, with where they come from.

A correction is a line `{"input", "output", "corrected_by", "corrected_at", "predicted"}`; the
labels of a person win over those that the examples held for the same text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.dataset import SPLITS, Example, labelled, parse, read, read_split
from triage.errors import ExamplesInvalid
from triage.schema import Labels

VOICE = "corrections"
PROVENANCE = "provenance.jsonl"


class Correction(BaseModel):
    """One message that a person has labelled anew."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    input: str = Field(min_length=1)
    output: Labels
    corrected_by: str = Field("", description="Slack user.")
    corrected_at: str = Field("", description="UTC, ISO 8601.")
    predicted: dict[str, Any] = Field({}, description="What the model had said.")
    reference: str = Field("", description="The case.")


@dataclass(frozen=True, slots=True)
class Merge:
    """What a merge did; `held_out` are texts of validation or test, which are never trained on."""

    added: int
    replaced: int
    unchanged: int
    held_out: int


def read_corrections(path: Path) -> list[Correction]:
    """Every correction of a file; the last word on a text comes last.

    Raises:
        ExamplesInvalid: names the line that is wrong.
    """
    found = []
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ExamplesInvalid(f"{path}: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                found.append(Correction.model_validate_json(line))
            except ValidationError as error:
                problem = error.errors()[0]
                field = ".".join(map(str, problem["loc"])) or "JSON"
                raise ExamplesInvalid(
                    f"{path}, line {number}: {field}: {problem['msg']}"
                ) from error
    return found


def merge(corrections: Sequence[Correction], folder: Path) -> Merge:
    """Write corrections into `folder/train/corrections.jsonl`; labels they overrule are removed.

    `provenance.jsonl` beside the splits keeps who corrected what and when. Merging twice changes
    nothing.
    """
    held = {_key(one.text) for split in SPLITS[1:] for one in read_split(folder, split)}
    wanted = {_key(one.input): one for one in corrections if _key(one.input) not in held}
    own = folder / "train" / f"{VOICE}.jsonl"
    before = {_key(one.text): one for one in read(own)} if own.is_file() else {}
    after = before | {key: _example(one) for key, one in wanted.items()}
    changed = {key for key in wanted if before.get(key) != after[key]}
    overruled = _overrule(folder / "train", set(wanted), spare=own)
    own.parent.mkdir(parents=True, exist_ok=True)
    if after:
        own.write_text("".join(one.as_line() + "\n" for one in after.values()), "utf-8")
    with (folder / PROVENANCE).open("a", encoding="utf-8") as log:
        for key, correction in wanted.items():
            if key in changed:
                log.write(correction.model_dump_json(exclude_none=True) + "\n")
    replaced = overruled + sum(key in before for key in changed)
    return Merge(
        added=len(changed) - replaced,
        replaced=replaced,
        unchanged=len(wanted) - len(changed),
        held_out=sum(_key(one.input) in held for one in corrections),
    )


def _overrule(folder: Path, keys: set[str], *, spare: Path) -> int:
    """Take the texts of `keys` out of the other files; how many there were."""
    total = 0
    for file in sorted(folder.glob("*.jsonl")):
        if file == spare:
            continue
        lines = [line for line in file.read_text("utf-8").split("\n") if line.strip()]
        kept = [line for line in lines if _key(parse(line).text) not in keys]
        if len(kept) < len(lines):
            total += len(lines) - len(kept)
            file.write_text("".join(line + "\n" for line in kept), "utf-8")
    return total


def _example(correction: Correction) -> Example:
    return labelled(correction.input, correction.output, voice=VOICE)


def _key(text: str) -> str:
    """Texts that differ in case, spacing or punctuation alone are one."""
    return " ".join(re.findall(r"\w+", text.casefold()))
