"""The two loops of a worker: handle what came in, send what goes out."""

import random
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from bot.case_ports import Postbox
from bot.casework import CASEWORK
from bot.errors import (
    BooksUnavailable,
    CaseMoved,
    LeaseLost,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportUnknown,
)
from bot.leases import Leases
from bot.letters import Postman
from bot.live import LiveReply
from bot.messages import (
    Effect,
    Handled,
    HandOff,
    InboundMessage,
    KeepCase,
    KeepCorrection,
    KeepFeedback,
    Ts,
)
from bot.metrics import Metrics
from bot.ports import (
    Action,
    Claimed,
    Decider,
    Inbox,
    Outbox,
    Outgoing,
    Pace,
    Parcel,
    Settlement,
    Transport,
)
from knowledge.errors import RedisUnavailable

Render = Callable[[Sequence[Effect], InboundMessage], list[Outgoing]]
MOST_ATTEMPTS = 4
MOST_DOUBTS = 30
SETTLE_SECONDS, LONGEST_SETTLE_SECONDS = 12.0, 600.0
RENEW = "renew"
STATUS_AFTER_SECONDS = 0.4
MOVED_SECONDS = 0.2
STATUS = "is searching the help centre…"
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Handler:
    """Takes one message from the inbox to its effects."""

    inbox: Inbox
    desk: Decider
    transport: Transport
    render: Render
    metrics: Metrics
    on_settled: Callable[[], None]
    leases: Leases
    on_handled: Callable[[InboundMessage, Handled], None] = lambda *_: None

    def step(self) -> bool:
        """Handle the next message; False when there is none."""
        claimed = self.inbox.claim()
        if claimed is None:
            return False
        live = LiveReply(claimed, inbox=self.inbox, transport=self.transport)
        try:
            with self.leases.holding(claimed):
                self._tried(claimed, live)
        except LeaseLost as error:
            _log.info("dropped", reference=claimed.reference, why=str(error))
        self.on_settled()
        return True

    def _tried(self, claimed: Claimed, live: LiveReply) -> None:
        if claimed.attempts > MOST_ATTEMPTS:  # its workers died: it may be the message
            self._failed(claimed, live)
            return
        try:
            self._handle(claimed, live)
        except (LeaseLost, BooksUnavailable):
            raise
        except CaseMoved as error:  # two worked on one case: the later one looks again
            self.inbox.postpone(claimed, seconds=MOVED_SECONDS, error=str(error))
        except Exception:  # noqa: BLE001  whatever it was, the asker hears of it
            _log.exception("failed", reference=claimed.reference, attempt=claimed.attempts)
            self._failed(claimed, live)

    def _handle(self, claimed: Claimed, live: LiveReply) -> None:
        thread = claimed.message.thread
        status = threading.Timer(STATUS_AFTER_SECONDS, self.transport.status, (thread, STATUS))
        status.daemon = True
        began = time.perf_counter()
        if claimed.message.kind not in CASEWORK:
            status.start()
        try:
            handled = self.desk.handle(
                claimed.message, reference=claimed.reference, on_text=live.write
            )
        finally:
            status.cancel()
        self.on_handled(claimed.message, handled)
        outgoing = live.completing(self.render(handled.effects, claimed.message))
        self.inbox.settle(claimed, _settlement(handled, outgoing))
        self.metrics.handled(claimed.message.kind, time.perf_counter() - began)

    def _failed(self, claimed: Claimed, live: LiveReply) -> None:
        """Try again with growing pauses; at last apologise and ask a person."""
        if claimed.attempts < MOST_ATTEMPTS:
            pause = 2.0**claimed.attempts * random.uniform(0.5, 1.0)  # noqa: S311  jitter
            self.inbox.postpone(claimed, seconds=pause, error="see the log")
            return
        handled = self.desk.give_up(claimed.message, reference=claimed.reference)
        outgoing = live.completing(self.render(handled.effects, claimed.message))
        self.inbox.bury(claimed, _settlement(handled, outgoing), error="see the log")


