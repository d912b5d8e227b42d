"""What an app does with a response URL."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.content import Content, read_content
from bot.playground.errors import ApiError

if TYPE_CHECKING:
    from bot.playground.arguments import Arguments
    from bot.playground.message import Message
    from bot.playground.playground import Playground
    from bot.playground.responses import ResponseUrl

_NOT_FOUND = 404


def respond(playground: Playground, secret: str, arguments: Arguments) -> None:
    """Replace or delete the message of an interaction, or follow it up.

    A follow-up is seen by the person alone unless `response_type` is `in_channel`.

    Raises:
        ApiError: the address is used up or the content is refused.
    """
    origin = playground.responses.redeem(secret)
    if arguments.flag("delete_original"):
        playground.timeline.delete(_original(playground, origin))
        return
    content = read_content(arguments)
    if arguments.flag("replace_original"):
        _replace(playground, _original(playground, origin), content)
        return
    everyone = arguments.text("response_type") == "in_channel"
    message = playground.timeline.own(
        origin.channel,
        content.text or "",
        thread_ts=_thread(playground, origin, arguments),
        blocks=content.blocks,
        attachments=content.attachments,
        ephemeral_for=None if everyone else origin.user,
    )
    playground.timeline.post(message)


def _original(playground: Playground, origin: ResponseUrl) -> Message:
    message = playground.workspace.message(origin.channel, origin.ts)
    if message is None or message.is_tombstone:
        raise ApiError("message_not_found", status=_NOT_FOUND)
    if not playground.workspace.is_own(message):
        raise ApiError("cant_update_message", status=_NOT_FOUND)
    return message


def _replace(playground: Playground, message: Message, content: Content) -> None:
    playground.timeline.edit(
        message,
        by=None,
        text=content.text or "",
        blocks=playground.timeline.identified(content.blocks),
        attachments=content.attachments,
    )


def _thread(playground: Playground, origin: ResponseUrl, arguments: Arguments) -> str | None:
    wanted = arguments.text("thread_ts")
    if wanted:
        return wanted if playground.workspace.message(origin.channel, wanted) else None
    # A follow-up only one person sees appears where they pressed the button.
    message = playground.workspace.message(origin.channel, origin.ts)
    everyone = arguments.text("response_type") == "in_channel"
    return message.thread_ts if message and message.is_reply and not everyone else None
