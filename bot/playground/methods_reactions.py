"""Web API: reactions to messages."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.playground.errors import ApiError
from bot.playground.web_api import Call, method

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.message import Message

_NAME = re.compile(r"[a-z0-9_+'-]{1,100}(?:::skin-tone-[2-6])?")


@method("reactions.add")
def add(call: Call) -> Json:
    """React to a message."""
    message, name = _reaction(call)
    bot = call.playground.config.bot_user_id
    if not call.playground.timeline.add_reaction(message, user=bot, name=name):
        raise ApiError("already_reacted")
    return {}


@method("reactions.remove")
def remove(call: Call) -> Json:
    """Take a reaction back."""
    message, name = _reaction(call)
    bot = call.playground.config.bot_user_id
    if not call.playground.timeline.remove_reaction(message, user=bot, name=name):
        raise ApiError("no_reaction")
    return {}


@method("reactions.get")
def get(call: Call) -> Json:
    """Return a message with its reactions."""
    message = call.message(call.conversation(), "timestamp")
    rendered = call.playground.workspace.render(message)
    return {"type": "message", "channel": message.channel, "message": rendered}


def is_reaction(name: str) -> bool:
    """Say whether this can be the name of an emoji."""
    return _NAME.fullmatch(name) is not None


def _reaction(call: Call) -> tuple[Message, str]:
    name = (call.arguments.text("name") or "").strip(":")
    if not is_reaction(name):
        raise ApiError("invalid_name")
    return call.message(call.conversation(), "timestamp"), name
