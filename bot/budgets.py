"""Budgets by the day: whoever has used theirs up is told so, and a person is offered."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

import structlog

from bot.messages import Handled, InboundMessage, Kind, NoteReply, Say
from bot.metrics import Metrics
from bot.policy import Budgets, Limits, PolicyFile
from bot.ports import Decider, Tallies, Tally
from knowledge.errors import RedisUnavailable
from knowledge.metering import Usage, metered
from knowledge.ports import OnText

BUDGETED = frozenset({Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP})
MOST_REFUSALS = 3
MILLION = 1_000_000
_log = structlog.get_logger(__name__)


class Scope(StrEnum):
    """Whose budget it is."""

    USER = "user"
    CHANNEL = "channel"
    DESK = "desk"


_WHERE = {Scope.USER: " for you", Scope.CHANNEL: " in this channel", Scope.DESK: ""}


@dataclass(frozen=True, slots=True)
class BudgetedDesk:
    """A desk that keeps to its policy's budgets; where nobody counts, it works all the same."""

    desk: Decider
    tallies: Tallies
    policy: PolicyFile
    metrics: Metrics
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def handle(
        self, message: InboundMessage, *, reference: str, on_text: OnText | None = None
    ) -> Handled:
        """The effects of a message, or of having no budget for it."""
        budgets, day = self.policy.current().budgets, f"{self.now():%Y-%m-%d}"
        scope = self._exceeded(budgets, day, message)
        if scope:
            return self._refusal(scope, day, message)
        with metered() as meter:
            try:
                handled = self.desk.handle(message, reference=reference, on_text=on_text)
            finally:
                if meter.usage.tokens:
                    self._charge(budgets, day, message, meter.usage)
        if not meter.usage.tokens:
            return handled
        return Handled(handled.effects, {**handled.trace, "tokens": meter.usage.tokens})

    def give_up(self, message: InboundMessage, *, reference: str) -> Handled:
        """What is said when a message could not be handled."""
        return self.desk.give_up(message, reference=reference)

    def _exceeded(self, budgets: Budgets, day: str, message: InboundMessage) -> Scope | None:
        """The first budget that a message is too much for; those behind it do not count it."""
        if message.kind not in BUDGETED:
            return None
        limits = {
            Scope.USER: budgets.user,
            Scope.CHANNEL: budgets.channel,
            Scope.DESK: budgets.desk,
        }
        try:
            for scope, owner in _owners(message).items():
                tally = self.tallies.count(day, owner, once=_name(message))
                if _over(limits[scope], tally):
                    return scope
        except RedisUnavailable as error:
            _log.warning("not counted", error=str(error))
        return None

    def _refusal(self, scope: Scope, day: str, message: InboundMessage) -> Handled:
        """Said a few times a day to one person; then what they write is kept, and no more."""
        _log.warning("over budget", scope=scope, channel=message.thread.channel)
        self.metrics.refused(scope)
        trace = {"kind": message.kind, "route": "over_budget", "budget": scope}
        refusals = f"{_owners(message)[Scope.USER]}:refusals"
        try:
            told = self.tallies.count(day, refusals, once=_name(message)).messages
        except RedisUnavailable:
            told = 0
        if told > MOST_REFUSALS:
            return Handled([], trace)
        text = (
            f"I have answered as much{_WHERE[scope]} today as I may, so I leave this one. I start "
            "afresh at midnight (UTC). If it cannot wait, press “Ask a person” and the team will "
            "reply here."
        )
        return Handled([Say(NoteReply(text, offers_person=True))], trace)

    def _charge(self, budgets: Budgets, day: str, message: InboundMessage, usage: Usage) -> None:
        self.metrics.spent(usage)
        money = budgets.prices.millionths(usage) if budgets.prices else 0
        try:
            for owner in _owners(message).values():
                self.tallies.charge(day, owner, tokens=usage.tokens, money=money)
        except RedisUnavailable as error:
            _log.warning("not charged", error=str(error))


def _owners(message: InboundMessage) -> Mapping[Scope, str]:
    team = message.thread.team
    return {
        Scope.USER: f"{team}:{message.user}",
        Scope.CHANNEL: f"{team}:{message.thread.channel}",
        Scope.DESK: team,
    }


def _name(message: InboundMessage) -> str:
    return f"{message.thread.channel}:{message.ts}"


def _over(limits: Limits, tally: Tally) -> bool:
    """Whether a tally that counts this message already is beyond a limit."""
    return (
        (limits.messages is not None and tally.messages > limits.messages)
        or (limits.tokens is not None and tally.tokens >= limits.tokens)
        or (limits.money is not None and tally.money >= limits.money * MILLION)
    )
