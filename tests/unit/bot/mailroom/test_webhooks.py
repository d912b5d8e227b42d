from __future__ import annotations

import base64
import json
from email import message_from_bytes
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from pydantic import SecretStr
from starlette.testclient import TestClient
from unit.bot.mailroom.letters import RAW
from unit.bot.mailroom.signing import MAILGUN_KEY, mailgun_form

from bot.mailroom.mailgun import Mailgun
from bot.mailroom.postmark import Postmark
from bot.mailroom.sendgrid import SendGrid
from bot.mailroom.webhooks import mail_routes
from bot.metrics import Metrics
from bot.web import create_web

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Room
    from fakes import FakeClock
    from httpx import Response

LOGIN = ("desk", "s3cret")
POSTMARK = {
    "From": "kim@shop.test",
    "FromFull": {"Email": "kim@shop.test", "Name": "Kim"},
    "To": "support@desk.test",
    "Subject": "Wo ist mein Päckchen?",
    "Date": "Mon, 23 Nov 2026 10:00:00 +0000",
    "MessageID": "22c74902-a0c1-4511-804f2-341342852c90",
    "TextBody": "Es ist seit zwei Wochen unterwegs: grüße.",
    "HtmlBody": "<p>Es ist …</p>",
    "Headers": [
        {"Name": "Message-ID", "Value": "<one@shop.test>"},
        {"Name": "X-Two-Lines", "Value": "one\r\nBcc: boss@desk.test"},
        {"Name": "Content-Type", "Value": "image/png"},
    ],
    "Attachments": [
        {"Name": "r.txt", "Content": base64.b64encode(b"receipt").decode(), "ContentType": "x/y"},
        {"Name": "broken", "Content": "é"},
    ],
}


@pytest.fixture
def http(room: Room, clock: FakeClock) -> Iterator[TestClient]:
    secret = SecretStr(":".join(LOGIN))
    providers = [Mailgun(SecretStr(MAILGUN_KEY), now=clock), Postmark(secret), SendGrid(secret)]
    routes = mail_routes(providers, room.mailroom)
    web = create_web(app=None, metrics=Metrics(), readiness=dict, webhooks=routes)
    with TestClient(web, raise_server_exceptions=False) as client:
        yield client


def to_mailgun(http: TestClient, form: dict[str, str], *, multipart: bool = True) -> Response:
    if multipart:
        files = {name: (None, value.encode("latin-1")) for name, value in form.items()}
        return http.post("/mail/mailgun/mime", files=files)
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    body = urlencode(form, encoding="latin-1")
    return http.post("/mail/mailgun", content=body, headers=kind)


@pytest.mark.parametrize("multipart", [True, False])
def test_mailgun_brings_a_mail_byte_for_byte(
    http: TestClient, room: Room, clock: FakeClock, *, multipart: bool
) -> None:
    raw = RAW + b"\xff\xfe not UTF-8 &=%+\r\n"
    form = mailgun_form(raw, at=clock.now)
    assert to_mailgun(http, form, multipart=multipart).status_code == 200
    assert room.raws() == [raw]


def test_mailgun_brings_the_same_mail_twice_and_one_is_kept(
    http: TestClient, room: Room, clock: FakeClock
) -> None:
    assert to_mailgun(http, mailgun_form(RAW, at=clock.now)).status_code == 200
    assert to_mailgun(http, mailgun_form(RAW, at=clock.now)).status_code == 200
    again = mailgun_form(RAW, at=clock.now, token="t2")  # noqa: S106
    assert to_mailgun(http, again).status_code == 200
    assert len(room.kept()) == 1


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"signature": "0" * 64}, 406),
        ({"signature": "é"}, 406),
        ({"signature": ""}, 406),
        ({"token": "another"}, 406),
        ({"token": ""}, 406),
        ({"timestamp": "1699999999"}, 406),
    ],
)
def test_mailgun_with_a_wrong_signature_is_told_to_stop(
    http: TestClient, room: Room, clock: FakeClock, changes: dict[str, str], status: int
) -> None:
    form = mailgun_form(RAW, at=clock.now) | changes
    files = {name: (None, value) for name, value in form.items()}
    assert http.post("/mail/mailgun", files=files).status_code == status
    assert not room.kept()


@pytest.mark.parametrize("away", [-301, 301])
def test_mailgun_with_an_old_or_a_future_signature_may_try_again(
    http: TestClient, room: Room, clock: FakeClock, away: int
) -> None:
    assert to_mailgun(http, mailgun_form(RAW, at=clock.now + away)).status_code == 401
    assert not room.kept()


def test_a_token_of_mailgun_does_not_bring_another_mail(
    http: TestClient, room: Room, clock: FakeClock
) -> None:
    assert to_mailgun(http, mailgun_form(RAW, at=clock.now)).status_code == 200
    stolen = mailgun_form(RAW.replace(b"two", b"nine"), at=clock.now)
    assert to_mailgun(http, stolen).status_code == 406
    assert room.raws() == [RAW]


def test_mailgun_is_asked_to_try_again_while_the_books_are_away(
    http: TestClient, room: Room, clock: FakeClock
) -> None:
    room.lose_books()
    assert to_mailgun(http, mailgun_form(RAW, at=clock.now)).status_code == 503


