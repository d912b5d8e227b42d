"""The wire between the desk and Slack, where a test can act at one request."""

import http.client
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass
class Trap:
    """What happens once, at the next request of a method: before Slack has it, or after."""

    method: str
    act: Callable[[], None]
    arrived: bool


class Wire:
    """Passes requests on to Slack; a sprung trap swallows the answer."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream).netloc
        self._trap: Trap | None = None
        self._lock = threading.Lock()
        self.sprung = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def at(self, method: str, act: Callable[[], None], *, arrived: bool) -> None:
        """Set the trap."""
        self.sprung.clear()
        with self._lock:
            self._trap = Trap(method, act, arrived)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _taken(self, path: str) -> Trap | None:
        with self._lock:
            trap = self._trap
            if trap is None or not path.endswith(f"/{trap.method}"):
                return None
            self._trap = None
            return trap

    def _pass_on(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, Any, bytes]:
        slack = http.client.HTTPConnection(self._upstream, timeout=10)
        try:
            slack.request(request.command, request.path, body, self._headers(request))
            response = slack.getresponse()
            return response.status, response.getheaders(), response.read()
        finally:
            slack.close()

    def _headers(self, request: BaseHTTPRequestHandler) -> dict[str, str]:
        return {**dict(request.headers), "Host": self._upstream, "Connection": "close"}

    def _handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        trap = self._taken(request.path.split("?")[0])
        if trap and not trap.arrived:
            self._spring(trap, request)
            return
        status, headers, answer = self._pass_on(request, body)
        if trap:
            self._spring(trap, request)
            return
        request.send_response(status)
        for name, value in headers:
            if name.lower() not in {"connection", "transfer-encoding", "content-length"}:
                request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer)

    def _spring(self, trap: Trap, request: BaseHTTPRequestHandler) -> None:
        trap.act()
        request.close_connection = True
        self.sprung.set()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        wire = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                wire._handle(self)

            do_GET = do_POST  # noqa: N815

            def log_message(self, *_arguments: object) -> None:
                """Keep quiet."""

        return Handler
