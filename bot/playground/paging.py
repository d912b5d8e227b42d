"""Pages of lists and of message histories (pure)."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, TypeVar

from bot.playground.arguments import Arguments, invalid
from bot.playground.errors import ApiError
from bot.playground.mint import ts_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bot.playground.config import Json
    from bot.playground.message import Message

_Entry = TypeVar("_Entry")


def page(entries: Sequence[_Entry], arguments: Arguments) -> tuple[list[_Entry], Json]:
    """Return the entries `cursor` and `limit` ask for, and the answer's response_metadata."""
    cursor = arguments.text("cursor")
    start = int(_decode(cursor, "offset")) if cursor else 0
    end = start + arguments.limit()
    following = _encode("offset", str(end)) if end < len(entries) else ""
    return list(entries[start:end]), {"response_metadata": {"next_cursor": following}}


def between(messages: Sequence[Message], arguments: Arguments) -> list[Message]:
    """Return the messages between `oldest` and `latest`, ends included if `inclusive`."""
    oldest, latest = _bound(arguments, "oldest"), _bound(arguments, "latest")
    inclusive = arguments.flag("inclusive")
    chosen = []
    for message in messages:
        key = ts_key(message.ts)
        after = oldest is None or key > oldest or (inclusive and key == oldest)
        before = latest is None or key < latest or (inclusive and key == latest)
        if after and before:
            chosen.append(message)
    return chosen


def message_page(messages: Sequence[Message], arguments: Arguments) -> tuple[list[Message], Json]:
    """Return one page of messages in the given order, with has_more and the next cursor."""
    rest = list(messages)
    if cursor := arguments.text("cursor"):
        seen = _decode(cursor, "after_ts")
        place = [index for index, message in enumerate(rest) if message.ts == seen]
        if not place:
            raise ApiError("invalid_cursor")
        rest = rest[place[0] + 1 :]
    limit = arguments.limit()
    chosen = rest[:limit]
    answer: Json = {"has_more": len(rest) > limit}
    if answer["has_more"]:
        answer["response_metadata"] = {"next_cursor": _encode("after_ts", chosen[-1].ts)}
    return chosen, answer


def _bound(arguments: Arguments, name: str) -> tuple[int, int] | None:
    text = arguments.text(name)
    try:
        return ts_key(text) if text else None
    except ValueError as exc:
        raise invalid(f"must be a timestamp: {name}") from exc


def _encode(kind: str, value: str) -> str:
    return base64.urlsafe_b64encode(f"{kind}:{value}".encode()).decode()


def _decode(cursor: str, kind: str) -> str:
    try:
        found, _, value = base64.urlsafe_b64decode(cursor).decode().partition(":")
        float(value)
    except (binascii.Error, ValueError) as exc:
        raise ApiError("invalid_cursor") from exc
    if found != kind or (kind == "offset" and not re.fullmatch(r"[0-9]{1,9}", value)):
        raise ApiError("invalid_cursor")
    return value
