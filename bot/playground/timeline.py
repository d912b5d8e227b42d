"""What happens in conversations: done once, then told to the page and to the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bot.playground import events
from bot.playground.identify import identified
from bot.playground.message import Message
from bot.playground.workspace import SLACKBOT, Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.playground.assistant import Assistant
    from bot.playground.config import Json
    from bot.playground.feed import Feed


@dataclass(slots=True)
class Timeline:
    """Posts, changes, deletes and reacts. `deliver` hands an event to the app."""

    workspace: Workspace
    feed: Feed
    assistant: Assistant
    deliver: Callable[[Json], None]

    def own(self, channel: str, text: str, **fields: Any) -> Message:  # noqa: ANN401 - Message's
        """Return a new message of the bot, not yet posted."""
        config = self.workspace.config
        message = Message(channel, self.workspace.mint.ts(), config.bot_user_id, text, **fields)
        message.bot_id, message.app_id = config.bot_id, config.app_id
        message.blocks = self.identified(message.blocks)
        return message

    def post(self, message: Message) -> None:
        """Add the message to its conversation."""
        workspace = self.workspace
        workspace.conversations[message.channel].add(message)
        if message.ephemeral_for:
            self._tell_page("ephemeral", message)
            return
        if workspace.is_own(message):
            self.assistant.clear_status(message.channel, message.thread_ts or message.ts)
        self._tell_page("message", message)
        self._touch_parent(message)
        self._tell_app(message.channel, events.message_posted(workspace, message))
        if mention := events.mentioned(workspace, message):
            self._tell_app(message.channel, mention)

    def edit(self, message: Message, *, by: str | None, **changes: object) -> None:
        """Change fields of the message; `by` is shown as its editor, None leaves no mark."""
        previous = self.workspace.render(message)
        for name, value in changes.items():
            setattr(message, name, value)
        if by:
            message.edited = {"user": by, "ts": self.workspace.mint.ts()}
        self.touch(message)
        if not message.ephemeral_for:
            event = events.message_changed(self.workspace, message, previous)
            self._tell_app(message.channel, event)

    def touch(self, message: Message) -> None:
        """Show the message again on the page without telling the app."""
        self._tell_page("message_changed", message)

    def delete(self, message: Message) -> None:
        """Take the message away; one with replies leaves a tombstone, as in Slack."""
        conversation = self.workspace.conversations[message.channel]
        if conversation.replies(message.ts) and not message.ephemeral_for:
            self._bury(message)
            return
        previous = self.workspace.render(message)
        conversation.remove(message)
        self.feed.publish(
            "message_deleted", channel=message.channel, message=self.page_message(message)
        )
        if message.ephemeral_for:
            return
        event = events.message_deleted(self.workspace, message, previous)
        self._tell_app(message.channel, event)
        self._touch_parent(message)

    def add_reaction(self, message: Message, *, user: str, name: str) -> bool:
        """React to the message; False if the user already did."""
        users = message.reactions.setdefault(name, [])
        if user in users:
            return False
        users.append(user)
        self._reacted(message, kind="reaction_added", user=user, name=name)
        return True

    def remove_reaction(self, message: Message, *, user: str, name: str) -> bool:
        """Take a reaction back; False if there was none."""
        users = message.reactions.get(name, [])
        if user not in users:
            return False
        users.remove(user)
        if not users:
            del message.reactions[name]
        self._reacted(message, kind="reaction_removed", user=user, name=name)
        return True

    def page_message(self, message: Message) -> Json:
        """Return the message as the page reads it."""
        return self.workspace.render(message, with_metadata=True) | {
            "streaming": message.stream_started is not None,
            "ephemeral_for": message.ephemeral_for,
            "feedback": dict(message.feedback),
            "tasks": message.tasks,
        }

    def identified(self, blocks: list[Json] | None) -> list[Json] | None:
        """Return the blocks with an id wherever the app gave none, as Slack does."""
        mint = self.workspace.mint
        return None if blocks is None else [identified(block, mint) for block in blocks]

    def _bury(self, message: Message) -> None:
        previous = self.workspace.render(message)
        message.subtype, message.user = "tombstone", SLACKBOT
        message.text, message.bot_id, message.app_id = "This message was deleted.", None, None
        message.blocks = message.files = message.attachments = None
        message.edited, message.reactions = None, {}
        message.stream_started, message.tasks = None, []
        self.touch(message)
        event = events.message_changed(self.workspace, message, previous)
        self._tell_app(message.channel, event)

    def _touch_parent(self, message: Message) -> None:
        if not message.is_reply:
            return
        parent = self.workspace.message(message.channel, message.thread_ts or "")
        if parent is None:
            return
        conversation = self.workspace.conversations[message.channel]
        if parent.is_tombstone and not conversation.replies(parent.ts):
            self.delete(parent)
        else:
            self.touch(parent)

    def _reacted(self, message: Message, *, kind: str, user: str, name: str) -> None:
        self._tell_page("reaction", message)
        event = events.reaction(self.workspace, message, kind=kind, user=user, name=name)
        self._tell_app(message.channel, event)

    def _tell_page(self, kind: str, message: Message) -> None:
        self.feed.publish(kind, channel=message.channel, message=self.page_message(message))

    def _tell_app(self, channel: str, event: Json) -> None:
        if self.workspace.has_bot(channel):
            self.deliver(event)
