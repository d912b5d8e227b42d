"""A stand-in for Slack's Web API on loopback: answers at once, remembers what arrived when."""

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Self
from urllib.parse import parse_qsl

from benchmarks import wire
from benchmarks.events import BOT_USER, TEAM

OnCall = Callable[[str, Mapping[str, Any], float], None]


class SlackApi:
    """Counts calls by method, and tells `on_call` of each: method, arguments, arrival.

    It has a thread of its own, so that a desk that starts can ask who it is.
    """

    def __init__(self, *, on_call: OnCall | None = None) -> None:
        self.calls: Counter[str] = Counter()
        self._on_call = on_call
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._last = time.time()
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        starting = asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=256)
        server = asyncio.run_coroutine_threadsafe(starting, self._loop).result()
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/"
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head, body = await wire.read(reader)
                arrived = time.perf_counter()
                method = head.first_line.split()[1].removeprefix("/api/")
                answer = self._answer(method, _arguments(head, body), arrived)
                headers = {"content-type": "application/json"}
                content = json.dumps(answer).encode()
                writer.write(wire.written("HTTP/1.1 200 OK", headers, content))
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _answer(self, method: str, arguments: Mapping[str, Any], arrived: float) -> object:
        self.calls[method] += 1
        if self._on_call:
            self._on_call(method, arguments, arrived)
        match method:
            case "auth.test":
                names = {"user": "desk", "team": "Benchmark"}
                return {
                    "ok": True,
                    "team_id": TEAM,
                    "user_id": BOT_USER,
                    "bot_id": "B0DESK",
                } | names
            case "conversations.info":
                channel = {"id": arguments.get("channel"), "is_member": True}
                return {"ok": True, "channel": channel}
            case "chat.getPermalink":
                return {"ok": True, "permalink": "https://cairnway.slack.test/archives/1"}
            case _:
                return {"ok": True, "ts": self._ts(), "channel": arguments.get("channel")}

    def _ts(self) -> str:
        self._last += 0.000_1
        return f"{self._last:.6f}"


def _arguments(head: wire.Head, body: bytes) -> Mapping[str, Any]:
    if body and "json" in head.headers.get("content-type", ""):
        arguments: Mapping[str, Any] = json.loads(body)
        return arguments
    return dict(parse_qsl(body.decode()))
