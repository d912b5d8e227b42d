"""The playground as a web application."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import FileResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from bot.playground.articles import article_routes
from bot.playground.errors import PageError
from bot.playground.guard import Guard
from bot.playground.page import page_routes
from bot.playground.playground import Playground
from bot.playground.strict_json import JsonAnswer
from bot.playground.web_routes import app_routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from types import FrameType

    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from bot.playground.config import ArticleLookup, PlaygroundConfig, TraceLookup

_STATIC = Path(__file__).parent / "static"
_HEADERS = {
    b"cache-control": b"no-store",
    b"content-security-policy": b"default-src 'self'; base-uri 'none'; frame-ancestors 'none'",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
}
_EXPIRY_SECONDS = 1.0


def create_app(
    config: PlaygroundConfig,
    *,
    trace: TraceLookup | None = None,
    article: ArticleLookup | None = None,
) -> Starlette:
    """Return the playground, ready to be served on a loopback address.

    `app.state.playground` holds its parts. Calling `app.state.close()` from any thread ends
    open pages and sockets at once, so that a server waiting for them can stop; a signal to
    the process does the same.
    """
    playground = Playground(config)

    routes = [
        *app_routes(),
        *page_routes(),
        *article_routes(),
        Mount("/static", StaticFiles(directory=_STATIC)),
        Route("/", _page),
        Route("/archives/{place:path}", _page),
    ]
    app = Starlette(
        routes=routes,
        lifespan=_lifespan,
        middleware=[Middleware(Guard), Middleware(_Headers)],
        exception_handlers={PageError: _refused},
    )
    app.state.playground = playground
    app.state.trace = trace
    app.state.article = article
    app.state.close = playground.feed.close
    return app


@contextlib.asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    playground: Playground = app.state.playground
    loop = asyncio.get_running_loop()
    closing: list[asyncio.Task[None]] = []

    def begin() -> None:
        playground.feed.close()
        closing.append(loop.create_task(playground.sockets.close()))

    def close() -> None:
        loop.call_soon_threadsafe(begin)

    app.state.close = close
    expiry = loop.create_task(_expire(playground))
    with _on_signal(close):
        yield
    app.state.close = playground.feed.close
    expiry.cancel()
    playground.feed.close()
    await playground.sockets.close()
    await playground.delivery.close()


async def _page(_request: Request) -> Response:
    return FileResponse(_STATIC / "index.html")


class _Headers:
    """Adds the headers every answer carries, unless it has its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                extra = [(k, v) for k, v in _HEADERS.items() if k not in present]
                message["headers"] = [*message["headers"], *extra]
            await send(message)

        await self.app(scope, receive, sending)


async def _refused(_request: Request, error: Exception) -> Response:
    status = error.status if isinstance(error, PageError) else 400
    return JsonAnswer({"ok": False, "error": str(error)}, status_code=status)


async def _expire(playground: Playground) -> None:
    while True:
        await asyncio.sleep(_EXPIRY_SECONDS)
        playground.expire()


@contextlib.contextmanager
def _on_signal(close: Callable[[], None]) -> Iterator[None]:
    """Call `close` at SIGINT and SIGTERM, before the server's own handler.

    The server waits for open pages before it ends the lifespan, and they would never end.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def handle(number: int, frame: FrameType | None) -> None:
        close()
        previous = before[signal.Signals(number)]
        if callable(previous):
            previous(number, frame)

    for number in before:
        signal.signal(number, handle)
    try:
        yield
    finally:
        for number, previous in before.items():
            signal.signal(number, previous)
