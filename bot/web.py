"""HTTP: Slack's events, and what an operator asks a process."""

import time
from collections.abc import Callable, Mapping, Sequence

from slack_bolt import App, BoltRequest
from slack_bolt.adapter.starlette.handler import to_starlette_response
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from bot.metrics import Metrics

LARGEST_BODY = 1_000_000
LONGEST_TIMESTAMP = 20
ONLY_DEGRADES = frozenset({"redis"})
"""Without these parts the desk works on, slower."""
Readiness = Callable[[], Mapping[str, bool]]


def create_web(
    *, app: App | None, metrics: Metrics, readiness: Readiness, webhooks: Sequence[BaseRoute] = ()
) -> Starlette:
    """The web application; without a Bolt app (Socket Mode) only webhooks and operator's pages."""

    async def events(request: Request) -> Response:
        began = time.perf_counter()
        response = await _dispatched(app, request) if app else Response(status_code=404)
        metrics.acknowledged(response.status_code, time.perf_counter() - began)
        return response

    async def live(_request: Request) -> Response:
        return PlainTextResponse("alive\n")

    async def ready(_request: Request) -> Response:
        parts = await run_in_threadpool(readiness)
        needed = [well for name, well in parts.items() if name not in ONLY_DEGRADES]
        status = 200 if all(needed) else 503
        return JSONResponse({"ready": status == 200, **parts}, status_code=status)  # noqa: PLR2004

    async def scrape(_request: Request) -> Response:
        return Response(metrics.page(), media_type="text/plain; version=0.0.4")

    return Starlette(
        routes=[
            Route("/slack/events", events, methods=["POST"]),
            Route("/livez", live),
            Route("/readyz", ready),
            Route("/metrics", scrape),
            *webhooks,
        ]
    )


async def _dispatched(app: App, request: Request) -> Response:
    """Hand a request to Bolt in a thread, after the checks that Bolt leaves out."""
    if not _signed_in_form(request):
        return PlainTextResponse("not signed\n", status_code=401)
    body = await _body(request)
    if body is None:
        return PlainTextResponse("too large\n", status_code=413)
    try:
        bolt_request = BoltRequest(
            body=body.decode("utf-8"), query=request.url.query, headers=dict(request.headers)
        )
    except Exception:  # noqa: BLE001  Bolt reads a body before it verifies it: anything may come
        return PlainTextResponse("not a request of Slack\n", status_code=400)
    return to_starlette_response(await run_in_threadpool(app.dispatch, bolt_request))


def _signed_in_form(request: Request) -> bool:
    """Bolt raises on a timestamp that is no number and on a signature beyond ASCII."""
    timestamp = request.headers.get("x-slack-request-timestamp", "")
    signature = request.headers.get("x-slack-signature", "")
    seconds = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= LONGEST_TIMESTAMP
    return seconds and bool(signature) and signature.isascii()


async def _body(request: Request) -> bytes | None:
    """The body, or None as soon as it grows too large."""
    held = b""
    async for part in request.stream():
        held += part
        if len(held) > LARGEST_BODY:
            return None
    return held
