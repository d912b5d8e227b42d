"""A redis-server of the benchmark's own, where the machine has one."""

import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from knowledge.adapters.redis_engine import RedisEngine
from knowledge.errors import RedisUnavailable

_COMES_UP_SECONDS = 10.0


@dataclass
class RedisServer:
    """A running server, and an engine on it."""

    process: subprocess.Popen[bytes]
    engine: RedisEngine

    def kill(self) -> None:
        """As kill -9 does."""
        self.process.kill()
        self.process.wait()

    def hang(self) -> None:
        """It takes connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)


@contextmanager
def redis_server() -> Iterator[RedisServer | None]:
    """A server on a free port, gone afterwards; None where no redis-server is installed."""
    program = shutil.which("redis-server")
    if program is None:
        yield None
        return
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
        try:
            _await(port)
            yield RedisServer(process, RedisEngine(SecretStr(f"redis://127.0.0.1:{port}/0")))
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


def _await(port: int) -> None:
    deadline = time.monotonic() + _COMES_UP_SECONDS
    while True:
        try:
            RedisEngine(SecretStr(f"redis://127.0.0.1:{port}/0")).answers()
        except RedisUnavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
        else:
            return