def test_a_route_of_mailgun_that_takes_mails_apart_loses_none(
    http: TestClient, room: Room, clock: FakeClock
) -> None:
    form = mailgun_form(b"", at=clock.now)
    del form["body-mime"]
    headers = json.dumps([["From", "kim@shop.test"], ["Message-Id", "<one@shop.test>"]])
    http.post(
        "/mail/mailgun", data={**form, "message-headers": headers, "body-plain": "Where is it?"}
    )
    (row,) = room.kept()
    assert row.message_id == "<one@shop.test>"
    assert b"From: kim@shop.test\n" in row.raw


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/plain", b"x"),
        ("multipart/form-data", b"x"),
        ("multipart/form-data; boundary=b", b"--c\r\n\r\n"),
        ("multipart/form-data; boundary=b", b'--b\r\nContent-Disposition: form-data; name="a"\r\n'),
        ("application/x-www-form-urlencoded", b"a=1&" * 1_000),
        ("application/x-www-form-urlencoded", b"\xff\xfe%zz"),
    ],
)
def test_what_is_no_form_is_refused(http: TestClient, room: Room, kind: str, body: bytes) -> None:
    answered = http.post("/mail/mailgun", content=body, headers={"Content-Type": kind})
    assert answered.status_code in {400, 406}
    assert not room.kept()


def test_postmark_brings_the_raw_mail(http: TestClient, room: Room) -> None:
    told = {**POSTMARK, "RawEmail": RAW.decode()}
    assert http.post("/mail/postmark", json=told, auth=LOGIN).status_code == 200
    assert room.raws() == [RAW]


def test_postmark_without_the_raw_mail_gets_one_put_together(http: TestClient, room: Room) -> None:
    assert http.post("/mail/postmark", json=POSTMARK, auth=LOGIN).status_code == 200
    (row,) = room.kept()
    assert (row.message_id, row.trouble) == ("<one@shop.test>", None)
    made = message_from_bytes(row.raw)
    assert made.get_content_type() == "multipart/mixed"
    assert made["Bcc"] is None
    plain, page, receipt, broken = [one for one in made.walk() if not one.is_multipart()]
    assert plain.get_payload(decode=True).decode() == POSTMARK["TextBody"]
    assert page.get_content_type() == "text/html"
    assert (receipt.get_filename(), receipt.get_payload(decode=True)) == ("r.txt", b"receipt")
    assert broken.get_payload(decode=True) == b""


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Basic " + base64.b64encode(b"desk:wrong").decode()},
        {"Authorization": "Bearer " + base64.b64encode(b"desk:s3cret").decode()},
        {"Authorization": "Basic !"},
        {"Authorization": "Basic é".encode()},
    ],
)
def test_a_wrong_login_is_refused_before_the_body_is_read(
    http: TestClient, room: Room, headers: dict[str, Any]
) -> None:
    assert http.post("/mail/postmark", json=POSTMARK, headers=headers).status_code == 403
    assert http.post("/mail/sendgrid", data={"email": "x"}, headers=headers).status_code == 401
    assert not room.kept()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"[" * 100_000, b"\xff", b'"text"'])
def test_what_is_no_mail_of_postmark_is_refused(http: TestClient, room: Room, body: bytes) -> None:
    assert http.post("/mail/postmark", content=body, auth=LOGIN).status_code == 400
    assert not room.kept()


def test_fields_of_another_kind_break_nothing(http: TestClient, room: Room) -> None:
    told = {"Headers": {"a": 1}, "Attachments": [None, {"Name": 1}], "TextBody": 5, "From": []}
    assert http.post("/mail/postmark", json=told, auth=LOGIN).status_code == 200
    assert len(room.kept()) == 1


def test_sendgrid_brings_the_raw_mail_as_a_field(http: TestClient, room: Room) -> None:
    raw = RAW + b"\xff\r\n"
    files = {"email": (None, raw), "SPF": (None, b"pass")}
    assert http.post("/mail/sendgrid", files=files, auth=LOGIN).status_code == 200
    assert room.raws() == [raw]


def test_sendgrid_without_the_raw_mail_gets_one_put_together(http: TestClient, room: Room) -> None:
    form = {
        "headers": "From: kim@shop.test\r\nMessage-ID:\r\n <one@shop.test>\r\n",
        "text": "Where is it?",
        "html": "<p>Where is it?</p>",
    }
    assert http.post("/mail/sendgrid", data=form, auth=LOGIN).status_code == 200
    (row,) = room.kept()
    assert row.message_id == "<one@shop.test>"


def test_a_form_of_sendgrid_without_a_mail_is_refused(http: TestClient) -> None:
    assert http.post("/mail/sendgrid", data={"to": "x"}, auth=LOGIN).status_code == 400


@pytest.mark.parametrize("announced", [True, False])
def test_a_body_that_is_too_large_is_not_read_to_its_end(
    http: TestClient, room: Room, *, announced: bool
) -> None:
    piece = b"x" * 1_000_000

    def body() -> Iterator[bytes]:
        for _ in range(42):
            yield piece

    content: Any = piece * 42 if announced else body()
    assert http.post("/mail/mailgun", content=content).status_code == 413
    assert not room.kept()


def test_only_providers_with_a_secret_are_there(room: Room) -> None:
    web = create_web(
        app=None, metrics=Metrics(), readiness=dict, webhooks=mail_routes([], room.mailroom)
    )
    with TestClient(web) as http:
        for name in ("mailgun", "postmark", "sendgrid", "ses"):
            assert http.post(f"/mail/{name}").status_code == 404


def test_no_secret_is_shown_where_a_provider_is_printed() -> None:
    shown = f"{Mailgun(SecretStr(MAILGUN_KEY))}{Postmark(SecretStr(':'.join(LOGIN)))}"
    assert MAILGUN_KEY not in shown
    assert LOGIN[1] not in shown
