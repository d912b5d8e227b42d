"""A chat model is fine-tuned from the command line: estimated, agreed to, followed, kept, asked."""

import json
import os
import pty
import re
import signal
import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest
from e2e.chat_triage import FIXTURES, LABELLED, opened
from e2e.processes import SUPPORTBOT, Process, environment, supportbot, together
from e2e.tuning_provider import HANG, KEY, LOST, TuningProvider

from triage.chat import SYSTEM
from triage.dataset import Example, read
from triage.tuned import TunedModel, read_tuned

TUNE = ("triage", "finetune", "openai")
FAST = ("--poll", "0.1")
Provide = Callable[..., TuningProvider]
Tune = Callable[..., CompletedProcess[str]]


@pytest.fixture
def provide() -> Iterator[Provide]:
    """A provider with the statuses and faults that a test names."""
    opened: list[TuningProvider] = []

    def provider(*statuses: str, **faults: Any) -> TuningProvider:
        opened.append(TuningProvider(*statuses, **faults))
        return opened[-1]

    yield provider
    for one in opened:
        one.close()


@pytest.fixture(scope="module")
def examples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("examples")
    for name, count in (("train", 12), ("validation", 3), ("test", 2)):
        rows = [
            Example(f"{name}: where is order {n}?", "order_status", "normal", "neutral", {})
            for n in range(count)
        ]
        rows[0] = Example(f"{name}: a refund!", "refund_status", "high", "angry", {})
        text = "".join(f"{one.as_line()}\n" for one in rows)
        (folder / f"{name}.jsonl").write_text(text, "utf-8")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def tune(home: Path, examples: Path, tmp_path: Path) -> Tune:
    """`supportbot triage finetune openai` to its end, at a provider."""

    def run(url: str | None, *options: str, key: str = KEY) -> CompletedProcess[str]:
        known = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": key, "OPENAI_TIMEOUT_SECONDS": "1"}
        env = environment(home, **(known if url else {}))
        return supportbot(*TUNE, str(examples), *FAST, *options, env=env, cwd=tmp_path)

    return run


def told(result: CompletedProcess[str]) -> str:
    """What a command said before it failed: no traceback, no secret."""
    said = result.stdout + result.stderr
    assert "Traceback" not in said
    assert "sk-" not in said
    assert "a secret of the provider" not in said
    return said


def test_a_job_is_estimated_uploaded_followed_and_kept(
    provide: Provide, tune: Tune, home: Path, examples: Path
) -> None:
    provider = provide()
    result = tune(provider.url, "--yes", "--suffix", "desk", "--epochs", "2", "--json")
    assert result.returncode == 0, result.stderr
    [(job_id, job)] = provider.jobs.items()
    kept = read_tuned(home)
    assert kept
    assert kept.model == f"ft:{job.asked['model']}:acme:desk:{job_id[-4:]}"
    assert (kept.job, kept.base) == (job_id, job.asked["model"])
    assert kept.intents == ("order_status", "refund_status")
    assert job.asked["method"]["supervised"]["hyperparameters"] == {"n_epochs": 2}
    printed = json.loads(result.stdout)
    assert printed.pop("estimate")["dollars"] > 0
    assert TunedModel.model_validate(printed) == kept

    told_of = [one["message"] for one in job.events]
    lines = [re.sub(r"^[\d:]{8} ", "", one) for one in result.stderr.splitlines()]
    assert [one for one in lines if one in told_of] == told_of
    estimate = next(n for n, one in enumerate(lines) if "per million: about $" in one)
    assert estimate < lines.index(told_of[0])

    train, validation = provider.files.values()
    said = [json.loads(row)["messages"][1]["content"] for row in (train + validation).splitlines()]
    wanted = [*read(examples / "train.jsonl"), *read(examples / "validation.jsonl")]
    assert said == [one.text for one in wanted]


def test_nothing_is_uploaded_for_a_dry_run_or_without_a_yes(
    provide: Provide, tune: Tune, home: Path, tmp_path: Path
) -> None:
    provider, out = provide(), tmp_path / "out"
    dry, unasked, unknown, keyless = together(
        [
            partial(tune, None, "--dry-run", "--json", "--out", str(out)),
            partial(tune, provider.url),
            partial(tune, provider.url, "--yes", "--base-model", "my-model"),
            partial(tune, None, "--yes"),
        ]
    )
    assert dry.returncode == 0, dry.stderr
    estimate = json.loads(dry.stdout)
    assert estimate["examples"] == 12
    assert [Path(one).parent for one in estimate["files"]] == [out, out]
    assert len((out / "openai-train.jsonl").read_bytes().splitlines()) == 12
    for result, words in ((unasked, "--yes"), (unknown, "--price"), (keyless, "OPENAI_API_KEY")):
        assert result.returncode == 2
        assert words in told(result)
    assert provider.calls == []
    assert read_tuned(home) is None


