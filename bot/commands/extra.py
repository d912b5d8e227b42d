"""Commands whose libraries belong to the extra [train]."""

from collections.abc import Iterator
from contextlib import contextmanager

from bot.errors import ConfigurationError


@contextmanager
def needs_training() -> Iterator[None]:
    """Around imports: a missing library of the extra becomes one line that says what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            f"this command needs the library {error.name}: pip install 'supportbot[train]' "
            "(from a clone: pip install -e '.[train]')"
        ) from error
