"""Redises of the contract suite: in this process, the server at hand, and servers of our own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError

from knowledge.adapters.redis_engine import RedisEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")
ALL_SLOTS = (0, 16383)


@dataclass
class Server:
    """A redis-server of our own."""

    process: subprocess.Popen[bytes]
    port: int

    def kill(self) -> None:
        """As kill -9 does."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """It takes connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)


@contextmanager
def a_process() -> Iterator[RedisEngine]:
    engine = RedisEngine()
    yield engine
    engine.close()


@contextmanager
def a_server() -> Iterator[RedisEngine]:
    """The server at TEST_REDIS_URL, else the one on this machine."""
    engine = RedisEngine(SecretStr(REDIS))
    try:
        engine.answers()
    except Exception as error:  # noqa: BLE001  whatever it is, there is none
        absent(f"no Redis: set TEST_REDIS_URL ({error})")
    yield engine
    engine.close()


@contextmanager
def a_cluster() -> Iterator[RedisEngine]:
    """A cluster of one node, which serves all slots."""
    with a_redis_server("--cluster-enabled", "yes") as server:
        admin = Redis(port=server.port)
        admin.execute_command("CLUSTER", "ADDSLOTSRANGE", *ALL_SLOTS)
        _until(lambda: admin.execute_command("CLUSTER INFO")["cluster_state"] == "ok")
        admin.close()
        engine = RedisEngine(SecretStr(f"redis+cluster://127.0.0.1:{server.port}"))
        yield engine
        engine.close()


@contextmanager
def dying() -> Iterator[tuple[RedisEngine, Server]]:
    """A server that the test may kill, and an engine on it."""
    with a_redis_server() as server:
        engine = RedisEngine(SecretStr(f"redis://127.0.0.1:{server.port}/0"))
        yield engine, server
        engine.close()


@contextmanager
def a_redis_server(*options: str, port: int | None = None) -> Iterator[Server]:
    """A redis-server on a free port, gone afterwards."""
    program = shutil.which("redis-server")
    if program is None:
        absent("no redis-server on this machine")
    chosen = port or _free_port()
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [
                str(program),
                *("--port", str(chosen), "--bind", "127.0.0.1", "--dir", folder),
                *("--save", "", "--appendonly", "no", *options),
            ],
            stdout=subprocess.DEVNULL,
        )
        try:
            _until(lambda: _answers(chosen))
            yield Server(process, chosen)
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()


def absent(why: str) -> None:
    """An engine that is not there skips on a laptop, and fails where CI=true."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


def _answers(port: int) -> bool:
    client = Redis(port=port, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(client.ping())
    except RedisError:
        return False
    finally:
        client.close()


def _until(holds: Callable[[], bool], *, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the Redis did not come up")
        time.sleep(0.02)


def _free_port() -> int:
    """Free here and ten thousand above, where a cluster's nodes talk."""
    while True:
        with socket.socket() as one, socket.socket() as above:
            one.bind(("127.0.0.1", 0))
            port: int = one.getsockname()[1]
            if port < 55_000:
                above.bind(("127.0.0.1", port + 10_000))
                return port
