"""A small HTTP client for callbacks to the app: one POST, one answer, no keep-alive."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_ANSWER = 1 << 20


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def post(url: str, body: bytes, *, headers: Mapping[str, str], timeout: float) -> Answer:  # noqa: ASYNC109 - the limit is part of the answer's meaning
    """Send `body` and return the answer.

    Raises:
        TimeoutError: there was no whole answer after `timeout` seconds.
        OSError: the connection failed.
        ValueError: the answer is not HTTP.
    """
    async with asyncio.timeout(timeout):
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        port = parts.port or (443 if secure else 80)
        reader, writer = await asyncio.open_connection(parts.hostname, port, ssl=secure or None)
        try:
            writer.write(_request(url, body, headers))
            await writer.drain()
            return await _answer(reader)
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


def _request(url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    parts = urlsplit(url)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # HTTP/1.0: the answer is never chunked and ends with the connection.
    lines = [
        f"POST {target} HTTP/1.0",
        f"Host: {parts.netloc}",
        "User-Agent: Slackbot 1.0 (+https://api.slack.com/robots)",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


async def _answer(reader: asyncio.StreamReader) -> Answer:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as exc:
        raise ConnectionError("The app closed the connection without an answer.") from exc
    first, *lines = head.decode("latin-1").rstrip().split("\r\n")
    fields = (line.partition(":") for line in lines)
    headers = {name.strip().lower(): value.strip() for name, _, value in fields}
    version, _, rest = first.partition(" ")
    status = int(rest[:3]) if version.startswith("HTTP/") else 0
    length = int(headers.get("content-length", _MOST_ANSWER))
    try:
        body = await reader.readexactly(min(length, _MOST_ANSWER))
    except asyncio.IncompleteReadError as exc:
        body = exc.partial
    return Answer(status, headers, body)
