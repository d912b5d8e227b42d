from __future__ import annotations

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes import ADA, CHANNEL, TEAM, inbound, reply, thread_at
from sqlalchemy import select, text

from bot.books.inbox import LEASE_SECONDS, SqlInbox
from bot.books.rows import CLAIMABLE
from bot.books.rows import new as new_row
from bot.books.tables import feedback
from bot.books.tables import inbox as inbox_table
from bot.books.tables import outbox as outbox_table
from bot.errors import BooksUnavailable, LeaseLost
from bot.messages import KeepFeedback, Kind, Sentiment, Ts
from bot.ports import Action, Receipt, Settlement

if TYPE_CHECKING:
    from conftest import Counter

    from bot.books.engine import Books
    from bot.ports import Claimed, Inbox

OVER_ALL = pytest.mark.parametrize("engine", ["fake", "sqlite", "postgresql"], indirect=True)
NOTHING = Settlement(())


def settled(counter: Counter, message: Any, **changes: Any) -> None:
    counter.inbox.receive(message)
    counter.inbox.settle(counter.claim(), Settlement(**{"outgoing": (), **changes}))


@OVER_ALL
def test_a_second_delivery_of_the_same_message_is_folded(inbox: Inbox) -> None:
    assert inbox.receive(inbound()) is Receipt.NEW
    assert inbox.receive(inbound()) is Receipt.FOLDED
    assert inbox.claim()
    assert inbox.receive(inbound()) is Receipt.FOLDED
    assert inbox.claim() is None


@OVER_ALL
def test_a_claimed_message_is_what_was_received(inbox: Inbox) -> None:
    message = inbound("Grüße 👋\n" + "x" * 19_000, client_msg_id="c-1", about=Ts("2"), value="up")
    inbox.receive(message)
    claimed = inbox.claim()
    assert claimed
    assert (claimed.message, claimed.attempts, claimed.live_ts) == (message, 1, None)


@OVER_ALL
def test_an_edit_before_handling_is_handled_in_place_of_the_older_text(inbox: Inbox) -> None:
    inbox.receive(inbound("boots"))
    assert inbox.receive(inbound("socks", edited=Ts("9.0"))) is Receipt.REVISED
    claimed = inbox.claim()
    assert claimed
    assert claimed.message.text == "socks"
    assert inbox.claim() is None


@OVER_ALL
def test_an_edit_after_handling_is_handled_again(counter: Counter) -> None:
    settled(counter, inbound("boots"))
    counter.inbox.receive(inbound("socks", edited=Ts("9.0")))
    assert counter.claim().message.text == "socks"


@OVER_ALL
def test_an_edit_while_it_is_handled_takes_it_from_its_worker(counter: Counter) -> None:
    counter.inbox.receive(inbound("boots"))
    older = counter.claim()
    counter.inbox.receive(inbound("socks", edited=Ts("9.0")))
    with pytest.raises(LeaseLost):
        counter.inbox.settle(older, Settlement([reply()]))
    assert counter.outbox.claim() is None
    assert counter.claim().message.text == "socks"


