"""Redises of the contract suite: in this process, the server at hand, and servers of our own."""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr
from redis_servers import absent, redis_server

from knowledge.adapters.redis_engine import RedisEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redis_servers import RedisServer

REDIS = os.environ.get("TEST_REDIS_URL", "redis://127.0.0.1:6379/9")


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
    with _of_our_own(cluster=True) as (engine, _):
        yield engine


@contextmanager
def dying() -> Iterator[tuple[RedisEngine, RedisServer]]:
    """A server that the test may kill, and an engine on it."""
    with _of_our_own() as (engine, server):
        yield engine, server


@contextmanager
def _of_our_own(*, cluster: bool = False) -> Iterator[tuple[RedisEngine, RedisServer]]:
    with (
        tempfile.TemporaryDirectory() as folder,
        redis_server(Path(folder), cluster=cluster) as server,
    ):
        engine = RedisEngine(server.url)
        yield engine, server
        engine.close()
