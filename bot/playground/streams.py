"""Web API: messages that grow while they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.playground.content import markdown_block, read_blocks, read_metadata
from bot.playground.errors import ApiError
from bot.playground.validation import MOST_MARKDOWN, require_blocks, require_text
from bot.playground.web_api import Call, method, require_parent

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.message import Message

_TASK_STATES = frozenset({"pending", "in_progress", "complete", "error"})


@dataclass(slots=True)
class Growth:
    """What one call adds to a stream."""

    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    tasks: list[Json] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.text or self.blocks or self.tasks)


@method("chat.startStream")
def start_stream(call: Call) -> Json:
    """Begin a message in a thread that text can be appended to."""
    conversation = call.conversation()
    thread_ts = call.arguments.require("thread_ts")
    require_parent(conversation, thread_ts)
    if not conversation.room.is_im:
        _require_recipient(call)
    growth = _read_growth(call)
    timeline = call.playground.timeline
    message = timeline.own(conversation.room.id, "", thread_ts=thread_ts)
    message.stream_started = call.playground.config.clock()
    _grow(message, growth)
    timeline.post(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.appendStream")
def append_stream(call: Call) -> Json:
    """Append to a stream that is neither stopped nor too old."""
    message = _streaming_message(call)
    growth = _read_growth(call)
    if not growth:
        raise ApiError("no_text")
    _grow(message, growth)
    call.playground.timeline.touch(message)
    return {"channel": message.channel, "ts": message.ts}


@method("chat.stopStream")
def stop_stream(call: Call) -> Json:
    """End a stream, with a last piece of text, blocks below it and metadata."""
    message = _streaming_message(call)
    growth = _read_growth(call)
    blocks = read_blocks(call.arguments)
    metadata = read_metadata(call.arguments)
    _grow(message, growth)
    if not message.text and not message.blocks and not blocks:
        raise ApiError("no_text")
    timeline = call.playground.timeline
    closing = timeline.identified(blocks) or []
    whole = [*(message.blocks or []), *closing]
    timeline.edit(message, by=None, blocks=whole, metadata=metadata, stream_started=None)
    rendered = call.playground.workspace.render(message)
    return {"channel": message.channel, "ts": message.ts, "message": rendered}


def _require_recipient(call: Call) -> None:
    for name in ("recipient_team_id", "recipient_user_id"):
        if not call.arguments.text(name):
            raise ApiError(f"missing_{name}")
    call.person("recipient_user_id")


def _streaming_message(call: Call) -> Message:
    message = call.message(call.conversation())
    if not call.playground.workspace.is_own(message):
        raise ApiError("message_not_owned_by_app")
    call.playground.expire()
    if message.stream_started is None:
        raise ApiError("message_not_in_streaming_state")
    return message


def _read_growth(call: Call) -> Growth:
    markdown = call.arguments.text("markdown_text") or ""
    require_text(markdown, most=MOST_MARKDOWN)
    growth = Growth(markdown)
    chunks = call.arguments.structure("chunks", error="invalid_chunks")
    if chunks is None:
        return growth
    if not isinstance(chunks, list):
        raise ApiError("invalid_chunks")
    for chunk in chunks:
        _read_chunk(chunk, growth)
    require_text(growth.text, most=MOST_MARKDOWN)
    return growth


def _read_chunk(chunk: object, growth: Growth) -> None:
    if not isinstance(chunk, dict):
        raise ApiError("invalid_chunks")
    match chunk:
        case {"type": "markdown_text", "text": str(text)}:
            growth.text += text
        case {"type": "task_update", "id": str(), "title": str(), **fields}:
            if fields.get("status", "pending") not in _TASK_STATES:
                raise ApiError("invalid_chunks")
            growth.tasks.append(dict(chunk))
        case {"type": "plan_update", "title": str()}:
            growth.tasks.append(dict(chunk))
        case {"type": "blocks", "blocks": blocks}:
            growth.blocks += require_blocks(blocks)
        case _:
            raise ApiError("invalid_chunks")


def _grow(message: Message, growth: Growth) -> None:
    require_text(message.text + growth.text)
    message.text += growth.text
    block_id = f"stream-{message.ts}"
    others = [block for block in message.blocks or [] if block.get("block_id") != block_id]
    text = [markdown_block(message.text) | {"block_id": block_id}] if message.text else []
    message.blocks = [*text, *others, *growth.blocks] or None
    known = {task.get("id", "plan"): task for task in message.tasks}
    known |= {task.get("id", "plan"): task for task in growth.tasks}
    message.tasks = list(known.values())
