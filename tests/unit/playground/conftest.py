"""A playground with a clock that stands still, and an app that records what it is sent."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import pytest
from starlette.testclient import TestClient
from unit.playground.samples import BLOCKS, CHANNEL

from bot.playground import PlaygroundConfig, create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bot.playground import TraceLookup
    from bot.playground.playground import Playground

BASE = "http://127.0.0.1:8000"


@dataclass
class Clock:
    now: float = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """A client of one playground: the page's and the bot's requests."""

    http: TestClient
    clock: Clock
    events: list[dict[str, Any]] = field(default_factory=list)
    card: dict[str, str] = field(default_factory=dict)

    @property
    def playground(self) -> Playground:
        return self.http.app.state.playground

    def api(self, method: str, /, **arguments: object) -> dict[str, Any]:
        headers = {"Authorization": "Bearer xoxb-test"}
        return self.http.post(f"/api/{method}", headers=headers, json=arguments).json()

    def page(self, name: str, /, **body: object) -> dict[str, Any]:
        return self.http.post(f"/playground/{name}", json=body).json()

    def ask(self, text: str = "<@U0SUPPORT> hello", **body: object) -> str:
        fields = {"channel": "C0HELPDESK", "user": "U0ADA", "text": text} | body
        return self.page("message", **fields)["ts"]

    def press(
        self, action_id: str = "claim", block_id: str = "acts", **fields: object
    ) -> dict[str, Any]:
        """Use an element of the card."""
        place = {"channel": CHANNEL, "user": "U0ADA", "message_ts": self.card["ts"]}
        return self.page("interact", **place, block_id=block_id, action_id=action_id, **fields)

    def state(self) -> dict[str, Any]:
        return self.http.get("/playground/state").json()

    def messages(self, channel: str = "C0HELPDESK") -> list[dict[str, Any]]:
        return self.state()["messages"][channel]


@dataclass
class Received:
    headers: dict[str, str]
    raw: bytes
    port: int = 0

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.raw)

    @property
    def payload(self) -> dict[str, Any]:
        return json.loads(parse_qs(self.raw.decode())["payload"][0])


@dataclass
class StandIn:
    """The app at the other end: records requests, answers as told, 200 by default."""

    url: str = ""
    accepted: list[int] = field(default_factory=list)
    requests: list[Received] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    hang: threading.Event | None = None
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait(self, count: int) -> list[Received]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.requests) >= count, timeout=10)
        return self.requests


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def config(clock: Clock) -> PlaygroundConfig:
    return PlaygroundConfig(
        bot_token="xoxb-test",  # noqa: S106
        app_token="xapp-test",  # noqa: S106
        signing_secret="secret",  # noqa: S106
        base_url=BASE,
        retry_delays=(),
        post_interval=0.0,
        clock=clock,
    )


@pytest.fixture
def opened(config: PlaygroundConfig, clock: Clock) -> Iterator[Callable[..., Desk]]:
    """Open playgrounds with changed settings; `record` keeps events instead of sending them."""
    clients: list[TestClient] = []

    def open_one(
        *, record: bool = True, trace: TraceLookup | None = None, **changes: object
    ) -> Desk:
        app = create_app(replace(config, **changes), trace=trace)
        client = TestClient(app, base_url=BASE).__enter__()
        clients.append(client)
        desk = Desk(client, clock)
        if record:
            app.state.playground.timeline.deliver = desk.events.append
        return desk

    yield open_one
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def desk(opened: Callable[..., Desk]) -> Desk:
    return opened()


class Server(ThreadingHTTPServer):
    """Notes the order of connections and minds no caller that hangs up."""

    recorded: StandIn

    def server_bind(self) -> None:
        # HTTPServer would ask the resolver for this machine's name, which may be slow.
        TCPServer.server_bind(self)
        self.server_port = self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.recorded.accepted.append(client_address[1])
        super().process_request(request, client_address)

    def handle_error(self, *_: object) -> None:
        """Say nothing of callers that did not wait for the answer."""


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    """Serve the app's request URL on a loopback port."""
    recorded = StandIn()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            with recorded.arrived:
                port = self.client_address[1]
                recorded.requests.append(Received(dict(self.headers.items()), raw, port))
                answer = recorded.answers.pop(0) if recorded.answers else (200, {}, b"")
                recorded.arrived.notify_all()
            if recorded.hang:
                recorded.hang.wait(10)
            status, headers, body = answer
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    server.recorded = recorded
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    recorded.url = f"http://127.0.0.1:{server.server_port}/slack/events"
    yield recorded
    if recorded.hang:
        recorded.hang.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def card_desk(opened: Callable[..., Desk], stand_in: StandIn) -> Desk:
    """Post a card with buttons in a thread; interactions go to the stand-in."""
    desk = opened(request_url=stand_in.url, ack_timeout=2.0)
    thread = desk.ask()
    desk.card |= {"channel": CHANNEL, "thread_ts": thread}
    desk.card["ts"] = desk.api("chat.postMessage", **desk.card, blocks=BLOCKS)["ts"]
    return desk
