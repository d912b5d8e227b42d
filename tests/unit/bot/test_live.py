from typing import Any

import pytest
from fakes import FakeClock, FakeInbox, FakeTransport, claimed, inbound, reply

from bot.errors import LeaseLost, TransportUnknown
from bot.live import EDIT_SECONDS, EVERY_SECONDS, LONGEST_SECONDS, LiveReply
from bot.messages import Ts
from bot.ports import Action, Claimed


class Stage:
    """A live reply with everything it touches."""

    def __init__(self, clock: FakeClock, **changes: Any) -> None:
        self.inbox, self.transport = FakeInbox(), FakeTransport()
        self.clock = clock
        self.claimed: Claimed = claimed(**changes)
        self.live = LiveReply(self.claimed, inbox=self.inbox, transport=self.transport, clock=clock)

    def write(self, *words: str, every: float = EVERY_SECONDS) -> None:
        for word in words:
            self.live.write(word)
            self.clock.advance(every)

    def shown(self) -> list[str]:
        return [arguments[-1] for name, arguments in self.transport.calls if "stream" in name]


@pytest.fixture
def stage(clock: FakeClock) -> Stage:
    return Stage(clock)


def test_the_first_words_start_a_stream_that_is_remembered(stage: Stage) -> None:
    stage.write("Within ")
    assert stage.shown() == ["Within "]
    assert stage.inbox.streamed == [Ts("100.0")]


def test_words_are_gathered_and_appended_now_and_then(stage: Stage) -> None:
    stage.write("a ", "b ", every=0)
    stage.write("c ")
    assert stage.shown() == ["a "]
    stage.write("d ")
    assert stage.shown() == ["a ", "b c d "]
    assert len(stage.transport.of("start_stream")) == 1


def test_the_first_reply_becomes_the_final_form_of_the_stream(stage: Stage) -> None:
    stage.write("Within ")
    hand_off, one, two = reply(is_reply=False), reply("one"), reply("two")
    done = stage.live.completing([hand_off, one, two])
    assert [sent.action for sent in done] == [Action.POST, Action.UPDATE, Action.POST]
    assert [sent.live_ts for sent in done] == [None, "100.0", None]


def test_without_a_stream_the_replies_stay_posts(stage: Stage) -> None:
    assert stage.live.completing([reply()]) == [reply()]


def test_without_a_reply_there_is_nothing_to_complete(stage: Stage) -> None:
    stage.write("Within ")
    assert stage.live.completing([]) == []


def test_where_slack_cannot_stream_it_is_tried_once(stage: Stage) -> None:
    stage.transport.streams = False
    stage.write("a ", "b ", "c ")
    assert stage.shown() == ["a "]
    assert stage.live.completing([reply()]) == [reply()]


def test_a_stream_that_slack_ended_is_left_to_its_final_form(stage: Stage) -> None:
    stage.write("a ")
    stage.transport.streams = False
    stage.write("b ", "c ")
    assert stage.shown() == ["a ", "b "]
    assert stage.live.completing([reply()])[0].live_ts == "100.0"


def test_a_stream_that_slack_is_about_to_end_goes_on_by_edits_and_loses_nothing(
    stage: Stage,
) -> None:
    stage.write("a ", every=1)
    stage.write("b ", every=LONGEST_SECONDS)
    stage.write("c ", "d ", every=EDIT_SECONDS / 2)
    stage.write("e ")
    assert [name for name, _ in stage.transport.calls] == [
        "start_stream",
        "append_stream",
        "edit_stream",
        "edit_stream",
    ]
    assert stage.shown() == ["a ", "b ", "a b c ", "a b c d e "]
    assert [ends for *_, ends, _ in stage.transport.of("edit_stream")] == [True, False]
    assert stage.live.completing([reply()])[0].live_ts == "100.0"


def test_an_edit_that_fails_is_left_to_the_final_form(stage: Stage) -> None:
    stage.write("a ", every=LONGEST_SECONDS + 1)
    stage.transport.streams = False
    stage.write("b ", "c ", every=EDIT_SECONDS)
    assert stage.shown() == ["a ", "a b "]


@pytest.mark.parametrize(
    "changes",
    [
        {"message": inbound(edited=Ts("9.0"))},
        {"message": inbound(user="BFORMS")},
        {"message": inbound(user="USLACKBOT")},
        {"live_ts": Ts("50.0")},
    ],
)
def test_an_edit_a_bot_a_mail_and_a_second_attempt_do_not_stream(
    clock: FakeClock, changes: dict[str, Any]
) -> None:
    stage = Stage(clock, **changes)
    stage.write("a ", "b ")
    assert stage.shown() == []


def test_a_second_attempt_completes_the_stream_of_the_first(clock: FakeClock) -> None:
    stage = Stage(clock, live_ts=Ts("50.0"))
    assert stage.live.completing([reply()])[0].live_ts == "50.0"


def test_a_stream_for_a_message_that_is_no_longer_ours_is_left_to_the_books(stage: Stage) -> None:
    stage.inbox.lost = True
    with pytest.raises(LeaseLost):
        stage.write("a ")


def test_while_something_is_unsaid_in_the_thread_nothing_streams_past_it(stage: Stage) -> None:
    stage.inbox.unsaid = True
    stage.write("a ", "b ")
    assert stage.shown() == []
    assert stage.live.completing([reply()]) == [reply()]


def test_a_stream_that_may_have_begun_is_swept_after_the_reply(stage: Stage) -> None:
    stage.transport.faults["start_stream"] = [TransportUnknown("reset")]
    stage.write("a ", "b ")
    assert stage.shown() == ["a "]
    said, swept = stage.live.completing([reply()])
    assert said == reply()
    assert (swept.action, swept.thread_ts, swept.live_ts) == (Action.SWEEP, "1.0", "1.0")


def test_an_attempt_after_one_that_ended_while_its_stream_began_sweeps(clock: FakeClock) -> None:
    stage = Stage(clock, live_ts=Ts(""))
    stage.write("a ")
    assert stage.shown() == []
    assert [one.action for one in stage.live.completing([reply()])] == [Action.POST, Action.SWEEP]
