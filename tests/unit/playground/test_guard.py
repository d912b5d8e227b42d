from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from bot.playground import PlaygroundError, create_app, require_loopback

if TYPE_CHECKING:
    from unit.playground.conftest import Desk

    from bot.playground import PlaygroundConfig


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "[::1]", "localhost"])
def test_loopback_hosts_are_accepted(host: str) -> None:
    require_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.0.0.1", "example.com", "", "localhost.evil.com"],  # noqa: S104
)
def test_other_hosts_are_refused(host: str) -> None:
    with pytest.raises(PlaygroundError, match="this machine only"):
        require_loopback(host)


@pytest.mark.parametrize("path", ["/", "/playground/state", "/api/api.test", "/static/app.js"])
def test_a_foreign_host_header_gets_403_everywhere(desk: Desk, path: str) -> None:
    answer = desk.http.get(path, headers={"Host": "rebound.example"})
    assert answer.status_code == 403
    assert answer.json() == {"ok": False, "error": "The playground answers this machine only."}


@pytest.mark.parametrize("host", ["localhost:8000", "[::1]:8000", "127.0.0.1"])
def test_every_way_to_write_this_machine_works(desk: Desk, host: str) -> None:
    assert desk.http.get("/playground/state", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["[::1", "", "127.0.0.1.nip.io"])
def test_a_malformed_host_is_refused(desk: Desk, host: str) -> None:
    assert desk.http.get("/playground/state", headers={"Host": host}).status_code == 403


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:9999"])
def test_a_change_from_another_origin_is_refused(desk: Desk, origin: str) -> None:
    body = {"channel": "C0HELPDESK", "user": "U0ADA", "text": "hi"}
    answer = desk.http.post("/playground/message", json=body, headers={"Origin": origin})
    assert answer.status_code == 403
    assert desk.messages() == []


def test_a_change_from_the_own_page_is_accepted(desk: Desk) -> None:
    body = {"channel": "C0HELPDESK", "user": "U0ADA", "text": "hi"}
    headers = {"Origin": "http://127.0.0.1:8000"}
    assert desk.http.post("/playground/message", json=body, headers=headers).json()["ok"]


def test_a_socket_with_a_foreign_host_is_refused(config: PlaygroundConfig) -> None:
    with (
        TestClient(create_app(config), base_url="http://rebound.example") as client,
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect("/link/?ticket=x"),
    ):
        pass


@pytest.mark.parametrize("path", ["/", "/archives/C0HELPDESK/p1700000000000001"])
def test_the_page_allows_no_outside_request_and_is_never_cached(desk: Desk, path: str) -> None:
    answer = desk.http.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
