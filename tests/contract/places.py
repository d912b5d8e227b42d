"""Where passage stores of the contract suite are kept: a folder, a Weaviate of ours, a real one."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Protocol

import pytest
from weaviate_wire import WeaviateWire

from knowledge.adapters.sqlite import SqliteStore
from knowledge.adapters.weaviate import WeaviateStore
from knowledge.adapters.weaviate_connection import WeaviateServer, connect
from knowledge.settings import KnowledgeSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from knowledge.ports import PassageStore


class OpenStore(Protocol):
    """Opens the passages of one encoder; every call opens the same place."""

    def __call__(self, encoder: str = "one") -> PassageStore: ...


@contextmanager
def a_folder(folder: Path) -> Iterator[OpenStore]:
    with _opening(partial(SqliteStore, folder / "knowledge.sqlite")) as opened:
        yield opened


@contextmanager
def a_wire(_folder: Path) -> Iterator[OpenStore]:
    with WeaviateWire() as wire:
        server = WeaviateServer(wire.url, grpc_port=wire.grpc_port)
        with _opening(partial(WeaviateStore, server)) as opened:
            yield opened


@contextmanager
def a_server(_folder: Path) -> Iterator[OpenStore]:
    """The Weaviate at WEAVIATE_URL, in collections of a name of their own, gone afterwards."""
    settings = KnowledgeSettings()
    if settings.weaviate_url is None:
        pytest.skip("no Weaviate: set WEAVIATE_URL")
    server = WeaviateServer(
        settings.weaviate_url,
        api_key=settings.weaviate_api_key,
        grpc_port=settings.weaviate_grpc_port,
    )
    prefix = f"Test{uuid.uuid4().hex[:12]}"
    try:
        with _opening(partial(WeaviateStore, server, prefix=prefix)) as opened:
            yield opened
    finally:
        with connect(server) as client:
            for alias in client.alias.list_all():
                if alias.startswith(prefix):
                    client.alias.delete(alias_name=alias)
            for name in client.collections.list_all():
                if name.startswith(prefix):
                    client.collections.delete(name)


@contextmanager
def _opening(make: Callable[..., PassageStore]) -> Iterator[OpenStore]:
    opened = []

    def open_one(encoder: str = "one") -> PassageStore:
        opened.append(make(encoder=encoder))
        return opened[-1]

    yield open_one
    for store in opened:
        store.close()
