"""Response URLs: an address that may change or follow up one message, a few times."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.playground.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 30 * 60.0
_USES = 5
_NOT_FOUND = 404


@dataclass(slots=True)
class ResponseUrl:
    """What an address refers to: an interaction of `user` with the message `ts`."""

    channel: str
    ts: str
    user: str
    until: float
    uses: int = 0


@dataclass(slots=True)
class ResponseUrls:
    """Issues and redeems response URLs."""

    base_url: str
    clock: Callable[[], float]
    _known: dict[str, ResponseUrl] = field(default_factory=dict)

    def issue(self, channel: str, ts: str, *, user: str) -> str:
        """Return a new address, valid five times within half an hour."""
        secret = secrets.token_urlsafe(24)
        self._known[secret] = ResponseUrl(channel, ts, user, self.clock() + _SECONDS)
        return f"{self.base_url.rstrip('/')}/response/{secret}"

    def redeem(self, secret: str) -> ResponseUrl:
        """Use an address once."""
        found = self._known.get(secret)
        if found is None:
            raise ApiError("invalid_token", status=_NOT_FOUND)
        if self.clock() > found.until:
            raise ApiError("expired_url", status=_NOT_FOUND)
        if found.uses >= _USES:
            raise ApiError("used_url", status=_NOT_FOUND)
        found.uses += 1
        return found
