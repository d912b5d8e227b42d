"""The triage model beside what is simpler: one message, batches, size on disk, memory.

The baseline is the encoder of `knowledge` as it is with a logistic regression on its vectors; it
says one label where the model says three and the entities. With `--fp32` the same network before
quantisation stands beside both. They take each text in turn, so that a busy moment hits all alike.
"""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from random import Random
from statistics import fmean, median

from tokenizers import Tokenizer

from benchmarks.desks import ROOT, resident_mb
from benchmarks.figures import Report, Row
from benchmarks.labellers import Kind, Labeller, opened
from knowledge.settings import KnowledgeSettings
from triage.adapters.local import LocalModel
from triage.dataset import read
from triage.errors import ModelInvalid
from triage.manifest import FROZEN, MANIFEST, MODEL, SECOND, TOKENIZER
from triage.settings import TriageSettings
from triage.store import SHIPPED

BASELINE, FP32, OURS = "frozen encoder + regression", "same network in fp32", "triage model"
READ_ALONE, IMPORTS = "triage model, read alone", "its libraries imported"
LENGTHS = (20, 64, 256)
BATCH = 32
WARM = 5
WITHOUT_FP32 = (
    "No fp32 beside it: give the file that `supportbot triage train --keep-fp32` writes beside "
    "model.onnx by --fp32 FILE."
)
_READ = (MODEL, FROZEN, SECOND, TOKENIZER, MANIFEST)


@dataclass(frozen=True, slots=True)
class Contender:
    """Something that labels messages, from a folder."""

    name: str
    kind: Kind
    folder: Path


def measure(*, quick: bool, model: Path | None = None, fp32: Path | None = None) -> list[Report]:
    """Time and weigh the model in `model`, and its network in fp32 if that file is given."""
    texts = messages()
    with contenders_of(model or default_folder(), fp32) as contenders:
        labellers = {one.name: opened(one.kind, one.folder) for one in contenders}
        tokenizer = read_tokenizer(contenders[-1].folder)
        by_length = {
            tokens: of_length(texts[: 40 if quick else 400], tokens, tokenizer)
            for tokens in LENGTHS
        }
        return [
            _one_message(labellers, by_length, notes=() if fp32 else (WITHOUT_FP32,)),
            _batches(
                labellers, texts[:128] if quick else texts, tokenizer, passes=2 if quick else 3
            ),
            _size(contenders),
            _memory(contenders, [some[0] for some in by_length.values()], times=1 if quick else 3),
        ]


def default_folder() -> Path:
    """The model that is measured if none is named."""
    return TriageSettings().model or SHIPPED


def problems(model: Path, fp32: Path | None) -> Iterator[str]:
    """What would stop the benchmark half-way."""
    if fp32 and not fp32.is_file():
        yield f"{fp32}: there is no such file"
    try:
        if "urgency" not in LocalModel(model).manifest.heads:
            yield f"{model}: this model knows intents only: it cannot triage"
    except ModelInvalid as error:
        yield str(error)


def messages() -> list[str]:
    """Messages that no model was taught, the voices mixed."""
    files = sorted((SHIPPED.parent / "data" / "test").glob("*.jsonl"))
    texts = [one.text for file in files for one in read(file)]
    Random(0).shuffle(texts)  # noqa: S311  # an order, no secret
    return texts


def read_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model's folder; it neither cuts nor pads."""
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def of_length(texts: Sequence[str], tokens: int, tokenizer: Tokenizer) -> list[str]:
    """Each text cut, or joined with those after it, to so many tokens, [CLS] and [SEP] counted."""
    return [_cut([*texts[n:], *texts[:n]], tokens, tokenizer) for n in range(len(texts))]


@contextmanager
def contenders_of(model: Path, fp32: Path | None) -> Iterator[list[Contender]]:
    """The baseline first, the model last; a folder for fp32 lasts as long as they do."""
    found = [Contender(BASELINE, Kind.FROZEN, KnowledgeSettings().encoder.resolve())]
    with tempfile.TemporaryDirectory() as temporary:
        if fp32:
            found.append(Contender(FP32, Kind.TRIAGE, _fp32_folder(model, fp32, Path(temporary))))
        yield [*found, Contender(OURS, Kind.TRIAGE, model.resolve())]


def compared(group: str, samples: Mapping[str, Sequence[float]]) -> list[Row]:
    """A row each, against the first; the model's own also says how it stands to fp32."""
    baseline: Row | None = None
    rows = []
    for name, taken in samples.items():
        note = ""
        if name == OURS and FP32 in samples:
            note = f"{median(taken) / median(samples[FP32]):.2f} × fp32"
        title = f"{group}: {name}" if group else name
        rows.append(Row(title, taken, baseline, note=note))
        baseline = baseline or rows[0]
    return rows


