"""The webhooks of mail providers as routes: checked, bounded, kept, and only then accepted."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.errors import BooksUnavailable, TransportError
from bot.mailroom.intake import Mailroom
from bot.mailroom.provider import Delivery, Provider, Refused, Unreadable

BODY_SECONDS = 60.0
MOST_AT_ONCE = 8
TOO_LARGE, TOO_SLOW, UNAVAILABLE = 413, 408, 503
_log = structlog.get_logger(__name__)


def mail_routes(providers: Sequence[Provider], mailroom: Mailroom) -> list[Route]:
    """A route for each provider, /mail/<name>; also below it, as Mailgun asks for …/mime."""
    endpoints = [(one, _endpoint(one, mailroom)) for one in providers]
    return [
        Route(f"/mail/{one.name}{end}", endpoint, methods=["POST"])
        for one, endpoint in endpoints
        for end in ("", "/mime")
    ]


def _endpoint(provider: Provider, mailroom: Mailroom) -> Callable[[Request], Awaitable[Response]]:
    at_once = asyncio.Semaphore(MOST_AT_ONCE)

    async def delivered(request: Request) -> Response:
        try:
            headers = dict(request.headers)
            provider.admit(headers)
            async with at_once:
                body = await _body(request, provider.largest)
                await run_in_threadpool(_kept, provider, mailroom, Delivery(headers, body))
        except Refused as error:
            _log.warning("webhook refused", provider=provider.name, why=str(error))
            return PlainTextResponse("refused\n", status_code=error.status)
        except (BooksUnavailable, TransportError) as error:
            _log.error("a mail was not kept", provider=provider.name, error=type(error).__name__)
            return PlainTextResponse("not kept: try again later\n", status_code=UNAVAILABLE)
        return PlainTextResponse("kept\n")

    return delivered


def _kept(provider: Provider, mailroom: Mailroom, delivery: Delivery) -> None:
    match provider.mail(delivery):
        case bytes(raw):
            mailroom.receive(raw, via=provider.name)
        case Unreadable(raw, why):
            mailroom.unreadable(raw, via=provider.name, trouble=why)
        case None:
            _log.info("webhook without a mail", provider=provider.name)


async def _body(request: Request, largest: int) -> bytes:
    """The body, no more than is allowed, in no more time.

    Raises:
        Refused: it is too large or too slow.
    """
    told = request.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told[:20]) > largest:
        raise Refused(TOO_LARGE, "too large")
    held = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for part in request.stream():
                held += part
                if len(held) > largest:
                    raise Refused(TOO_LARGE, "too large")
    except (TimeoutError, ClientDisconnect) as error:
        raise Refused(TOO_SLOW, "the body did not come") from error
    return bytes(held)
