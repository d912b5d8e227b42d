"""Answers that are remembered, as askers, raters and engineers see them."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import httpx
import pytest
from e2e.playground_page import ADA, HELP_DESK, PRIYA, TOMASZ, Page
from e2e.processes import environment, supportbot, until
from e2e.stage import Stage
from redis_servers import RedisServer, redis_server

BOOTS = "how long do I have to return boots I already wore outside?"
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with redis_server(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def engineer(tmp_path: Path) -> Run:
    def run(*words: str, url: str, **more: str) -> CompletedProcess[str]:
        env = environment(tmp_path / "home", REDIS_URL=url, **more)
        return supportbot(*words, env=env, cwd=tmp_path)

    return run


def traced(page: Page, user: str, text: str) -> dict[str, Any]:
    """Ask in a thread of its own; the trace of the reply."""
    asked = page.ask(HELP_DESK, text, user=user)
    return page.trace(HELP_DESK, page.reply(HELP_DESK, asked)["ts"])


def test_a_thumbs_down_ends_what_was_remembered(
    open_playground: Callable[..., tuple[Any, Page]], home: Path
) -> None:
    _, page = open_playground(home)
    asked = page.ask(HELP_DESK, BOOTS)
    first = page.reply(HELP_DESK, asked)
    again = page.reply(HELP_DESK, page.ask(HELP_DESK, BOOTS.upper(), user=PRIYA))
    traces = [page.trace(HELP_DESK, one["ts"]) for one in (first, again)]
    assert [one["cached"] for one in traces] == [False, True]
    assert traces[0]["answer"] == traces[1]["answer"]
    assert traces[0]["passages"] == traces[1]["passages"]
    assert "cache" not in json.dumps(again["blocks"])
    page.click(again, "feedback", "down", user=PRIYA)
    until(lambda: page.whispers(HELP_DESK, PRIYA), "thanks")
    assert traced(page, TOMASZ, BOOTS)["cached"] is False
    assert traced(page, ADA, f"{BOOTS} my order is 4521")["cached"] is False


def test_a_question_that_is_only_alike_is_answered_from_memory_where_the_team_wants_it(
    open_playground: Callable[..., tuple[Any, Page]], home: Path
) -> None:
    _, page = open_playground(home, CACHE_SEMANTIC="true")
    first = traced(page, ADA, BOOTS)
    again = traced(page, PRIYA, f"Please, {BOOTS.replace('return boots', 'return the boots')}")
    other = traced(page, TOMASZ, BOOTS.replace("outside", "inside"))
    assert [one["cached"] for one in (first, again, other)] == [False, True, False]
    assert again["answer"] == first["answer"]
    assert again["question"] != first["question"]


@pytest.mark.engine
def test_processes_share_answers_and_a_redis_that_dies_takes_nothing_along(
    stage: Stage, engineer: Run, tmp_path: Path
) -> None:
    with redis_server(tmp_path) as redis:
        url = redis.url.get_secret_value()
        stage.env["REDIS_URL"] = url
        desk = stage.run()
        stage.page.reply(HELP_DESK, stage.page.ask(HELP_DESK, BOOTS))
        assert desk.interrupt() == 0
        desk = stage.run()
        stage.page.reply(HELP_DESK, stage.page.ask(HELP_DESK, BOOTS, user=PRIYA))
        told = json.loads(engineer("cache", "stats", "--json", url=url).stdout)
        assert (told["answers"], told["lookups"]["hit"], told["lookups"]["miss"]) == (1, 1, 1)
        assert (told["hit_rate"], told["tokens_saved"], told["money_saved"]) == (0.5, 0, None)
        redis.kill()
        stage.page.reply(HELP_DESK, stage.page.ask(HELP_DESK, BOOTS, user=TOMASZ))
        ready = httpx.get(f"http://127.0.0.1:{stage.port}/readyz", trust_env=False)
        assert (ready.status_code, ready.json()["redis"]) == (200, False)
        metrics = httpx.get(f"http://127.0.0.1:{stage.port}/metrics", trust_env=False).text
        assert 'supportbot_cache_lookups_total{outcome="hit"} 1.0' in metrics
        assert 'supportbot_cache_lookups_total{outcome="unavailable"} 1.0' in metrics
        assert desk.interrupt() == 0


@pytest.mark.engine
@pytest.mark.standin
def test_what_a_chat_model_was_not_asked_again_is_told_in_tokens_and_money(
    stage: Stage,
    engineer: Run,
    tmp_path: Path,
    chat_model: Callable[[list[dict[str, Any]]], str],
) -> None:
    fixture = {"match": {"userMessage": BOOTS}, "response": {"content": "Members: 30 days. [1]"}}
    openai = {"OPENAI_API_KEY": "sk-right", "OPENAI_BASE_URL": f"{chat_model([fixture])}/v1"}
    policy = tmp_path / "prices.toml"
    prices = "[budgets.prices]\nprompt = 1000.0\ncompletion = 1000.0\n"
    policy.write_text(f'triage_channel = "C0TRIAGE"\n{prices}')
    with redis_server(tmp_path) as redis:
        url = redis.url.get_secret_value()
        stage.env |= {**openai, "REDIS_URL": url}
        desk = stage.run()
        for user in (ADA, PRIYA, TOMASZ):
            stage.page.reply(HELP_DESK, stage.page.ask(HELP_DESK, BOOTS, user=user))
        assert desk.interrupt() == 0
        stats = partial(engineer, "cache", "stats", url=url, SUPPORTBOT_POLICY=str(policy))
        told = json.loads(stats("--json").stdout)
        shown = stats().stdout
    assert told["lookups"]["hit"] == 2
    assert told["tokens_saved"] > 0
    assert told["money_saved"] == pytest.approx(told["tokens_saved"] / 1000)
    assert f"Saved since then: {told['tokens_saved']:,} tokens, " in shown


def test_without_a_redis_the_engineer_is_told_where_answers_are(engineer: Run) -> None:
    shown, cleared = engineer("cache", "stats", url=""), engineer("cache", "clear", url="")
    assert (shown.returncode, cleared.returncode) == (0, 2)
    for told in (shown.stdout, cleared.stderr):
        assert "each process remembers its own answers" in told
    assert json.loads(engineer("cache", "stats", "--json", url="").stdout) == {"where": "process"}


@pytest.mark.engine
def test_everything_remembered_is_cleared(engineer: Run, redis: RedisServer) -> None:
    clear = partial(engineer, "cache", "clear", url=redis.url.get_secret_value())
    assert clear().stdout == "0 forgotten.\n"
    assert json.loads(clear("--json").stdout) == {"cleared": 0}


def test_a_redis_that_is_away_is_one_line_and_no_fault_of_the_desk(engineer: Run) -> None:
    url = "redis://:very-secret@127.0.0.1:9/0"
    result = engineer("cache", "stats", url=url)
    assert result.returncode == 1
    assert "check REDIS_URL" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    doctor = engineer("doctor", "--json", url=url)
    [found] = [one for one in json.loads(doctor.stdout) if one["name"] == "redis"]
    assert (found["ok"], found["degraded"]) == (True, True)
    assert "secret" not in result.stderr + doctor.stdout