def _cut(texts: Sequence[str], tokens: int, tokenizer: Tokenizer) -> str:
    following = cycle(texts)
    whole = next(following)
    while len((row := tokenizer.encode(whole)).ids) < tokens:
        whole = f"{whole}\n\n{next(following)}"
    return whole[: row.offsets[tokens - 2][1]]


def _fp32_folder(model: Path, fp32: Path, folder: Path) -> Path:
    for name in _READ:
        source = fp32 if name == MODEL else model / name
        if source.is_file():
            shutil.copyfile(source, folder / name)
    return folder


def _one_message(
    labellers: Mapping[str, Labeller],
    by_length: Mapping[int, Sequence[str]],
    notes: Sequence[str],
) -> Report:
    acts: dict[str, Callable[[str], object]] = {
        name: one.predict for name, one in labellers.items()
    }
    ours = labellers[OURS]
    assert isinstance(ours, LocalModel)
    acts[READ_ALONE] = lambda text: ours.read([text])
    rows = []
    for tokens, texts in by_length.items():
        taken = _in_turn(acts, [*texts[:WARM], *texts])
        waits = {name: found[WARM:] for name, found in taken.items()}
        rows += compared(f"{tokens} tokens", waits)
    return Report("One message, one thread", "ms", rows, notes=notes)


def _batches(
    labellers: Mapping[str, Labeller], texts: Sequence[str], tokenizer: Tokenizer, *, passes: int
) -> Report:
    rows = []
    for threads, group in ((1, "one thread"), (2, "two threads")):
        rates: dict[str, list[float]] = {name: [] for name in labellers}
        for _ in range(passes):
            for name, labeller in labellers.items():
                rates[name].append(_rate(labeller, texts, threads))
        rows += compared(group, rates)
    mean = fmean(len(tokenizer.encode(text).ids) for text in texts)
    title = f"Batches of {BATCH}, {len(texts)} test messages of {mean:.0f} tokens on average"
    notes = [
        "More is better here. Two threads share one model, each with batches of its own.",
        "The tokenizer may take further threads; it needs about 1 % of the time.",
    ]
    return Report(title, "messages/s", rows, notes=notes)


def _size(contenders: Sequence[Contender]) -> Report:
    rows = [
        row
        for group, names in ((MODEL, (MODEL,)), ("all that is read", _READ))
        for row in compared(group, {one.name: [_mb(one.folder, names)] for one in contenders})
    ]
    return Report("Size on disk", "MB", rows)


def _memory(contenders: Sequence[Contender], texts: Sequence[str], *, times: int) -> Report:
    idle = Contender(IMPORTS, Kind.IMPORTS, Path())
    weighed = {
        one.name: [_resident(one, texts) for _ in range(times)] for one in (*contenders, idle)
    }
    title = "Resident memory of a Python that loads and labels one message of each length"
    return Report(title, "MB", compared("", weighed))


def _in_turn(
    acts: Mapping[str, Callable[[str], object]], texts: Sequence[str]
) -> dict[str, list[float]]:
    """Milliseconds that each takes for each text."""
    taken: dict[str, list[float]] = {name: [] for name in acts}
    for text in texts:
        for name, act in acts.items():
            began = time.perf_counter()
            act(text)
            taken[name].append((time.perf_counter() - began) * 1000)
    return taken


def _rate(labeller: Labeller, texts: Sequence[str], threads: int) -> float:
    batches = [texts[n : n + BATCH] for n in range(0, len(texts), BATCH)]
    with ThreadPoolExecutor(threads) as pool:
        began = time.perf_counter()
        list(pool.map(labeller.predict_all, batches))
        return len(texts) / (time.perf_counter() - began)


def _mb(folder: Path, names: Sequence[str]) -> float:
    return sum((folder / one).stat().st_size for one in names if (folder / one).is_file()) / 1e6


def _resident(contender: Contender, texts: Sequence[str]) -> float:
    """Megabytes of a Python of its own once it has labelled the texts."""
    command = [sys.executable, "-m", "benchmarks.labellers", contender.kind, str(contender.folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as python:
        assert python.stdin
        assert python.stdout
        python.stdin.write(json.dumps(texts) + "\n")
        python.stdin.flush()
        if not python.stdout.readline():
            raise RuntimeError(f"{contender.name}: {contender.folder} was not labelled with")
        return resident_mb(python.pid)
