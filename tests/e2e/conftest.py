"""The real command line as processes, a workspace around it, and everything ended afterwards."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from e2e import strict_slack
from e2e.playground_page import Page, Playground
from e2e.processes import SUPPORTBOT, Process, environment, free_port, supportbot, until
from e2e.stage import Stage, is_up
from e2e.standins import (
    APP_TOKEN,
    BOT_TOKEN,
    POLICY,
    SECRET,
    LocalSlack,
    absent,
    standin_folder,
    workspace_file,
)
from e2e.wire import Wire

from bot.bootstrap import PLAYGROUND_POLICY

_running: list[Process] = []
Start = Callable[..., Process]


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport() -> Iterator[None]:
    """A failed scenario shows what its processes had to say."""
    outcome: Any = yield
    report = outcome.get_result()
    if report.failed:
        report.sections.extend(
            (f"log of {one.name}", one.log()[-8_000:]) for one in _running if one.log()
        )


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a process; the module's end ends it."""
    begun: list[Process] = []

    def begin(name: str, *command: str, env: dict[str, str]) -> Process:
        process = Process(name, command, env=env, folder=tmp_path_factory.mktemp(name))
        begun.append(process)
        _running.append(process)
        return process

    yield begin
    for one in reversed(begun):
        one.end()
        _running.remove(one)


@pytest.fixture(scope="session")
def indexed_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose passage store is filled; nobody may write to it."""
    folder = tmp_path_factory.mktemp("indexed")
    home = folder / "home"
    result = supportbot("knowledge", "index", env=environment(home), cwd=folder)
    assert result.returncode == 0, result.stderr
    return home


@pytest.fixture(scope="module")
def new_home(indexed_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """A home of one's own, its passage store filled."""

    def copied() -> Path:
        home = tmp_path_factory.mktemp("desk") / "home"
        shutil.copytree(indexed_home, home)
        return home

    return copied


@pytest.fixture
def home(new_home: Callable[[], Path]) -> Path:
    return new_home()


@pytest.fixture(scope="module")
def open_playground(start: Start) -> Iterator[Callable[..., tuple[Process, Page]]]:
    """`supportbot run`, and a client of its page."""
    pages: list[Page] = []

    def opened(home: Path, *options: str, **settings: str) -> tuple[Process, Page]:
        env = environment(home, **settings)
        desk = start("desk", SUPPORTBOT, "run", "--port", "0", *options, env=env)
        url = desk.says("Open http://").split()[1]
        page = Page(url)
        pages.append(page)
        return desk, page

    yield opened
    for page in pages:
        page.close()


@pytest.fixture(scope="session")
def standin() -> Path:
    """The folder `node_modules` that holds the stand-ins."""
    return standin_folder()


@pytest.fixture(scope="module")
def local_slack(
    standin: Path, start: Start, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[int | None], LocalSlack]]:
    """A workspace that delivers events to a port of ours, or by Socket Mode."""
    clients: list[LocalSlack] = []

    def opened(desk_port: int | None) -> LocalSlack:
        folder, port = tmp_path_factory.mktemp("slack"), free_port()
        where = f"http://127.0.0.1:{desk_port}/slack/events" if desk_port else None
        config = workspace_file(folder / "slack.json", request_url=where)
        binary = standin / "local-slack-linux-x64" / "bin" / "local-slack"
        command = [str(binary), "--config", str(config), "--port", str(port)]
        start("slack", *command, "--base-host", "127.0.0.1", env=environment(folder))
        client = LocalSlack(f"http://127.0.0.1:{port}")
        clients.append(client)
        until(client.up, "local-slack is up")
        return client

    yield opened
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def slack_settings(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, str]]:
    """What an engineer sets for a workspace whose Web API is at `url`."""
    policy = tmp_path_factory.mktemp("policy") / "desk.toml"
    policy.write_text(POLICY, "utf-8")

    def settings(url: str) -> dict[str, str]:
        return {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_APP_TOKEN": APP_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": f"{url}/api/",
            "SUPPORTBOT_POLICY": str(policy),
            "SUPPORTBOT_HOST": "127.0.0.1",
        }

    return settings


@pytest.fixture(scope="session")
def node() -> str:
    """Node, which the chat model's stand-in runs on."""
    found = shutil.which("node")
    if found is None:
        absent("node is not installed")
    return str(found)


@pytest.fixture(scope="module")
def chat_model(
    standin: Path, node: str, start: Start, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[list[dict[str, Any]]], str]:
    """A chat model that says what it is told to; the address for OPENAI_BASE_URL."""

    def opened(fixtures: list[dict[str, Any]]) -> str:
        folder, port = tmp_path_factory.mktemp("model"), free_port()
        (folder / "answers.json").write_text(json.dumps({"fixtures": fixtures}), "utf-8")
        command = [str(standin / ".bin" / "llmock"), "-p", str(port), "-f", str(folder)]
        env = environment(folder, AIMOCK_API_KEYS="sk-right")
        model = start("model", node, *command, env=env)
        model.says(str(port))
        return f"http://127.0.0.1:{port}"

    return opened


@pytest.fixture
def stage(start: Start, home: Path) -> Iterator[Stage]:
    slack_port, port = free_port(), free_port()
    url = f"http://127.0.0.1:{slack_port}"
    where = f"http://127.0.0.1:{port}/slack/events"
    script = [sys.executable, strict_slack.__file__, str(slack_port), where]
    workspace = start("workspace", *script, env=environment(home))
    page, wire = Page(url), Wire(url)
    until(lambda: is_up(url), "the workspace is up")
    env = environment(
        home,
        SLACK_BOT_TOKEN=strict_slack.BOT_TOKEN,
        SLACK_SIGNING_SECRET=strict_slack.SECRET,
        SLACK_API_URL=f"{wire.url}/api/",
        SUPPORTBOT_POLICY=str(PLAYGROUND_POLICY),
        SUPPORTBOT_HOST="127.0.0.1",
    )
    yield Stage(page, wire, home, env, port, start)
    page.close()
    wire.close()
    workspace.end()


@pytest.fixture(scope="module")
def by_http(
    open_playground: Callable[..., tuple[Process, Page]], new_home: Callable[[], Path]
) -> Iterator[Playground]:
    home = new_home()
    desk, page = open_playground(home)
    yield Playground(page, home)
    assert desk.interrupt() == 0
    assert "Traceback" not in desk.log()


@pytest.fixture(scope="module")
def by_socket(
    open_playground: Callable[..., tuple[Process, Page]], new_home: Callable[[], Path]
) -> Iterator[Playground]:
    home = new_home()
    desk, page = open_playground(home, "--socket")
    yield Playground(page, home)
    assert desk.interrupt() == 0
    assert "Traceback" not in desk.log()