@OVER_ALL
def test_a_message_is_settled_once(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    counter.inbox.settle(claimed, NOTHING)
    with pytest.raises(LeaseLost):
        counter.inbox.settle(claimed, NOTHING)
    assert counter.inbox.claim() is None


@OVER_ALL
def test_a_thread_is_handled_in_order_and_other_threads_meanwhile(counter: Counter) -> None:
    for ts, thread in (("1.0", "1.0"), ("2.0", "1.0"), ("3.0", "3.0")):
        counter.inbox.receive(inbound(ts, ts=ts, thread=thread_at(thread)))
    first, other = counter.claim(), counter.claim()
    assert (first.message.ts, other.message.ts) == ("1.0", "3.0")
    assert counter.inbox.claim() is None
    counter.inbox.settle(first, NOTHING)
    assert counter.claim().message.ts == "2.0"


@OVER_ALL
def test_a_withdrawn_message_is_neither_handled_nor_taken_up_again(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    assert counter.inbox.knows(TEAM, CHANNEL, Ts("1.0"))
    assert counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert not counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert not counter.inbox.knows(TEAM, CHANNEL, Ts("1.0"))
    assert counter.inbox.receive(inbound()) is Receipt.FOLDED
    assert counter.inbox.claim() is None


@OVER_ALL
def test_a_message_that_was_never_received_cannot_be_withdrawn(inbox: Inbox) -> None:
    assert not inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert not inbox.knows(TEAM, CHANNEL, Ts("1.0"))


@OVER_ALL
def test_a_message_withdrawn_while_it_is_handled_is_not_answered(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    with pytest.raises(LeaseLost):
        counter.inbox.settle(claimed, Settlement([reply()]))
    assert counter.outbox.claim() is None


@OVER_ALL
def test_a_thread_that_was_handed_off_is_known_as_such(counter: Counter) -> None:
    assert not counter.inbox.takes_part(thread_at())
    settled(counter, inbound())
    assert counter.inbox.takes_part(thread_at())
    settled(counter, inbound(ts="2.0", thread=thread_at()), handed_off=True)
    settled(counter, inbound(ts="3.0", thread=thread_at()), handed_off=True)
    assert counter.inbox.handed_off(thread_at())
    assert not counter.inbox.takes_part(thread_at())
    assert not counter.inbox.handed_off(thread_at(channel="C2"))


@OVER_ALL
def test_the_turns_of_an_author_are_counted_without_the_one_at_hand(inbox: Inbox) -> None:
    for n in (2, 3):
        inbox.receive(inbound(ts=f"{n}.0", thread=thread_at(), user="BFORMS"))
    inbox.receive(inbound(ts="4.0", thread=thread_at()))
    inbox.receive(inbound(ts="5.0", user="BFORMS"))
    assert inbox.turns(inbound(ts="6.0", thread=thread_at(), user="BFORMS")) == 2
    assert inbox.turns(inbound(ts="2.0", thread=thread_at(), user="BFORMS")) == 1


def test_what_a_client_sends_once_more_under_a_new_ts_is_folded(inbox: Inbox) -> None:
    inbox.receive(inbound(client_msg_id="c-1"))
    assert inbox.receive(inbound(ts="2.0", client_msg_id="c-1")) is Receipt.FOLDED


@pytest.mark.parametrize(
    "other",
    [
        inbound(thread=thread_at(channel="C2"), client_msg_id="c-1"),
        inbound(thread=thread_at(team="T2"), client_msg_id="c-1"),
        inbound(ts="2.0", client_msg_id="c-2"),
        inbound(ts="2.0"),
    ],
)
def test_another_place_or_another_id_is_another_message(inbox: Inbox, other: Any) -> None:
    inbox.receive(inbound(client_msg_id="c-1"))
    assert inbox.receive(other) is Receipt.NEW


@pytest.mark.parametrize(
    "late",
    [
        inbound("boots"),
        inbound("hats", edited=Ts("8.0")),
        inbound("hats", edited=Ts("9.0")),
        inbound("socks", edited=Ts("10.0")),
    ],
)
def test_only_a_newer_text_counts(counter: Counter, late: Any) -> None:
    counter.inbox.receive(inbound("boots"))
    counter.inbox.receive(inbound("socks", edited=Ts("9.0")))
    assert counter.inbox.receive(late) is Receipt.FOLDED
    assert counter.claim().message.text == "socks"


def test_a_newer_message_in_hand_holds_back_an_older_one_that_was_edited(counter: Counter) -> None:
    settled(counter, inbound("boots"))
    counter.inbox.receive(inbound("and socks?", ts="2.0", thread=thread_at()))
    newer = counter.claim()
    counter.inbox.receive(inbound("sandals", edited=Ts("9.0")))
    assert counter.inbox.claim() is None
    counter.inbox.settle(newer, NOTHING)
    assert counter.claim().message.text == "sandals"


def test_a_crashed_worker_holds_an_edited_thread_no_longer_than_its_lease(counter: Counter) -> None:
    settled(counter, inbound("boots"))
    counter.inbox.receive(inbound("and socks?", ts="2.0", thread=thread_at()))
    counter.claim()
    counter.inbox.receive(inbound("sandals", edited=Ts("9.0")))
    counter.clock.advance(LEASE_SECONDS + 1)
    assert counter.claim().message.text == "sandals"


def test_the_message_of_a_crashed_worker_is_handled_by_another(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    crashed = counter.claim()
    counter.clock.advance(LEASE_SECONDS)
    assert counter.inbox.claim() is None
    counter.clock.advance(1)
    second = counter.claim()
    assert (second.id, second.attempts) == (crashed.id, 2)


def test_a_worker_that_is_alive_keeps_its_message(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    slow = counter.claim()
    for _ in range(3):
        counter.clock.advance(LEASE_SECONDS - 1)
        assert counter.inbox.renew(slow)
        assert counter.inbox.claim() is None
    counter.inbox.settle(slow, NOTHING)


def test_a_lease_that_another_has_taken_over_is_not_renewed(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    slow = counter.claim()
    counter.clock.advance(LEASE_SECONDS + 1)
    quick = counter.claim()
    assert not counter.inbox.renew(slow)
    assert counter.inbox.renew(quick)


CLOSINGS = {
    "settle": lambda inbox, claimed: inbox.settle(claimed, Settlement([reply()])),
    "bury": lambda inbox, claimed: inbox.bury(claimed, Settlement([reply()]), error="x"),
    "may_stream": lambda inbox, claimed: inbox.may_stream(claimed),
}


@pytest.mark.parametrize("closing", CLOSINGS.values(), ids=CLOSINGS)
def test_a_worker_that_was_overtaken_changes_nothing(counter: Counter, closing: Any) -> None:
    counter.inbox.receive(inbound())
    slow = counter.claim()
    counter.clock.advance(LEASE_SECONDS + 1)
    quick = counter.claim()
    with pytest.raises(LeaseLost):
        closing(counter.inbox, slow)
    counter.inbox.postpone(slow, seconds=0, error="x")
    assert counter.outbox.claim() is None
    assert counter.inbox.claim() is None
    counter.inbox.settle(quick, NOTHING)


def test_a_postponed_message_waits_and_holds_back_its_thread(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    counter.inbox.receive(inbound(ts="2.0", thread=thread_at()))
    counter.inbox.postpone(counter.claim(), seconds=10, error="model away")
    assert counter.inbox.claim() is None
    counter.clock.advance(10)
    again = counter.claim()
    assert (again.message.ts, again.attempts) == ("1.0", 2)


def test_a_stream_is_remembered_for_the_next_attempt(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    counter.inbox.streaming(claimed, Ts("5.0"))
    counter.inbox.postpone(claimed, seconds=0, error="x")
    assert counter.claim().live_ts == "5.0"


def test_a_stream_of_a_worker_that_was_overtaken_is_taken_back(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    slow = counter.claim()
    assert counter.inbox.may_stream(slow)
    counter.clock.advance(LEASE_SECONDS + 1)
    counter.inbox.settle(counter.claim(), Settlement([reply("answer")]))
    with pytest.raises(LeaseLost):
        counter.inbox.streaming(slow, Ts("5.0"))
    assert counter.send_all() == [("post", None, "answer"), ("delete", "5.0", "")]


def test_a_stream_that_began_and_is_unknown_is_known_to_be_so(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    assert claimed.live_ts is None
    assert counter.inbox.may_stream(claimed)
    counter.inbox.postpone(claimed, seconds=0, error="x")
    assert counter.claim().live_ts == ""


def test_no_stream_begins_while_a_reply_in_its_thread_is_on_its_way(counter: Counter) -> None:
    counter.answer(reply("first"))
    counter.inbox.receive(inbound(ts="2.0", thread=thread_at()))
    counter.inbox.receive(inbound(ts="3.0"))
    second, elsewhere = counter.claim(), counter.claim()
    assert counter.inbox.may_stream(elsewhere)
    assert not counter.inbox.may_stream(second)
    parcel = counter.parcel()
    assert not counter.inbox.may_stream(second)
    counter.outbox.sent(parcel, Ts("50.0"))
    assert counter.inbox.may_stream(second)


def test_a_buried_message_is_dead_and_says_so(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    apology = Settlement([reply("sorry")], {"route": "answer"}, handed_off=True)
    counter.inbox.bury(counter.claim(), apology, error="see the log")
    counter.clock.advance(LEASE_SECONDS + 1)
    assert counter.inbox.claim() is None
    assert counter.inbox.handed_off(thread_at())
    assert counter.parcel().outgoing.text == "sorry"
    trace = counter.inbox.trace(CHANNEL, Ts("1.0"))
    assert trace
    assert (trace["state"], trace["error"], trace["route"]) == ("dead", "see the log", "answer")


def test_a_dead_message_that_is_edited_gets_all_its_attempts_again(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    counter.inbox.bury(counter.claim(), NOTHING, error="x")
    assert counter.inbox.receive(inbound("mended", edited=Ts("9.0"))) is Receipt.REVISED
    assert counter.claim().attempts == 1


def test_a_settlement_takes_place_as_a_whole_or_not_at_all(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    broken = Settlement(
        [reply("one"), reply(None)],
        {"route": "answer"},
        KeepFeedback(Ts("2.0"), ADA, Sentiment.UP),
        handed_off=True,
    )
    with pytest.raises(BooksUnavailable):
        counter.inbox.settle(claimed, broken)
    assert counter.outbox.claim() is None
    assert not counter.inbox.handed_off(thread_at())
    assert "route" not in (counter.inbox.trace(CHANNEL, Ts("1.0")) or {})
    counter.inbox.settle(claimed, Settlement([reply("one")]))
    assert counter.parcel().outgoing.text == "one"


def test_the_last_word_of_each_person_is_their_feedback(counter: Counter, books: Books) -> None:
    words = [(ADA, Sentiment.UP), ("UBOB", Sentiment.UP), (ADA, Sentiment.DOWN)]
    for n, (user, sentiment) in enumerate(words, start=1):
        thumb = KeepFeedback(Ts("100.0"), user, sentiment)
        settled(counter, inbound("", ts=f"{n}.0:{user}", user=user), feedback=thumb)
    with books.reading() as connection:
        rows = connection.execute(
            select(feedback.c.user, feedback.c.sentiment).order_by(feedback.c.user)
        ).all()
    assert [tuple(row) for row in rows] == [(ADA, "down"), ("UBOB", "up")]


def test_replies_that_were_sent_are_deleted_when_their_question_is(counter: Counter) -> None:
    counter.answer(reply("one"), reply("two"), reply("hand-off", is_reply=False))
    counter.send_all()
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert [one[:2] for one in counter.send_all()] == [("delete", "101.0"), ("delete", "102.0")]
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert counter.send_all() == []


def test_replies_that_were_not_sent_yet_never_are(counter: Counter) -> None:
    counter.answer(reply("one"), reply("two"))
    first = counter.parcel()
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    counter.outbox.sent(first, Ts("50.0"))
    assert [one for one in counter.send_all() if one[1]] == [("delete", "50.0", "")]
    counter.clock.advance(1_000)
    assert counter.outbox.claim() is None


def test_a_stream_is_deleted_when_its_question_is(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    counter.inbox.streaming(counter.claim(), Ts("5.0"))
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert [one[:2] for one in counter.send_all()] == [("delete", "5.0")]


def test_a_stream_that_nobody_knows_is_swept_when_its_question_is_deleted(
    counter: Counter,
) -> None:
    counter.inbox.receive(inbound())
    assert counter.inbox.may_stream(counter.claim())
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert [one[:2] for one in counter.send_all()] == [("sweep", "1.0")]


def test_a_stream_whose_final_form_waits_is_deleted_when_its_question_is(counter: Counter) -> None:
    counter.inbox.receive(inbound())
    claimed = counter.claim()
    counter.inbox.streaming(claimed, Ts("5.0"))
    final = reply(action=Action.UPDATE, live_ts=Ts("5.0"))
    counter.inbox.settle(claimed, Settlement([final]))
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert [one[:2] for one in counter.send_all()] == [("delete", "5.0")]


def test_the_turn_before_is_the_authors_last_one_that_was_handled(counter: Counter) -> None:
    one = thread_at()
    settled(counter, inbound("boots?"), trace={"route": "answer"})
    settled(counter, inbound("socks?", ts="2.0", thread=one))
    settled(counter, inbound("Bob's", ts="3.0", thread=one, user="UBOB"))
    settled(counter, inbound("", ts="4.0:UADA", thread=one, kind=Kind.FEEDBACK))
    settled(counter, inbound("elsewhere", ts="5.0"))
    counter.inbox.receive(inbound("not handled", ts="6.0", thread=one))
    turn = counter.inbox.previous_turn(inbound("hats?", ts="7.0", thread=one))
    assert turn
    assert (turn.text, turn.user) == ("socks?", ADA)
    assert counter.inbox.previous_turn(inbound(ts="0.5", thread=one)) is None


def test_the_question_behind_a_reply_is_the_one_that_it_answered(counter: Counter) -> None:
    counter.answer(reply(), message=inbound("boots?"))
    counter.send_all()
    settled(counter, inbound("socks?", ts="2.0", thread=thread_at()))
    behind = counter.inbox.question_behind(thread_at(), Ts("101.0"))
    last = counter.inbox.question_behind(thread_at(), Ts("999.0"))
    assert behind
    assert last
    assert (behind.text, last.text) == ("boots?", "socks?")
    assert counter.inbox.question_behind(thread_at("8.0"), None) is None


def test_a_question_that_was_deleted_is_behind_nothing(counter: Counter) -> None:
    counter.answer(reply(), message=inbound("boots?"))
    counter.send_all()
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    assert counter.inbox.question_behind(thread_at(), Ts("101.0")) is None
    assert not counter.inbox.takes_part(thread_at())


@pytest.mark.parametrize("ts", ["1.0", "101.0"])
def test_a_trace_is_found_by_the_message_and_by_its_reply(counter: Counter, ts: str) -> None:
    counter.inbox.receive(inbound())
    trace = {"route": "answer", "passages": [{"title": "Größe"}]}
    counter.inbox.settle(counter.claim(), Settlement([reply()], trace))
    counter.send_all()
    found = counter.inbox.trace(CHANNEL, Ts(ts))
    assert found
    assert {**trace, "state": "done", "attempts": 1}.items() <= found.items()
    assert "error" not in found
    assert counter.inbox.trace(CHANNEL, Ts("7.0")) is None


def test_a_reference_that_is_taken_does_not_cost_a_message(books: Books) -> None:
    tokens = itertools.chain(["same-ref"] * 3, map("{:08}".format, itertools.count()))
    inbox = SqlInbox(replace(books, new_token=lambda: next(tokens)))
    assert inbox.receive(inbound()) is Receipt.NEW
    assert inbox.receive(inbound(ts="2.0")) is Receipt.NEW
    assert inbox.claim()
    assert inbox.claim()


def together(work: Any, count: int = 8) -> list[Any]:
    """The same work in so many threads, begun at the same moment."""
    ready = threading.Barrier(count)

    def begun() -> Any:
        ready.wait(10)
        return work()

    with ThreadPoolExecutor(count) as pool:
        return [one.result(60) for one in [pool.submit(begun) for _ in range(count)]]


def test_one_message_delivered_at_the_same_moment_is_kept_once(inbox: Inbox) -> None:
    receipts = together(lambda: inbox.receive(inbound(client_msg_id="c-1")))
    assert sorted(receipts) == [*[Receipt.FOLDED] * 7, Receipt.NEW]
    assert inbox.claim()
    assert inbox.claim() is None


def test_no_two_workers_are_ever_in_the_same_thread(inbox: Inbox, books: Books) -> None:
    messages, threads = 300, 20
    with books.writing() as connection:  # quickly, and in the order in which they came
        rows = [
            new_row(inbound(ts=f"{n}.0", thread=thread_at(f"t{n % threads}")), books)
            for n in range(messages)
        ]
        connection.execute(inbox_table.insert(), rows)
    watch = Watch()

    def work() -> int:
        handled = 0
        while watch.left < messages:
            if claimed := inbox.claim():
                watch.enter(claimed)
                watch.leave(claimed)
                inbox.settle(claimed, NOTHING)
                handled += 1
        return handled

    assert sum(together(work)) == messages
    assert watch.trespassers == []
    for seen in watch.order.values():
        assert seen == sorted(seen, key=float)


class Watch:
    """Who is in which thread, by the lease that they hold."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.inside: set[str] = set()
        self.order: dict[str, list[str]] = {}
        self.trespassers: list[Claimed] = []
        self.left = 0

    def enter(self, claimed: Claimed) -> None:
        thread = claimed.message.thread.ts
        with self.lock:
            if thread in self.inside:
                self.trespassers.append(claimed)
            self.inside.add(thread)
            self.order.setdefault(thread, []).append(claimed.message.ts)

    def leave(self, claimed: Claimed) -> None:
        with self.lock:
            self.inside.discard(claimed.message.thread.ts)
            self.left += 1


@pytest.mark.parametrize("handled", [False, True])
def test_a_fuller_text_of_the_same_message_is_taken_over(
    *, counter: Counter, handled: bool
) -> None:
    """A mention comes as two events; what was forwarded with it may come with the second."""
    counter.inbox.receive(inbound("can you answer this?"))
    if handled:
        counter.inbox.settle(counter.claim(), Settlement([]))
    fuller = inbound("can you answer this?\n\nWhere is my parcel?")
    assert counter.inbox.receive(fuller) is Receipt.REVISED
    assert counter.inbox.receive(inbound("can you answer this?")) is Receipt.FOLDED
    assert counter.claim().message.text == fuller.text


def test_the_words_of_a_deleted_message_are_gone_from_the_books(
    counter: Counter, books: Books
) -> None:
    counter.inbox.receive(inbound("my secret"))
    settled = Settlement([reply("about your secret")], trace={"question": "my secret"})
    counter.inbox.settle(counter.claim(), settled)
    counter.send_all()
    counter.inbox.withdraw(TEAM, CHANNEL, Ts("1.0"))
    with books.reading() as connection:
        rows = [connection.execute(select(table)).all() for table in (inbox_table, outbox_table)]
    assert "secret" not in str(rows)


def test_what_is_done_is_not_read_to_claim_what_waits(books: Books) -> None:
    """The planner takes the indexes of open rows, however much is done or waits."""
    with books.writing() as connection:
        rows = [
            new_row(inbound(ts=f"{n}.0", thread=thread_at(f"t{n % 40}")), books)
            | {"state": "received" if n % 10 == 0 else "done"}
            for n in range(4_000)
        ]
        connection.execute(inbox_table.insert(), rows)
    with books.writing() as connection:
        connection.execute(text("analyze"))
        query = CLAIMABLE.params(now=books.now())
        words = query.compile(connection, compile_kwargs={"literal_binds": True})
        explain = "explain query plan" if connection.dialect.name == "sqlite" else "explain"
        found = connection.exec_driver_sql(f"{explain} {words}")
        plan = "\n".join(str(row) for row in found)
    assert "ix_inbox_open" in plan
    assert "ix_inbox_waiting" in plan