def test_a_provider_that_stumbles_gets_one_job_all_the_same(
    provide: Provide, tune: Tune, home: Path
) -> None:
    """429, 500 and silence at every step; the answer to the start is lost."""
    provider = provide(
        "queued", "running", "running", "succeeded",
        upload=[500], start=[LOST], list=[500], job=[429, 500, 500, 500, HANG], events=[503, 429],
    )  # fmt: skip
    result = tune(provider.url, "--yes")
    assert result.returncode == 0, result.stderr
    [(job_id, job)] = provider.jobs.items()
    assert provider.calls.count("start") == 1
    assert provider.calls.count("list") == 2
    kept = read_tuned(home)
    assert kept
    assert kept.job == job_id
    for one in job.events:
        assert result.stderr.count(f" {one['message']}\n") == sum(
            one["message"] == other["message"] for other in job.events
        )


def test_a_job_that_fails_says_why_and_leaves_the_model_before(
    provide: Provide, tune: Tune, home: Path
) -> None:
    assert tune(provide("succeeded").url, "--yes").returncode == 0
    before = read_tuned(home)
    for statuses, words in (
        (["queued", "failed"], "invalid training file"),
        (["cancelled"], "was cancelled"),
    ):
        result = tune(provide(*statuses).url, "--yes")
        assert result.returncode == 1
        assert words in told(result).splitlines()[-1]
    assert read_tuned(home) == before


def test_refusals_are_one_line_that_says_what_to_look_at(
    provide: Provide, tune: Tune, home: Path
) -> None:
    wrong_key, closed, unknown_job = together(
        [
            partial(tune, provide().url, "--yes", key="sk-wrong"),
            partial(tune, provide(start=[403]).url, "--yes"),
            partial(tune, provide().url, "--resume", "ftjob-none"),
        ]
    )
    for result, words in (
        (wrong_key, "OPENAI_API_KEY"),
        (closed, "whether the account may still fine-tune"),
        (unknown_job, "404"),
    ):
        assert result.returncode == 1
        assert words in told(result).splitlines()[-1]
    assert read_tuned(home) is None


def test_ctrl_c_names_the_job_and_resume_goes_on(
    provide: Provide, tune: Tune, home: Path, examples: Path, tmp_path: Path
) -> None:
    provider = provide("running", "running")
    env = environment(home, OPENAI_BASE_URL=provider.url, OPENAI_API_KEY=KEY)
    command = (SUPPORTBOT, *TUNE, str(examples), *FAST, "--yes")
    process = Process("tuning", command, env=env, folder=tmp_path / "logs")
    process.says("was running")
    [(job_id, job)] = provider.jobs.items()
    assert process.interrupt() == 128 + signal.SIGINT
    assert f"--resume {job_id}" in process.log()
    assert "Traceback" not in process.log()
    job.statuses[:] = ["succeeded"]
    other = tmp_path / "other.jsonl"
    other.write_text((examples / "train.jsonl").read_text("utf-8"), "utf-8")
    on_others = supportbot(*TUNE, str(other), "--resume", job_id, env=env, cwd=tmp_path)
    assert on_others.returncode == 1
    assert "other examples" in told(on_others)
    result = tune(provider.url, "--resume", job_id)
    assert result.returncode == 0, result.stderr
    assert len(provider.jobs) == 1
    kept = read_tuned(home)
    assert kept
    assert kept.job == job_id


@pytest.mark.parametrize(("said", "jobs"), [("n", 0), ("y", 1)])
def test_on_a_terminal_the_engineer_is_asked(
    provide: Provide, home: Path, examples: Path, said: str, jobs: int
) -> None:
    provider = provide("succeeded")
    env = environment(home, OPENAI_BASE_URL=provider.url, OPENAI_API_KEY=KEY)
    terminal, theirs = pty.openpty()
    os.write(terminal, f"{said}\n".encode())
    result = subprocess.run(
        [SUPPORTBOT, *TUNE, str(examples), *FAST],
        env=env, stdin=theirs, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    os.close(terminal)
    os.close(theirs)
    assert result.returncode == 1 - jobs, result.stderr
    before, asked, _ = result.stderr.partition("Upload the examples and start the job?")
    assert asked
    assert "about $" in before
    assert len(provider.jobs) == jobs
    assert bool(provider.files) == bool(jobs)


@pytest.mark.standin
def test_a_model_that_was_fine_tuned_labels_messages(
    chat_model: Callable[[list[dict[str, Any]]], str], tune: Tune, home: Path
) -> None:
    chat = chat_model(FIXTURES)
    result = tune(f"{chat}/v1", "--yes", "--suffix", "desk")
    assert result.returncode == 0, result.stderr
    assert "Training complete" in result.stderr
    kept = read_tuned(home)
    assert kept
    assert kept.model.startswith("ft:gpt-4.1-mini-2025-04-14:aimock:desk:")
    with opened(chat, name=kept.model) as model:
        found = model.predict(LABELLED.text)
    assert (found.intent, found.urgency, found.sentiment) == ("order_status", "high", "frustrated")
    assert found.entities.named() == {"product": "parka"}
    assert found.uncertain is True  # the stand-in gives no log-probabilities
    journal = f"{chat}/__aimock/journal"
    headers = {"Authorization": f"Bearer {KEY}"}
    entries = httpx.get(journal, headers=headers, trust_env=False).json()
    [asked] = [one["body"] for one in entries if LABELLED.text in json.dumps(one["body"])]
    assert asked["model"] == kept.model
    assert asked["messages"][0] == {"role": "system", "content": SYSTEM}
