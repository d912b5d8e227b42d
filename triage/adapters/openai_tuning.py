"""Fine-tuning jobs by OpenAI's protocol."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

import openai
from pydantic import BaseModel, Field, SecretStr, ValidationError

from triage.adapters.openai import connect, has_no_quota, translated
from triage.errors import ModelUnavailable
from triage.tuning import Event, Job, Order

EVENTS_PAGE = 100
JOBS_PAGE = 20
RETRIES = 2
BUSY_WAITS = (5.0, 15.0, 45.0)
_SHA256 = "data_sha256"

T = TypeVar("T", bound=BaseModel)


def open_ai_tuning(
    *, api_key: SecretStr, base_url: str | None, timeout_seconds: float
) -> "OpenAITuning":
    """OpenAI, or a server that speaks its protocol; nothing is asked yet."""
    return OpenAITuning(
        connect(
            api_key=api_key,
            base_url=base_url,
            timeout_seconds=timeout_seconds,
            max_retries=RETRIES,
        )
    )


class OpenAITuning:
    """Keeps files, starts jobs and reads their logs; fills the port `TuningService`."""

    def __init__(
        self, client: openai.OpenAI, *, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self._client = client
        self._sleep = sleep

    def upload(self, name: str, content: bytes) -> str:
        """Keep a file of rows; its id."""
        with self._translated():
            answer = self._client.files.with_raw_response.create(
                file=(name, content, "application/jsonl"), purpose="fine-tune"
            )
        return self._read(_File, answer).id

    def start(self, order: Order) -> Job:
        """Start a job; tried again only after 429, when surely nothing has begun."""
        with self._translated():
            answer = self._created(order)
        return self._read(_Job, answer).as_job()

    def find(self, training_file: str) -> Job | None:
        """The job that was started on a file, among the last ones."""
        with self._translated():
            answer = self._client.fine_tuning.jobs.with_raw_response.list(limit=JOBS_PAGE)
        jobs = self._read(_Jobs, answer).data
        return next((one.as_job() for one in jobs if one.training_file == training_file), None)

    def job(self, job_id: str) -> Job:
        """How a job stands."""
        with self._translated():
            answer = self._client.fine_tuning.jobs.with_raw_response.retrieve(job_id)
        return self._read(_Job, answer).as_job()

    def events(self, job_id: str, *, after: str | None) -> Sequence[Event]:
        """One page of a job's log, newest first: those older than the event `after`."""
        with self._translated():
            answer = self._client.fine_tuning.jobs.with_raw_response.list_events(
                job_id, after=after or openai.omit, limit=EVENTS_PAGE
            )
        return [
            Event(one.id, one.created_at, one.message) for one in self._read(_Events, answer).data
        ]

    def _created(self, order: Order) -> "_Answer":
        # The client's own retries would start a second job where an answer is lost.
        jobs = self._client.with_options(max_retries=0).fine_tuning.jobs.with_raw_response
        for wait in (*BUSY_WAITS, None):
            try:
                return jobs.create(
                    model=order.plan.base,
                    training_file=order.training_file,
                    validation_file=order.validation_file or openai.omit,
                    suffix=order.plan.suffix,
                    method={
                        "type": "supervised",
                        "supervised": {"hyperparameters": {"n_epochs": order.plan.epochs}},
                    },
                    metadata={_SHA256: order.data_sha256},
                )
            except openai.RateLimitError as error:
                if wait is None or has_no_quota(error):
                    raise
                self._sleep(wait)
        raise AssertionError

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with translated(
            f"fine-tuning at {self._client.base_url.host}",
            advice="check --base-model, --resume and whether the account may still fine-tune",
        ):
            yield

    def _read(self, kind: type[T], answer: "_Answer") -> T:
        try:
            return kind.model_validate_json(answer.text)
        except ValidationError as error:
            raise ModelUnavailable(
                f"fine-tuning at {self._client.base_url.host} sent what cannot be read"
            ) from error


class _Answer(Protocol):
    @property
    def text(self) -> str: ...


class _File(BaseModel):
    id: str = Field(min_length=1)


class _Problem(BaseModel):
    message: str | None = None


class _Job(BaseModel):
    id: str = Field(min_length=1)
    status: str
    model: str
    fine_tuned_model: str | None = None
    training_file: str | None = None
    error: _Problem | None = None
    metadata: dict[str, str] | None = None

    def as_job(self) -> Job:
        return Job(
            id=self.id,
            status=self.status,
            base=self.model,
            model=self.fine_tuned_model,
            problem=self.error.message if self.error else None,
            data_sha256=(self.metadata or {}).get(_SHA256),
        )


class _Jobs(BaseModel):
    data: list[_Job]


class _Event(BaseModel):
    id: str
    created_at: int
    message: str


class _Events(BaseModel):
    data: list[_Event]
