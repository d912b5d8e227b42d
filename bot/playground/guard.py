"""Who may ask: this machine only, and for changes only our own page (DNS rebinding, CSRF)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from bot.playground.config import is_loopback
from bot.playground.strict_json import JsonAnswer

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_FORBIDDEN = 403


@dataclass(frozen=True, slots=True)
class Guard:
    """Refuses requests with a foreign Host, and page changes with a foreign Origin."""

    app: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on or answer 403."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        sentence = _objection(scope)
        if not sentence:
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            refusal = JsonAnswer({"ok": False, "error": sentence}, status_code=_FORBIDDEN)
            await refusal(scope, receive, send)


def _objection(scope: Scope) -> str:
    headers = Headers(scope=scope)
    host = headers.get("host", "")
    if not is_loopback(_hostname(host)):
        return "The playground answers this machine only."
    origin = headers.get("origin")
    changes = scope.get("method") == "POST" and scope["path"].startswith("/playground/")
    if changes and origin is not None and origin != f"{scope['scheme']}://{host}":
        return "Only the playground's own page may do that."
    return ""


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
