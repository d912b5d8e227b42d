"""The state of the workspace: people, conversations and their messages (pure)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.playground.config import Json, Person, PlaygroundConfig, Room

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bot.playground.message import Message
    from bot.playground.mint import Mint

SLACKBOT = "USLACKBOT"


@dataclass(slots=True)
class Conversation:
    """A room, who is in it and what was said, oldest first."""

    room: Room
    members: list[str]
    messages: dict[str, Message] = field(default_factory=dict)
    _threads: dict[str, dict[str, Message]] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Keep a new message, in its thread if it is a reply everyone sees."""
        self.messages[message.ts] = message
        if message.is_reply and not message.ephemeral_for:
            self._threads.setdefault(message.thread_ts or "", {})[message.ts] = message

    def remove(self, message: Message) -> None:
        """Forget a message."""
        self.messages.pop(message.ts, None)
        self._threads.get(message.thread_ts or "", {}).pop(message.ts, None)

    def replies(self, parent_ts: str) -> list[Message]:
        """Return the replies in the thread of `parent_ts`, oldest first."""
        return list(self._threads.get(parent_ts, {}).values())


class Workspace:
    """Keeps and finds people, conversations and messages; says nothing to anybody."""

    def __init__(self, config: PlaygroundConfig, mint: Mint) -> None:
        """Fill the workspace with the configured people and rooms."""
        self.config = config
        self.mint = mint
        self.people = {person.id: person for person in _everybody(config)}
        self.conversations = {
            room.id: Conversation(room, _members(room, config)) for room in config.rooms()
        }

    def conversation(self, channel: str) -> Conversation | None:
        """Return the conversation with this id."""
        return self.conversations.get(channel)

    def direct(self, user: str) -> Conversation | None:
        """Return the direct messages of `user` with the bot."""
        return next((c for c in self.conversations.values() if c.room.user == user), None)

    def message(self, channel: str, ts: str) -> Message | None:
        """Return a message by channel and timestamp."""
        conversation = self.conversations.get(channel)
        return conversation.messages.get(ts) if conversation else None

    def has_bot(self, channel: str) -> bool:
        """Say whether the bot is a member of the channel."""
        return self.config.bot_user_id in self.conversations[channel].members

    def is_own(self, message: Message) -> bool:
        """Say whether the bot wrote the message."""
        return message.bot_id == self.config.bot_id

    def messages(self) -> Iterator[Message]:
        """Go through all messages."""
        for conversation in self.conversations.values():
            yield from conversation.messages.values()

    def permalink(self, message: Message) -> str:
        """Return the address that opens the page at the message."""
        path = f"/archives/{message.channel}/p{message.ts.replace('.', '')}"
        thread = f"?thread_ts={message.thread_ts}&cid={message.channel}" if message.is_reply else ""
        return self.config.base_url.rstrip("/") + path + thread

    def render(self, message: Message, *, with_metadata: bool = False) -> Json:
        """Return the message as the Web API gives it."""
        fields = message.as_json() | {"team": self.config.team_id}
        if self.is_own(message):
            fields["bot_profile"] = self.bot_profile()
        if with_metadata and message.metadata:
            fields["metadata"] = message.metadata
        if message.is_reply:
            parent = self.message(message.channel, message.thread_ts or "")
            fields["parent_user_id"] = parent.user if parent else None
            return fields
        return fields | self._thread(message)

    def bot_profile(self) -> Json:
        """Return the description of the bot that its messages carry."""
        config = self.config
        return {
            "id": config.bot_id,
            "app_id": config.app_id,
            "user_id": config.bot_user_id,
            "name": config.bot_name,
            "deleted": False,
            "team_id": config.team_id,
        }

    def _thread(self, message: Message) -> Json:
        replies = self.conversations[message.channel].replies(message.ts)
        if not replies:
            return {}
        users = list(dict.fromkeys(reply.user or reply.bot_id for reply in replies))
        return {
            "thread_ts": message.ts,
            "reply_count": len(replies),
            "reply_users": users,
            "reply_users_count": len(users),
            "latest_reply": replies[-1].ts,
        }


def _everybody(config: PlaygroundConfig) -> tuple[Person, ...]:
    bot = Person(
        config.bot_user_id,
        config.bot_name.lower().replace(" ", "-"),
        config.bot_name,
        "App",
        is_bot=True,
    )
    return (*config.users, bot, Person(SLACKBOT, "slackbot", "Slackbot"))


def _members(room: Room, config: PlaygroundConfig) -> list[str]:
    people = [room.user] if room.user else [person.id for person in config.users]
    return [*people, config.bot_user_id] if room.has_bot else people
