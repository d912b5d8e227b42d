from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes import ADA, inbound, reply, thread_at

from bot.books.outbox import SENDING_SECONDS, SqlOutbox
from bot.books.parcels import FORGOTTEN_SECONDS
from bot.messages import ChannelId, Ts
from bot.ports import Action, Settlement

if TYPE_CHECKING:
    from conftest import Counter

    from bot.books.engine import Books
    from bot.ports import Outbox, Outgoing, Parcel

OVER_ALL = pytest.mark.parametrize("engine", ["fake", "sqlite", "postgresql"], indirect=True)
BLOCKS = [{"type": "section", "text": {"type": "mrkdwn", "text": "Größe 👢"}}]


def revise(counter: Counter, text: str, *said: Outgoing) -> None:
    """The question is edited, and answered anew."""
    counter.clock.advance(1)
    counter.inbox.receive(inbound(text, edited=Ts(str(counter.clock()))))
    counter.inbox.settle(counter.claim(), Settlement(said))


@OVER_ALL
@pytest.mark.parametrize(
    "outgoing",
    [
        reply("posted", blocks=BLOCKS),
        reply("whispered", blocks=[], action=Action.WHISPER, user=ADA, is_reply=False),
        reply("aside", blocks=[], channel=ChannelId("C9"), thread_ts=None, is_reply=False),
    ],
)
def test_what_is_sent_is_what_was_said(counter: Counter, outgoing: Outgoing) -> None:
    counter.answer(outgoing)
    parcel = counter.parcel()
    assert (parcel.outgoing, parcel.target_ts) == (outgoing, None)
    assert (parcel.attempts, parcel.doubtful) == (1, False)


@OVER_ALL
def test_a_thread_is_told_one_after_the_other(counter: Counter) -> None:
    counter.answer(reply("one"), reply("two"))
    first = counter.parcel()
    assert counter.outbox.claim() is None
    counter.outbox.sent(first, Ts("50.0"))
    assert counter.parcel().outgoing.text == "two"
    assert counter.outbox.claim() is None


@OVER_ALL
def test_what_certainly_did_not_arrive_is_sent_again_later(counter: Counter) -> None:
    counter.answer(reply("one"), reply("two"))
    counter.outbox.again(counter.parcel(), seconds=30)
    assert counter.outbox.claim() is None
    counter.clock.advance(30)
    again = counter.parcel()
    assert (again.outgoing.text, again.attempts, again.doubtful) == ("one", 2, False)


@OVER_ALL
def test_what_may_have_arrived_is_looked_for_later(counter: Counter) -> None:
    counter.answer(reply("one"), reply("two"))
    counter.outbox.doubt(counter.parcel(), seconds=12)
    assert counter.outbox.claim() is None
    counter.clock.advance(12)
    doubtful = counter.parcel()
    assert (doubtful.outgoing.text, doubtful.attempts, doubtful.doubtful) == ("one", 2, True)


@OVER_ALL
def test_what_cannot_be_sent_does_not_hold_up_the_rest(counter: Counter) -> None:
    counter.answer(reply("one"), reply("two"))
    counter.outbox.failed(counter.parcel(), error="channel_not_found")
    assert counter.send().outgoing.text == "two"
    assert counter.outbox.claim() is None


def test_other_threads_are_told_meanwhile(counter: Counter) -> None:
    counter.answer(reply("one"), reply("two"))
    counter.answer(reply("other", ts="2.0"), message=inbound(ts="2.0"))
    assert [counter.parcel().outgoing.text, counter.parcel().outgoing.text] == ["one", "other"]
    assert counter.outbox.claim() is None


def test_answers_to_two_messages_of_a_thread_keep_their_order(counter: Counter) -> None:
    counter.answer(reply("one"))
    counter.answer(reply("two"), message=inbound(ts="2.0", thread=thread_at()))
    counter.outbox.doubt(counter.parcel(), seconds=12)
    assert counter.outbox.claim() is None
    counter.clock.advance(12)
    assert [text for *_, text in counter.send_all()] == ["one", "two"]


def test_a_message_that_a_dead_sender_had_in_hand_is_doubtful(counter: Counter) -> None:
    counter.answer(reply("one"))
    counter.parcel()
    counter.clock.advance(SENDING_SECONDS - 1)
    assert counter.outbox.claim() is None
    counter.clock.advance(1)
    left = counter.parcel()
    assert (left.attempts, left.doubtful) == (2, True)


