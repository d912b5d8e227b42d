from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from fakes import FakeInbox, thread_at

from bot.errors import BooksUnavailable
from bot.messages import Kind, TeamId, Ts, UserId
from bot.slack.inbound import Workspace
from bot.slack.listeners import MOST_BOT_TURNS, Intake

if TYPE_CHECKING:
    from bot.policy import PolicyFile

HERE = Workspace(TeamId("T1"), UserId("UBOT"), allowed_bots=frozenset({"BFORMS"}))


class Desk:
    """An intake over a fake inbox; `rings` counts what there is to do."""

    def __init__(self, policy: PolicyFile) -> None:
        self.inbox, self.rings = FakeInbox(), 0
        self.intake = Intake(self.inbox, policy, on_received=self.ring, on_withdrawn=self.ring)

    def ring(self) -> None:
        self.rings += 1

    def hear(self, text: str, ts: str = "1.0", **changes: Any) -> int:
        """How many messages the inbox holds afterwards."""
        event = {"type": "message", "channel": "C1", "user": "UADA", "ts": ts, "text": text}
        self.intake.event(event | changes, HERE)
        return len(self.inbox.kept)

    def change(self, text: str, ts: str = "1.0", **changes: Any) -> int:
        inner = {"type": "message", "user": "UADA", "ts": ts, "text": text, **changes}
        inner["edited"] = {"user": "UADA", "ts": "9.0"}
        return self.hear("", "9.1", subtype="message_changed", message=inner)


@pytest.fixture
def desk(policy: PolicyFile) -> Desk:
    return Desk(policy)


def test_a_mention_is_kept_and_rung_for_once(desk: Desk) -> None:
    assert desk.hear("<@UBOT> hi") == 1
    assert desk.hear("<@UBOT> hi", type="app_mention") == 1
    assert desk.rings == 1


def test_a_follow_up_is_kept_only_where_the_bot_takes_part(desk: Desk) -> None:
    assert desk.hear("and sandals?", "2.0", thread_ts="1.0") == 0
    assert desk.hear("<@UBOT> boots?") == 1
    assert desk.hear("and sandals?", "3.0", thread_ts="1.0") == 2


def test_a_thread_that_a_person_has_taken_over_is_left_alone(desk: Desk) -> None:
    desk.hear("<@UBOT> boots?")
    desk.inbox.handed.add(thread_at("1.0"))
    assert desk.hear("thanks, Bob", "2.0", thread_ts="1.0") == 1
    assert desk.hear("<@UBOT> once more", "3.0", thread_ts="1.0") == 2


def test_a_direct_thread_that_a_person_has_taken_over_is_left_alone_too(desk: Desk) -> None:
    desk.hear("boots?", channel_type="im")
    desk.inbox.handed.add(thread_at("1.0"))
    assert desk.hear("are you there?", "2.0", thread_ts="1.0", channel_type="im") == 1
    assert desk.hear("another matter", "3.0", channel_type="im") == 2
    desk.change("boots, once more?", channel_type="im")
    assert desk.rings == 2


def test_another_bot_has_only_so_many_turns_in_a_thread(desk: Desk) -> None:
    for n in range(2 * MOST_BOT_TURNS):
        desk.hear("<@UBOT> hi", f"{n + 2}.0", thread_ts="1.0", bot_id="BFORMS")
    assert len(desk.inbox.kept) == MOST_BOT_TURNS
    assert desk.hear("<@UBOT> hi", "50.0", bot_id="BFORMS") == MOST_BOT_TURNS + 1


def test_a_person_has_as_many_turns_as_they_like(desk: Desk) -> None:
    for n in range(2 * MOST_BOT_TURNS):
        desk.hear("<@UBOT> hi", f"{n + 2}.0", thread_ts="1.0")
    assert len(desk.inbox.kept) == 2 * MOST_BOT_TURNS


def test_an_edit_is_handled_again(desk: Desk) -> None:
    desk.hear("<@UBOT> boots?")
    assert desk.change("<@UBOT> sandals?") == 1
    assert desk.inbox.kept[0].text == "sandals?"
    assert desk.rings == 2


def test_an_edit_may_address_the_bot_for_the_first_time(desk: Desk) -> None:
    assert desk.hear("boots?") == 0
    assert desk.change("<@UBOT> boots?") == 1


def test_an_edit_of_a_reply_that_was_never_kept_changes_nothing(desk: Desk) -> None:
    desk.hear("<@UBOT> boots?")
    assert desk.change("nobody asked", "2.0", thread_ts="1.0") == 1


def test_an_edit_of_a_follow_up_that_was_kept_is_handled_again(desk: Desk) -> None:
    desk.hear("<@UBOT> boots?")
    desk.hear("and sandals?", "2.0", thread_ts="1.0")
    desk.change("and socks?", "2.0", thread_ts="1.0")
    assert [one.text for one in desk.inbox.kept] == ["boots?", "and socks?"]


def test_a_deleted_message_is_withdrawn_and_rung_for(desk: Desk) -> None:
    desk.hear("<@UBOT> boots?")
    gone = {"type": "message", "subtype": "message_deleted", "channel": "C1", "deleted_ts": "1.0"}
    desk.intake.event(gone, HERE)
    assert desk.inbox.states[Ts("1.0")] == "withdrawn"
    assert desk.rings == 2
    desk.intake.event({**gone, "deleted_ts": "2.0"}, HERE)
    assert desk.rings == 2


@pytest.mark.parametrize(("kind", "value"), [(Kind.ASK_PERSON, "ask"), (Kind.FEEDBACK, "down")])
@pytest.mark.parametrize(("message", "thread"), [({"thread_ts": "1.0"}, "1.0"), ({}, "20.0")])
def test_a_click_is_kept_for_the_thread_of_its_message(
    desk: Desk, kind: Kind, value: str, message: dict[str, str], thread: str
) -> None:
    body = {
        "message": {"ts": "20.0", **message},
        "actions": [{"action_ts": "30.0", "value": value}],
        "channel": {"id": "C1"},
        "user": {"id": "UADA"},
    }
    desk.intake.button(body, HERE, kind)
    (kept,) = desk.inbox.kept
    assert (kept.kind, kept.about, kept.value) == (kind, "20.0", value)
    assert (kept.thread, kept.ts, kept.user) == (thread_at(thread), "30.0:UADA", "UADA")


def test_what_cannot_be_kept_is_not_passed_over(desk: Desk) -> None:
    desk.inbox.away = True
    with pytest.raises(BooksUnavailable):
        desk.hear("<@UBOT> hi")
    assert desk.rings == 0
