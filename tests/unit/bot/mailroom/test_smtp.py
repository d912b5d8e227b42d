from __future__ import annotations

import smtplib
import socket
import threading
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from unit.bot.mailroom.letters import RAW

from bot.errors import ConfigurationError
from bot.mailroom.smtp import LARGEST_MAIL, MOST_SESSIONS, MailListener, door

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import Room

ANYWHERE = "127.0.0.1:0"


@contextmanager
def listening(room: Room, where: str = ANYWHERE, **options: Any) -> Iterator[int]:
    """The port that a listener takes mail at."""
    listener = MailListener(
        door(where, **options), lambda raw: room.mailroom.receive(raw, via="smtp")
    )
    listener.start()
    try:
        yield int(listener.where.rpartition(":")[2])
    finally:
        listener.stop()


def client(port: int) -> smtplib.SMTP:
    return smtplib.SMTP("127.0.0.1", port, timeout=10)


def codes(refused: smtplib.SMTPRecipientsRefused) -> set[int]:
    return {code for code, _ in refused.recipients.values()}


def test_a_mail_is_kept_byte_for_byte_before_it_is_accepted(room: Room) -> None:
    raw = RAW + b".a line with a dot\r\n\xff\xfe not UTF-8\r\n"
    with listening(room) as port, client(port) as smtp:
        smtp.sendmail("kim@shop.test", ["support@desk.test"], raw, ["BODY=8BITMIME"])
        assert room.raws() == [raw]


def test_several_mails_come_by_one_connection(room: Room) -> None:
    with listening(room) as port, client(port) as smtp:
        for number in range(3):
            raw = RAW.replace(b"one@", f"{number}@".encode())
            smtp.sendmail("kim@shop.test", ["support@desk.test"], raw)
    assert len(room.kept()) == 3


def test_a_bounce_has_no_sender_and_is_kept(room: Room) -> None:
    with listening(room) as port, client(port) as smtp:
        smtp.sendmail("", ["support@desk.test"], RAW)
    assert len(room.kept()) == 1


def test_a_line_longer_than_the_standard_is_kept(room: Room) -> None:
    raw = RAW + b"x" * 300_000 + b"\r\n"
    with listening(room) as port, client(port) as smtp:
        smtp.sendmail("kim@shop.test", ["support@desk.test"], raw)
    assert room.raws() == [raw]


def test_a_mail_that_is_announced_too_large_is_refused_unsent(room: Room) -> None:
    with listening(room) as port, client(port) as smtp:
        smtp.ehlo()
        assert smtp.esmtp_features["size"] == str(LARGEST_MAIL)
        assert smtp.mail("kim@shop.test", [f"SIZE={LARGEST_MAIL + 1}"])[0] == 552
    assert not room.kept()


def test_a_mail_to_somebody_else_is_refused(room: Room) -> None:
    addresses = ["Support@desk.test", "help@desk.test"]
    with listening(room, addresses=addresses) as port, client(port) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            smtp.sendmail("kim@shop.test", ["boss@desk.test"], RAW)
        assert codes(refused.value) == {550}
        smtp.sendmail("kim@shop.test", ["SUPPORT@DESK.test"], RAW)
    assert len(room.kept()) == 1


def test_books_that_are_away_make_the_sender_try_again(room: Room) -> None:
    room.lose_books()
    with listening(room) as port, client(port) as smtp:
        with pytest.raises(smtplib.SMTPDataError) as refused:
            smtp.sendmail("kim@shop.test", ["support@desk.test"], RAW)
        assert refused.value.smtp_code == 451


def test_an_error_of_ours_makes_the_sender_try_again_and_tells_nothing() -> None:
    def receive(_raw: bytes) -> None:
        raise RuntimeError("secret")

    listener = MailListener(door(ANYWHERE), receive)
    listener.start()
    try:
        with client(int(listener.where.rpartition(":")[2])) as smtp:
            with pytest.raises(smtplib.SMTPDataError) as refused:
                smtp.sendmail("kim@shop.test", ["support@desk.test"], RAW)
            assert refused.value.smtp_code == 451
            assert b"secret" not in refused.value.smtp_error  # type: ignore[operator]
    finally:
        listener.stop()


