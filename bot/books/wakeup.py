"""What one process has kept, another hears of at once: PostgreSQL's LISTEN and NOTIFY.

SQLite has nothing like it: there the others look twice a second.
"""

import threading
from collections.abc import Callable

import psycopg
import structlog
from sqlalchemy import Connection, func, select

from bot.books.engine import Books

CHANNEL = "supportbot"
_PATIENCE_SECONDS = 1.0
_AGAIN_SECONDS = 2.0
_log = structlog.get_logger(__name__)


def notify(connection: Connection, name: str) -> None:
    """Wake the processes that wait for work of a name, once this transaction is kept."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_notify(CHANNEL, name)))


class Wakeup:
    """Listens in a thread of its own; `ring` is called with the name of the work."""

    def __init__(self, books: Books, ring: Callable[[str], None]) -> None:
        self._url = books.engine.url
        self._ring = ring
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="wakeup", daemon=True)

    def start(self) -> None:
        """Listen, where the database can tell."""
        if self._url.get_backend_name() == "postgresql":
            self._thread.start()

    def stop(self) -> None:
        """End within a second or two."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2 * _PATIENCE_SECONDS)

    def _listen(self) -> None:
        address = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        while not self._stop.is_set():
            try:
                with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
                    connection.execute(f"listen {CHANNEL}")
                    self._hear(connection)
            except psycopg.Error as error:  # until it is back, everybody looks twice a second
                _log.warning("not listening to the books", error=type(error).__name__)
                self._stop.wait(_AGAIN_SECONDS)

    def _hear(self, connection: "psycopg.Connection[tuple[object, ...]]") -> None:
        while not self._stop.is_set():
            for heard in connection.notifies(timeout=_PATIENCE_SECONDS):
                self._ring(heard.payload)
