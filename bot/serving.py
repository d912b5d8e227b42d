"""Web servers in threads, so that one process can hold several and end them cleanly."""

import errno
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

from bot.errors import ConfigurationError

STARTED_SECONDS = 20.0


def listen(host: str, port: int) -> socket.socket:
    """Take a port now, so that nothing is started for nothing.

    Raises:
        ConfigurationError: the port is in use, forbidden, or the address is not ours.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
        taken.listen(256)
    except OSError as error:
        taken.close()
        raise ConfigurationError(_why_not(host, port, error)) from error
    return taken


class WebServer:
    """One ASGI application on one socket, in a thread of its own."""

    def __init__(self, application: Callable[..., Any], listener: socket.socket) -> None:
        import uvicorn  # noqa: PLC0415  only those who serve pay for it

        config = uvicorn.Config(
            application,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=3,
            server_header=False,
        )
        self._server = uvicorn.Server(config)
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name=f"web-{self.port}", daemon=True)

    @property
    def port(self) -> int:
        """The port that is served."""
        port: int = self._listener.getsockname()[1]
        return port

    def start(self) -> None:
        """Return once requests are answered."""
        self._thread.start()
        deadline = time.monotonic() + STARTED_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise ConfigurationError(f"the web server on port {self.port} did not start")
            time.sleep(0.005)

    def stop(self) -> None:
        """Finish the requests in hand, at most a few seconds."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=6)

    def _run(self) -> None:
        self._server.run(sockets=[self._listener])


def _why_not(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"Port {port} is in use: end the other program, or choose another port with "
                f"--port {port + 1}"
            )
        case errno.EACCES:
            return f"Port {port} needs special rights: choose one above 1023 with --port 3000"
        case _:
            return f"Cannot listen on {host}:{port}: {error.strerror}"
