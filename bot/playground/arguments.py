"""The arguments of a Web API call, from a query, a form or JSON (pure)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from bot.playground import strict_json
from bot.playground.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_PAGE = 999


@dataclass(frozen=True, slots=True)
class Arguments:
    """Named values; in forms all are strings, structures among them in JSON."""

    values: Mapping[str, object]

    def has(self, name: str) -> bool:
        """Say whether the argument was given; null does not count."""
        return self.values.get(name) is not None

    def text(self, name: str) -> str | None:
        """Return a string argument."""
        value = self.values.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(value, (dict, list, bool)):
            raise invalid(f"must be a string: {name}")
        return str(value)

    def require(self, name: str) -> str:
        """Return a string argument that must be there."""
        value = self.text(name)
        if not value:
            raise invalid(f"missing required field: {name}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return a boolean argument, which forms write as 1, true, 0 or false."""
        if not self.has(name):
            return default
        return str(self.values[name]).lower() in {"1", "true"}

    def limit(self, *, default: int = 100) -> int:
        """Return the page size `limit`."""
        text = self.text("limit") or str(default)
        if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= _MOST_PAGE:
            raise ApiError("invalid_limit")
        return int(text)

    def structure(self, name: str, *, error: str) -> object:
        """Return a JSON argument, decoded if it came as a string; raises `error`."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        try:
            return strict_json.parse(value)
        except ValueError as exc:
            raise ApiError(error) from exc

    def words(self, name: str) -> list[str]:
        """Return a list argument, which forms write with commas."""
        value = self.values.get(name)
        if isinstance(value, list):
            return [str(word) for word in value]
        return [word.strip() for word in (self.text(name) or "").split(",") if word.strip()]


def read_arguments(query: str, body: bytes, *, content_type: str) -> Arguments:
    """Read the arguments of one request.

    Raises:
        ApiError: the body is not what its content type says.
    """
    values: dict[str, object] = dict(parse_qsl(query, keep_blank_values=True))
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json":
        values |= _json_object(body)
    elif kind == "application/x-www-form-urlencoded":
        try:
            text = body.decode()
        except UnicodeDecodeError as exc:
            raise ApiError("invalid_charset") from exc
        values |= dict(parse_qsl(text, keep_blank_values=True))
    elif body:
        raise ApiError("invalid_post_type" if kind else "missing_post_type")
    return Arguments(values)


def invalid(words: str) -> ApiError:
    """Return the error of a missing or wrong argument."""
    return ApiError("invalid_arguments", [f"[ERROR] {words}"])


def _json_object(body: bytes) -> dict[str, object]:
    try:
        value: object = strict_json.parse(body or b"{}")
    except ValueError as exc:
        raise ApiError("invalid_json") from exc
    if not isinstance(value, dict):
        raise ApiError("json_not_object")
    return value
