"""Reading a mail within a time limit: a sender decides what is in it, not how long it takes."""

import queue
import threading
from collections.abc import Callable

import structlog

from triage.errors import MailRefused
from triage.mail.letter import Mail

READING_SECONDS = 20.0
_log = structlog.get_logger(__name__)


def read_in_time(read: Callable[[], Mail], *, seconds: float = READING_SECONDS) -> Mail:
    """What `read` returns.

    Raises:
        MailRefused: the mail breaks a bound, takes too long, or breaks its reader; says which.
    """
    outcome: queue.SimpleQueue[Mail | Exception] = queue.SimpleQueue()

    def work() -> None:
        try:
            outcome.put(read())
        except Exception as error:  # noqa: BLE001  a mail may be anything
            outcome.put(error)

    # A thread of its own, a daemon: one that never ends holds up neither the next mail nor the end.
    threading.Thread(target=work, name="mail-reader", daemon=True).start()
    try:
        found = outcome.get(timeout=seconds)
    except queue.Empty:
        raise MailRefused(f"it takes longer than {seconds:g} seconds to read") from None
    if isinstance(found, MailRefused):
        raise found
    if isinstance(found, Exception):
        _log.error("a mail broke its reader", error=type(found).__name__)
        raise MailRefused(f"its reader failed on it ({type(found).__name__})") from None
    return found
