"""Trigger ids: one permission to show one view, valid for three seconds."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.playground.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

_SECONDS = 3.0


@dataclass(slots=True)
class Triggers:
    """Issues and redeems trigger ids."""

    clock: Callable[[], float]
    _open: dict[str, tuple[str, float]] = field(default_factory=dict)
    _used: set[str] = field(default_factory=set)

    def issue(self, user: str) -> str:
        """Return a trigger id for something `user` just did."""
        now = self.clock()
        trigger = f"{int(now)}.{secrets.randbelow(10**10)}.{secrets.token_hex(8)}"
        self._open[trigger] = (user, now + _SECONDS)
        return trigger

    def redeem(self, trigger: str) -> str:
        """Return the user a trigger stands for; it cannot be used again."""
        if trigger in self._used:
            raise ApiError("exchanged_trigger_id")
        if trigger not in self._open:
            raise ApiError("invalid_trigger_id")
        user, until = self._open[trigger]
        if self.clock() > until:
            raise ApiError("expired_trigger_id")
        del self._open[trigger]
        self._used.add(trigger)
        return user
