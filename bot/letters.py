"""Letters go out at most once; what became of each is told in the thread of its case."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.case_ports import Postbox
from bot.errors import TransportBusy, TransportError, TransportRefused, TransportUnknown
from bot.metrics import Metrics
from bot.ports import Mailed, Outbox, Parcel

MOST_SENDS = 30
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Postman:
    """Takes one letter from the outbox to the mail server."""

    outbox: Outbox
    postbox: Postbox | None
    metrics: Metrics
    now: Callable[[], float]

    def deliver(self, parcel: Parcel) -> None:
        """Send a letter; one that may have been sent already is not sent again."""
        outcome, error = Mailed.SENT, None
        try:
            self._send(parcel)
        except TransportBusy as busy:
            if parcel.attempts < MOST_SENDS:
                self.outbox.again(parcel, seconds=busy.retry_after)
                return
            outcome, error = Mailed.REFUSED, str(busy)
        except TransportRefused as refused:
            outcome, error = Mailed.REFUSED, str(refused)
        except TransportError as unknown:
            outcome, error = Mailed.DOUBTFUL, str(unknown)
        if error:
            _log.error("not mailed", outbox=parcel.id, outcome=outcome, error=error)
        self.outbox.mailed(parcel, outcome, error=error)
        self.metrics.sent("failed" if error else "sent")

    def _send(self, parcel: Parcel) -> None:
        if parcel.doubtful or self.now() > parcel.until:
            raise TransportUnknown("a sender ended while it was sending")
        if self.postbox is None or parcel.outgoing.letter is None:
            raise TransportRefused("no_mail_server")
        self.postbox.send(parcel.outgoing.letter, part=str(parcel.id))
