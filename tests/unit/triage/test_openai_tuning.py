"""Fine-tuning jobs by OpenAI's protocol: what is asked, and what is asked again."""

import json
from typing import Any

import httpx2
import openai
import pytest

from triage.adapters.openai_tuning import OpenAITuning
from triage.errors import ModelRefused, ModelUnavailable
from triage.tuning import Event, Job, Order
from triage.uploads import Plan

PLAN = Plan("gpt-4.1-mini-2025-04-14", 3, "desk")


class Wire:
    """What OpenAI answers, by method and path; a list is answered one by one."""

    def __init__(self, **answers: list[tuple[int, Any]]) -> None:
        self._answers = answers
        self.calls: list[tuple[str, httpx2.Request]] = []
        self.waits: list[float] = []
        http = httpx2.Client(transport=httpx2.MockTransport(self._answer))
        client = openai.OpenAI(
            api_key="sk-secret", base_url="http://t.test/v1", http_client=http, max_retries=2
        )
        self.tuning = OpenAITuning(client, sleep=self.waits.append)

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        name = request.method.lower()
        self.calls.append((name, request))
        status, body = self._answers[name].pop(0)
        return httpx2.Response(status, json=body, headers={"retry-after-ms": "1"})


ORDER = Order(PLAN, "file-1", None, "abc")
JOB = {"id": "job-1", "status": "queued", "model": PLAN.base, "training_file": "file-1"}


def problem(code: str | None = None) -> dict[str, Any]:
    return {"error": {"message": "sk-secret is odd", "code": code, "type": "t"}}


def test_a_job_is_asked_for_with_epochs_suffix_and_the_hash_of_the_examples() -> None:
    wire = Wire(post=[(200, JOB)])
    assert wire.tuning.start(ORDER) == Job("job-1", "queued", PLAN.base)
    [(_, request)] = wire.calls
    assert json.loads(request.content) == {
        "model": PLAN.base,
        "training_file": "file-1",
        "suffix": "desk",
        "method": {"type": "supervised", "supervised": {"hyperparameters": {"n_epochs": 3}}},
        "metadata": {"data_sha256": "abc"},
    }


def test_a_lost_answer_to_the_start_is_not_tried_again_by_the_client() -> None:
    wire = Wire(post=[(500, problem())])
    with pytest.raises(ModelUnavailable) as caught:
        wire.tuning.start(ORDER)
    assert len(wire.calls) == 1
    assert "sk-secret" not in str(caught.value)


def test_a_busy_provider_has_started_nothing_and_is_asked_again() -> None:
    wire = Wire(post=[(429, problem()), (429, problem()), (200, JOB)])
    assert wire.tuning.start(ORDER).id == "job-1"
    assert wire.waits == [5.0, 15.0]


def test_an_account_without_quota_is_not_asked_again() -> None:
    wire = Wire(post=[(429, problem("insufficient_quota"))])
    with pytest.raises(ModelRefused, match="quota"):
        wire.tuning.start(ORDER)
    assert wire.waits == []


def test_an_upload_survives_a_server_error() -> None:
    wire = Wire(post=[(500, problem()), (200, {"id": "file-7"})])
    assert wire.tuning.upload("a.jsonl", b'{"messages": []}\n') == "file-7"
    body = wire.calls[-1][1].content
    assert b'name="purpose"\r\n\r\nfine-tune' in body
    assert b'{"messages": []}\n' in body


def test_a_job_is_found_by_its_file() -> None:
    other = JOB | {"id": "job-0", "training_file": "file-0"}
    wire = Wire(get=[(200, {"data": [other, JOB]}), (200, {"data": [other]})])
    found = wire.tuning.find("file-1")
    assert found
    assert found.id == "job-1"
    assert wire.tuning.find("file-1") is None


def test_the_log_is_read_in_pages() -> None:
    event = {"id": "e1", "created_at": 7, "level": "info", "message": "begun", "object": "x"}
    wire = Wire(get=[(200, {"data": [event]}), (200, {"data": []})])
    assert wire.tuning.events("job-1", after=None) == [Event("e1", 7, "begun")]
    assert wire.tuning.events("job-1", after="e1") == []
    assert [one.url.params.get("after") for _, one in wire.calls] == [None, "e1"]


def test_what_is_no_job_is_unavailable() -> None:
    wire = Wire(get=[(200, ["no job"])])
    with pytest.raises(ModelUnavailable, match="cannot be read"):
        wire.tuning.job("job-1")
