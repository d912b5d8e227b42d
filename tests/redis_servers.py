"""Redis servers of our own: one alone, and one that is a cluster."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest
from e2e.processes import free_port
from pydantic import SecretStr
from redis import Redis
from redis.exceptions import RedisError

PROGRAM = "redis-server"


@dataclass
class RedisServer:
    """A server that can be killed and started again; it keeps nothing."""

    port: int
    folder: Path
    cluster: bool = False
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> SecretStr:
        scheme = "redis+cluster" if self.cluster else "redis"
        return SecretStr(f"{scheme}://127.0.0.1:{self.port}")

    def start(self) -> None:
        arguments = ["--port", str(self.port), "--save", "", "--dir", str(self.folder)]
        if self.cluster:
            arguments += ["--cluster-enabled", "yes", "--cluster-port", str(free_port())]
        self.process = subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.DEVNULL)
        client = Redis(port=self.port)
        deadline = time.monotonic() + 10
        while not _answers(client):
            assert time.monotonic() < deadline, "redis-server does not answer"
            time.sleep(0.02)
        if self.cluster:
            client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
            while client.cluster("info")["cluster_state"] != "ok":
                assert time.monotonic() < deadline, "the cluster has no slots"
                time.sleep(0.02)
        client.close()

    def stop(self) -> None:
        """It takes connections, and answers nothing."""
        assert self.process
        self.process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """As kill -9 does."""
        if self.process:
            self.process.kill()
            self.process.wait()


@contextmanager
def redis_server(folder: Path, *, cluster: bool = False) -> Iterator[RedisServer]:
    """A running server; where none is installed a laptop skips and CI fails."""
    if shutil.which(PROGRAM) is None:
        absent("no redis-server on this machine")
    server = RedisServer(free_port(), folder, cluster)
    try:
        server.start()
        yield server
    finally:
        server.kill()


def absent(why: str) -> NoReturn:
    """An engine that is not there skips on a laptop, and fails where CI=true."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(why)


def _answers(client: Redis) -> bool:
    try:
        return bool(client.ping())
    except RedisError:
        return False
