"""Fine-tuning a chat model at a provider: upload, start, follow.

One plan starts one job at most: where it is not known whether a job has begun, it is looked for,
and never started again.
"""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from triage.errors import ExamplesInvalid, ModelRefused, ModelUnavailable, TuningFailed
from triage.uploads import TRAIN, VALIDATION, Files, Plan

PAUSE_SECONDS = 5.0
LONGEST_PAUSE_SECONDS = 60.0
PATIENCE = 10
LOOKS = 3
LONGEST_PROBLEM = 600

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait between two looks, in seconds, and how."""

    pause: float = PAUSE_SECONDS
    sleep: Callable[[float], None] = time.sleep

    def wait(self, attempt: int = 1) -> None:
        """Wait; twice as long at each further attempt, a minute at most."""
        self.sleep(min(self.pause * 2 ** (attempt - 1), LONGEST_PAUSE_SECONDS))


AT_EASE = Pace()


@dataclass(frozen=True, slots=True)
class Order:
    """What a job is to do; the files are named by the provider's ids."""

    plan: Plan
    training_file: str
    validation_file: str | None
    data_sha256: str


@dataclass(frozen=True, slots=True)
class Job:
    """How a job stands; `model` once it has succeeded, `problem` once it has failed.

    `data_sha256` is of the examples it was started with, None where the provider does not say.
    """

    id: str
    status: str
    base: str
    model: str | None = None
    problem: str | None = None
    data_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a job's log; `at` is in Unix seconds."""

    id: str
    at: int
    message: str


class TuningService(Protocol):
    """A provider that fine-tunes; every method raises ModelRefused and ModelUnavailable."""

    def upload(self, name: str, content: bytes) -> str:
        """Keep a file of rows; its id."""

    def start(self, order: Order) -> Job:
        """Start a job. After ModelUnavailable it may have begun all the same."""

    def find(self, training_file: str) -> Job | None:
        """The job that was started on a file, if there is one."""

    def job(self, job_id: str) -> Job:
        """How a job stands."""

    def events(self, job_id: str, *, after: str | None) -> Sequence[Event]:
        """One page of a job's log, newest first: those older than the event `after`."""


def begin(
    service: TuningService,
    files: Files,
    *,
    plan: Plan,
    pace: Pace = AT_EASE,
) -> Job:
    """Upload the files and start one job.

    Raises:
        ModelRefused: the provider does not accept key, model, files or account.
        ModelUnavailable: nothing was started, or it cannot be found out whether it was.
    """
    order = Order(
        plan=plan,
        training_file=service.upload(TRAIN, files.train),
        validation_file=service.upload(VALIDATION, files.validation) if files.validation else None,
        data_sha256=files.data_sha256,
    )
    try:
        return service.start(order)
    except ModelRefused:
        raise
    except ModelUnavailable as error:
        if found := _looked_for(service, order, pace=pace):
            return found
        raise ModelUnavailable(f"{error}; no job was started: run the command again") from error


def follow(
    service: TuningService,
    job_id: str,
    *,
    on_event: Callable[[Event], None],
    data_sha256: str,
    pace: Pace = AT_EASE,
) -> Job:
    """Report a job's events, oldest first and each once, until it has succeeded.

    Raises:
        TuningFailed: it failed or was cancelled; says what the provider says.
        ExamplesInvalid: it was started with other examples.
        ModelUnavailable: the provider does not answer any more; the job goes on.
    """
    seen: set[str] = set()
    while True:
        job = _patiently(lambda: service.job(job_id), job_id, pace=pace)
        if job.data_sha256 not in {None, data_sha256}:
            raise ExamplesInvalid(f"job {job_id} was started with other examples than these")
        news = _patiently(lambda: _unseen(service, job_id, seen), job_id, pace=pace)
        seen.update(one.id for one in news)
        for one in news:
            on_event(one)
        if _ended(job):
            return job
        pace.wait()


def _looked_for(service: TuningService, order: Order, *, pace: Pace) -> Job | None:
    """The job of an order that may have arrived; a list of jobs may lag a little."""
    lost = None
    for attempt in range(1, LOOKS + 1):
        pace.wait(attempt)
        try:
            if found := service.find(order.training_file):
                return found
        except ModelUnavailable as error:
            lost = error
        else:
            lost = None
    if lost:
        raise ModelUnavailable(
            f"{lost}; whether a job was started is not known: look for one on the training file "
            f"{order.training_file} before you run the command again"
        ) from lost
    return None


def _unseen(service: TuningService, job_id: str, seen: set[str]) -> list[Event]:
    """The events that are new, oldest first; pages are read back to one that holds a known one."""
    found: dict[str, Event] = {}
    after = None
    while page := service.events(job_id, after=after):
        new = {one.id: one for one in page if one.id not in seen and one.id not in found}
        found |= new
        if len(new) < len(page):
            break
        after = page[-1].id
    return list(reversed(found.values()))


def _patiently(call: Callable[[], T], job_id: str, *, pace: Pace) -> T:
    """Call again, ever later, while the provider is away; the job goes on meanwhile."""
    for attempt in itertools.count(1):
        try:
            return call()
        except ModelRefused:
            raise
        except ModelUnavailable as error:
            if attempt == PATIENCE:
                raise ModelUnavailable(
                    f"{error}; job {job_id} goes on there: follow it with --resume {job_id}"
                ) from error
            pace.wait(attempt)
    raise AssertionError


def _ended(job: Job) -> bool:
    match job.status:
        case "succeeded" if job.model:
            return True
        case "succeeded":
            raise TuningFailed(f"job {job.id} has succeeded and names no model")
        case "failed":
            said = " ".join((job.problem or "the provider does not say why").split())
            raise TuningFailed(f"job {job.id} failed: {said[:LONGEST_PROBLEM]}")
        case "cancelled":
            raise TuningFailed(f"job {job.id} was cancelled")
        case _:
            return False
