from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest
from starlette.websockets import WebSocketDisconnect

if TYPE_CHECKING:
    from collections.abc import Callable

    from unit.playground.conftest import Clock, Desk, StandIn


CHANNEL = "C0HELPDESK"


def open_url(desk: Desk) -> str:
    headers = {"Authorization": "Bearer xapp-test"}
    answer = desk.http.post("/api/apps.connections.open", headers=headers).json()
    assert answer["ok"]
    assert answer["url"].startswith("ws://127.0.0.1:8000/link/?ticket=")
    return answer["url"]


@pytest.fixture
def desk(opened: Callable[..., Desk]) -> Desk:
    return opened(record=False, ack_timeout=0.3, retry_delays=(0.0,))


def test_a_socket_says_hello_and_gets_events_until_acknowledged(desk: Desk) -> None:
    with desk.http.websocket_connect(open_url(desk)) as socket:
        hello = socket.receive_json()
        assert (hello["type"], hello["num_connections"]) == ("hello", 1)
        assert hello["connection_info"] == {"app_id": "A0SUPPORT"}
        desk.ask("x")
        first = socket.receive_json()
        assert (first["type"], first["retry_attempt"], first["retry_reason"]) == (
            "events_api",
            0,
            "",
        )
        assert first["payload"]["event"]["text"] == "x"
        assert first["accepts_response_payload"] is False
        second = socket.receive_json()
        assert (second["retry_attempt"], second["retry_reason"]) == (1, "http_timeout")
        assert second["payload"] == first["payload"]
        assert second["envelope_id"] != first["envelope_id"]
        socket.send_json({"envelope_id": second["envelope_id"]})


def test_an_address_works_once_and_for_half_a_minute(desk: Desk, clock: Clock) -> None:
    url = open_url(desk)
    with desk.http.websocket_connect(url) as socket:
        socket.receive_json()
    late = open_url(desk)
    clock.now += 31
    for refused in (url, late, "/link/?ticket=guess", "/link/"):
        with pytest.raises(WebSocketDisconnect), desk.http.websocket_connect(refused):
            pass


def test_junk_from_the_app_is_ignored(desk: Desk) -> None:
    with desk.http.websocket_connect(open_url(desk)) as socket:
        socket.receive_json()
        for junk in ("{", "[]", '{"envelope_id": "unknown"}'):
            socket.send_text(junk)
        desk.ask("x")
        assert socket.receive_json()["payload"]["event"]["text"] == "x"


def test_two_sockets_share_the_work(desk: Desk) -> None:
    with (
        desk.http.websocket_connect(open_url(desk)) as one,
        desk.http.websocket_connect(open_url(desk)) as two,
    ):
        counts = [socket.receive_json()["num_connections"] for socket in (one, two)]
        assert counts == [1, 2]
        for n in range(2):
            desk.ask(str(n))
        texts = set()
        for socket in (one, two):
            envelope = socket.receive_json()
            socket.send_json({"envelope_id": envelope["envelope_id"]})
            texts.add(envelope["payload"]["event"]["text"])
        assert texts == {"0", "1"}


def test_a_closed_socket_gives_way_to_the_request_url(
    opened: Callable[..., Desk], stand_in: StandIn
) -> None:
    desk = opened(record=False, request_url=stand_in.url)
    with desk.http.websocket_connect(open_url(desk)) as socket:
        socket.receive_json()
    end = time.monotonic() + 5
    while desk.playground.sockets.connected and time.monotonic() < end:
        time.sleep(0.01)
    desk.ask("over http")
    assert stand_in.wait(1)[0].json["event"]["text"] == "over http"


def test_the_app_is_warned_before_the_playground_closes(desk: Desk) -> None:
    with desk.http.websocket_connect(open_url(desk)) as socket:
        socket.receive_json()
        desk.http.app.state.close()
        warning = socket.receive_json()
        assert (warning["type"], warning["reason"]) == ("disconnect", "warning")
        with pytest.raises(WebSocketDisconnect):
            socket.receive_json()
