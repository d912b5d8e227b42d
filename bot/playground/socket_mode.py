"""Socket Mode: the app connects to us, and we send events and interactions down the socket."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState

from bot.playground import strict_json

if TYPE_CHECKING:
    from bot.playground.config import Json, PlaygroundConfig
    from bot.playground.mint import Mint

_TICKET_SECONDS = 30.0
_GOING_AWAY = 1001


@dataclass(slots=True)
class Link:
    """One connected socket and what it has not acknowledged yet."""

    socket: WebSocket
    waiting: dict[str, asyncio.Future[Json]] = field(default_factory=dict)

    def settle(self, text: str) -> None:
        """Take one message of the app, an acknowledgement or something unknown."""
        try:
            answer = strict_json.parse(text)
        except ValueError:
            return
        if not isinstance(answer, dict):
            return
        waiter = self.waiting.pop(str(answer.get("envelope_id")), None)
        if waiter and not waiter.done():
            waiter.set_result(answer)

    def drop(self) -> None:
        """Fail everything that still waits."""
        for waiter in self.waiting.values():
            if not waiter.done():
                waiter.set_exception(ConnectionError("The socket was closed."))
        self.waiting.clear()


@dataclass(slots=True)
class Sockets:
    """The app's open sockets; envelopes go to them in turn."""

    config: PlaygroundConfig
    mint: Mint
    _links: list[Link] = field(default_factory=list)
    _tickets: dict[str, float] = field(default_factory=dict)
    _turn: int = 0

    @property
    def connected(self) -> bool:
        """Whether at least one socket is open."""
        return bool(self._links)

    def open_url(self) -> str:
        """Return an address that can be connected to once, within half a minute."""
        now = self.config.clock()
        self._tickets = {ticket: at for ticket, at in self._tickets.items() if at > now}
        ticket = secrets.token_urlsafe(24)
        self._tickets[ticket] = now + _TICKET_SECONDS
        origin = self.config.base_url.rstrip("/").replace("http", "ws", 1)
        return f"{origin}/link/?ticket={ticket}&app_id={self.config.app_id}"

    async def serve(self, socket: WebSocket) -> None:
        """Hold one connection until it ends."""
        until = self._tickets.pop(socket.query_params.get("ticket", ""), 0.0)
        if until <= self.config.clock():
            await socket.close()
            return
        await socket.accept()
        link = Link(socket)
        self._links.append(link)
        try:
            await _send(socket, self._hello())
            while True:
                link.settle(await socket.receive_text())
        except (WebSocketDisconnect, ConnectionError, RuntimeError, KeyError):
            # A closed socket; or a binary frame, which no client of Slack sends.
            pass
        finally:
            self._links.remove(link)
            link.drop()

    async def send(self, kind: str, payload: Json, *, retry: tuple[int, str] = (0, "")) -> Json:
        """Send one envelope and return the app's acknowledgement.

        Raises:
            TimeoutError: it was not acknowledged in time.
            ConnectionError: the socket closed first.
        """
        self._turn += 1
        link = self._links[self._turn % len(self._links)]
        envelope_id = self.mint.id("")
        waiter: asyncio.Future[Json] = asyncio.get_running_loop().create_future()
        link.waiting[envelope_id] = waiter
        body: Json = {
            "envelope_id": envelope_id,
            "type": kind,
            "payload": payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            body |= {"retry_attempt": retry[0], "retry_reason": retry[1]}
        try:
            await _send(link.socket, body)
            async with asyncio.timeout(self.config.ack_timeout):
                return await waiter
        finally:
            link.waiting.pop(envelope_id, None)

    async def close(self) -> None:
        """Warn every socket and close it."""
        for link in list(self._links):
            with contextlib.suppress(ConnectionError):
                await _send(link.socket, {"type": "disconnect", "reason": "warning", **_debug()})
                await link.socket.close(_GOING_AWAY)

    def _hello(self) -> Json:
        return {
            "type": "hello",
            "num_connections": len(self._links),
            "connection_info": {"app_id": self.config.app_id},
            **_debug(),
        }


def _debug() -> Json:
    return {"debug_info": {"host": "playground", "approximate_connection_time": 18060}}


async def _send(socket: WebSocket, body: Json) -> None:
    if socket.application_state is not WebSocketState.CONNECTED:
        raise ConnectionError("The socket was closed.")
    try:
        await socket.send_text(json.dumps(body))
    except (RuntimeError, WebSocketDisconnect) as exc:
        raise ConnectionError("The socket was closed.") from exc
