from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from fakes import CHANNEL, inbound, reply, thread_at

from bot.books import oversight
from bot.books.wakeup import Wakeup
from bot.messages import Ts
from bot.ports import HANDLE, SEND, Settlement

if TYPE_CHECKING:
    from conftest import Counter

    from bot.books.engine import Books

UNDONE = oversight.UNDONE


def references(books: Books, *states: str) -> list[str]:
    return [one["reference"] for one in oversight.listed(books, states or UNDONE, limit=50)]


def buried(counter: Counter) -> str:
    """The reference of a message that died, with its apology sent."""
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    apology = Settlement([reply("sorry")], handed_off=True)
    counter.inbox.bury(claimed, apology, error="see the log")
    counter.send_all()
    return claimed.reference


def test_what_waits_and_what_is_dead_is_listed_without_its_text(
    counter: Counter, books: Books
) -> None:
    dead = buried(counter)
    counter.inbox.receive(inbound("my card is 4111", ts="2.0", thread=thread_at("2.0")))
    counter.inbox.receive(inbound(ts="3.0", thread=thread_at("3.0")))
    counter.inbox.settle(counter.claim(), Settlement(()))
    found = oversight.listed(books, UNDONE, limit=50)
    assert [one["state"] for one in found] == ["dead", "received"]
    assert found[0]["reference"] == dead
    assert "4111" not in str(found)
    assert oversight.counted(books)["inbox"] == {"dead": 1, "received": 1, "done": 1}


def test_a_message_is_shown_with_what_was_said_to_it(counter: Counter, books: Books) -> None:
    found = oversight.shown(books, buried(counter))
    assert found
    assert (found["state"], found["error"], found["attempts"]) == ("dead", "see the log", 1)
    assert [(one["text"], one["state"]) for one in found["outgoing"]] == [("sorry", "sent")]
    assert oversight.shown(books, "none") is None


def test_a_dead_message_that_is_retried_is_answered_in_place_of_the_apology(
    counter: Counter, books: Books
) -> None:
    reference = buried(counter)
    assert oversight.retried(books, reference) == "dead"
    assert not counter.inbox.handed_off(thread_at())
    again = counter.claim()
    assert (again.reference, again.attempts) == (reference, 1)
    counter.inbox.settle(again, Settlement([reply("60 days")]))
    parcel = counter.parcel()
    assert (parcel.outgoing.action, parcel.outgoing.text) == ("update", "60 days")
    trace = counter.inbox.trace(CHANNEL, Ts("1.0"))
    assert trace
    assert "error" not in trace


def test_what_is_done_is_neither_retried_nor_dropped(counter: Counter, books: Books) -> None:
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    counter.inbox.settle(claimed, Settlement(()))
    assert oversight.retried(books, claimed.reference) == "done"
    assert oversight.dropped(books, claimed.reference) == "done"
    assert counter.inbox.claim() is None
    assert references(books, "done") == [claimed.reference]
    assert (oversight.retried(books, "none"), oversight.dropped(books, "none")) == (None, None)


def test_a_dropped_message_frees_its_thread_and_can_be_retried(
    counter: Counter, books: Books
) -> None:
    counter.inbox.receive(inbound())
    counter.inbox.receive(inbound("next", ts="2.0", thread=thread_at()))
    [first, second] = references(books)
    assert oversight.dropped(books, first) == "received"
    assert counter.claim().reference == second
    assert oversight.retried(books, first) == "dropped"
    assert references(books, "received") == [first]


def test_all_that_came_before_a_moment_is_dropped(counter: Counter, books: Books) -> None:
    buried(counter)
    counter.inbox.receive(inbound(ts="2.0", thread=thread_at("2.0")))
    counter.clock.advance(60)
    counter.inbox.receive(inbound(ts="3.0", thread=thread_at("3.0")))
    assert oversight.dropped_before(books, counter.clock() - 30) == 2
    assert counter.claim().message.ts == "3.0"


@pytest.mark.engine
@pytest.mark.parametrize("engine", ["postgresql"], indirect=True)
def test_postgresql_wakes_those_who_wait_for_work(counter: Counter, books: Books) -> None:
    heard: list[str] = []
    rung = threading.Event()

    def ring(name: str) -> None:
        heard.append(name)
        if {HANDLE, SEND} <= set(heard):
            rung.set()

    wakeup = Wakeup(books, ring)
    wakeup.start()
    try:
        for n in range(50):  # until it listens, nothing is heard
            counter.inbox.receive(inbound(ts=f"{n}.0", thread=thread_at(f"{n}.0")))
            counter.inbox.settle(counter.claim(), Settlement([reply("60 days")]))
            if rung.wait(0.1):
                break
    finally:
        wakeup.stop()
    assert rung.is_set()


@pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
def test_over_sqlite_nobody_listens(books: Books) -> None:
    wakeup = Wakeup(books, lambda _: None)
    wakeup.start()
    wakeup.stop()
