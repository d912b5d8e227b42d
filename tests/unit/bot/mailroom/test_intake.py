from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes import TEAM

from bot.errors import BooksUnavailable
from bot.mailroom.intake import fingerprint, new_conversation
from bot.mailroom.naming import case_of, own_message_id
from bot.mailroom.reading import read_in_time
from bot.messages import ChannelId, Ts
from bot.ports import Receipt
from triage.errors import MailRefused
from triage.mail.letter import Address, Mail

if TYPE_CHECKING:
    from conftest import Room

KIM = Address("Kim", "kim@shop.test")


def raw(message_id: str = "<one@shop.test>", words: str = "Where is it?", **headers: str) -> bytes:
    plain = {"From": "Kim <kim@shop.test>", "Subject": "Order", "Message-ID": message_id}
    named = {**plain, **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return f"{lines}\r\n{words}\r\n".encode()


def letter(**changes: Any) -> Mail:
    return replace(Mail(sender=KIM, message_id="<one@shop.test>", fingerprint="f"), **changes)


def conversations(room: Room) -> list[str]:
    return [row.conversation for row in room.kept()]


def test_a_mail_is_kept_raw_and_told_once(room: Room) -> None:
    assert room.mailroom.receive(raw(), via="smtp") is Receipt.NEW
    assert room.mailroom.receive(raw(), via="imap") is Receipt.FOLDED
    (row,) = room.kept()
    assert (row.raw, row.via, row.message_id, row.trouble) == (
        raw(), "smtp", "<one@shop.test>", None,
    )  # fmt: skip
    assert room.rings == ["ring"]


def test_the_trace_that_servers_leave_does_not_make_another_mail(room: Room) -> None:
    room.mailroom.receive(raw(), via="smtp")
    relayed = b"Received: from mx by mda; Mon, 23 Nov 2026 10:00:00 +0000\r\n" + raw()
    assert room.mailroom.receive(relayed, via="mailgun") is Receipt.FOLDED


def test_an_answer_joins_the_conversation_of_the_mail_it_answers(room: Room) -> None:
    room.mailroom.receive(raw(), via="smtp")
    another = {"From": "lee@shop.test", "In_Reply_To": "<one@shop.test>"}
    room.mailroom.receive(raw("<two@x>", "It came.", **another), via="smtp")
    referring = {"From": "max@shop.test", "References": "<no@x> <two@x> <gone@x>"}
    room.mailroom.receive(raw("<three@x>", "Good.", **referring), via="smtp")
    assert len(set(conversations(room))) == 1


def test_mails_of_one_thread_meet_in_whatever_order_they_come(room: Room) -> None:
    late = {"In_Reply_To": "<one@shop.test>", "References": "<one@shop.test>"}
    room.mailroom.receive(raw("<two@x>", "And?", **late), via="imap")
    room.mailroom.receive(raw(), via="imap")
    assert len(set(conversations(room))) == 1


def test_customers_who_answer_the_same_circular_stay_apart(room: Room) -> None:
    answer = {"In_Reply_To": "<news@shop.test>"}
    room.mailroom.receive(raw("<two@x>", **answer), via="smtp")
    room.mailroom.receive(raw("<three@x>", From="lee@shop.test", **answer), via="smtp")
    assert len(set(conversations(room))) == 2


def test_an_answer_to_our_own_mail_goes_to_its_case_and_a_forged_one_does_not(room: Room) -> None:
    mailroom = replace(room.mailroom, own_case=lambda named: case_of(named, "secret"))
    ours = own_message_id("mail-7", "secret", host="desk.test")
    forged = own_message_id("mail-7", "guess", host="desk.test")
    mailroom.receive(raw("<two@x>", References=ours), via="smtp")
    mailroom.receive(raw("<three@x>", In_Reply_To=forged), via="smtp")
    first, second = conversations(room)
    assert first == "mail-7"
    assert second != "mail-7"


@pytest.mark.parametrize("changes", [{"subject": "Other"}, {"date": "Tue"}, {"sender": None}])
def test_without_an_id_a_mail_is_known_by_who_wrote_what_and_when(changes: dict[str, Any]) -> None:
    plain = letter(message_id=None, subject="Thanks", date="Mon")
    assert fingerprint(plain) == fingerprint(replace(plain))
    assert fingerprint(plain) != fingerprint(replace(plain, **changes))


def test_the_name_of_a_conversation_fits_its_column() -> None:
    assert len(new_conversation(letter(references=["<" + "x" * 900 + "@y>"]))) <= 32


@pytest.mark.parametrize(
    "error", [MailRefused("it has more than 200 parts"), RecursionError(), KeyError("x")]
)
def test_what_cannot_be_read_is_kept_raw_with_the_reason(room: Room, error: Exception) -> None:
    def read(_raw: bytes) -> Mail:
        raise error

    mailroom = replace(room.mailroom, read=read)
    assert mailroom.receive(b"\x00\xff", via="lmtp") is Receipt.NEW
    assert mailroom.receive(b"\x00\xff", via="imap") is Receipt.FOLDED
    (row,) = room.kept()
    assert (row.raw, row.via) == (b"\x00\xff", "lmtp")
    assert (str(error) if isinstance(error, MailRefused) else type(error).__name__) in row.trouble
    assert room.rings == ["ring"]


def test_a_reader_that_never_ends_is_left_behind() -> None:
    held = threading.Event()

    def read() -> Mail:
        held.wait(10)
        return letter()

    with pytest.raises(MailRefused, match=r"longer than 0\.05 seconds"):
        read_in_time(read, seconds=0.05)
    held.set()


def test_a_mail_that_slack_shows_is_kept_with_its_place(room: Room) -> None:
    posted = (ChannelId("C9"), Ts("10.0"))
    stub = {"subject": "Order"}
    room.mailroom.keep(letter(), raw=None, stub=stub, via="slack", posted=posted)
    (row,) = room.kept()
    assert (row.stub, row.posted_channel, row.posted_ts, row.team) == (stub, *posted, TEAM)


def test_books_that_are_away_are_not_hidden(room: Room) -> None:
    room.lose_books()
    with pytest.raises(BooksUnavailable):
        room.mailroom.receive(raw(), via="smtp")
    assert not room.rings
