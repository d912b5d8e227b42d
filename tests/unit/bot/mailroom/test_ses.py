from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from starlette.testclient import TestClient
from unit.bot.mailroom.letters import RAW
from unit.bot.mailroom.signing import (
    CERTIFICATE_URL,
    SUBSCRIBE_URL,
    TOPIC,
    Wire,
    certificate,
    notification,
    signed,
    subscription,
)

from bot.mailroom.provider import Refused
from bot.mailroom.ses import Ses, fetch
from bot.mailroom.webhooks import mail_routes
from bot.metrics import Metrics
from bot.web import create_web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Room


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def http(room: Room, wire: Wire) -> Iterator[TestClient]:
    routes = mail_routes([Ses(TOPIC, fetch=wire)], room.mailroom)
    web = create_web(app=None, metrics=Metrics(), readiness=dict, webhooks=routes)
    with TestClient(web, raise_server_exceptions=False) as client:
        yield client


def send(http: TestClient, told: Any) -> int:
    headers = {"Content-Type": "text/plain; charset=UTF-8"}
    status: int = http.post("/mail/ses", content=json.dumps(told), headers=headers).status_code
    return status


@pytest.mark.parametrize("encoding", ["BASE64", "UTF-8"])
def test_a_signed_notification_brings_a_mail(http: TestClient, room: Room, encoding: str) -> None:
    assert send(http, signed(notification(RAW, encoding=encoding))) == 200
    assert room.raws() == [RAW]


def test_a_notification_without_a_subject_is_signed_without_it(
    http: TestClient, room: Room
) -> None:
    told = notification(RAW)
    del told["Subject"]
    assert send(http, signed(told)) == 200
    assert len(room.kept()) == 1


def test_the_certificate_is_fetched_once_and_a_mail_that_comes_again_folds(
    http: TestClient, room: Room, wire: Wire
) -> None:
    for _ in range(3):
        assert send(http, signed(notification(RAW))) == 200
    assert wire.fetched == [CERTIFICATE_URL]
    assert len(room.kept()) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"Message": "{}"},
        {"Subject": "another"},
        {"Timestamp": "2026-11-24T10:00:00.000Z"},
        {"Signature": "AAAA"},
        {"Signature": "é"},
        {"Signature": None},
        {"Type": "UnsubscribeConfirmation"},
        {"Type": "Anything"},
        {"Type": ["Notification"]},
        {"TopicArn": "arn:aws:sns:eu-west-1:666:evil"},
        {"SignatureVersion": "1"},
    ],
)
def test_what_was_changed_after_it_was_signed_is_refused(
    http: TestClient, room: Room, changes: dict[str, Any]
) -> None:
    assert send(http, signed(notification(RAW)) | changes) == 403
    assert not room.kept()


def test_sha1_is_refused(http: TestClient, room: Room) -> None:
    told = notification(RAW, SignatureVersion="1")
    assert send(http, signed(told, SHA1())) == 403  # noqa: S303
    assert send(http, signed(notification(RAW), SHA1())) == 403  # noqa: S303
    assert not room.kept()


@pytest.mark.parametrize(
    "url",
    [
        "http://sns.eu-west-1.amazonaws.com/c.pem",
        "https://evil.test/c.pem",
        "https://sns.eu-west-1.amazonaws.com.evil.test/c.pem",
        "https://sns.eu-west-1.amazonaws.com@evil.test/c.pem",
        "https://evil.test/sns.eu-west-1.amazonaws.com/c.pem",
        "https://evil.test#sns.eu-west-1.amazonaws.com",
        "https://evil.test\\@sns.eu-west-1.amazonaws.com/",
        "https://sns.eu-west-1.amazonaws.com:8443/c.pem",
        "https://s3.eu-west-1.amazonaws.com/bucket/c.pem",
        "https://sns.a.b.amazonaws.com/c.pem",
        "https://[::1/c.pem",
        "https://sns.eu-west-1.amazonaws.com:x/c.pem",
        "",
        None,
    ],
)
def test_nothing_is_fetched_from_outside_sns(
    http: TestClient, room: Room, wire: Wire, url: str | None
) -> None:
    assert send(http, signed(notification(RAW, SigningCertURL=url))) == 403
    assert not wire.fetched
    assert send(http, signed(subscription(SubscribeURL=str(url)))) == 403
    assert wire.fetched == [CERTIFICATE_URL]
    assert not room.kept()


@pytest.mark.parametrize("page", [b"", b"<html>", certificate(days=-1)])
def test_a_certificate_that_is_none_or_has_run_out_is_refused(
    http: TestClient, room: Room, wire: Wire, page: bytes
) -> None:
    wire.page = page
    assert send(http, signed(notification(RAW))) == 403
    wire.page = certificate()
    assert send(http, signed(notification(RAW))) == 200
    assert len(room.kept()) == 1


def test_a_subscription_to_our_topic_is_confirmed(http: TestClient, wire: Wire) -> None:
    assert send(http, signed(subscription())) == 200
    assert wire.fetched == [CERTIFICATE_URL, SUBSCRIBE_URL]


def test_a_subscription_to_another_topic_or_unsigned_is_not(http: TestClient, wire: Wire) -> None:
    assert send(http, signed(subscription(TopicArn="arn:aws:sns:eu-west-1:666:evil"))) == 403
    assert not wire.fetched
    assert send(http, subscription()) == 403
    assert SUBSCRIBE_URL not in wire.fetched


@pytest.mark.parametrize("message", ["Successfully validated SNS topic", "{}", "[]"])
def test_what_is_signed_and_no_mail_is_acknowledged(
    http: TestClient, room: Room, message: str
) -> None:
    assert send(http, signed(notification(RAW, Message=message))) == 200
    assert not room.kept()


def test_a_mail_whose_content_is_elsewhere_is_told_to_a_person(
    http: TestClient, room: Room
) -> None:
    message = json.dumps({"notificationType": "Received", "mail": {"messageId": "in-s3"}})
    assert send(http, signed(notification(RAW, Message=message))) == 200
    (row,) = room.kept()
    assert row.raw == message.encode()
    assert "SES sent no content" in row.trouble


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000])
def test_what_is_no_json_is_refused(http: TestClient, body: bytes) -> None:
    assert http.post("/mail/ses", content=body).status_code == 400


def test_books_that_are_away_make_sns_try_again(http: TestClient, room: Room) -> None:
    room.lose_books()
    assert send(http, signed(notification(RAW))) == 503


def test_a_page_that_cannot_be_had_makes_sns_try_again() -> None:
    with pytest.raises(Refused) as refused:
        fetch("https://127.0.0.1:1/c.pem")
    assert refused.value.status == 503
