"""Days as documents, pages and metadata write them."""

from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated

from pydantic import BeforeValidator


def day_of(value: object) -> date | None:
    """The day that a date, a time stamp (ISO 8601) or a mail's or server's date names, if any."""
    match value:
        case datetime():
            return value.date()
        case date():
            return value
        case str():
            return _read(value.strip())
        case _:
            return None


def today() -> date:
    """The day it is in UTC."""
    return datetime.now(UTC).date()


def day_of_stamp(seconds: float) -> date:
    """The day of a file's time stamp, in UTC."""
    return datetime.fromtimestamp(seconds, UTC).date()


Day = Annotated[date, BeforeValidator(lambda value: day_of(value) or value)]
"""A date that may be written as a time stamp."""


def _read(text: str) -> date | None:
    for parse in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            return parse(text).date()
        # The mail parser raises whatever its slicing runs into.
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None
