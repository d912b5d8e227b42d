"""`supportbot` in a terminal: what a support engineer sees before Slack comes into it."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from e2e.processes import environment, supportbot, together

BOOTS = "how long do I have to return boots I already wore outside?"
GOODWILL = "what goodwill may I give for a late parcel?"
SOURDOUGH = "how do I bake sourdough bread?"
COMMANDS = (
    ["run"],
    ["serve"],
    ["worker"],
    ["release"],
    ["ask"],
    ["doctor"],
    ["manifest"],
    ["knowledge", "index"],
    ["knowledge", "search"],
    ["cache", "stats"],
    ["cache", "clear"],
)
Run = Callable[..., CompletedProcess[str]]
ARTICLE = """\
---
title: Opening hours
url: https://help.example.com/hours
status: published
audience: public
updated: 2026-11-01
---
We are open from nine to five on every working day.
"""


@pytest.fixture(scope="module")
def desk(new_home: Callable[[], Path], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Run a command over a filled home, away from any .env."""
    home, folder = new_home(), tmp_path_factory.mktemp("cwd")

    def run(*arguments: str, home: Path = home, **settings: str) -> CompletedProcess[str]:
        return supportbot(*arguments, env=environment(home, **settings), cwd=folder)

    return run


def one_line(result: CompletedProcess[str]) -> str:
    """The only line of an error, without a traceback."""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    return lines[0]


def test_the_help_of_every_command_teaches(desk: Run) -> None:
    results = together(partial(desk, *command, "--help") for command in COMMANDS)
    for command, result in zip(COMMANDS, results, strict=True):
        assert result.returncode == 0
        explained = result.stdout.partition("Options")[0].split("Usage")[1]
        assert len(explained.split()) > 20, (command, explained)


def test_the_help_leads_to_the_first_step(desk: Run) -> None:
    bare, version = together([desk, partial(desk, "--version")])
    assert "supportbot run" in bare.stdout
    assert version.returncode == 0
    assert version.stdout.startswith("supportbot ")


def test_ask_prints_a_cited_answer_and_its_sources(desk: Run) -> None:
    result = desk("ask", BOOTS)
    assert result.returncode == 0, result.stderr
    assert "30 days" in result.stdout
    assert "[1]" in result.stdout
    assert "Sources" in result.stdout
    assert "https://help.cairnway.example/" in result.stdout


def test_ask_as_json_has_the_fields_that_were_promised(desk: Run) -> None:
    answered = json.loads(desk("ask", "--json", BOOTS).stdout)
    assert set(answered) == {
        "answer",
        "abstained",
        "sources",
        "passages",
        "timings_ms",
        "generator",
    }
    assert answered["abstained"] is False
    assert answered["generator"] == "extractive"
    assert [set(one) for one in answered["sources"]] == [
        {"n", "title", "url", "score", "updated"}
    ] * len(answered["sources"])
    assert [one["n"] for one in answered["sources"]] == list(range(1, len(answered["sources"]) + 1))
    assert all(f"[{one['n']}]" in answered["answer"] for one in answered["sources"])
    assert all(0 <= one["score"] <= 1 for one in answered["sources"])
    assert all(ms >= 0 for ms in answered["timings_ms"].values())


def test_ask_says_honestly_that_it_does_not_know(desk: Run) -> None:
    told, printed = together(
        [partial(desk, "ask", SOURDOUGH), partial(desk, "ask", "--json", SOURDOUGH)]
    )
    assert told.returncode == 0
    assert "I don't know" in told.stdout
    assert "Nearest articles" in told.stdout
    answered = json.loads(printed.stdout)
    assert answered["answer"] is None
    assert answered["abstained"] is True
    assert 1 <= len(answered["sources"]) <= 3


def test_articles_for_staff_are_read_for_staff_only(desk: Run) -> None:
    staff = desk("ask", "--json", "--audience", "internal", GOODWILL).stdout
    assert "https://desk.cairnway.example/goodwill-and-compensation" in staff
    assert "https://desk.cairnway.example/" not in desk("ask", "--json", GOODWILL).stdout


