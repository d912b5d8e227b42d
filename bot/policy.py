"""The desk's policy file: where people answer, who may read what, which bots are heard.

triage_channel = "C0TRIAGE"
internal_channels = ["C0TEAM"]      # these see articles for staff
direct_messages = "public"          # or "internal", when only colleagues can write to the bot
allowed_bots = ["B0FORMS"]

[[routes]]                          # the first rule that fits decides; without any: DEFAULT_ROUTES
urgency = ["critical"]
route = "answer_and_hand_off"

[[routes]]
intents = ["order_cancel", "refund_status"]
confidence_below = 0.8              # or: uncertain = true, the model's own threshold
route = "hand_off"

[mail]
own_domains = ["example.com"]       # their people may pass on the mail of a customer
forwarders = ["anna@partner.example"]   # and so may these; "@partner.example" is a whole domain
on_call = "S0ONCALL"                # the user group that urgent cases mention
urgent = ["critical"]
greeting = "Hello {name},"
signature = "The support team"

[mail.service_hours]                # until somebody should have answered
critical = 1

[budgets.user]                      # by the day (UTC); also [budgets.channel] and [budgets.desk]
messages = 300
tokens = 200_000
money = 1.5

[budgets.prices]                    # of a million tokens, in the currency of `money`
prompt = 0.15
completion = 0.60
"""

import threading
import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from bot.errors import ConfigurationError
from bot.messages import ChannelId, InboundMessage
from knowledge.documents import Audience
from knowledge.metering import Usage
from triage.schema import Sentiment, Triage, Urgency

_log = structlog.get_logger(__name__)


class Route(StrEnum):
    """What the desk does with a message."""

    ANSWER = "answer"
    ANSWER_AND_HAND_OFF = "answer_and_hand_off"
    HAND_OFF = "hand_off"
    CLARIFY = "clarify"
    IGNORE = "ignore"
    WELCOME = "welcome"
    FEEDBACK = "feedback"


Decided = Literal[
    Route.ANSWER, Route.ANSWER_AND_HAND_OFF, Route.HAND_OFF, Route.CLARIFY, Route.IGNORE
]
"""What a policy may decide; the rest follows from buttons and words of thanks."""


class RouteRule(BaseModel):
    """A route for the messages that fit every condition given; a condition left out fits all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    route: Decided
    intents: frozenset[str] = frozenset()
    urgency: frozenset[Urgency] = frozenset()
    sentiment: frozenset[Sentiment] = frozenset()
    uncertain: bool | None = None
    confidence_below: float = Field(1.01, gt=0, description="Of the intent.")

    def fits(self, triage: Triage) -> bool:
        """Whether this rule decides about a message with these labels."""
        return (
            (not self.intents or triage.intent in self.intents)
            and (not self.urgency or triage.urgency in self.urgency)
            and (not self.sentiment or triage.sentiment in self.sentiment)
            and self.uncertain in {None, triage.uncertain}
            and triage.confidence.get("intent", 0.0) < self.confidence_below
        )


NEEDS_A_PERSON = frozenset(
    {
        "order_status_complaint",
        "order_change",
        "order_cancel",
        "refund_status",
        "damaged_or_wrong_item",
        "warranty_claim",
        "billing_problem",
        "invoice_request",
        "privacy_request",
        "security_report",
        "business_inquiry",
    }
)
"""Somebody has to do something that no article does."""
DEFAULT_ROUTES = (
    RouteRule(urgency=frozenset({Urgency.CRITICAL}), route=Route.ANSWER_AND_HAND_OFF),
    RouteRule(uncertain=True, route=Route.ANSWER_AND_HAND_OFF),
    RouteRule(intents=frozenset({"human_request"}), route=Route.HAND_OFF),
    RouteRule(intents=frozenset({"spam"}), route=Route.IGNORE),
    RouteRule(intents=frozenset({"smalltalk"}), route=Route.CLARIFY),
    RouteRule(intents=NEEDS_A_PERSON, route=Route.ANSWER_AND_HAND_OFF),
    RouteRule(urgency=frozenset({Urgency.HIGH}), route=Route.ANSWER_AND_HAND_OFF),
)


SERVICE_HOURS: Mapping[Urgency, float] = {
    Urgency.CRITICAL: 1,
    Urgency.HIGH: 4,
    Urgency.NORMAL: 24,
    Urgency.LOW: 72,
}


class MailPolicy(BaseModel):
    """Who may speak for a customer, who is called, and how letters begin and end."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    own_domains: frozenset[str] = frozenset()
    forwarders: frozenset[str] = frozenset()
    on_call: str | None = Field(None, pattern=r"^S[A-Z0-9]+$")
    urgent: frozenset[Urgency] = frozenset({Urgency.CRITICAL})
    service_hours: dict[Urgency, Annotated[float, Field(gt=0, le=8760)]] = {}
    greeting: str = Field("Hello {name},", max_length=200)
    signature: str = Field("Kind regards\nThe support team", max_length=500)

    def may_pass_on(self, address: str | None) -> bool:
        """Whether an address may stand for a customer whose mail it forwards."""
        if not address or "@" not in address:
            return False
        written = address.casefold()
        domain = written.rpartition("@")[2]
        allowed = {one.casefold() for one in self.forwarders}
        own = {one.casefold().removeprefix("@") for one in self.own_domains}
        return domain in own or written in allowed or f"@{domain}" in allowed

    def seconds_until_due(self, urgency: Urgency) -> float:
        """The service level."""
        return 3600 * self.service_hours.get(urgency, SERVICE_HOURS[urgency])