def test_a_message_that_lay_for_long_is_looked_up_before_it_is_sent(counter: Counter) -> None:
    """Books brought back from a copy do not know that it was sent meanwhile."""
    counter.answer(reply("one"))
    counter.clock.advance(FORGOTTEN_SECONDS + 1)
    assert counter.parcel().doubtful


def test_no_two_messages_carry_the_same_marker(counter: Counter) -> None:
    """Nor do those of books brought back from a copy, which count their rows anew."""
    counter.answer(reply("one"), reply("two"))
    first = counter.parcel()
    counter.outbox.sent(first, Ts("50.0"))
    second = counter.parcel()
    assert first.marker != second.marker
    assert str(second.id) != second.marker


def overtaken(counter: Counter) -> Parcel:
    """A parcel whose sender slept too long: another has sent it meanwhile."""
    counter.answer(reply("one"))
    slow = counter.parcel()
    counter.clock.advance(SENDING_SECONDS)
    counter.outbox.sent(counter.parcel(), Ts("50.0"))
    return slow


LATE = {
    "again": lambda outbox, parcel: outbox.again(parcel, seconds=0),
    "doubt": lambda outbox, parcel: outbox.doubt(parcel, seconds=0),
    "failed": lambda outbox, parcel: outbox.failed(parcel, error="x"),
    "sent": lambda outbox, parcel: outbox.sent(parcel, Ts("50.0")),
}


@pytest.mark.parametrize("late", LATE.values(), ids=LATE)
def test_a_sender_that_was_overtaken_does_not_open_the_row_again(
    counter: Counter, late: Any
) -> None:
    slow = overtaken(counter)
    late(counter.outbox, slow)
    counter.clock.advance(SENDING_SECONDS)
    assert counter.outbox.claim() is None
    assert counter.inbox.trace(reply().channel, Ts("50.0"))


def test_of_two_that_were_posted_the_one_that_does_not_stand_is_deleted(counter: Counter) -> None:
    slow = overtaken(counter)
    counter.outbox.sent(slow, Ts("60.0"))
    assert counter.send_all() == [("delete", "60.0", "")]
    revise(counter, "again", reply("new"))
    assert counter.send_all() == [("update", "50.0", "new")]


@pytest.mark.parametrize(("found", "deleted"), [("60.0", None), ("70.0", "60.0")])
def test_which_of_two_stands_is_known_when_the_other_sender_is_done(
    counter: Counter, found: str, deleted: str | None
) -> None:
    counter.answer(reply("one"))
    slow = counter.parcel()
    counter.clock.advance(SENDING_SECONDS)
    quick = counter.parcel()
    counter.outbox.sent(slow, Ts("60.0"))
    assert counter.outbox.claim() is None
    counter.outbox.sent(quick, Ts(found))
    assert counter.send_all() == [("delete", deleted, "")]


def test_what_was_posted_late_stands_where_nobody_else_could(counter: Counter) -> None:
    counter.answer(reply("one"))
    slow = counter.parcel()
    counter.clock.advance(SENDING_SECONDS)
    counter.outbox.failed(counter.parcel(), error="x")
    counter.outbox.sent(slow, Ts("60.0"))
    assert counter.send_all() == [("delete", None, "")]


def test_how_long_a_sender_has_is_a_setting(books: Books | None, counter: Counter) -> None:
    assert books
    outbox = SqlOutbox(books, sending_seconds=20)
    counter.answer(reply("one"))
    parcel = outbox.claim()
    assert parcel
    assert parcel.until == counter.clock() + 10
    counter.clock.advance(20)
    assert outbox.claim()


def test_a_doubt_outlasts_a_busy_slack_and_is_counted_once(counter: Counter) -> None:
    counter.answer(reply("one"))
    counter.outbox.doubt(counter.parcel(), seconds=0)
    counter.outbox.again(counter.parcel(), seconds=0)
    parcel = counter.parcel()
    assert (parcel.doubtful, parcel.doubts) == (True, 1)


