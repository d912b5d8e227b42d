from __future__ import annotations

import hashlib
import hmac
import threading
import time
from typing import TYPE_CHECKING

import pytest

from bot.playground.signing import signed_headers

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.playground.conftest import Clock, Desk, StandIn


CHANNEL = "C0HELPDESK"


def deliveries(desk: Desk) -> list[dict]:
    start = desk.playground.feed.start
    changes = desk.playground.feed.since(start)
    return [change for _, change in changes if change["kind"] == "delivery"]


def wait_for(condition: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_signature_is_slacks() -> None:
    # The example of docs.slack.dev "Verifying requests from Slack".
    body = (
        b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id="
        b"G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-"
        b"collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700"
        b"885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c4"
        b"47fce8b6703c"
    )
    headers = signed_headers("8f742231b10e8888abcd99yyyzzz85a5", body, now=1531420618.9)
    assert headers == {
        "X-Slack-Request-Timestamp": "1531420618",
        "X-Slack-Signature": "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503",
    }


def test_an_event_arrives_signed_in_its_envelope(
    opened: Callable[..., Desk], stand_in: StandIn
) -> None:
    desk = opened(record=False, request_url=stand_in.url)
    ts = desk.ask()
    first, second = stand_in.wait(2)
    bodies = {request.json["event"]["type"]: request.json for request in (first, second)}
    envelope = bodies["message"]
    assert envelope["type"] == "event_callback"
    assert envelope["team_id"] == "T0CAIRNWAY"
    assert envelope["api_app_id"] == "A0SUPPORT"
    assert envelope["event_time"] == 1_700_000_000
    assert envelope["event"]["ts"] == bodies["app_mention"]["event"]["ts"] == ts
    assert envelope["event_id"] != bodies["app_mention"]["event_id"]
    assert envelope["authorizations"] == [
        {
            "enterprise_id": None,
            "team_id": "T0CAIRNWAY",
            "user_id": "U0SUPPORT",
            "is_bot": True,
            "is_enterprise_install": False,
        }
    ]
    base = b"v0:1700000000:" + first.raw
    digest = hmac.new(b"secret", base, hashlib.sha256).hexdigest()
    assert first.headers["X-Slack-Signature"] == f"v0={digest}"
    assert "X-Slack-Retry-Num" not in first.headers
    wait_for(lambda: len(deliveries(desk)) == 2)
    report = next(d for d in deliveries(desk) if d["type"] == "message")
    assert report["event_id"].startswith("Ev")
    assert (report["type"], report["ts"], report["attempt"]) == ("message", ts, 1)
    assert (report["status"], report["http_status"]) == ("ok", 200)
    assert report["ms"] >= 0


def test_a_refused_event_is_retried_with_its_reason_and_a_fresh_signature(
    opened: Callable[..., Desk], stand_in: StandIn, clock: Clock
) -> None:
    desk = opened(record=False, request_url=stand_in.url, retry_delays=(0.0, 0.05, 0.05))
    stand_in.answers = [(500, {}, b""), (404, {}, b""), (302, {}, b"")]
    desk.ask("x")
    stand_in.wait(1)
    clock.now += 60
    requests = stand_in.wait(4)
    numbers = [request.headers.get("X-Slack-Retry-Num") for request in requests]
    assert numbers == [None, "1", "2", "3"]
    assert {r.headers["X-Slack-Retry-Reason"] for r in requests[1:]} == {"http_error"}
    assert len({request.json["event_id"] for request in requests}) == 1
    assert requests[3].headers["X-Slack-Request-Timestamp"] == "1700000060"
    wait_for(lambda: len(deliveries(desk)) == 4)
    assert [d["status"] for d in deliveries(desk)] == ["retrying", "retrying", "retrying", "ok"]


def test_an_app_may_forbid_retries(opened: Callable[..., Desk], stand_in: StandIn) -> None:
    desk = opened(record=False, request_url=stand_in.url, retry_delays=(0.0,))
    stand_in.answers = [(500, {"X-Slack-No-Retry": "1"}, b"")]
    desk.ask("x")
    wait_for(lambda: deliveries(desk))
    assert deliveries(desk)[0]["status"] == "failed"
    time.sleep(0.05)
    assert len(stand_in.requests) == 1


def test_a_slow_app_times_out_and_does_not_hold_up_others(
    opened: Callable[..., Desk], stand_in: StandIn
) -> None:
    stand_in.hang = threading.Event()
    desk = opened(record=False, request_url=stand_in.url, ack_timeout=1.0, retry_delays=(0.0,))
    started = time.monotonic()
    for n in range(6):
        desk.ask(str(n))
    first = stand_in.wait(6)[:6]
    assert time.monotonic() - started < 1.0
    # Threads of the stand-in may overtake each other; connections are accepted in order.
    in_order = sorted(first, key=lambda request: stand_in.accepted.index(request.port))
    assert [request.json["event"]["text"] for request in in_order] == list("012345")
    retries = stand_in.wait(12)[6:]
    assert {r.headers["X-Slack-Retry-Reason"] for r in retries} == {"http_timeout"}


@pytest.mark.parametrize("request_url", [None, "http://127.0.0.1:9/slack/events"])
def test_without_an_app_the_delivery_fails_visibly(
    opened: Callable[..., Desk], request_url: str | None
) -> None:
    desk = opened(record=False, request_url=request_url, retry_delays=(0.0,))
    desk.ask("x")
    wait_for(lambda: len(deliveries(desk)) == 2)
    assert [d["status"] for d in deliveries(desk)] == ["retrying", "failed"]
    assert {d["reason"] for d in deliveries(desk)} == {"connection_failed"}
    assert {d["http_status"] for d in deliveries(desk)} == {None}


def test_closing_gives_up_waiting_retries(opened: Callable[..., Desk], stand_in: StandIn) -> None:
    desk = opened(record=False, request_url=stand_in.url, retry_delays=(3600.0,))
    stand_in.answers = [(500, {}, b"")]
    desk.ask("x")
    wait_for(lambda: deliveries(desk))
    # The fixture closes the playground; this test hangs if that waits for the retry.
