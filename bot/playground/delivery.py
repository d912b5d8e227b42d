"""Delivery of events and interactions to the app: signed, concurrent, retried as Slack does."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bot.playground import callback, events, strict_json
from bot.playground.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from bot.playground.config import Json, PlaygroundConfig
    from bot.playground.feed import Feed
    from bot.playground.mint import Mint
    from bot.playground.socket_mode import Sockets

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one attempt; `reason` is None when the app acknowledged."""

    reason: str | None = None
    status: int | None = None
    response: Json = field(default_factory=dict)
    may_retry: bool = True


@dataclass(slots=True)
class Delivery:
    """Sends in the order of asking, waits for acknowledgements side by side."""

    config: PlaygroundConfig
    feed: Feed
    mint: Mint
    sockets: Sockets
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def event(self, event: Json) -> None:
        """Start delivering an event; returns at once. Call from the event loop."""
        event_id = self.mint.id("Ev")
        now = self.config.clock()
        self._start(self._deliver(events.envelope(self.config, event, event_id=event_id, now=now)))

    async def interaction(self, payload: Json) -> Receipt:
        """Send an interaction once and return what the app answered."""
        started = time.monotonic()
        body = urlencode({"payload": json.dumps(payload)}).encode()
        receipt = await self._attempt("interactive", payload, body, retry=(0, ""))
        self._report(payload, receipt, attempt=1, started=started)
        return receipt

    async def close(self) -> None:
        """Give up what is still under way."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(self, work: Coroutine[object, object, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, envelope: Json) -> None:
        body = json.dumps(envelope).encode()
        reason = ""
        for retry, delay in enumerate((None, *self.config.retry_delays)):
            if delay is not None:
                await asyncio.sleep(delay)
            started = time.monotonic()
            receipt = await self._attempt("events_api", envelope, body, retry=(retry, reason))
            last = retry == len(self.config.retry_delays)
            self._report(envelope, receipt, attempt=retry + 1, started=started, last=last)
            if receipt.reason is None or not receipt.may_retry:
                return
            reason = receipt.reason

    async def _attempt(
        self, kind: str, payload: Json, body: bytes, *, retry: tuple[int, str]
    ) -> Receipt:
        try:
            if self.sockets.connected:
                answer = await self.sockets.send(kind, payload, retry=retry)
                return Receipt(response=_object(answer.get("payload")))
            if self.config.request_url is None:
                return Receipt("connection_failed")
            return await self._post(kind, body, retry=retry)
        except TimeoutError:
            return Receipt("http_timeout")
        except (OSError, ValueError):
            return Receipt("connection_failed")

    async def _post(self, kind: str, body: bytes, *, retry: tuple[int, str]) -> Receipt:
        config = self.config
        headers = {"Content-Type": "application/json" if kind == "events_api" else _FORM}
        headers |= signed_headers(config.signing_secret, body, now=config.clock())
        if retry[0]:
            headers |= {"X-Slack-Retry-Num": str(retry[0]), "X-Slack-Retry-Reason": retry[1]}
        answer = await callback.post(
            config.request_url or "", body, headers=headers, timeout=config.ack_timeout
        )
        accepted = 200 <= answer.status < 300  # noqa: PLR2004 - HTTP success
        return Receipt(
            reason=None if accepted else "http_error",
            status=answer.status,
            response=_object(_parsed(answer.body)),
            may_retry=answer.headers.get("x-slack-no-retry") != "1",
        )

    def _report(
        self, sent: Json, receipt: Receipt, *, attempt: int, started: float, last: bool = True
    ) -> None:
        event = sent.get("event", sent)
        retrying = receipt.may_retry and not last
        self.feed.publish(
            "delivery",
            event_id=sent.get("event_id", sent.get("trigger_id")),
            type=event["type"],
            ts=events.about(event),
            attempt=attempt,
            status="ok" if receipt.reason is None else "retrying" if retrying else "failed",
            reason=receipt.reason,
            http_status=receipt.status,
            ms=round((time.monotonic() - started) * 1000),
        )


def _parsed(body: bytes) -> object:
    try:
        return strict_json.parse(body)
    except ValueError:
        return None


def _object(value: object) -> Json:
    return value if isinstance(value, dict) else {}
