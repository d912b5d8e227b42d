"""One database: SQLite in a file by default, PostgreSQL by `DATABASE_URL`."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, func, make_url, select, update
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from bot.books.tables import keys
from bot.errors import BooksUnavailable, ConfigurationError

if TYPE_CHECKING:
    from alembic.config import Config

_READ_ONLY = "books_read_only"
_READY = "ready"
_BUSY_SECONDS = 5.0
_MIGRATION_LOCK = 20261123
_COLLISIONS = 3
_Outcome = TypeVar("_Outcome")


def _token() -> str:
    return uuid.uuid4().hex


@dataclass(frozen=True, slots=True)
class Books:
    """An open database, with the clock and the ids that its rows are stamped with."""

    engine: Engine
    now: Callable[[], float] = time.time
    new_token: Callable[[], str] = field(default=_token)
    in_turn: Callable[[], AbstractContextManager[None]] = nullcontext

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction.

        Raises:
            BooksUnavailable: it did not take place.
        """
        with self._translated(), self.in_turn(), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent view; takes no lock on SQLite."""
        with self._translated(), self.engine.connect() as connection:
            yield connection.execution_options(**{_READ_ONLY: True})

    def colliding(self, work: Callable[[], _Outcome]) -> _Outcome:
        """Run a transaction, again where another process wrote a row of the same name first.

        Raises:
            BooksUnavailable: it did not take place.
        """
        for _ in range(_COLLISIONS):
            try:
                return work()
            except BooksUnavailable as error:
                if not isinstance(error.__cause__, IntegrityError):
                    raise
        return work()

    def migrate(self) -> None:
        """Bring the schema to this version; one that is newer stays as it is."""
        from alembic import command  # noqa: PLC0415  a tenth of a second to import

        with self._translated(), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":  # two processes may start at once
                connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
            if self.is_current():
                return
            config = _alembic()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    def is_ready(self) -> bool:
        """Whether a message could be kept now: the schema is current, and something is written.

        Raises:
            BooksUnavailable: it could not; says why.
        """
        return self.is_current() and self.colliding(self._written)

    def is_current(self) -> bool:
        """Whether the schema is one that this version can work with: its own, or a newer one.

        Migrations only add, so that the old version goes on while a new one is deployed.
        """
        from alembic.runtime.migration import MigrationContext  # noqa: PLC0415
        from alembic.script import ScriptDirectory  # noqa: PLC0415

        with self.reading() as connection:
            found = MigrationContext.configure(connection).get_current_revision()
        scripts = ScriptDirectory.from_config(_alembic())
        older = {one.revision for one in scripts.walk_revisions()} - {scripts.get_current_head()}
        return found is not None and found not in older

    def _written(self) -> bool:
        stamp = {"value": str(self.now())}
        with self.writing() as connection:
            known = connection.execute(update(keys).where(keys.c.name == _READY).values(stamp))
            if known.rowcount == 0:
                connection.execute(keys.insert().values(name=_READY, **stamp))
        return True

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            cause = getattr(error, "orig", None) or error
            where = self.engine.url.render_as_string(hide_password=True)
            raise BooksUnavailable(f"{where}: {' '.join(str(cause).split())}") from error


def open_books(url: str) -> Books:
    """Open the database that a URL names; nothing is connected yet.

    Raises:
        ConfigurationError: the URL is not one of SQLite or PostgreSQL.
    """
    try:
        parsed = make_url(url.replace("postgres://", "postgresql://", 1))
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        if parsed.get_backend_name() == "sqlite":
            engine = _sqlite(parsed.database or "", parsed.render_as_string())
            return Books(engine, in_turn=_one_writer())
        return Books(create_engine(parsed, pool_pre_ping=True, pool_size=10, hide_parameters=True))
    except (ArgumentError, ImportError, NoSuchModuleError) as error:
        raise ConfigurationError(
            "DATABASE_URL is neither sqlite:///… nor postgresql://…"
        ) from error


def _sqlite(path: str, url: str) -> Engine:
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BooksUnavailable(f"{path}: {error.strerror}") from error
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS}, pool_size=10, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode = wal", "synchronous = full", "foreign_keys = on"):
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY)
        connection.exec_driver_sql("begin" if read_only else "begin immediate")

    return engine


def _one_writer() -> Callable[[], AbstractContextManager[None]]:
    """SQLite lets one connection write at a time; the others sleep for up to 100 ms and try again.

    Threads of one process wait for each other here, and are woken as soon as it is their turn.
    """
    lock = threading.Lock()

    @contextmanager
    def in_turn() -> Iterator[None]:
        if not lock.acquire(timeout=_BUSY_SECONDS):
            raise TimeoutError("the database is locked")
        try:
            yield
        finally:
            lock.release()

    return in_turn


def _alembic() -> "Config":
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "bot.books:migrations")
    config.set_main_option("path_separator", "os")
    return config
