"""The parts of a running playground, put together."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.playground.assistant import Assistant
from bot.playground.delivery import Delivery
from bot.playground.feed import Feed
from bot.playground.files import FileShelf
from bot.playground.mint import Mint
from bot.playground.ratelimit import RateLimit
from bot.playground.responses import ResponseUrls
from bot.playground.socket_mode import Sockets
from bot.playground.timeline import Timeline
from bot.playground.triggers import Triggers
from bot.playground.views import Views
from bot.playground.workspace import Workspace

if TYPE_CHECKING:
    from bot.playground.config import PlaygroundConfig


@dataclass(slots=True)
class Playground:
    """Everything that lives as long as the server. Used from the event loop only."""

    config: PlaygroundConfig
    mint: Mint = field(init=False)
    feed: Feed = field(init=False)
    workspace: Workspace = field(init=False)
    sockets: Sockets = field(init=False)
    delivery: Delivery = field(init=False)
    assistant: Assistant = field(init=False)
    timeline: Timeline = field(init=False)
    rate_limit: RateLimit = field(init=False)
    files: FileShelf = field(init=False)
    triggers: Triggers = field(init=False)
    views: Views = field(init=False)
    responses: ResponseUrls = field(init=False)

    def __post_init__(self) -> None:
        """Build the parts in the order they need each other."""
        config = self.config
        self.mint = Mint(config.clock)
        self.feed = Feed(start=int(config.clock() * 1000))
        self.workspace = Workspace(config, self.mint)
        self.sockets = Sockets(config, self.mint)
        self.delivery = Delivery(config, self.feed, self.mint, self.sockets)
        self.assistant = Assistant(self.feed, config.clock)
        self.timeline = Timeline(self.workspace, self.feed, self.assistant, self.delivery.event)
        self.rate_limit = RateLimit(config.post_interval, config.post_burst, config.clock)
        self.files = FileShelf(config, self.mint)
        self.triggers = Triggers(config.clock)
        self.views = Views(config, self.mint, self.feed)
        self.responses = ResponseUrls(config.base_url, config.clock)

    def expire(self) -> None:
        """End what has a time limit: status lines and streams."""
        self.assistant.expire()
        limit = self.config.clock() - self.config.stream_ttl
        for message in list(self.workspace.messages()):
            if message.stream_started is not None and message.stream_started <= limit:
                message.stream_started = None
                self.timeline.touch(message)
