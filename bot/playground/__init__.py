"""A Slack workspace on your own machine: Web API, events, Socket Mode and a page.

It keeps everything in memory, needs no credentials and answers this machine only.
"""

from bot.playground.app import create_app
from bot.playground.config import (
    ArticleLookup,
    Person,
    PlaygroundConfig,
    Room,
    TraceLookup,
    require_loopback,
)
from bot.playground.errors import PlaygroundError

__all__ = [
    "ArticleLookup",
    "Person",
    "PlaygroundConfig",
    "PlaygroundError",
    "Room",
    "TraceLookup",
    "create_app",
    "require_loopback",
]
