"""New timestamps and ids: strictly increasing, and never repeated after a restart."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MICROS = 1_000_000
_TS = re.compile(r"\d{1,12}\.\d{6}")


@dataclass(slots=True)
class Mint:
    """Strikes ids from the clock, in microseconds; equal readings are moved on by one."""

    clock: Callable[[], float]
    _last: int = 0

    def ts(self) -> str:
        """Return a message timestamp, `seconds.micros`, later than every one before."""
        micros = self._next()
        return f"{micros // _MICROS}.{micros % _MICROS:06d}"

    def id(self, prefix: str) -> str:
        """Return an id like `Ev0C1XK2P9QRS`."""
        return prefix + _base36(self._next())

    def _next(self) -> int:
        self._last = max(int(self.clock() * _MICROS), self._last + 1)
        return self._last


def is_ts(text: str) -> bool:
    """Say whether `text` is written like a message timestamp."""
    return _TS.fullmatch(text) is not None


def ts_key(ts: str) -> tuple[int, int]:
    """Return a sortable key of a timestamp, which may lack its fraction.

    Raises:
        ValueError: it is no timestamp.
    """
    seconds, _, micros = ts.partition(".")
    return int(seconds), int((micros + "000000")[:6])


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