@dataclass(frozen=True, slots=True)
class Sender:
    """Takes one message from the outbox to Slack."""

    outbox: Outbox
    transport: Transport
    metrics: Metrics
    now: Callable[[], float] = time.time
    postbox: Postbox | None = None
    pace: Pace | None = None
    settle_seconds: float = SETTLE_SECONDS

    def step(self) -> bool:
        """Send the next message; False when there is none."""
        parcel = self.outbox.claim()
        if parcel is None:
            return False
        match parcel.outgoing.action:
            case Action.MAIL:
                postman = Postman(self.outbox, self.postbox, self.metrics, self.now)
                postman.deliver(parcel)
            case Action.SWEEP if not parcel.doubtful:  # a stray may be on its way still
                self.outbox.doubt(parcel, seconds=self.settle_seconds)
            case _:
                self._deliver(parcel)
        return True

    def _deliver(self, parcel: Parcel) -> None:
        try:
            self._keep_pace(parcel)
            ts = self._send(parcel)
        except TransportBusy as error:
            self.outbox.again(parcel, seconds=error.retry_after)
        except TransportUnknown as error:
            self._unknown(parcel, error)
        except TransportRefused as error:
            _log.error("not sent", outbox=parcel.id, code=error.code)
            self.outbox.failed(parcel, error=str(error))
            self.metrics.sent("failed")
        else:
            self.outbox.sent(parcel, ts)
            self.metrics.sent("sent")

    def _keep_pace(self, parcel: Parcel) -> None:
        """Let a channel breathe: what comes too fast is refused, and the whole channel waits."""
        if self.pace is None or parcel.doubtful or parcel.outgoing.action is not Action.POST:
            return
        with suppress(RedisUnavailable):  # then Slack itself says when it is too much
            seconds = self.pace.wait(parcel.outgoing.channel)
            if seconds > 0:
                raise TransportBusy(seconds)

    def _send(self, parcel: Parcel) -> Ts | None:
        outgoing, marker = parcel.outgoing, parcel.marker
        match outgoing.action:
            case Action.WHISPER | Action.DELETE | Action.SWEEP | Action.REACT:
                self._act(parcel)
                return None
            case Action.UPDATE if self._updated(parcel):
                return parcel.target_ts
            case _:
                found = self.transport.find(outgoing, marker=marker) if parcel.doubtful else None
                if found is None and self.now() > parcel.until:
                    raise TransportUnknown("too late to post: another sender may be about to")
                return found or self.transport.post(outgoing, marker=marker)

    def _act(self, parcel: Parcel) -> None:
        """What leaves no message that an update could be about."""
        outgoing, ts = parcel.outgoing, parcel.target_ts
        match outgoing.action:
            case Action.WHISPER:
                self.transport.whisper(outgoing)
            case Action.SWEEP:
                for stray in self.transport.strays(outgoing, after=ts or Ts("")):
                    self.transport.delete(outgoing.channel, stray)
            case Action.DELETE if ts:
                self.transport.delete(outgoing.channel, ts)
            case Action.REACT if ts:
                self.transport.react(outgoing.channel, ts, outgoing.text)

    def _updated(self, parcel: Parcel) -> bool:
        """False where somebody has deleted the message: it is posted anew."""
        ts = parcel.target_ts
        try:
            if ts:
                self.transport.update(parcel.outgoing, ts, marker=parcel.marker)
        except TransportRefused as error:
            if error.code != "message_not_found":
                raise
            return False
        return bool(ts)

    def _unknown(self, parcel: Parcel, error: TransportError) -> None:
        """Nobody knows whether it arrived: wait until Slack has settled, then look; for hours."""
        _log.warning("in doubt", outbox=parcel.id, error=str(error))
        if parcel.doubts >= MOST_DOUBTS:
            self.outbox.failed(parcel, error=str(error))
            self.metrics.sent("failed")
        else:
            pause = self.settle_seconds * 2.0 ** min(parcel.doubts, 10)
            self.outbox.doubt(parcel, seconds=min(pause, LONGEST_SETTLE_SECONDS))


def _settlement(handled: Handled, outgoing: Sequence[Outgoing]) -> Settlement:
    return Settlement(
        outgoing=outgoing,
        trace=handled.trace,
        feedback=next((one for one in handled.effects if isinstance(one, KeepFeedback)), None),
        handed_off=any(isinstance(one, HandOff) for one in handled.effects),
        case=next((one.case for one in handled.effects if isinstance(one, KeepCase)), None),
        correction=next(
            (one.correction for one in handled.effects if isinstance(one, KeepCorrection)), None
        ),
    )
