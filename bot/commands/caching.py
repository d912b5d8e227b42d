"""`supportbot cache`: what answers are remembered, and how to forget them all."""

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import typer

from bot.budgets import MILLION
from bot.commands.options import AsJson
from bot.errors import ConfigurationError
from bot.library import open_cache, open_redis
from bot.logs import configure
from bot.policy import PolicyFile, Prices
from bot.settings import Settings
from knowledge.errors import RedisUnavailable
from knowledge.ports import AnswerCache, CacheStats, Lookup
from knowledge.settings import KnowledgeSettings

T = TypeVar("T")
SERVED = (Lookup.HIT, Lookup.NEGATIVE, Lookup.REVALIDATED, Lookup.ALIKE)
_IN_PROCESS = (
    "without REDIS_URL each process remembers its own answers, and forgets them when it ends"
)
commands = typer.Typer(
    no_args_is_help=True,
    help="The answers that the desk remembers: count them, forget them all. Nothing here is needed "
    "for correctness: an answer is never served once an article that it cites has changed.",
)


@commands.callback()
def group() -> None:
    """Answers in the Redis at REDIS_URL."""


@commands.command()
def stats(*, as_json: AsJson = False) -> None:
    """Show how many answers are remembered, and how many questions they have served.

    Reads every answer once. What no answer may be remembered for (follow-ups, order numbers,
    addresses) is counted at /metrics alone, as supportbot_cache_lookups_total. Saved are
    tokens of the chat model, and money where the policy file says what they cost.

    Example: supportbot cache stats --json
    """
    cache = _cache()
    if cache is None:
        told = json.dumps({"where": "process"}) if as_json else f"Nothing to show: {_IN_PROCESS}."
        typer.echo(told)
        return
    found = _values(_reached(cache.stats), _prices())
    if as_json:
        typer.echo(json.dumps({"where": "redis", **found}))
        return
    typer.echo(
        f"Remembered: {found['answers']} answers, {found['abstentions']} abstentions"
        + (f", {found['unreadable']} unreadable" if found["unreadable"] else "")
    )
    counts = ", ".join(f"{n} {name}" for name, n in found["lookups"].items())
    rate = "" if found["hit_rate"] is None else f" ({found['hit_rate']:.0%} served from memory)"
    typer.echo(f"Questions since the last clear: {counts}{rate}")
    money = "" if found["money_saved"] is None else f", {found['money_saved']:,.2f} in money"
    typer.echo(f"Saved since then: {found['tokens_saved']:,} tokens{money}")
    if (alike := found["alike"])["checked"]:
        ended = "; the layer has ended itself: `clear` begins anew" if alike["ended"] else ""
        told = f"{alike['checked']} compared with new answers, {alike['wrong']} wrong"
        typer.echo(f"Questions that are only alike: {told}{ended}")


@commands.command()
def clear(*, as_json: AsJson = False) -> None:
    """Forget all answers and counts of this workspace (KNOWLEDGE_TENANT); nothing else is lost.

    The next askers wait for new answers. Other keys of the same Redis stay.
    """
    cache = _cache()
    if cache is None:
        raise ConfigurationError(f"nothing was cleared: {_IN_PROCESS}. Restart the desk instead")
    gone = _reached(cache.clear)
    typer.echo(json.dumps({"cleared": gone}) if as_json else f"{gone} forgotten.")


def _cache() -> AnswerCache | None:
    """The cache that the desk's processes share; None where each has its own."""
    configure(Settings())
    settings = KnowledgeSettings()
    if settings.redis_url is None:
        return None
    return open_cache(open_redis(settings), tenant=settings.tenant)


def _reached(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except RedisUnavailable as error:
        raise RedisUnavailable(
            f"{error}. The desk answers without it, only slower; check REDIS_URL and the server"
        ) from error


def _prices() -> Prices | None:
    """What tokens cost, where the desk's policy says so."""
    policy = Settings().policy
    return PolicyFile(policy).current().budgets.prices if policy else None


def _values(found: CacheStats, prices: Prices | None) -> Mapping[str, Any]:
    counted = {one: found.lookups.get(one, 0) for one in (*SERVED, Lookup.MISS)}
    total = sum(counted.values())
    served = total - counted[Lookup.MISS]
    return {
        "answers": found.answers,
        "abstentions": found.abstentions,
        "unreadable": found.unreadable,
        "lookups": {str(name): n for name, n in counted.items()},
        "hit_rate": round(served / total, 4) if total else None,
        "tokens_saved": found.saved.tokens,
        "alike": {
            "checked": sum(one.right + one.wrong for one in found.checks.values()),
            "wrong": sum(one.wrong for one in found.checks.values()),
            "ended": any(one.failed for one in found.checks.values()),
        },
        "money_saved": prices.millionths(found.saved) / MILLION if prices else None,
    }
