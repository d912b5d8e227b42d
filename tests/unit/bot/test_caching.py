"""What makes the desk forget an answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from fakes import ADA, FakeInbox, inbound, thread_at

from bot.caching import Forgetting
from bot.messages import Handled, KeepFeedback, Kind, NoteReply, Say, Sentiment, Ts, Turn
from knowledge.documents import Audience

if TYPE_CHECKING:
    from bot.messages import Effect
    from knowledge.caching import CachedAnswerer

THUMB = inbound("", ts="3.0", kind=Kind.FEEDBACK, about=Ts("2.0"))
ASKED = "How do I return boots?"


@dataclass
class Memory:
    """What an answerer is told to forget."""

    forgotten: list[tuple[str, Audience]] = field(default_factory=list)

    def forget(self, question: str, audience: Audience) -> bool:
        self.forgotten.append((question, audience))
        return True


def forgotten(
    *effects: Effect, trace: dict[str, str] | None = None, behind: bool = True
) -> list[tuple[str, Audience]]:
    inbox, memory = FakeInbox(), Memory()
    if behind:
        inbox.behind = Turn(ASKED, ADA, thread_at(), "ref", trace)
    Forgetting(inbox, cast("CachedAnswerer", memory))(THUMB, Handled(effects))
    return memory.forgotten


def thumb(sentiment: Sentiment) -> Effect:
    return KeepFeedback(Ts("2.0"), ADA, sentiment)


@pytest.mark.parametrize("audience", list(Audience))
def test_a_thumbs_down_forgets_the_answer_for_those_who_may_read_it(audience: Audience) -> None:
    found = forgotten(thumb(Sentiment.DOWN), trace={"audience": str(audience)})
    assert found == [(ASKED, audience)]


@pytest.mark.parametrize("effect", [thumb(Sentiment.UP), Say(NoteReply("Hello."))])
def test_nothing_else_forgets(effect: Effect) -> None:
    assert forgotten(effect, trace={"audience": "public"}) == []


@pytest.mark.parametrize("trace", [None, {}, {"audience": "everybody"}])
def test_a_reply_that_was_no_answer_has_nothing_to_forget(trace: dict[str, str] | None) -> None:
    assert forgotten(thumb(Sentiment.DOWN), trace=trace) == []


def test_a_reply_that_nobody_knows_has_nothing_to_forget() -> None:
    assert forgotten(thumb(Sentiment.DOWN), behind=False) == []