def test_a_question_that_is_none_is_refused_with_advice(desk: Run) -> None:
    empty, blank, stranger = together(
        [
            partial(desk, "ask", ""),
            partial(desk, "ask", " \n\t"),
            partial(desk, "ask", "--audience", "everybody", BOOTS),
        ]
    )
    assert [one.returncode for one in (empty, blank, stranger)] == [2, 2, 2]
    assert "the question is empty" in empty.stderr
    assert "the question is empty" in blank.stderr
    assert "'public'" in stranger.stderr
    assert "Traceback" not in empty.stderr + blank.stderr + stranger.stderr


def test_an_odd_question_is_answered_like_any_other(desk: Run) -> None:
    odd = ["'; drop table chunk; --", 'AND OR NOT ("*', "<!channel> boots?", "🥾 " * 500]
    for result in together(partial(desk, "ask", "--json", one) for one in [*odd, "boots " * 3000]):
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["abstained"] in {True, False}


def test_search_shows_passages_with_their_scores(desk: Run) -> None:
    found = json.loads(desk("knowledge", "search", "gas cartridge norway", "--json").stdout)
    assert len(found) == 5
    assert "cosine" in desk("knowledge", "search", "gas cartridge norway").stdout


def test_indexing_names_broken_files_and_takes_the_others(desk: Run, tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "good.md").write_text(ARTICLE, "utf-8")
    (folder / "empty.md").write_text("", "utf-8")
    (folder / "bare.md").write_text("No front matter here.", "utf-8")
    (folder / "broken.md").write_text(ARTICLE.replace("published", "sometimes"), "utf-8")
    (folder / "picture.md").write_bytes(b"\x89PNG\r\n\x1a\n\xff\xfe")
    (folder / "notes.txt").write_text("not an article", "utf-8")
    home = tmp_path / "home"
    run = partial(desk, home=home, KNOWLEDGE_ARTICLES=str(folder))
    result = run("knowledge", "index")
    assert result.returncode == 0, result.stderr
    assert "1 new" in result.stdout
    assert "4 skipped" in result.stdout
    for name in ("empty.md", "bare.md", "broken.md", "picture.md"):
        assert f"skipped {name}" in result.stderr
    again = run("knowledge", "index", "--json")
    assert json.loads(again.stdout)["unchanged"] == 1
    answered = json.loads(run("ask", "--json", "when are you open?").stdout)
    assert answered["sources"][0]["url"] == "https://help.example.com/hours"


def test_a_folder_that_is_not_there_is_named(desk: Run, tmp_path: Path) -> None:
    result = desk("knowledge", "index", KNOWLEDGE_ARTICLES=str(tmp_path / "nowhere"))
    assert result.returncode == 1
    assert "nowhere" in one_line(result)


def test_a_folder_that_is_suddenly_empty_removes_nothing(desk: Run, tmp_path: Path) -> None:
    result = desk("knowledge", "index", KNOWLEDGE_ARTICLES=str(tmp_path))
    assert result.returncode == 1
    assert "were not removed" in one_line(result)


