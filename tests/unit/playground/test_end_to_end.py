"""The real SDK and Bolt against the real server, over loopback."""

from __future__ import annotations

import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from slack_bolt import App
from slack_bolt.adapter.socket_mode.builtin import SocketModeHandler
from slack_bolt.adapter.starlette import SlackRequestHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from starlette.applications import Starlette
from starlette.routing import Route

from bot.playground import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.playground import PlaygroundConfig

CHANNEL = "C0HELPDESK"


class Served:
    """A server in a thread on a socket of its own."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def start(self, app: Starlette) -> None:
        config = uvicorn.Config(app, log_level="error", lifespan="on")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, args=([self.socket],), daemon=True)
        self.thread.start()
        wait_for(lambda: self.server.started)

    def stop(self) -> float:
        started = time.monotonic()
        self.server.should_exit = True
        self.thread.join(10)
        self.socket.close()
        return time.monotonic() - started


def wait_for(condition: Callable[[], Any]) -> Any:
    end = time.monotonic() + 10
    while not (found := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return found


def post(url: str, name: str, **body: object) -> dict[str, Any]:
    request = urllib.request.Request(  # noqa: S310
        f"{url}/playground/{name}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
        return json.loads(answer.read())


def thread_of(client: WebClient, ts: str) -> list[dict[str, Any]]:
    return client.conversations_replies(channel=CHANNEL, ts=ts, include_all_metadata=True)[
        "messages"
    ]


@pytest.fixture
def playground(config: PlaygroundConfig) -> Iterator[Callable[..., Served]]:
    started: list[tuple[Served, Any]] = []

    def start(**changes: object) -> Served:
        served = Served()
        settings = replace(config, base_url=served.url, clock=time.time, **changes)
        app = create_app(settings)
        served.start(app)
        started.append((served, app))
        served.app = app
        return served

    yield start
    for served, app in started:
        app.state.close()
        served.stop()


def bolt(url: str) -> App:
    client = WebClient(token="xoxb-test", base_url=f"{url}/api/")  # noqa: S106
    logger = logging.getLogger("bolt-under-test")
    logger.setLevel(logging.CRITICAL)
    app = App(client=client, signing_secret="secret", logger=logger)  # noqa: S106

    @app.event("app_mention")
    def answer(event: dict[str, Any], client: WebClient) -> None:
        place = {"channel": event["channel"], "thread_ts": event["ts"]}
        client.assistant_threads_setStatus(
            channel_id=place["channel"], thread_ts=event["ts"], status="is searching…"
        )
        stream = client.chat_stream(
            **place, recipient_team_id=event["team"], recipient_user_id=event["user"]
        )
        stream.append(markdown_text="Within **30 days**")
        button = {
            "type": "button",
            "action_id": "claim",
            "text": {"type": "plain_text", "text": "Claim"},
        }
        stream.stop(
            markdown_text=".",
            blocks=[{"type": "actions", "block_id": "acts", "elements": [button]}],
            metadata={"event_type": "answered", "event_payload": {"n": 1}},
        )

    @app.event("message")
    def ignore() -> None:
        pass

    @app.action("claim")
    def claim(ack: Callable[[], object], respond: Callable[..., object]) -> None:
        ack()
        respond(text="Claimed.", replace_original=False)

    return app


def ask_and_claim(url: str) -> None:
    client = WebClient(token="xoxb-test", base_url=f"{url}/api/")  # noqa: S106
    text = "@Support Bot how long can I return boots?"
    ts = post(url, "message", channel=CHANNEL, user="U0ADA", text=text)["ts"]

    def answered() -> object:
        messages = thread_of(client, ts)
        return messages[1] if len(messages) > 1 and "metadata" in messages[1] else None

    reply = wait_for(answered)
    assert reply["text"] == "Within **30 days**."
    assert reply["metadata"]["event_payload"] == {"n": 1}
    assert [block["type"] for block in reply["blocks"]] == ["markdown", "actions"]
    place = {"channel": CHANNEL, "user": "U0ADA", "message_ts": reply["ts"]}
    assert post(url, "interact", **place, block_id="acts", action_id="claim")["ok"]

    def claimed() -> object:
        with urllib.request.urlopen(f"{url}/playground/state", timeout=10) as answer:  # noqa: S310
            messages = json.loads(answer.read())["messages"][CHANNEL]
        return [m for m in messages if m["ephemeral_for"] == "U0ADA" and m["text"] == "Claimed."]

    assert wait_for(claimed)


def test_bolt_over_http_answers_a_mention_with_a_stream_and_a_button(
    playground: Callable[..., Served],
) -> None:
    front = Served()
    served = playground(request_url=f"{front.url}/slack/events")
    handler = SlackRequestHandler(bolt(served.url))
    routes = [Route("/slack/events", handler.handle, methods=["POST"])]
    front.start(Starlette(routes=routes))
    try:
        ask_and_claim(served.url)
    finally:
        front.stop()


def test_bolt_over_socket_mode_answers_a_mention_with_a_stream_and_a_button(
    playground: Callable[..., Served],
) -> None:
    served = playground()
    handler = SocketModeHandler(bolt(served.url), app_token="xapp-test")  # noqa: S106
    handler.connect()
    try:
        ask_and_claim(served.url)
    finally:
        handler.close()


def test_the_web_client_pages_uploads_and_sees_errors(playground: Callable[..., Served]) -> None:
    served = playground()
    client = WebClient(token="xoxb-test", base_url=f"{served.url}/api/")  # noqa: S106
    for n in range(5):
        client.chat_postMessage(channel=CHANNEL, text=str(n))
    pages = client.conversations_history(channel=CHANNEL, limit=2)
    assert [m["text"] for page in pages for m in page["messages"]] == list("43210")
    upload = client.files_upload_v2(channel=CHANNEL, filename="a.txt", content="hello")
    assert upload["files"][0]["name"] == "a.txt"
    with pytest.raises(SlackApiError) as refused:
        client.chat_postMessage(channel=CHANNEL, blocks=[{"type": "x"}], text="x")
    assert refused.value.response["error"] == "invalid_blocks"


def test_an_open_page_hears_of_messages_and_does_not_delay_the_end(
    playground: Callable[..., Served],
) -> None:
    served = playground()
    events = urllib.request.urlopen(f"{served.url}/playground/events", timeout=10)  # noqa: S310
    assert events.readline() == b": open\n"
    post(served.url, "message", channel=CHANNEL, user="U0ADA", text="hi")
    lines = iter(events.readline, b"")
    found = next(line for line in lines if line.startswith(b"data:"))
    assert json.loads(found.removeprefix(b"data:"))["message"]["text"] == "hi"
    served.app.state.close()
    assert served.stop() < 1.0
    events.close()


SERVE = """
import sys, uvicorn
from bot.playground import PlaygroundConfig, create_app
config = PlaygroundConfig("xoxb", "xapp", "s", "http://127.0.0.1")
uvicorn.run(create_app(config), host="127.0.0.1", port=int(sys.argv[1]), log_level="error")
"""


def test_ctrl_c_ends_the_server_within_a_second_though_a_page_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", SERVE, str(port)]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3]) as process:

        def opened() -> object:
            try:
                return urllib.request.urlopen(
                    f"http://127.0.0.1:{port}/playground/events", timeout=10
                )
            except OSError:
                return None

        with wait_for(opened) as page:
            assert page.readline() == b": open\n"
            started = time.monotonic()
            process.send_signal(signal.SIGINT)
            assert page.read() == b"\n"
            process.wait(5)
        assert time.monotonic() - started < 1.0
