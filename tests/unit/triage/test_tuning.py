"""Fine-tuning at a provider: one job whatever happens, followed to its end."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from triage.errors import (
    ExamplesInvalid,
    ModelInvalid,
    ModelRefused,
    ModelUnavailable,
    TuningFailed,
)
from triage.tuned import TunedModel, read_tuned, write_tuned
from triage.tuning import PATIENCE, Event, Job, Order, Pace, begin, follow
from triage.uploads import Files, Plan

PLAN = Plan("gpt-4.1-mini-2025-04-14", 3, "desk")
AWAY = ModelUnavailable("the provider failed (500)")
NO = ModelRefused("the provider refused (400)")


def files(*, validation: bytes = b"") -> Files:
    return Files(train=b"{}\n", validation=validation, data_sha256="a" * 64)


@dataclass
class FakeProvider:
    """A provider that does as it is told; `faults` are raised first, one a call of a method."""

    statuses: list[str] = field(default_factory=lambda: ["running", "succeeded"])
    faults: dict[str, list[Exception]] = field(default_factory=dict)
    starts_all_the_same: bool = False
    problem: str | None = None
    page: int = 2
    uploads: dict[str, bytes] = field(default_factory=dict)
    orders: list[Order] = field(default_factory=list)
    looks: int = 0
    pages: int = 0

    def upload(self, name: str, content: bytes) -> str:
        self._perhaps("upload")
        self.uploads[name] = content
        return f"file-{name}"

    def start(self, order: Order) -> Job:
        if not self.faults.get("start") or self.starts_all_the_same:
            self.orders.append(order)
        self._perhaps("start")
        return self.job("job-1")

    def find(self, training_file: str) -> Job | None:
        self._perhaps("find")
        found = [one for one in self.orders if one.training_file == training_file]
        return self.job("job-1") if found else None

    def job(self, job_id: str) -> Job:
        self._perhaps("job")
        self.looks += 1
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        model = "ft:made" if status == "succeeded" else None
        sha256 = self.orders[0].data_sha256 if self.orders else None
        return Job(job_id, status, PLAN.base, model, self.problem, sha256)

    def events(self, job_id: str, *, after: str | None) -> Sequence[Event]:
        self._perhaps("events")
        self.pages += 1
        newest = [Event(f"{job_id}-{n}", n, f"step {n}") for n in range(self.looks * 3, 0, -1)]
        start = next((n + 1 for n, one in enumerate(newest) if one.id == after), 0)
        return newest[start : start + self.page]

    def _perhaps(self, name: str) -> None:
        if waiting := self.faults.get(name):
            raise waiting.pop(0)


@dataclass
class Followed:
    events: list[str] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    @property
    def pace(self) -> Pace:
        return Pace(5.0, self.waits.append)

    def follow(self, provider: FakeProvider, *, sha256: str = "") -> Job:
        def heard(event: Event) -> None:
            self.events.append(event.message)

        return follow(provider, "job-1", on_event=heard, data_sha256=sha256, pace=self.pace)

    def begin(self, provider: FakeProvider) -> Job:
        return begin(provider, files(), plan=PLAN, pace=self.pace)


@pytest.fixture
def here() -> Followed:
    return Followed()


def test_a_plan_becomes_one_job_on_the_uploaded_files(here: Followed) -> None:
    provider, both = FakeProvider(), files(validation=b"[]\n")
    begin(provider, both, plan=PLAN, pace=here.pace)
    [order] = provider.orders
    assert list(provider.uploads.values()) == [both.train, both.validation]
    assert [order.training_file, order.validation_file] == [
        f"file-{one}" for one in provider.uploads
    ]
    assert (order.plan, order.data_sha256) == (PLAN, both.data_sha256)


def test_a_job_whose_start_was_not_answered_is_found_and_not_started_again(here: Followed) -> None:
    faults: dict[str, list[Exception]] = {"start": [AWAY], "find": [AWAY]}
    provider = FakeProvider(faults=faults, starts_all_the_same=True)
    assert here.begin(provider).id == "job-1"
    assert len(provider.orders) == 1
    assert here.waits == [5.0, 10.0]


def test_a_job_that_never_began_is_not_started_again_either(here: Followed) -> None:
    provider = FakeProvider(faults={"start": [AWAY]})
    with pytest.raises(ModelUnavailable, match="no job was started"):
        here.begin(provider)
    assert provider.orders == []


def test_where_nobody_knows_whether_a_job_began_the_file_to_look_for_is_named(
    here: Followed,
) -> None:
    provider = FakeProvider(faults={"start": [AWAY], "find": [AWAY] * 3}, starts_all_the_same=True)
    with pytest.raises(ModelUnavailable, match=r"not known: .* file-openai-train.jsonl"):
        here.begin(provider)
    assert len(provider.orders) == 1


def test_a_refused_start_is_not_looked_for(here: Followed) -> None:
    with pytest.raises(ModelRefused):
        here.begin(FakeProvider(faults={"start": [NO]}))
    assert here.waits == []


def test_every_event_is_reported_once_and_in_order(here: Followed) -> None:
    provider = FakeProvider(statuses=["queued", "running", "running", "succeeded"])
    job = here.follow(provider)
    assert (job.model, job.base) == ("ft:made", PLAN.base)
    assert here.events == [f"step {n}" for n in range(1, 13)]
    assert here.waits == [5.0, 5.0, 5.0]


def test_old_pages_of_the_log_are_not_read_again(here: Followed) -> None:
    provider = FakeProvider(statuses=["running"] * 20 + ["succeeded"], page=4)
    here.follow(provider)
    assert len(here.events) == 63
    assert provider.pages == 22  # the first time one page more: the last one is empty


def test_a_provider_that_is_away_for_a_while_is_asked_again_ever_later(here: Followed) -> None:
    faults = {"job": [AWAY, AWAY, AWAY, AWAY, AWAY, AWAY], "events": [AWAY]}
    provider = FakeProvider(statuses=["succeeded"], faults=faults)
    assert here.follow(provider).model == "ft:made"
    assert here.waits == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0, 5.0]
    assert here.events == ["step 1", "step 2", "step 3"]


def test_a_provider_that_stays_away_is_given_up_with_the_way_to_go_on(here: Followed) -> None:
    provider = FakeProvider(faults={"job": [AWAY] * PATIENCE})
    with pytest.raises(ModelUnavailable, match="--resume job-1"):
        here.follow(provider)


def test_a_refusal_while_following_is_not_asked_again(here: Followed) -> None:
    with pytest.raises(ModelRefused):
        here.follow(FakeProvider(faults={"job": [NO]}))
    assert here.waits == []


@pytest.mark.parametrize(
    ("status", "problem", "told"),
    [
        ("failed", "line 3\n is no chat", "job-1 failed: line 3 is no chat"),
        ("failed", None, "does not say why"),
        ("cancelled", None, "job-1 was cancelled"),
    ],
)
def test_a_job_that_ends_without_a_model_says_what_the_provider_says(
    here: Followed, status: str, problem: str | None, told: str
) -> None:
    provider = FakeProvider(statuses=["running", status], problem=problem)
    with pytest.raises(TuningFailed, match=told):
        here.follow(provider)
    assert here.events[-1] == "step 6"


def test_a_job_on_other_examples_is_not_taken_over(here: Followed) -> None:
    provider = FakeProvider()
    here.begin(provider)
    with pytest.raises(ExamplesInvalid, match="other examples"):
        here.follow(provider, sha256="another")
    assert here.follow(provider, sha256=provider.orders[0].data_sha256).model


TUNED = TunedModel(
    model="ft:made",
    job="job-1",
    base=PLAN.base,
    created="2026-11-23T15:00:00+00:00",
    data_sha256="0" * 64,
    intents=("order_status", "other"),
)


def test_the_tuned_model_is_kept_in_the_home(tmp_path: Path) -> None:
    assert read_tuned(tmp_path) is None
    write_tuned(tmp_path, TUNED.model_copy(update={"model": "ft:before"}))
    path = write_tuned(tmp_path, TUNED)
    assert path == tmp_path / "triage" / "openai.json"
    assert list(path.parent.iterdir()) == [path]
    assert read_tuned(tmp_path) == TUNED
    assert set(json.loads(path.read_bytes())) == {
        "model", "job", "base", "created", "data_sha256", "intents"
    }  # fmt: skip


def test_a_broken_record_is_named(tmp_path: Path) -> None:
    write_tuned(tmp_path, TUNED).write_text("{", "utf-8")
    with pytest.raises(ModelInvalid, match=r"openai\.json"):
        read_tuned(tmp_path)
