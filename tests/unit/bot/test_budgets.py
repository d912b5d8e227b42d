# ruff: noqa: ARG002  the fakes take what a desk takes
from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from fakes import inbound, thread_at

from bot.budgets import MOST_REFUSALS, BudgetedDesk
from bot.messages import ChannelId, Handled, InboundMessage, Kind, NoteReply, Say, UserId
from bot.metrics import Metrics
from bot.policy import PolicyFile
from bot.slack.blocks import ASK_PERSON, render
from bot.tallies import RedisTallies
from knowledge.adapters.redis_engine import RedisEngine
from knowledge.errors import GeneratorUnavailable, RedisUnavailable
from knowledge.metering import Usage, take

if TYPE_CHECKING:
    from pathlib import Path

    from bot.ports import Tally
    from knowledge.ports import OnText

ANSWERED = Handled([Say(NoteReply("answered"))], {"route": "answer"})
PRICES = "[budgets.prices]\nprompt = 2.0\ncompletion = 10.0\n"


@dataclass
class SpendingDesk:
    """A desk whose every answer takes a hundred tokens and ten."""

    fails: bool = False
    handled: list[InboundMessage] = field(default_factory=list)

    def handle(
        self, message: InboundMessage, *, reference: str, on_text: OnText | None = None
    ) -> Handled:
        self.handled.append(message)
        take(Usage(prompt=100, completion=10))
        if self.fails:
            raise GeneratorUnavailable("broke off")
        return ANSWERED

    def give_up(self, message: InboundMessage, *, reference: str) -> Handled:
        return Handled([])


class NoTallies:
    """Nobody counts."""

    def count(self, day: str, owner: str, *, once: str) -> Tally:
        raise RedisUnavailable("away")

    def charge(self, day: str, owner: str, *, tokens: int, money: int) -> None:
        raise RedisUnavailable("away")


@dataclass
class Office:
    """A desk with budgets; what somebody asks gets a ts of its own."""

    folder: Path
    inner: SpendingDesk = field(default_factory=SpendingDesk)
    day: datetime = datetime(2026, 11, 24, tzinfo=UTC)
    metrics: Metrics = field(default_factory=Metrics)
    tallies: RedisTallies | NoTallies = field(default_factory=NoTallies)
    asked: int = 0

    def limited(self, budgets: str) -> BudgetedDesk:
        path = self.folder / "desk.toml"
        path.write_text(f'triage_channel = "C0TRIAGE"\n{budgets}')
        return BudgetedDesk(
            self.inner, self.tallies, PolicyFile(path), self.metrics, now=lambda: self.day
        )

    def ask(self, desk: BudgetedDesk, *, user: str = "UADA", channel: str = "C1") -> str:
        """What came of one more message."""
        self.asked += 1
        ts = f"{self.asked}.0"
        message = inbound(ts=ts, user=UserId(user), thread=thread_at(ts, channel=channel))
        given = desk.handle(message, reference="ref00001")
        if given.trace.get("route") != "over_budget":
            return "answered"
        return "refused" if given.effects else "kept"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    engine = RedisEngine()
    engine.run(lambda client: client.flushall())
    return Office(tmp_path, tallies=RedisTallies(engine))


def test_a_person_has_so_many_messages_a_day_and_everybody_their_own(office: Office) -> None:
    desk = office.limited("[budgets.user]\nmessages = 2\n")
    assert [office.ask(desk) for _ in range(3)] == ["answered", "answered", "refused"]
    assert office.ask(desk, user="UBEN") == "answered"
    office.day = datetime(2026, 11, 25, tzinfo=UTC)
    assert office.ask(desk) == "answered"


def test_a_flood_is_refused_a_few_times_and_then_only_kept(office: Office) -> None:
    desk = office.limited("[budgets.user]\nmessages = 0\n")
    outcomes = [office.ask(desk) for _ in range(50)]
    assert outcomes == ["refused"] * MOST_REFUSALS + ["kept"] * (50 - MOST_REFUSALS)
    assert office.inner.handled == []


def test_what_is_refused_to_one_takes_nothing_from_the_others(office: Office) -> None:
    desk = office.limited("[budgets.user]\nmessages = 1\n[budgets.channel]\nmessages = 2\n")
    assert [office.ask(desk) for _ in range(5)].count("answered") == 1
    assert office.ask(desk, user="UBEN") == "answered"
    assert office.ask(desk, user="UCAT") == "refused"
    assert office.ask(desk, user="UDAN", channel="C2") == "answered"


@pytest.mark.parametrize(
    "budget", ["[budgets.desk]\ntokens = 200\n", f"[budgets.desk]\nmoney = 0.0005\n{PRICES}"]
)
def test_the_whole_desk_stops_when_tokens_or_money_are_spent(office: Office, budget: str) -> None:
    desk = office.limited(budget)
    people = ["UADA", "UBEN", "UCAT"]
    assert [office.ask(desk, user=one) for one in people] == ["answered", "answered", "refused"]
    assert b'supportbot_tokens_total{kind="prompt"} 200.0' in office.metrics.page()
    assert b'supportbot_refused_total{scope="desk"} 1.0' in office.metrics.page()


def test_an_answer_that_breaks_off_is_paid_for_too(office: Office) -> None:
    desk = office.limited("[budgets.user]\ntokens = 100\n")
    office.inner.fails = True
    with pytest.raises(GeneratorUnavailable):
        office.ask(desk)
    assert office.ask(desk) == "refused"


def test_a_message_that_is_handled_again_counts_once(office: Office) -> None:
    desk = office.limited("[budgets.user]\nmessages = 1\n")
    for _ in range(3):
        assert desk.handle(inbound(), reference="r").trace["route"] == "answer"


def test_buttons_and_mails_are_never_refused(office: Office) -> None:
    desk = office.limited("[budgets.user]\nmessages = 0\n")
    for kind in (Kind.ASK_PERSON, Kind.FEEDBACK, Kind.EMAIL, Kind.SHARED_MAIL, Kind.CASE):
        assert desk.handle(replace(inbound(), kind=kind), reference="r").effects


def test_without_redis_nobody_is_refused(office: Office) -> None:
    office.tallies = NoTallies()
    desk = office.limited("[budgets.user]\nmessages = 0\n")
    assert office.ask(desk) == "answered"


def test_a_refusal_says_why_and_offers_a_person(office: Office) -> None:
    desk = office.limited("[budgets.channel]\nmessages = 0\n")
    given = desk.handle(inbound(), reference="r")
    [post] = render(given.effects, inbound(), triage_channel=ChannelId("C0TRIAGE"))
    assert "as much in this channel today as I may" in post.text
    assert post.blocks[-1]["block_id"] == ASK_PERSON