def test_a_channel_that_is_told_to_wait_waits_as_a_whole(counter: Counter) -> None:
    counter.answer(reply("one"))
    counter.answer(reply("same channel", ts="2.0"), message=inbound(ts="2.0"))
    counter.answer(
        reply("other channel", channel=ChannelId("C2")),
        message=inbound(thread=thread_at(channel="C2")),
    )
    counter.outbox.again(counter.parcel(), seconds=30)
    assert counter.send().outgoing.text == "other channel"
    assert counter.outbox.claim() is None
    counter.clock.advance(30)
    assert [text for *_, text in counter.send_all()] == ["one", "same channel"]


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        (2, [("update", "101.0", "new 1"), ("update", "102.0", "new 2")]),
        (1, [("update", "101.0", "new 1"), ("delete", "102.0", "")]),
        (
            3,
            [("update", "101.0", "new 1"), ("update", "102.0", "new 2"), ("post", None, "new 3")],
        ),
        (0, [("delete", "101.0", ""), ("delete", "102.0", "")]),
    ],
)
def test_a_new_answer_takes_the_place_of_the_older_part_by_part(
    counter: Counter, parts: int, expected: list[tuple[str, str | None, str]]
) -> None:
    counter.answer(reply("old 1"), reply("old 2"))
    counter.send_all()
    revise(counter, "again", *(reply(f"new {n + 1}") for n in range(parts)))
    assert counter.send_all() == expected


def test_a_second_revision_still_finds_what_stands(counter: Counter) -> None:
    counter.answer(reply("old 1"), reply("old 2"))
    counter.send_all()
    revise(counter, "again", reply("new 1"))
    counter.send_all()
    revise(counter, "once more", reply("last 1"), reply("last 2"))
    assert counter.send_all() == [("update", "101.0", "last 1"), ("post", None, "last 2")]


def test_a_revision_before_the_first_answer_is_sent_follows_it(counter: Counter) -> None:
    counter.answer(reply("old"))
    revise(counter, "again", reply("new"))
    assert counter.send_all() == [("post", None, "old"), ("update", "101.0", "new")]


def test_a_new_answer_is_posted_where_the_older_could_not_be(counter: Counter) -> None:
    counter.answer(reply("old"))
    revise(counter, "again", reply("new"))
    counter.outbox.failed(counter.parcel(), error="x")
    assert counter.send_all() == [("update", None, "new")]


def test_what_is_for_others_is_said_again_and_not_updated(counter: Counter) -> None:
    hand_off = reply("hand-off", channel=ChannelId("C0TRIAGE"), thread_ts=None, is_reply=False)
    counter.answer(reply("old"), hand_off)
    counter.send_all()
    revise(counter, "again", reply("new"), hand_off)
    assert counter.send_all() == [("update", "101.0", "new"), ("post", None, "hand-off")]


def test_a_stream_gets_its_final_form_and_later_ones(counter: Counter) -> None:
    counter.answer(reply("final", action=Action.UPDATE, live_ts=Ts("5.0")))
    assert counter.send_all() == [("update", "5.0", "final")]
    revise(counter, "again", reply("new"))
    assert counter.send_all() == [("update", "5.0", "new")]


def test_no_two_senders_ever_hold_the_same_message(counter: Counter) -> None:
    messages = 60
    for n in range(messages):
        counter.answer(
            reply(f"{n}", ts=f"t{n % 10}"),
            message=inbound(ts=f"{n}.0", thread=thread_at(f"t{n % 10}")),
        )
    sent: list[int] = []
    ready = threading.Barrier(4)

    def work(outbox: Outbox) -> None:
        ready.wait(10)
        while len(sent) < messages:
            if parcel := outbox.claim():
                sent.append(parcel.id)
                outbox.sent(parcel, Ts(f"{parcel.id}.5"))

    with ThreadPoolExecutor(4) as pool:
        for one in [pool.submit(work, counter.outbox) for _ in range(4)]:
            one.result(60)
    assert len(sent) == len(set(sent)) == messages


def test_what_cannot_be_said_is_said_otherwise(counter: Counter) -> None:
    told = reply("I could not reach the team", is_reply=False)
    hand_off = reply("hand-off", channel=ChannelId("C0TRIAGE"), thread_ts=None, is_reply=False)
    counter.inbox.receive(inbound())
    said = [reply("asked"), replace(hand_off, otherwise=told)]
    counter.inbox.settle(counter.claim(), Settlement(said, handed_off=True))
    assert counter.inbox.handed_off(thread_at("1.0"))
    counter.send()
    counter.outbox.failed(counter.parcel(), error="not_in_channel")
    assert counter.send_all() == [("post", None, "I could not reach the team")]
    assert not counter.inbox.handed_off(thread_at("1.0"))


def test_a_sender_that_was_overtaken_says_nothing_otherwise(counter: Counter) -> None:
    counter.answer(reply("one", otherwise=reply("otherwise", is_reply=False)))
    first = counter.parcel()
    counter.clock.advance(SENDING_SECONDS + 1)
    counter.outbox.sent(counter.parcel(), Ts("50.0"))
    counter.outbox.failed(first, error="x")
    assert counter.send_all() == []
