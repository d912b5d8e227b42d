"""What people do on the page: write, edit, delete, react, forward."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.playground.errors import ApiError, PageError
from bot.playground.message import Message
from bot.playground.methods_reactions import is_reaction
from bot.playground.slack_text import as_sent
from bot.playground.web_api import require_parent

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.playground import Playground
    from bot.playground.workspace import Conversation

FOREIGN_BOT = "B0FOREIGN"
_FORBIDDEN, _NOT_FOUND = 403, 404
_MOST_TEXT = 40_000


@dataclass(frozen=True, slots=True)
class Words:
    """What a person wants to say; `forward` is the message they share, if any."""

    text: str
    thread_ts: str | None = None
    forward: Message | None = None
    as_bot: bool = False


def write(
    playground: Playground, conversation: Conversation, user: str, *, words: Words
) -> Message:
    """Post what a person, or a foreign bot in their name, says."""
    text = _sent(playground, words.text)
    if not text and not words.forward:
        raise PageError("Write something first.")
    if words.thread_ts:
        _require_thread(conversation, words.thread_ts)
    message = Message(
        conversation.room.id,
        playground.mint.ts(),
        user,
        text,
        thread_ts=words.thread_ts,
        client_msg_id=str(uuid.uuid4()),
        attachments=[_shared(playground, words.forward)] if words.forward else None,
    )
    if words.as_bot:
        message.username = playground.workspace.people[user].real_name
        message.user, message.client_msg_id = None, None
        message.bot_id, message.subtype = FOREIGN_BOT, "bot_message"
    playground.timeline.post(message)
    return message


def edit(playground: Playground, message: Message, user: str, *, text: str) -> None:
    """Change a person's own message."""
    _require_author(message, user)
    sent = _sent(playground, text)
    if not sent:
        raise PageError("An edited message needs some text; delete it instead.")
    playground.timeline.edit(message, by=user, text=sent)


def delete(playground: Playground, message: Message, user: str) -> None:
    """Delete a person's own message."""
    _require_author(message, user)
    playground.timeline.delete(message)


def react(playground: Playground, message: Message, user: str, *, name: str, remove: bool) -> None:
    """Add or take back a reaction."""
    name = name.strip(":")
    if not is_reaction(name):
        raise PageError("That is no name of an emoji.")
    timeline = playground.timeline
    if remove:
        done = timeline.remove_reaction(message, user=user, name=name)
    else:
        done = timeline.add_reaction(message, user=user, name=name)
    if not done:
        raise PageError("That reaction is already as you want it.")


def room_for(playground: Playground, channel: str, user: str) -> Conversation:
    """Return a conversation a person is in, or raise PageError."""
    conversation = playground.workspace.conversation(channel)
    if conversation is None:
        raise PageError(f"There is no channel {channel!r}.", status=_NOT_FOUND)
    if user not in playground.workspace.people:
        raise PageError(f"There is no user {user!r}.", status=_NOT_FOUND)
    if user not in conversation.members:
        raise PageError("That person is not in this conversation.", status=_FORBIDDEN)
    return conversation


def message_for(playground: Playground, channel: str, ts: str, *, user: str) -> Message:
    """Return a message a person can see, or raise PageError."""
    message = room_for(playground, channel, user).messages.get(ts)
    if message is None or message.is_tombstone or message.ephemeral_for not in {None, user}:
        raise PageError("That message no longer exists.", status=_NOT_FOUND)
    return message


def _sent(playground: Playground, text: str) -> str:
    if len(text) > _MOST_TEXT:
        raise PageError("That message is longer than 40,000 characters.")
    config = playground.config
    return as_sent(text.strip(), bot_name=config.bot_name, bot_user_id=config.bot_user_id)


def _require_thread(conversation: Conversation, thread_ts: str) -> None:
    try:
        require_parent(conversation, thread_ts)
    except ApiError as exc:
        raise PageError("There is no thread to reply to.") from exc


def _require_author(message: Message, user: str) -> None:
    if message.user != user:
        raise PageError("Only the author can change this message.", status=_FORBIDDEN)


def _shared(playground: Playground, message: Message) -> Json:
    workspace = playground.workspace
    author = workspace.people.get(message.user or "")
    room = workspace.conversations[message.channel].room
    place = "a direct message" if room.is_im else f"#{room.name}"
    link = workspace.permalink(message)
    shared: Json = {
        "id": 1,
        "ts": message.ts,
        "author_id": message.user,
        "author_name": author.real_name if author else message.username or "Unknown",
        "author_subname": author.name if author else "",
        "channel_id": message.channel,
        "channel_team": workspace.config.team_id,
        "is_msg_unfurl": True,
        "is_share": True,
        "text": message.text,
        "fallback": f"{author.real_name if author else 'Unknown'}: {message.text}",
        "from_url": link,
        "original_url": link,
        "footer": f"{'From a thread' if message.is_reply else 'Posted'} in {place}",
        "mrkdwn_in": ["text"],
    }
    if message.files:
        shared["files"] = message.files
    if message.blocks:
        content = {"message": {"blocks": message.blocks}}
        shared["message_blocks"] = [
            {
                "team": workspace.config.team_id,
                "channel": message.channel,
                "ts": message.ts,
                **content,
            }
        ]
    return shared
