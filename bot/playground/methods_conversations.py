"""Web API: conversations and their messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.errors import ApiError
from bot.playground.message import Message
from bot.playground.paging import between, message_page, page
from bot.playground.web_api import Call, method

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.workspace import Conversation


@method("conversations.list")
def list_conversations(call: Call) -> Json:
    """Return the channels, or the direct messages if `types` asks for im."""
    kinds = set(call.arguments.words("types")) or {"public_channel"}
    workspace = call.playground.workspace
    chosen = [c for c in workspace.conversations.values() if _kind(c) in kinds]
    listed, rest = page(chosen, call.arguments)
    return {"channels": [describe(call, c) for c in listed], **rest}


@method("conversations.info")
def show_conversation(call: Call) -> Json:
    """Return one conversation."""
    conversation = call.conversation(member=False)
    described = describe(call, conversation)
    if call.arguments.flag("include_num_members"):
        described["num_members"] = len(conversation.members)
    return {"channel": described}


@method("conversations.history")
def history(call: Call) -> Json:
    """Return the messages of a channel outside threads, newest first."""
    conversation = call.conversation()
    shown = [
        message
        for message in reversed(conversation.messages.values())
        if not message.ephemeral_for
        and (not message.is_reply or message.subtype == "thread_broadcast")
    ]
    chosen, rest = message_page(between(shown, call.arguments), call.arguments)
    return {"messages": _rendered(call, chosen), "pin_count": 0, **rest}


@method("conversations.replies")
def replies(call: Call) -> Json:
    """Return a thread, oldest first; its parent comes first on every page."""
    conversation = call.conversation()
    named = conversation.messages.get(call.arguments.require("ts"))
    if named is None or named.ephemeral_for:
        raise ApiError("thread_not_found")
    parent = conversation.messages[named.thread_ts or named.ts]
    inside = between(conversation.replies(parent.ts), call.arguments)
    chosen, rest = message_page(inside, call.arguments)
    return {"messages": _rendered(call, [parent, *chosen]), **rest}


@method("conversations.members")
def members(call: Call) -> Json:
    """Return the ids of who is in a conversation."""
    listed, rest = page(call.conversation(member=False).members, call.arguments)
    return {"members": listed, **rest}


@method("conversations.open")
def open_direct(call: Call) -> Json:
    """Return the direct messages with a person."""
    if call.arguments.has("channel"):
        conversation = call.conversation()
        if not conversation.room.is_im:
            raise ApiError("method_not_supported_for_channel_type")
    else:
        conversation = _with_person(call)
    channel = {"id": conversation.room.id}
    if call.arguments.flag("return_im"):
        channel = describe(call, conversation)
    return {"no_op": True, "already_open": True, "channel": channel}


@method("conversations.join")
def join(call: Call) -> Json:
    """Make the bot a member of a channel."""
    conversation = call.conversation(member=False)
    if conversation.room.is_im:
        raise ApiError("method_not_supported_for_channel_type")
    config = call.playground.config
    if config.bot_user_id in conversation.members:
        return {"channel": describe(call, conversation), "warning": "already_in_channel"}
    conversation.members.append(config.bot_user_id)
    ts = call.playground.mint.ts()
    text = f"<@{config.bot_user_id}> has joined the channel"
    joined = Message(conversation.room.id, ts, config.bot_user_id, text, subtype="channel_join")
    call.playground.timeline.post(joined)
    return {"channel": describe(call, conversation)}


def describe(call: Call, conversation: Conversation) -> Json:
    """Return a conversation as the Web API gives it."""
    room = conversation.room
    workspace = call.playground.workspace
    shared: Json = {
        "id": room.id,
        "is_im": room.is_im,
        "is_channel": not room.is_im,
        "is_group": False,
        "is_mpim": False,
        "is_private": room.is_im,
        "is_archived": False,
        "context_team_id": workspace.config.team_id,
    }
    if room.is_im:
        return shared | {"user": room.user, "is_user_deleted": False}
    return shared | {
        "name": room.name,
        "name_normalized": room.name,
        "is_general": False,
        "is_shared": False,
        "is_ext_shared": False,
        "is_member": workspace.has_bot(room.id),
        "topic": {"value": room.topic, "creator": "", "last_set": 0},
        "purpose": {"value": room.topic, "creator": "", "last_set": 0},
        "num_members": len(conversation.members),
    }


def _kind(conversation: Conversation) -> str:
    return "im" if conversation.room.is_im else "public_channel"


def _with_person(call: Call) -> Conversation:
    users = call.arguments.words("users")
    if not users:
        raise ApiError("users_list_not_supplied")
    if len(users) > 1:
        raise ApiError("method_not_supported_for_channel_type")
    conversation = call.playground.workspace.direct(users[0])
    if conversation is None:
        raise ApiError("user_not_found")
    return conversation


def _rendered(call: Call, messages: list[Message]) -> list[Json]:
    everything = call.arguments.flag("include_all_metadata")
    workspace = call.playground.workspace
    return [workspace.render(message, with_metadata=everything) for message in messages]
