"""A desk over fakes, and a Slack that answers over HTTP on loopback as it is told."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import numpy as np
import pytest
from fakes import BOOTS, FakeEmbedder, FakeGenerator, FakeInbox, FakeStore, FakeTransport
from slack_sdk import WebClient

from bot.desk import Desk
from bot.policy import PolicyFile
from knowledge.answerable import FEATURES, Weights
from knowledge.answering import Answerer, Judge
from knowledge.documents import Audience
from knowledge.retrieval import RetrievalRules, Retriever
from knowledge.sentence_vectors import SentenceVectors
from triage.ports import TriageModel

RULES = RetrievalRules(alpha=0.6, passages=5, minimum_cosine=0.3)
NOTHING = np.zeros(len(FEATURES))
CONVINCED = Weights(NOTHING, NOTHING + 1, NOTHING, bias=5.0, threshold=0.5)


@pytest.fixture
def policy(tmp_path: Path) -> PolicyFile:
    path = tmp_path / "desk.toml"
    path.write_text(
        'triage_channel = "C0TRIAGE"\ninternal_channels = ["C0TEAM"]\nallowed_bots = ["BFORMS"]\n'
    )
    return PolicyFile(path)


@dataclass
class House:
    """A desk and everything around it."""

    policy: PolicyFile
    store: FakeStore = field(default_factory=FakeStore)
    generator: FakeGenerator = field(default_factory=FakeGenerator)
    inbox: FakeInbox = field(default_factory=FakeInbox)
    transport: FakeTransport = field(default_factory=FakeTransport)
    triage: TriageModel | None = None

    def desk(self) -> Desk:
        embedder = FakeEmbedder()
        vectors = SentenceVectors(embedder)
        answerer = Answerer(
            retriever=Retriever(store=self.store, embedder=embedder, rules=RULES),
            judge=Judge(CONVINCED, vectors),
            generator=self.generator,
            vectors=vectors,
        )
        return Desk(answerer, self.inbox, self.transport, self.policy, self.triage)


@pytest.fixture
def house(policy: PolicyFile) -> House:
    made = House(policy)
    made.store.add("returns", BOOTS)
    made.store.add("runbook", "Unlock accounts from the console.", audience=Audience.INTERNAL)
    return made


@dataclass
class SlackApi:
    """A Slack on loopback; `scripts` are answers in waiting, by method, else ok."""

    url: str = ""
    scripts: dict[str, list[tuple[int, dict[str, str], Any]]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    client: WebClient = field(default_factory=WebClient)
    hangs: threading.Event | None = None

    def answers(self, method: str, *bodies: Any, status: int = 200, **headers: str) -> None:
        """Bodies of the next calls: JSON, text, or None to drop the connection."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.scripts.setdefault(method, []).extend((status, named, body) for body in bodies)

    def of(self, method: str) -> list[dict[str, Any]]:
        return [arguments for called, arguments in self.requests if called == method]


@pytest.fixture
def slack() -> Iterator[SlackApi]:
    api = SlackApi()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            url, _, query = self.path.partition("?")
            method = url.rsplit("/", 1)[-1]
            api.requests.append((method, _arguments(raw.decode() or query)))
            if api.hangs:
                api.hangs.wait(10)
            status, headers, body = (api.scripts.get(method) or [(200, {}, {})]).pop(0)
            if body is None:
                self.close_connection = True
                return
            if isinstance(body, dict):
                body = json.dumps({"ok": True, "ts": "100.0", **IDENTITY, **body})
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        do_GET = do_POST  # noqa: N815  http.server's name

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    api.url = f"http://127.0.0.1:{server.server_port}/api/"
    api.client = WebClient("xoxb-test", base_url=api.url, timeout=5, retry_handlers=[])
    yield api
    if api.hangs:
        api.hangs.set()
    server.shutdown()
    server.server_close()
    thread.join()


IDENTITY = {"team_id": "T1", "bot_id": "BOWN", "user_id": "UBOT", "user": "desk", "team": "Acme"}


def _arguments(raw: str) -> dict[str, Any]:
    """Slack's arguments come as JSON or as a form with JSON in it."""
    if raw.startswith("{"):
        return json.loads(raw)
    return {name: _parsed(value) for name, (value,) in parse_qs(raw).items()}


def _parsed(value: str) -> Any:
    return json.loads(value) if value[:1] in {"{", "["} else value
