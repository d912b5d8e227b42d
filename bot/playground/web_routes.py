"""The routes apps use: Web API, files, uploads, response URLs, Socket Mode."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute

from bot.playground import (
    methods_assistant,
    methods_chat,
    methods_conversations,
    methods_files,
    methods_people,
    methods_reactions,
    methods_views,
    streams,
    web_api,
)
from bot.playground.arguments import Arguments, read_arguments
from bot.playground.errors import ApiError
from bot.playground.respond import respond
from bot.playground.strict_json import JsonAnswer

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request
    from starlette.websockets import WebSocket

    from bot.playground.playground import Playground

# Importing a family registers its methods.
FAMILIES = (
    methods_assistant,
    methods_chat,
    methods_conversations,
    methods_files,
    methods_people,
    methods_reactions,
    methods_views,
    streams,
)
_LOGIN = """<!DOCTYPE html><html lang="en"><head><title>Sign in</title></head>
<body><h1>Sign in to the workspace</h1><p>Apps need a bot token with files:read.</p></body></html>
"""


def app_routes() -> list[BaseRoute]:
    """Return the routes apps use."""
    return [
        Route("/api/{method}", _api, methods=["GET", "POST"]),
        Route("/files/{file_id}/{name:path}", _download),
        Route("/upload/{secret}", _upload, methods=["POST"]),
        Route("/response/{secret}", _respond, methods=["POST"]),
        WebSocketRoute("/link/", _link),
    ]


async def _api(request: Request) -> Response:
    name = request.path_params["method"]
    try:
        arguments = await _arguments(request)
        token = _bearer(request)
        body = web_api.answer(_playground(request), name, token=token, arguments=arguments)
    except ApiError as error:
        return _refused(error)
    return JsonAnswer(body)


async def _download(request: Request) -> Response:
    playground = _playground(request)
    if not hmac.compare_digest(_bearer(request).encode(), playground.config.bot_token.encode()):
        return HTMLResponse(_LOGIN)
    stored = playground.files.get(request.path_params["file_id"])
    if stored is None:
        return PlainTextResponse("file_not_found", status_code=404)
    return _attachment(stored.content, stored.mimetype, request.path_params["name"])


async def _upload(request: Request) -> Response:
    content = await request.body()
    try:
        size = _playground(request).files.receive(request.path_params["secret"], content)
    except ApiError as error:
        return PlainTextResponse(error.code, status_code=error.status)
    return PlainTextResponse(f"OK - {size}")


async def _respond(request: Request) -> Response:
    try:
        arguments = await _arguments(request)
        respond(_playground(request), request.path_params["secret"], arguments)
    except ApiError as error:
        return _refused(error)
    return PlainTextResponse("ok")


async def _link(socket: WebSocket) -> None:
    await _playground(socket).sockets.serve(socket)


def _playground(connection: HTTPConnection) -> Playground:
    playground: Playground = connection.app.state.playground
    return playground


def _refused(error: ApiError) -> Response:
    body = web_api.refusal(error)
    return JsonAnswer(body, status_code=error.status, headers=error.headers)


async def _arguments(request: Request) -> Arguments:
    content_type = request.headers.get("content-type", "")
    return read_arguments(request.url.query, await request.body(), content_type=content_type)


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def _attachment(content: bytes, mimetype: str, name: str) -> Response:
    shown = quote(name, safe="", errors="replace")
    # Mail is written by strangers: never shown as a page of this origin.
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{shown}",
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    response = Response(content, headers=headers)
    response.headers["Content-Type"] = mimetype
    return response
