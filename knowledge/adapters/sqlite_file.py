"""Files of the embedded store: one for each generation of passages, and which of them serves.

A store at `knowledge.sqlite` is in `knowledge-1a2b3c4d.sqlite`, named after the encoder and the
layout of the tables; `knowledge.serving` names the file that serves.
"""

import hashlib
import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from knowledge.errors import StoreUnavailable

_LAYOUT = "1"
"""Another one where these tables or the words in them are made otherwise."""
_SCHEMA = """
begin immediate;
create table if not exists epoch (
    only integer primary key check (only = 1), n integer not null, tidied integer not null);
insert or ignore into epoch values (1, 0, 0);
create table if not exists article (
    id text primary key, version text not null, source text not null, title text not null,
    url text not null, status text not null, audience text not null, updated text not null);
create table if not exists vector (
    id integer primary key, digest text not null unique, vector blob not null);
create table if not exists tokens (
    id integer primary key references vector (id), width integer not null, tokens blob not null);
create table if not exists chunk (
    id integer primary key autoincrement, article_id text not null references article (id),
    position integer not null, headings text not null, text text not null,
    start integer not null, "end" integer not null, length integer not null,
    vector_id integer not null references vector (id), unique (article_id, position));
create index if not exists chunk_vector on chunk (vector_id);
create virtual table if not exists words using fts5 (stems, tokenize="ascii tokenchars '_'");
create virtual table if not exists terms using fts5vocab (words, instance);
pragma user_version = 1;
commit;
"""
_BUSY_SECONDS = 5.0


class Connections:
    """Connections to one file, one for each thread."""

    def __init__(self, path: Path) -> None:
        """Open the file, and make it where it is missing.

        Raises:
            StoreUnavailable: it is no database, or its folder cannot be written.
        """
        self.path = path
        self._local = threading.local()
        with translated(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._local.opened = _Open(path, mode="rwc")
            if self.get().execute("pragma user_version").fetchone()[0] == 0:
                self.get().executescript(_SCHEMA)

    def get(self) -> sqlite3.Connection:
        """This thread's connection; a file that is gone by now is not made anew."""
        if not hasattr(self._local, "opened"):
            self._local.opened = _Open(self.path, mode="rw")
        opened: _Open = self._local.opened
        return opened.connection

    def close(self) -> None:
        """Close this thread's connection; those of other threads close when their threads end."""
        if hasattr(self._local, "opened"):
            del self._local.opened


class _Open:
    """A connection that is closed when its thread lets go of it."""

    def __init__(self, path: Path, *, mode: str) -> None:
        self.connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode={mode}",
            timeout=_BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,
            uri=True,
        )
        self.connection.row_factory = sqlite3.Row
        self.connection.execute("pragma journal_mode = wal")
        self.connection.execute("pragma synchronous = normal")

    def __del__(self) -> None:
        if hasattr(self, "connection"):
            self.connection.close()


def generation(path: Path, encoder: str) -> Path:
    """The file of one encoder's passages, beside `path`."""
    name = hashlib.sha256(f"{_LAYOUT} {encoder}".encode()).hexdigest()[:8]
    return path.with_name(f"{path.stem}-{name}{path.suffix}")


def serve(path: Path, chosen: Path) -> None:
    """Name a generation the one that serves, and delete all but it and the one before.

    Nothing is deleted where it serves already: another may be in the making beside it.
    A file that some desk still reads lives on, unnamed, until that desk lets go of it.
    """
    record = path.with_suffix(".serving")
    before = record.read_text("utf-8").strip() if record.exists() else ""
    if before == chosen.name:
        return
    for old in _files(path, generations=bool(before)):
        if not old.name.startswith((chosen.name, before or chosen.name)):
            old.unlink(missing_ok=True)
    written = record.with_name(f"{record.name}-{os.getpid()}")
    written.write_text(f"{chosen.name}\n", encoding="utf-8")
    written.replace(record)


@contextmanager
def translated(path: Path) -> Iterator[None]:
    """Errors of the engine and of the disk as ours, with what can be done."""
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise StoreUnavailable(
            f"{path}: {error}. It holds nothing but the index: if this goes on, delete it and run"
            " `supportbot knowledge index`"
        ) from error


def _files(path: Path, *, generations: bool) -> list[Path]:
    """The one file that there was before there were generations, and theirs where wanted.

    A database comes before its log: a log alone means nothing, a database without its log may be
    an older one.
    """
    name = "(-[0-9a-f]{8})?" if generations else ""
    pattern = f"{re.escape(path.stem)}{name}{re.escape(path.suffix)}(-wal|-shm)?"
    return sorted(one for one in path.parent.iterdir() if re.fullmatch(pattern, one.name))
