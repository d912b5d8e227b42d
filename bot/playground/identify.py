"""Ids for blocks and elements an app left without, as Slack gives them (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.validation import interactive

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.mint import Mint


def identified(block: Json, mint: Mint) -> Json:
    """Return a copy of the block in which it and its interactive elements have ids."""
    named = block | {"block_id": block.get("block_id") or mint.id("")}
    for where, element in interactive(block):
        fresh = element | {"action_id": element.get("action_id") or mint.id("")}
        name, _, index = where.partition("/")
        if index:
            named[name] = [*named[name]]
            named[name][int(index)] = fresh
        else:
            named[name] = fresh
    return named