def test_a_login_is_asked_for_where_one_is_set(room: Room) -> None:
    with listening(room, login="desk:s3cret") as port:
        with client(port) as smtp, pytest.raises(smtplib.SMTPSenderRefused) as refused:
            smtp.sendmail("kim@shop.test", ["support@desk.test"], RAW)
        assert refused.value.smtp_code == 530
        with client(port) as smtp, pytest.raises(smtplib.SMTPAuthenticationError):
            smtp.login("desk", "wrong")
        with client(port) as smtp:
            smtp.login("desk", "s3cret")
            smtp.sendmail("kim@shop.test", ["support@desk.test"], RAW)
    assert len(room.kept()) == 1


def test_without_a_login_none_is_offered(room: Room) -> None:
    with listening(room) as port, client(port) as smtp:
        smtp.ehlo()
        assert "auth" not in smtp.esmtp_features


def test_lmtp_answers_for_each_recipient(room: Room) -> None:
    with (
        listening(room, f"lmtp://{ANYWHERE}") as port,
        closing(smtplib.LMTP("127.0.0.1", port)) as lmtp,
    ):
        lmtp.ehlo()
        lmtp.mail("kim@shop.test")
        lmtp.rcpt("one@desk.test")
        lmtp.rcpt("two@desk.test")
        assert lmtp.data(RAW)[0] == 250
        assert lmtp.getreply()[0] == 250
        lmtp.quit()
    assert len(room.kept()) == 1


def test_more_sessions_than_are_allowed_are_sent_away(room: Room) -> None:
    with listening(room) as port:
        held = [socket.create_connection(("127.0.0.1", port), 5) for _ in range(MOST_SESSIONS)]
        for one in held:
            assert one.recv(3) == b"220"
        with closing(socket.create_connection(("127.0.0.1", port), 5)) as more:
            assert more.recv(3) == b"421"
        for one in held:
            one.close()


def test_a_listener_ends_while_somebody_is_connected_and_finishes_what_is_in_hand() -> None:
    begun, kept = threading.Event(), []

    def receive(raw: bytes) -> None:
        begun.set()
        time.sleep(0.3)
        kept.append(raw)

    listener = MailListener(door(ANYWHERE), receive)
    listener.start()
    port = int(listener.where.rpartition(":")[2])
    said: list[Any] = []

    def send() -> None:
        smtp = client(port)
        said.append(smtp.sendmail("kim@shop.test", ["support@desk.test"], RAW))
        smtp.close()

    idle = socket.create_connection(("127.0.0.1", port), 5)
    sender = threading.Thread(target=send)
    sender.start()
    begun.wait(5)
    listener.stop()
    sender.join(5)
    idle.close()
    assert kept == [RAW]
    assert said == [{}]


@pytest.mark.parametrize(
    ("where", "options"),
    [
        ("2525", {}),
        ("127.0.0.1", {}),
        ("127.0.0.1:many", {}),
        ("http://127.0.0.1:25", {}),
        ("0.0.0.0:25", {}),
        ("mail.desk.test:25", {}),
        (ANYWHERE, {"login": "desk"}),
        (ANYWHERE, {"login": ":s3cret"}),
    ],
)
def test_a_door_that_is_none_or_open_to_all_is_a_mistake(where: str, options: Any) -> None:
    with pytest.raises(ConfigurationError, match="MAIL_") as wrong:
        door(where, **options)
    assert "s3cret" not in str(wrong.value)


def test_a_door_to_other_machines_needs_addresses() -> None:
    assert door("0.0.0.0:25", addresses=["support@desk.test"]).port == 25
    assert door("[::1]:25").local
    assert door("localhost:25").where == "smtp://localhost:25"


def test_a_port_that_is_taken_is_a_mistake_that_names_the_setting(room: Room) -> None:
    with listening(room) as port, pytest.raises(ConfigurationError, match="MAIL_LISTEN"):
        MailListener(door(f"127.0.0.1:{port}"), lambda _: None)
