"""Empty databases for the books: a SQLite file, and a PostgreSQL database where one answers."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

SERVER = "postgresql://postgres@127.0.0.1:5432"
CONNECT_SECONDS = 2


def engines() -> list[str]:
    """The engines that can be measured here."""
    try:
        psycopg.connect(f"{SERVER}/postgres", connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError:
        return ["SQLite"]
    return ["SQLite", "PostgreSQL"]


@contextmanager
def database(engine: str, home: Path) -> Iterator[str]:
    """The URL of an empty database, gone afterwards."""
    if engine == "SQLite":
        yield f"sqlite:///{home / 'desk.sqlite'}"
        return
    name = f"bench_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(f"{SERVER}/postgres", autocommit=True) as server:
        server.execute(f'create database "{name}"')
        try:
            yield f"{SERVER}/{name}"
        finally:
            server.execute(f'drop database "{name}" with (force)')
