"""What the bot shows around its messages: status lines, thread titles, suggested prompts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.playground.config import Json
    from bot.playground.feed import Feed

STATUS_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Status:
    """A line under a thread, gone at `until` (Unix seconds)."""

    channel: str
    thread_ts: str
    text: str
    loading_messages: tuple[str, ...]
    until: float

    def as_json(self) -> Json:
        """Return the status as the page reads it."""
        return {
            "channel": self.channel,
            "thread_ts": self.thread_ts,
            "status": self.text,
            "loading_messages": list(self.loading_messages),
        }


@dataclass(slots=True)
class Assistant:
    """Keeps statuses, titles and prompts, and tells the page."""

    feed: Feed
    clock: Callable[[], float]
    titles: dict[tuple[str, str], str] = field(default_factory=dict)
    prompts: dict[str, list[Json]] = field(default_factory=dict)
    _statuses: dict[tuple[str, str], Status] = field(default_factory=dict)

    def set_status(
        self, channel: str, thread_ts: str, *, text: str, loading_messages: tuple[str, ...] = ()
    ) -> None:
        """Show a status for two minutes; an empty one clears."""
        if not text:
            self.clear_status(channel, thread_ts)
            return
        until = self.clock() + STATUS_SECONDS
        status = Status(channel, thread_ts, text, loading_messages, until)
        self._statuses[channel, thread_ts] = status
        self.feed.publish("status", **status.as_json())

    def clear_status(self, channel: str, thread_ts: str) -> None:
        """Take a status away, if there is one."""
        if self._statuses.pop((channel, thread_ts), None):
            gone = Status(channel, thread_ts, "", (), 0.0)
            self.feed.publish("status", **gone.as_json())

    def statuses(self) -> list[Json]:
        """Return the statuses that are shown now."""
        self.expire()
        return [status.as_json() for status in self._statuses.values()]

    def expire(self) -> None:
        """Take away the statuses whose time is over."""
        now = self.clock()
        for status in list(self._statuses.values()):
            if status.until <= now:
                self.clear_status(status.channel, status.thread_ts)

    def suggest(self, channel: str, prompts: list[Json]) -> None:
        """Show suggested prompts in a direct message."""
        self.prompts[channel] = prompts
        self.feed.publish("prompts", channel=channel, prompts=prompts)
