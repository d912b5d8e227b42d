"""How many tokens chat models take while something is done."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that were read and written."""

    prompt: int = 0
    completion: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(self.prompt + other.prompt, self.completion + other.completion)

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.prompt + self.completion


NOTHING = Usage()


class Meter:
    """Adds up what is taken."""

    def __init__(self) -> None:
        self.usage = NOTHING


_meters: ContextVar[tuple[Meter, ...]] = ContextVar("meters", default=())


@contextmanager
def metered() -> Iterator[Meter]:
    """Count what is taken in this thread until the block ends, in blocks around it too."""
    meter = Meter()
    token = _meters.set((*_meters.get(), meter))
    try:
        yield meter
    finally:
        _meters.reset(token)


def take(usage: Usage) -> None:
    """Tell every meter that runs."""
    for meter in _meters.get():
        meter.usage += usage


def estimated(read: str, written: str) -> Usage:
    """For providers that do not count: about four characters a token."""
    return Usage(-(-len(read) // CHARACTERS_A_TOKEN), -(-len(written) // CHARACTERS_A_TOKEN))
