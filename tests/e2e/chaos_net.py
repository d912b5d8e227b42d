"""The least of HTTP and TCP that chaos needs: answers left out, connections cut, nothing else.

Everything runs on one asyncio loop in a thread of its own, so what arrives first is taken first.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

if TYPE_CHECKING:
    from concurrent.futures import Future

CHUNK = 65_536
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """A request, its query and its body read into one set of arguments."""

    path: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered after a while: JSON, or parts of a stream, each with the pause before it."""

    body: Any = None
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    after: float = 0.0
    parts: tuple[tuple[float, str], ...] = ()


Handle = Callable[[Request], Answer | None]
"""None drops the connection without a word."""


Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
_servers: set["asyncio.Future[None]"] = set()


class Background:
    """An asyncio loop in a thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="chaos", daemon=True)
        self._thread.start()

    def spawn(self, work: Coroutine[Any, Any, T]) -> "Future[T]":
        return asyncio.run_coroutine_threadsafe(work, self.loop)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        return self.spawn(work).result(30)

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self._cancel)
        self._thread.join(10)
        self.loop.close()

    def _cancel(self) -> None:
        for task in asyncio.all_tasks(self.loop):
            task.cancel()
        self.loop.call_later(0.2, self.loop.stop)


async def serve(handle: Handle) -> int:
    """Answer HTTP on a free port; which one."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            answer = handle(await _request(reader))
            if answer is not None:
                await _answer(writer, answer)
        await _closed(writer)

    return await _listen(connected)


async def post(port: int, path: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status that a POST is answered with; 0 where it is not answered."""
    head = [f"POST {path} HTTP/1.1", "Host: 127.0.0.1", "Connection: close"]
    head += [f"{name}: {value}" for name, value in headers.items()]
    head += [f"Content-Length: {len(body)}", "", ""]
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return 0
    try:
        writer.write("\r\n".join(head).encode() + body)
        line = await reader.readline()
        await reader.read()
        return int(line.split()[1])
    except (OSError, IndexError, ValueError):
        return 0
    finally:
        await _closed(writer)


async def _listen(connected: Connected) -> int:
    server = await asyncio.start_server(connected, "127.0.0.1", 0, backlog=512)
    port: int = server.sockets[0].getsockname()[1]
    task = asyncio.ensure_future(server.serve_forever())  # closes the server when it is cancelled
    _servers.add(task)
    task.add_done_callback(_servers.discard)
    return port


async def _request(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    address = urlsplit(head[0].split()[1])
    named = dict(line.split(": ", 1) for line in head[1:] if ": " in line)
    headers = {name.lower(): value for name, value in named.items()}
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    arguments: dict[str, Any] = dict(parse_qsl(address.query))
    if "json" in headers.get("content-type", ""):
        arguments |= json.loads(body or b"{}")
    else:
        arguments |= dict(parse_qsl(body.decode()))
    return Request(address.path, arguments)


async def _answer(writer: asyncio.StreamWriter, answer: Answer) -> None:
    await asyncio.sleep(answer.after)
    kind = "text/event-stream" if answer.parts else "application/json"
    head = [f"HTTP/1.1 {answer.status} -", f"Content-Type: {kind}", "Connection: close"]
    head += [f"{name}: {value}" for name, value in answer.headers]
    if answer.parts:
        writer.write("\r\n".join([*head, "", ""]).encode())
        for pause, part in answer.parts:
            await asyncio.sleep(pause)
            writer.write(part.encode())
            await writer.drain()
        return
    body = json.dumps(answer.body).encode()
    writer.write("\r\n".join([*head, f"Content-Length: {len(body)}", "", ""]).encode() + body)
    await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()


class Proxy:
    """A TCP connection to an engine that can be cut for a while.

    `refuse` breaks what is open and takes nothing new; `freeze` holds every byte back.
    """

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._refusing = False
        self._flows = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def start(self) -> None:
        self._flows.set()
        self.port = await _listen(self._connected)

    async def refuse(self, seconds: float) -> None:
        self._refusing = True
        for writer in list(self._open):
            writer.transport.abort()
        await asyncio.sleep(seconds)
        self._refusing = False

    async def freeze(self, seconds: float) -> None:
        self._flows.clear()
        await asyncio.sleep(seconds)
        self._flows.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refusing:
            writer.transport.abort()
            return
        try:
            there = await asyncio.open_connection(*self._upstream)
        except OSError:
            writer.transport.abort()
            return
        ends = {writer, there[1]}
        self._open |= ends
        try:
            await _first(self._pump(reader, there[1]), self._pump(there[0], writer))
        finally:
            self._open -= ends
            for one in ends:
                one.close()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while part := await reader.read(CHUNK):
                await self._flows.wait()
                writer.write(part)
                await writer.drain()


async def _first(*works: Awaitable[None]) -> None:
    """Until one end has closed."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
