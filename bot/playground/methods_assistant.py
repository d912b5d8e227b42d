"""Web API: what an assistant shows around its messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.arguments import invalid
from bot.playground.errors import ApiError
from bot.playground.web_api import Call, method, require_parent

if TYPE_CHECKING:
    from bot.playground.config import Json

_MOST_LOADING_MESSAGES = 10
_MOST_PROMPTS = 4


@method("assistant.threads.setStatus")
def set_status(call: Call) -> Json:
    """Show what the bot is doing, under a thread."""
    channel, thread_ts = _thread(call)
    text = call.arguments.text("status")
    if text is None:
        raise invalid("missing required field: status")
    loading = call.arguments.structure("loading_messages", error="invalid_arguments") or []
    if not isinstance(loading, list) or not all(isinstance(line, str) for line in loading):
        raise invalid("must be an array of strings: loading_messages")
    if len(loading) > _MOST_LOADING_MESSAGES:
        raise invalid("no more than 10 items allowed: loading_messages")
    call.playground.assistant.set_status(
        channel, thread_ts, text=text, loading_messages=tuple(loading)
    )
    return {}


@method("assistant.threads.setTitle")
def set_title(call: Call) -> Json:
    """Name a thread."""
    channel, thread_ts = _thread(call)
    call.playground.assistant.titles[channel, thread_ts] = call.arguments.require("title")
    return {}


@method("assistant.threads.setSuggestedPrompts")
def set_suggested_prompts(call: Call) -> Json:
    """Offer prompts in a direct message."""
    conversation = call.conversation("channel_id")
    if not conversation.room.is_im:
        raise ApiError("method_not_supported_for_channel_type")
    call.thread_ts(conversation)
    prompts = call.arguments.structure("prompts", error="invalid_arguments")
    if not isinstance(prompts, list) or not 1 <= len(prompts) <= _MOST_PROMPTS:
        raise invalid("must be an array of 1 to 4 items: prompts")
    call.playground.assistant.suggest(
        conversation.room.id, [_prompt(prompt, index) for index, prompt in enumerate(prompts)]
    )
    return {}


def _thread(call: Call) -> tuple[str, str]:
    conversation = call.conversation("channel_id")
    thread_ts = call.arguments.require("thread_ts")
    require_parent(conversation, thread_ts)
    return conversation.room.id, thread_ts


def _prompt(prompt: object, index: int) -> Json:
    match prompt:
        case {"title": str(title), "message": str(message)} if title and message:
            return {"title": title, "message": message}
        case _:
            raise invalid(f"must have a title and a message: prompts/{index}")
