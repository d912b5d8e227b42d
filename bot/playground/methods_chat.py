"""Web API: posting, changing and deleting messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.content import read_content, read_metadata
from bot.playground.errors import ApiError
from bot.playground.web_api import Call, method

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.message import Message
    from bot.playground.workspace import Conversation


@method("chat.postMessage")
def post_message(call: Call) -> Json:
    """Post a message, at most about one a second in a channel."""
    conversation = _destination(call)
    channel = conversation.room.id
    call.playground.rate_limit.spend(channel)
    thread_ts = call.thread_ts(conversation)
    content = read_content(call.arguments)
    broadcast = thread_ts is not None and call.arguments.flag("reply_broadcast")
    timeline = call.playground.timeline
    message = timeline.own(
        channel,
        content.text or "",
        thread_ts=thread_ts,
        blocks=content.blocks,
        attachments=content.attachments,
        metadata=read_metadata(call.arguments),
        username=call.arguments.text("username"),
        subtype="thread_broadcast" if broadcast else None,
    )
    timeline.post(message)
    return _posted(call, message)


@method("chat.postEphemeral")
def post_ephemeral(call: Call) -> Json:
    """Post a message that one person sees."""
    conversation = call.conversation()
    user = call.person()
    if user not in conversation.members:
        raise ApiError("user_not_in_channel")
    content = read_content(call.arguments)
    message = call.playground.timeline.own(
        conversation.room.id,
        content.text or "",
        thread_ts=call.thread_ts(conversation),
        blocks=content.blocks,
        attachments=content.attachments,
        ephemeral_for=user,
    )
    call.playground.timeline.post(message)
    return {"message_ts": message.ts}


@method("chat.update")
def update(call: Call) -> Json:
    """Change one of the bot's own messages.

    New text without blocks removes the old blocks; with blocks, no edited mark is shown.
    """
    message = _own_message(call, error="cant_update_message")
    if message.stream_started is not None:
        raise ApiError("streaming_state_conflict")
    content = read_content(call.arguments)
    timeline = call.playground.timeline
    changes: dict[str, object] = {}
    if content.text is not None:
        changes |= {"text": content.text, "blocks": None}
    if content.blocks is not None:
        changes["blocks"] = timeline.identified(content.blocks) or None
    if content.attachments is not None:
        changes["attachments"] = content.attachments or None
    if call.arguments.has("metadata"):
        changes["metadata"] = read_metadata(call.arguments)
    editor = None if content.blocks else call.playground.config.bot_user_id
    timeline.edit(message, by=editor, **changes)
    return _posted(call, message) | {"text": message.text}


@method("chat.delete")
def delete(call: Call) -> Json:
    """Delete one of the bot's own messages."""
    message = _own_message(call, error="cant_delete_message")
    call.playground.timeline.delete(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.getPermalink")
def get_permalink(call: Call) -> Json:
    """Return the address of a message."""
    conversation = call.conversation()
    message = call.message(conversation, "message_ts")
    permalink = call.playground.workspace.permalink(message)
    return {"channel": conversation.room.id, "permalink": permalink}


def _destination(call: Call) -> Conversation:
    # Posting also takes a channel's name, and a person's id for the direct messages with them.
    workspace = call.playground.workspace
    wanted = call.arguments.require("channel")
    by_name = next(
        (c for c in workspace.conversations.values() if wanted == f"#{c.room.name}"), None
    )
    found = by_name or workspace.direct(wanted) or workspace.conversation(wanted)
    if found is None:
        raise ApiError("channel_not_found")
    if not workspace.has_bot(found.room.id):
        raise ApiError("not_in_channel")
    return found


def _own_message(call: Call, *, error: str) -> Message:
    message = call.message(call.conversation())
    if not call.playground.workspace.is_own(message):
        raise ApiError(error)
    return message


def _posted(call: Call, message: Message) -> Json:
    rendered = call.playground.workspace.render(message)
    return {"channel": message.channel, "ts": message.ts, "message": rendered}
