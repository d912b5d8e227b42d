"""The page API: what the web page reads and what people do on it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING, TypeAlias

from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from bot.playground import events, interactions, people
from bot.playground.config import Json, TraceLookup
from bot.playground.errors import PageError
from bot.playground.mail import read_mail
from bot.playground.mail_files import post_mail
from bot.playground.page_body import Body, read_body
from bot.playground.playground import Playground
from bot.playground.snapshot import snapshot
from bot.playground.strict_json import JsonAnswer

if TYPE_CHECKING:
    from starlette.requests import Request

    from bot.playground.feed import Feed
    from bot.playground.message import Message

_KEEP_ALIVE_SECONDS = 15.0
_MOST_BODY = 40 << 20
_TOO_LARGE = 413

Deed: TypeAlias = Callable[[Playground, Body], Awaitable[Json]]


def page_routes() -> list[Route]:
    """Return the routes below /playground."""
    deeds: dict[str, Deed] = {
        "message": _message,
        "edit": _edit,
        "delete": _delete,
        "reaction": _reaction,
        "interact": _interact,
        "view": _view,
        "email": _email,
        "open": _open,
    }
    return [
        Route("/playground/state", _state_now),
        Route("/playground/events", _changes),
        Route("/playground/trace", _trace),
        *(
            Route(f"/playground/{name}", _endpoint(deed), methods=["POST"])
            for name, deed in deeds.items()
        ),
    ]


async def event_stream(
    feed: Feed, cursor: int, *, keep_alive: float = _KEEP_ALIVE_SECONDS
) -> AsyncIterator[str]:
    """Yield server-sent events after `cursor` until the feed closes.

    A comment every `keep_alive` seconds of silence keeps the connection open.
    """
    yield ": open\n\n"
    while not feed.closing:
        found = feed.since(cursor)
        for number, change in found:
            yield f"id: {number}\ndata: {json.dumps(change)}\n\n"
        if found:
            cursor = found[-1][0]
            continue
        await feed.wait(cursor, seconds=keep_alive)
        if cursor == feed.cursor and not feed.closing:
            yield ": keep-alive\n\n"


async def _state_now(request: Request) -> Response:
    return JsonAnswer(snapshot(_playground(request)))


async def _changes(request: Request) -> Response:
    feed = _playground(request).feed
    asked = request.headers.get("last-event-id") or request.query_params.get("cursor", "")
    start = int(asked) if re.fullmatch(r"[0-9]{1,18}", asked) else feed.cursor
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    stream = event_stream(feed, start)
    return StreamingResponse(stream, media_type="text/event-stream", headers=headers)


async def _trace(request: Request) -> Response:
    look_up: TraceLookup | None = request.app.state.trace
    channel = request.query_params.get("channel", "")
    ts = request.query_params.get("ts", "")
    found = await asyncio.to_thread(look_up, channel, ts) if look_up else None
    return JsonAnswer({"trace": found})


def _playground(request: Request) -> Playground:
    playground: Playground = request.app.state.playground
    return playground


def _endpoint(deed: Deed) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        raw = await request.body()
        if len(raw) > _MOST_BODY:
            raise PageError("That is too large for the playground.", status=_TOO_LARGE)
        return JsonAnswer(await deed(_playground(request), read_body(raw)))

    return endpoint


async def _message(playground: Playground, body: Body) -> Json:
    user = body.word("user")
    conversation = people.room_for(playground, body.word("channel"), user)
    words = people.Words(
        text=body.text("text"),
        thread_ts=body.text("thread_ts") or None,
        forward=_forwarded(playground, body, user),
        as_bot=body.flag("bot"),
    )
    return {"ok": True, "ts": people.write(playground, conversation, user, words=words).ts}


def _forwarded(playground: Playground, body: Body, user: str) -> Message | None:
    attachments = body.part("attachments")
    source = (attachments or body).part("forward")
    if source is None:
        return None
    channel, ts = source.word("channel"), source.word("ts")
    return people.message_for(playground, channel, ts, user=user)


async def _edit(playground: Playground, body: Body) -> Json:
    people.edit(playground, _named(playground, body), body.word("user"), text=body.text("text"))
    return {"ok": True}


async def _delete(playground: Playground, body: Body) -> Json:
    people.delete(playground, _named(playground, body), body.word("user"))
    return {"ok": True}


async def _reaction(playground: Playground, body: Body) -> Json:
    people.react(
        playground,
        _named(playground, body),
        body.word("user"),
        name=body.word("name"),
        remove=body.flag("remove"),
    )
    return {"ok": True}


async def _interact(playground: Playground, body: Body) -> Json:
    chosen = body.fields.get("selected", body.fields.get("value"))
    user = body.word("user")
    deed = interactions.Deed(user, body.word("block_id"), body.word("action_id"), chosen)
    if view_id := body.text("view_id"):
        await interactions.act_in_view(playground, view_id, deed, state=_state(body))
    else:
        ts = body.word("message_ts")
        message = people.message_for(playground, body.word("channel"), ts, user=user)
        await interactions.act_in_message(playground, message, deed)
    return {"ok": True}


async def _view(playground: Playground, body: Body) -> Json:
    user, view_id = body.word("user"), body.word("view_id")
    match body.word("action"):
        case "submit":
            fields = _state(body)
            wrong = await interactions.submit(playground, user=user, view_id=view_id, state=fields)
            return {"ok": False, "errors": wrong} if wrong else {"ok": True}
        case "close":
            await interactions.close(playground, user=user, view_id=view_id)
            return {"ok": True}
        case _:
            raise PageError("'action' must be submit or close.")


async def _email(playground: Playground, body: Body) -> Json:
    channel = body.word("channel")
    if playground.workspace.conversation(channel) is None:
        raise PageError(f"There is no channel {channel!r}.", status=404)
    mail = read_mail(body.mail())
    return {"ok": True, "ts": post_mail(playground, channel, mail).ts}


async def _open(playground: Playground, body: Body) -> Json:
    user = body.word("user")
    conversation = people.room_for(playground, body.word("channel"), user)
    if not conversation.room.is_im:
        raise PageError("Only direct messages with the bot can be opened like this.")
    event = events.home_opened(
        playground.workspace,
        user=user,
        channel=conversation.room.id,
        tab=body.text("tab") or "messages",
        view=playground.views.homes.get(user),
    )
    playground.timeline.deliver(event)
    return {"ok": True}


def _state(body: Body) -> Json:
    state = body.part("state")
    return state.fields if state else {}


def _named(playground: Playground, body: Body) -> Message:
    channel, ts = body.word("channel"), body.word("ts")
    return people.message_for(playground, channel, ts, user=body.word("user"))
