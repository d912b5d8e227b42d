from __future__ import annotations

import math
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes import FakeClock, FakeOutbox, FakeTransport, FakeTriage, inbound, reply

from bot.errors import (
    BooksUnavailable,
    CaseMoved,
    TransportBusy,
    TransportRefused,
    TransportUnknown,
)
from bot.leases import Leases
from bot.loops import Loops
from bot.messages import ChannelId, KeepFeedback, Kind, Sentiment, Ts
from bot.metrics import Metrics
from bot.ports import Action, Outgoing
from bot.slack.blocks import render
from bot.worker import (
    LONGEST_SETTLE_SECONDS,
    MOST_ATTEMPTS,
    MOST_DOUBTS,
    MOVED_SECONDS,
    SETTLE_SECONDS,
    Handler,
    Sender,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conftest import House

TRIAGE = ChannelId("C0TRIAGE")


class Floor:
    """A handler over fakes; `rings` counts what it settled."""

    def __init__(self, house: House) -> None:
        self.inbox, self.transport = house.inbox, house.transport
        self.metrics, self.rings = Metrics(), 0
        self.handled: list[Ts] = []
        self.handler = Handler(
            self.inbox,
            house.desk(),
            self.transport,
            lambda effects, message: render(effects, message, triage_channel=TRIAGE),
            self.metrics,
            on_settled=self.ring,
            leases=Leases(self.inbox, every_seconds=10),
            on_handled=lambda message, _: self.handled.append(message.ts),
        )

    def ring(self) -> None:
        self.rings += 1

    def fail(self, times: int) -> None:
        for _ in range(times):
            assert self.handler.step()


@pytest.fixture
def floor(house: House) -> Floor:
    return Floor(house)


@pytest.fixture
def failing(house: House) -> Floor:
    house.triage = FakeTriage(RuntimeError("a model that is broken"))
    return Floor(house)


def test_without_a_message_a_step_does_nothing(floor: Floor) -> None:
    assert not floor.handler.step()
    assert floor.rings == 0


def test_a_message_is_handled_and_settled_in_one_go(floor: Floor) -> None:
    floor.inbox.receive(inbound("return boots"))
    assert floor.handler.step()
    (settlement,) = floor.inbox.settled
    assert [one.is_reply for one in settlement.outgoing] == [True]
    assert settlement.trace["route"] == "answer"
    assert not settlement.handed_off
    assert floor.handled == ["1.0"]
    assert floor.rings == 1
    assert b'supportbot_handled_seconds_count{kind="mention"} 1.0' in floor.metrics.page()


def test_the_reply_completes_the_stream_that_showed_it(house: House) -> None:
    house.generator.says = "Within 60 days [1].\n\n"
    floor = Floor(house)
    floor.inbox.receive(inbound("return boots"))
    floor.handler.step()
    assert floor.transport.of("start_stream")
    (one,) = floor.inbox.settled[0].outgoing
    assert (one.action, one.live_ts) == (Action.UPDATE, floor.inbox.streamed[0])


def test_a_hand_off_and_feedback_are_part_of_the_settlement(floor: Floor) -> None:
    button = inbound("", kind=Kind.ASK_PERSON, about=Ts("2.0"))
    floor.inbox.receive(button)
    floor.inbox.receive(inbound("", ts="3.0", kind=Kind.FEEDBACK, about=Ts("2.0"), value="down"))
    floor.fail(2)
    asked, thumb = floor.inbox.settled
    assert asked.handed_off
    assert [one.channel for one in asked.outgoing] == ["C1", TRIAGE, "C1"]
    assert thumb.feedback == KeepFeedback(Ts("2.0"), button.user, Sentiment.DOWN)


def test_who_waits_sees_that_the_bot_is_searching(house: House) -> None:
    told = threading.Event()
    house.transport.on_status = told.set
    house.generator.before = lambda: told.wait(5) and None
    house.inbox.receive(inbound("return boots"))
    Floor(house).handler.step()
    assert told.is_set()


def test_a_failure_is_tried_again_with_growing_pauses_then_apologised_for(failing: Floor) -> None:
    failing.inbox.receive(inbound("return boots"))
    failing.fail(MOST_ATTEMPTS)
    one, two, three = failing.inbox.postponed
    assert one <= 2 <= two * 2 <= 8 <= three * 2 <= 16
    (settlement,) = failing.inbox.buried
    apology, asked, _ = settlement.outgoing
    assert "something went wrong" in apology.text
    assert (asked.channel, settlement.handed_off) == (TRIAGE, True)
    assert not failing.handler.step()


def test_an_apology_takes_the_place_of_an_answer_that_broke_off(house: House) -> None:
    floor = Floor(house)
    house.generator.says = "Within 60 days [1].\n\n"
    floor.inbox.receive(inbound("return boots"))
    floor.inbox.attempts[Ts("1.0")] = MOST_ATTEMPTS - 1
    floor.handler = replace(floor.handler, render=BreaksOnce())
    floor.handler.step()
    apology, *_ = floor.inbox.buried[0].outgoing
    assert (apology.action, apology.live_ts) == (Action.UPDATE, floor.inbox.streamed[0])


class BreaksOnce:
    """A rendering that fails the first time."""

    def __init__(self) -> None:
        self.rendered = 0

    def __call__(self, effects: Any, message: Any) -> list[Outgoing]:
        self.rendered += 1
        if self.rendered == 1:
            raise RuntimeError("cannot render this")
        return render(effects, message, triage_channel=TRIAGE)


def test_a_message_that_killed_its_workers_is_given_up(floor: Floor) -> None:
    floor.inbox.receive(inbound("return boots"))
    floor.inbox.attempts[Ts("1.0")] = MOST_ATTEMPTS
    floor.handler.step()
    assert floor.inbox.buried
    assert not floor.inbox.settled


@pytest.mark.parametrize("attempts", [1, MOST_ATTEMPTS])
def test_what_another_worker_has_taken_over_is_dropped(house: House, attempts: int) -> None:
    house.inbox.lost = True
    house.inbox.receive(inbound("return boots"))
    house.inbox.attempts[Ts("1.0")] = attempts - 1
    assert Floor(house).handler.step()
    assert not house.inbox.settled
    assert not house.inbox.buried
    assert not house.inbox.postponed


def test_a_case_that_has_moved_on_is_looked_at_again(
    floor: Floor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def moved(*_: object) -> None:
        raise CaseMoved("another was quicker")

    floor.inbox.receive(inbound())
    with monkeypatch.context() as patched:
        patched.setattr(floor.inbox, "settle", moved)
        assert floor.handler.step()
    assert floor.inbox.postponed == [MOVED_SECONDS]
    assert floor.handler.step()
    assert len(floor.inbox.settled) == 1


def test_a_step_says_when_the_books_are_away(floor: Floor) -> None:
    floor.inbox.away = True
    with pytest.raises(BooksUnavailable):
        floor.handler.step()


class Post:
    """A sender over fakes and a clock that stands still."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock, self.transport, self.metrics = clock, FakeTransport(), Metrics()
        self.outbox = FakeOutbox(clock)
        self.sender = Sender(self.outbox, self.transport, self.metrics)

    def state(self) -> tuple[str, Ts | None]:
        return self.outbox.rows[0].state, self.outbox.rows[0].ts

    def later(self, seconds: float) -> None:
        assert not self.sender.step()
        self.clock.advance(seconds)
        assert self.sender.step()


@pytest.fixture
def post(clock: FakeClock) -> Post:
    return Post(clock)


def test_a_post_is_sent_once_and_settled_with_its_ts(post: Post) -> None:
    post.outbox.put(reply())
    assert post.sender.step()
    assert post.state() == ("sent", "100.0")
    assert not post.sender.step()
    assert post.transport.calls == [("post", reply())]
    assert b'supportbot_sent_total{outcome="sent"} 1.0' in post.metrics.page()


@pytest.mark.parametrize(
    ("outgoing", "target", "call"),
    [
        (reply(action=Action.UPDATE), Ts("5.0"), "update"),
        (reply(action=Action.UPDATE), None, "post"),
        (reply(action=Action.DELETE), Ts("5.0"), "delete"),
        (reply(action=Action.DELETE), None, None),
        (reply(action=Action.WHISPER), None, "whisper"),
        (reply("eyes", action=Action.REACT), Ts("5.0"), "react"),
    ],
)
def test_each_action_has_its_call(
    post: Post, outgoing: Outgoing, target: Ts | None, call: str | None
) -> None:
    post.outbox.put(outgoing, target_ts=target)
    post.sender.step()
    assert [name for name, _ in post.transport.calls] == ([call] if call else [])
    assert post.state()[0] == "sent"


def test_a_sweep_waits_until_slack_has_settled_and_deletes_what_nobody_finished(
    post: Post,
) -> None:
    post.transport.stray = [Ts("7.0"), Ts("8.0")]
    post.outbox.put(reply("", action=Action.SWEEP), target_ts=Ts("1.0"))
    assert post.sender.step()
    assert not post.transport.calls
    post.later(SETTLE_SECONDS)
    assert post.transport.of("delete") == [("C1", "7.0"), ("C1", "8.0")]
    assert post.state() == ("sent", None)


def test_a_sweep_that_slack_interrupts_is_done_again(post: Post) -> None:
    post.transport.stray = [Ts("7.0")]
    post.transport.faults["delete"] = [TransportUnknown("reset"), TransportBusy(1)]
    post.outbox.put(reply("", action=Action.SWEEP), target_ts=Ts("1.0"))
    post.sender.step()
    for seconds in (SETTLE_SECONDS, 2 * SETTLE_SECONDS, 1):
        post.later(seconds)
    assert post.state() == ("sent", None)


def test_an_update_keeps_the_ts_of_what_it_updates(post: Post) -> None:
    post.outbox.put(reply(action=Action.UPDATE), target_ts=Ts("5.0"))
    post.sender.step()
    assert post.state() == ("sent", "5.0")


def test_slack_is_asked_again_when_it_said_later(post: Post) -> None:
    post.transport.faults["post"] = [TransportBusy(30)]
    post.outbox.put(reply())
    post.sender.step()
    post.later(30)
    assert post.state() == ("sent", "100.0")
    assert not post.transport.of("find")


def test_a_post_that_arrived_unheard_is_found_by_its_marker_and_not_posted_twice(
    post: Post,
) -> None:
    post.transport.drops = 1
    post.outbox.put(reply())
    post.sender.step()
    post.later(SETTLE_SECONDS)
    assert post.state() == ("sent", "100.0")
    assert len(post.transport.of("post")) == 1


def test_a_post_that_never_arrived_is_posted_after_a_look(post: Post) -> None:
    post.transport.faults["post"] = [TransportUnknown("reset")]
    post.outbox.put(reply())
    post.sender.step()
    post.later(SETTLE_SECONDS)
    assert [name for name, _ in post.transport.calls] == ["post", "find", "post"]


@pytest.mark.parametrize("fault", [TransportBusy(3), TransportUnknown("reset")])
def test_while_the_thread_cannot_be_read_nothing_is_posted_again(
    post: Post, fault: Exception
) -> None:
    post.transport.drops = 1
    post.transport.faults["find"] = [fault]
    post.outbox.put(reply())
    post.sender.step()
    post.later(SETTLE_SECONDS)
    post.later(2 * SETTLE_SECONDS)
    assert post.state() == ("sent", "100.0")
    assert len(post.transport.of("post")) == 1


def test_what_slack_refuses_is_closed_with_its_reason(post: Post) -> None:
    post.transport.faults["post"] = [TransportRefused("channel_not_found")]
    post.outbox.put(reply())
    post.sender.step()
    assert post.outbox.rows[0].error == "Slack refused: channel_not_found"
    assert not post.sender.step()
    assert b'supportbot_sent_total{outcome="failed"} 1.0' in post.metrics.page()


def test_a_busy_slack_is_no_doubt_however_often(post: Post) -> None:
    post.outbox.put(reply())
    post.transport.faults["post"] = [TransportBusy(1.0)] * (MOST_DOUBTS + 1)
    post.sender.step()
    for _ in range(MOST_DOUBTS + 1):
        post.later(1.0)
    assert post.state()[0] == "sent"


def test_doubt_ends_after_so_many_tries(post: Post) -> None:
    post.transport.faults["post"] = [TransportUnknown("reset")] * 2
    post.outbox.put(reply(), doubts=MOST_DOUBTS - 1)
    post.sender.step()
    post.later(LONGEST_SETTLE_SECONDS)
    assert post.state()[0] == "failed"


def test_a_sender_that_slept_over_its_time_leaves_the_post_to_another(post: Post) -> None:
    late = Sender(post.outbox, post.transport, post.metrics, now=lambda: math.inf)
    post.outbox.put(reply())
    post.outbox.until = 0.0
    late.step()
    assert post.transport.of("post") == []
    post.outbox.until = math.inf
    post.later(SETTLE_SECONDS)
    assert post.state()[0] == "sent"


@pytest.fixture
def loops() -> Iterator[Loops]:
    made = Loops(poll_seconds=30)
    yield made
    assert made.stop(seconds=5)


def test_a_ring_wakes_a_loop_long_before_its_poll(loops: Loops) -> None:
    idle, again = threading.Event(), threading.Event()

    def step() -> bool:
        (again if idle.is_set() else idle).set()
        return False

    loops.start("loop", step, threads=1)
    assert idle.wait(5)
    loops.ring("loop")
    assert again.wait(5)


def test_a_poll_finds_what_nobody_rang_for() -> None:
    loops, seen = Loops(poll_seconds=0.01), threading.Semaphore(0)
    loops.start("loop", lambda: bool(seen.release()), threads=1)
    assert all(seen.acquire(timeout=5) for _ in range(3))
    assert loops.stop()


@pytest.mark.parametrize("error", [BooksUnavailable("away"), RuntimeError("a bug")])
def test_a_loop_outlives_a_step_that_fails(loops: Loops, error: Exception) -> None:
    failed, mended = threading.Event(), threading.Event()

    def step() -> bool:
        if not failed.is_set():
            failed.set()
            raise error
        mended.set()
        return False

    loops.start("loop", step, threads=1)
    assert failed.wait(5)
    loops.ring("loop")
    assert mended.wait(5)


def test_every_thread_of_a_loop_steps(loops: Loops) -> None:
    together = threading.Barrier(3)

    def step() -> bool:
        together.wait(5)
        return False

    loops.start("loop", step, threads=2)
    together.wait(5)


def test_stopping_tells_whether_every_step_came_to_its_end() -> None:
    loops, stuck, began = Loops(), threading.Event(), threading.Event()
    loops.start("loop", lambda: bool(began.set() or stuck.wait(10)), threads=1)
    assert began.wait(5)
    assert not loops.stop(seconds=0.05)
    stuck.set()
    assert loops.stop(seconds=5)
