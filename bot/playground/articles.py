"""The articles that citations link to, readable here: no other host has the sample help centre."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.playground.errors import PageError
from bot.playground.strict_json import JsonAnswer

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.playground.config import ArticleLookup

_PAGE = Path(__file__).parent / "static" / "article.html"
_NOT_FOUND = 404


def article_routes() -> list[Route]:
    """Return the page of one article and the text it shows."""
    return [Route("/article", _page), Route("/playground/article", _text)]


async def _page(_request: Request) -> Response:
    return FileResponse(_PAGE)


async def _text(request: Request) -> Response:
    look_up: ArticleLookup | None = request.app.state.article
    url = request.query_params.get("url", "")
    found = await asyncio.to_thread(look_up, url) if look_up else None
    if found is None:
        raise PageError("There is no article at this address.", status=_NOT_FOUND)
    hosts = request.app.state.playground.config.article_hosts
    return JsonAnswer({"ok": True, "hosts": list(hosts), **found})
