"""Who and what is in the workspace, and how it behaves."""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from bot.playground.errors import PlaygroundError

Json: TypeAlias = dict[str, Any]
TraceLookup: TypeAlias = Callable[[str, str], dict[str, object] | None]
ArticleLookup: TypeAlias = Callable[[str], dict[str, object] | None]


@dataclass(frozen=True, slots=True)
class Person:
    """A user of the workspace."""

    id: str
    name: str
    real_name: str
    title: str = ""
    color: str = "4a154b"
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Room:
    """A channel, or the direct messages of `user` with the bot."""

    id: str
    name: str
    topic: str = ""
    user: str | None = None
    has_bot: bool = True

    @property
    def is_im(self) -> bool:
        """Whether this is a direct message."""
        return self.user is not None

    @property
    def channel_type(self) -> str:
        """The name events use for the kind of conversation."""
        return "im" if self.is_im else "channel"


DEFAULT_USERS = (
    Person("U0ADA", "ada", "Ada Lindqvist", "Support lead", "8b3fa8"),
    Person("U0TOMASZ", "tomasz", "Tomasz Nowak", "Support agent", "1f7a5c"),
    Person("U0PRIYA", "priya", "Priya Raman", "Marketing", "b4561d"),
)
DEFAULT_CHANNELS = (
    Room("C0HELPDESK", "help-desk", "Questions from the team, answered from the help centre"),
    Room("C0TEAM", "support-team", "The team among itself: articles for staff are answered here"),
    Room("C0TRIAGE", "triage", "Where a person is asked for"),
    Room("C0RANDOM", "random", "Everything else", has_bot=False),
)


@dataclass(frozen=True, slots=True)
class PlaygroundConfig:
    """Everything the playground needs to know before it starts; times are in seconds.

    `request_url` is where events and interactions are POSTed, None for Socket Mode only.
    `retry_delays` are the waits before the first, second and third retry of an event.
    `post_burst` messages may be posted at once in a channel, then one per `post_interval`;
    an interval of 0 lifts the limit. `clock` gives Unix time. Links to `article_hosts` open a
    page of the playground, which asks the `ArticleLookup` for the text.
    """

    bot_token: str
    app_token: str
    signing_secret: str
    base_url: str
    request_url: str | None = None
    team_id: str = "T0CAIRNWAY"
    team_name: str = "Cairnway Outfitters"
    bot_user_id: str = "U0SUPPORT"
    bot_id: str = "B0SUPPORT"
    bot_name: str = "Support Bot"
    app_id: str = "A0SUPPORT"
    users: tuple[Person, ...] = DEFAULT_USERS
    channels: tuple[Room, ...] = DEFAULT_CHANNELS
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    ack_timeout: float = 3.0
    post_interval: float = 1.0
    post_burst: int = 4
    stream_ttl: float = 300.0
    article_hosts: tuple[str, ...] = ()
    clock: Callable[[], float] = time.time

    @property
    def domain(self) -> str:
        """The workspace's short name, as in payloads."""
        return self.team_name.lower().replace(" ", "-")

    def rooms(self) -> tuple[Room, ...]:
        """Return the channels and one direct message per user, unless configured already."""
        known = {room.user for room in self.channels if room.user}
        direct = (
            Room("D" + person.id.removeprefix("U"), person.name, user=person.id)
            for person in self.users
            if person.id not in known
        )
        return (*self.channels, *direct)


def is_loopback(host: str) -> bool:
    """Say whether `host` (a name or an address, without port) is this machine only."""
    bare = host.strip().removeprefix("[").removesuffix("]").lower()
    if bare == "localhost":
        return True
    try:
        return ipaddress.ip_address(bare).is_loopback
    except ValueError:
        return False


def require_loopback(host: str) -> None:
    """Raise PlaygroundError unless `host` is 127.0.0.0/8, ::1 or localhost."""
    if not is_loopback(host):
        raise PlaygroundError(
            f"The playground has no login and listens on this machine only, not on {host!r}. "
            "Use 127.0.0.1."
        )