def test_a_wrong_setting_is_one_line_with_its_name(desk: Run) -> None:
    wrong = [
        ("PORT", "seventy", ["doctor"]),
        ("SUPPORTBOT_WORKERS", "0", ["doctor"]),
        ("SUPPORTBOT_LOG_LEVEL", "loud", ["ask", BOOTS]),
        ("KNOWLEDGE_ALPHA", "2", ["ask", BOOTS]),
        ("OPENAI_TIMEOUT_SECONDS", "soon", ["ask", BOOTS]),
        ("DATABASE_URL", "mysql://nobody", ["release"]),
        ("SUPPORTBOT_POLICY", "/nowhere/desk.toml", ["run", "--port", "0"]),
    ]
    results = together(partial(desk, *do, **{name: value}) for name, value, do in wrong)
    for (name, value, _), result in zip(wrong, results, strict=True):
        assert result.returncode == 2, result.stderr
        wanted = value if name == "SUPPORTBOT_POLICY" else name
        assert wanted in result.stderr.splitlines()[-1]
        assert "Traceback" not in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_a_home_that_cannot_be_made_is_one_line(desk: Run, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("in the way", "utf-8")
    commands = (["ask", BOOTS], ["release"], ["knowledge", "index"])
    for result in together(partial(desk, *one, home=file / "home") for one in commands):
        assert result.returncode in {1, 2}
        assert str(file / "home") in one_line(result)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_home_that_is_read_only_is_one_line(desk: Run, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o500)
    result = desk("ask", BOOTS, home=home)
    assert result.returncode in {1, 2}
    assert str(home) in one_line(result)


def test_doctor_names_what_is_missing_and_ends_with_one(desk: Run, tmp_path: Path) -> None:
    found = desk("doctor", home=tmp_path / "home")
    assert found.returncode == 1
    assert "knowledge index" in found.stdout
    assert "release" in found.stdout


def test_doctor_is_content_after_a_release(desk: Run) -> None:
    released = desk("release")
    assert released.returncode == 0, released.stderr
    told = desk("doctor")
    assert told.returncode == 0, told.stdout
    checks: list[dict[str, Any]] = json.loads(desk("doctor", "--json").stdout)
    assert {"python", "sqlite", "encoder", "articles", "index", "books", "slack"} <= {
        one["name"] for one in checks
    }
    assert all(one["ok"] for one in checks)


def test_doctor_prints_no_secret(desk: Run) -> None:
    secrets = {
        "SLACK_BOT_TOKEN": "xoxb-very-secret",
        "SLACK_SIGNING_SECRET": "0123456789abcdef-secret",
        "OPENAI_API_KEY": "sk-very-secret",
    }
    nowhere = {
        "SLACK_API_URL": "http://127.0.0.1:9/api/",
        "OPENAI_BASE_URL": "http://127.0.0.1:9/v1",
        "DATABASE_URL": "postgresql://desk:pg-very-secret@127.0.0.1:9/desk",
    }
    asked = ([], ["--json"])
    for result in together(partial(desk, "doctor", *one, **secrets, **nowhere) for one in asked):
        assert result.returncode == 1
        told = result.stdout + result.stderr
        assert "secret" not in told.replace("SLACK_SIGNING_SECRET", "")
        assert "127.0.0.1:9" in told


def test_the_manifest_asks_for_http_or_for_socket_mode(desk: Run) -> None:
    url = ["--url", "https://desk.example.com/"]
    results = together([partial(desk, "manifest"), partial(desk, "manifest", *url)])
    by_socket, by_http = (json.loads(one.stdout) for one in results)
    assert by_socket["settings"]["socket_mode_enabled"] is True
    assert by_http["settings"]["event_subscriptions"]["request_url"] == (
        "https://desk.example.com/slack/events"
    )


def test_a_desk_without_a_token_says_which_setting_is_missing(desk: Run) -> None:
    for result in together([partial(desk, "serve", PORT="0"), partial(desk, "worker")]):
        assert result.returncode == 2
        assert "SLACK_BOT_TOKEN" in one_line(result)


def test_a_busy_port_is_one_line_that_names_another(desk: Run) -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = desk("run", "--port", str(port))
    assert result.returncode == 2
    assert f"Port {port} is in use" in one_line(result)
    assert f"--port {port + 1}" in result.stderr


def test_the_playground_is_never_open_to_the_network(desk: Run) -> None:
    result = desk("run", "--host", "0.0.0.0", "--port", "0")  # noqa: S104
    assert result.returncode == 1
    assert "this machine only" in one_line(result)


def test_an_env_file_is_read(
    new_home: Callable[[], Path], tmp_path: Path, indexed_home: Path
) -> None:
    env = environment(new_home())
    del env["SUPPORTBOT_HOME"]
    shutil.copytree(indexed_home, tmp_path / "elsewhere")
    (tmp_path / ".env").write_text("SUPPORTBOT_HOME=elsewhere\n", "utf-8")
    result = supportbot("ask", "--json", BOOTS, env=env, cwd=tmp_path)
    assert result.returncode == 0
    assert not (tmp_path / "var").exists()
