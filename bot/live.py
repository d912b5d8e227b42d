"""An answer that shows while it is written, where Slack can stream."""

import time
from collections.abc import Callable
from dataclasses import replace

from bot.errors import TransportUnknown
from bot.messages import InboundMessage
from bot.ports import Action, Claimed, Inbox, Outgoing, Transport

EVERY_SECONDS = 0.4
LONGEST_SECONDS = 240.0
"""Slack ends a stream after about five minutes: what is said after four is shown by edits."""
EDIT_SECONDS = 3.0
"""Slack takes about fifty edits a minute, from all who write at the moment."""


class LiveReply:
    """Starts a stream with the first words, appends now and then, leaves the end to the outbox."""

    def __init__(
        self,
        claimed: Claimed,
        *,
        inbox: Inbox,
        transport: Transport,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._claimed = claimed
        self._clock = clock
        self._inbox = inbox
        self._transport = transport
        self._ts = claimed.live_ts or None
        self._strayed = claimed.live_ts == ""
        self._open = claimed.live_ts is None and _may_stream(claimed.message)
        self._held = self._said = ""
        self._edited = False
        self._began = self._last = 0.0

    def write(self, text: str) -> None:
        """More words of the answer."""
        self._held += text
        self._said += text
        now = self._clock()
        is_old = self._ts is not None and now - self._began > LONGEST_SECONDS
        if not self._open or now - self._last < (EDIT_SECONDS if is_old else EVERY_SECONDS):
            return
        channel = self._claimed.message.thread.channel
        if self._ts is None:
            self._start(now)
        elif is_old:
            ends, self._edited = not self._edited, True
            self._open = self._transport.edit_stream(channel, self._ts, self._said, ends=ends)
        else:
            self._open = self._transport.append_stream(channel, self._ts, self._held)
        self._held, self._last = "", now

    def completing(self, outgoing: list[Outgoing]) -> list[Outgoing]:
        """The same messages, the first reply as the final form of the stream.

        A stream that may have begun, and that nobody knows, is swept away after them.
        """
        if self._strayed:
            return [*outgoing, self._sweep()]
        if self._ts is None:
            return outgoing
        place = next((n for n, one in enumerate(outgoing) if one.is_reply), None)
        if place is None:
            return outgoing
        final = replace(outgoing[place], action=Action.UPDATE, live_ts=self._ts)
        return [*outgoing[:place], final, *outgoing[place + 1 :]]

    def _start(self, now: float) -> None:
        message = self._claimed.message
        self._open = self._inbox.may_stream(self._claimed)
        if not self._open:
            return
        try:
            ts = self._transport.start_stream(message.thread, message.user, self._held)
        except TransportUnknown:
            self._open, self._strayed = False, True
            return
        if ts is None:
            self._open = False
            return
        self._inbox.streaming(self._claimed, ts)
        self._ts, self._began = ts, now

    def _sweep(self) -> Outgoing:
        message = self._claimed.message
        place = message.thread
        return Outgoing(
            Action.SWEEP, place.channel, text="", thread_ts=place.ts, live_ts=message.ts
        )


def _may_stream(message: InboundMessage) -> bool:
    """An edited question updates the reply it has; a stream needs a person to show it to."""
    return (
        message.edited is None
        and message.user.startswith(("U", "W"))
        and (message.user != "USLACKBOT")
    )
