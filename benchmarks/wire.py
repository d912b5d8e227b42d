"""Just enough HTTP/1.1 for loopback: measuring must cost less than what is measured."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

END_OF_HEAD = b"\r\n\r\n"
LONGEST_WAIT = 30.0
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(frozen=True, slots=True)
class Head:
    """First line and headers of a request or response, names in lower case."""

    first_line: str
    headers: Mapping[str, str]


async def read(reader: asyncio.StreamReader) -> tuple[Head, bytes]:
    """Read one message with its body.

    Raises:
        IncompleteReadError: the other side has closed.
    """
    lines = (await reader.readuntil(END_OF_HEAD)).decode("latin-1").split("\r\n")
    pairs = (line.split(":", 1) for line in lines[1:] if line)
    head = Head(lines[0], {name.lower(): value.strip() for name, value in pairs})
    return head, await reader.readexactly(int(head.headers.get("content-length", 0)))


def written(first_line: str, headers: Mapping[str, str], body: bytes) -> bytes:
    """One message as bytes."""
    lines = [first_line, *(f"{name}: {value}" for name, value in headers.items())]
    lines.append(f"content-length: {len(body)}")
    return "\r\n".join(lines).encode("latin-1") + END_OF_HEAD + body


class Pool:
    """Keep-alive connections to one address, used in turn."""

    def __init__(self, host: str, port: int, *, size: int) -> None:
        self._host = host
        self._port = port
        self._size = size
        self._free: asyncio.Queue[Connection] = asyncio.Queue()

    async def __aenter__(self) -> Self:
        for _ in range(self._size):
            self._free.put_nowait(await self._opened())
        return self

    async def __aexit__(self, *_: object) -> None:
        while not self._free.empty():
            self._free.get_nowait()[1].close()

    async def post(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """Post, waiting for a free connection first; returns the status, 0 for no answer."""
        connection = await self._free.get()
        try:
            if connection[0].at_eof() or connection[1].is_closing():
                connection = await self._opened()  # an idle one was closed by the server
            async with asyncio.timeout(LONGEST_WAIT):
                return await self._status(connection, path, headers, body)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            connection[1].close()
            return 0
        finally:
            self._free.put_nowait(connection)

    async def _status(
        self, connection: Connection, path: str, headers: Mapping[str, str], body: bytes
    ) -> int:
        reader, writer = connection
        host = {"host": f"{self._host}:{self._port}"}
        writer.write(written(f"POST {path} HTTP/1.1", {**host, **headers}, body))
        head, _ = await read(reader)
        return int(head.first_line.split()[1])

    async def _opened(self) -> Connection:
        return await asyncio.open_connection(self._host, self._port)