class Limits(BaseModel):
    """The most of a day; None is no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    messages: int | None = Field(None, ge=0)
    tokens: int | None = Field(None, ge=0, description="Of the chat model, read and written.")
    money: float | None = Field(None, ge=0)


class Prices(BaseModel):
    """What a million tokens of the chat model cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)

    def millionths(self, usage: Usage) -> int:
        """What some tokens cost, in millionths of the currency."""
        return round(usage.prompt * self.prompt + usage.completion * self.completion)


class Budgets(BaseModel):
    """What one person, one channel and the whole desk may use in a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Limits = Limits(messages=300)
    channel: Limits = Limits()
    desk: Limits = Limits()
    prices: Prices | None = None

    @model_validator(mode="after")
    def _money_has_prices(self) -> Self:
        if self.prices is None and any(
            one.money is not None for one in (self.user, self.channel, self.desk)
        ):
            raise ValueError("money needs [budgets.prices]: what a million tokens cost")
        return self


class Policy(BaseModel):
    """What the team has decided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    triage_channel: ChannelId = Field(pattern=r"^[CG][A-Z0-9]+$")
    internal_channels: frozenset[ChannelId] = frozenset()
    direct_messages: Audience = Audience.PUBLIC
    allowed_bots: frozenset[str] = frozenset()
    routes: tuple[RouteRule, ...] = DEFAULT_ROUTES
    mail: MailPolicy = MailPolicy()
    budgets: Budgets = Budgets()

    def route(self, triage: Triage) -> Route:
        """The first rule that fits; a question that no rule is about is answered."""
        fitting = (rule.route for rule in self.routes if rule.fits(triage))
        return next(fitting, Route.ANSWER)

    def audience(self, message: InboundMessage) -> Audience:
        """Who may read what is said in the place of a message; public wherever nothing is said."""
        channel = message.thread.channel
        if channel == self.triage_channel or channel in self.internal_channels:
            return Audience.INTERNAL
        return self.direct_messages if channel.startswith("D") else Audience.PUBLIC


class PolicyFile:
    """A policy in a TOML file, read again when the file changes; a broken one is not taken over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp = _stamp(path)
        self._policy = load(path)

    def current(self) -> Policy:
        """The last policy that could be read."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._policy = load(self._path)
                    _log.info("policy read again", path=str(self._path))
                except ConfigurationError as error:
                    _log.error("policy not taken over", error=str(error))
            return self._policy


def load(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        ConfigurationError: it is missing or wrong; names the key.
    """
    try:
        return Policy.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ConfigurationError(f"policy file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"policy file {path}: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"]))
        raise ConfigurationError(f"policy file {path}: {key}: {problem['msg']}") from error


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
