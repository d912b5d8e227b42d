"""Events as Slack's Events API sends them (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.slack_text import mentions

if TYPE_CHECKING:
    from bot.playground.config import Json, PlaygroundConfig
    from bot.playground.message import Message
    from bot.playground.workspace import Workspace

# The old-style token that payloads still carry; apps verify the signature instead.
VERIFICATION_TOKEN = "playground"  # noqa: S105 - not a secret
_THREAD_FIGURES = ("reply_count", "reply_users", "reply_users_count", "latest_reply", "reactions")
_MENTION_FIELDS = ("user", "bot_id", "client_msg_id", "text", "ts", "team", "thread_ts")


def message_posted(workspace: Workspace, message: Message) -> Json:
    """Return the `message` event of a new message."""
    fields = workspace.render(message)
    for name in _THREAD_FIGURES:
        fields.pop(name, None)
    if message.files:
        fields |= {"upload": True, "display_as_bot": message.bot_id is not None}
    return fields | _place(workspace, message) | {"event_ts": message.ts}


def mentioned(workspace: Workspace, message: Message) -> Json | None:
    """Return the `app_mention` event of a new message, None if it mentions no bot.

    Slack sends none in direct messages and none for the bot's own messages.
    """
    config = workspace.config
    conversation = workspace.conversations[message.channel]
    if conversation.room.is_im or workspace.is_own(message):
        return None
    if not mentions(message.text, config.bot_user_id):
        return None
    fields = workspace.render(message)
    kept = {name: fields[name] for name in _MENTION_FIELDS if name in fields}
    place = {"channel": message.channel, "event_ts": message.ts}
    return {"type": "app_mention", **kept, **place}


def message_changed(workspace: Workspace, message: Message, previous: Json) -> Json:
    """Return the event of an edit; `previous` is the message as rendered before."""
    ts = workspace.mint.ts()
    return {
        "type": "message",
        "subtype": "message_changed",
        "hidden": True,
        "message": workspace.render(message),
        "previous_message": previous,
        **_place(workspace, message),
        "ts": ts,
        "event_ts": ts,
    }


def message_deleted(workspace: Workspace, message: Message, previous: Json) -> Json:
    """Return the event of a deletion."""
    ts = workspace.mint.ts()
    return {
        "type": "message",
        "subtype": "message_deleted",
        "hidden": True,
        "deleted_ts": message.ts,
        "previous_message": previous,
        **_place(workspace, message),
        "ts": ts,
        "event_ts": ts,
    }


def reaction(workspace: Workspace, message: Message, *, kind: str, user: str, name: str) -> Json:
    """Return a `reaction_added` or `reaction_removed` event."""
    return {
        "type": kind,
        "user": user,
        "reaction": name,
        "item_user": message.user,
        "item": {"type": "message", "channel": message.channel, "ts": message.ts},
        "event_ts": workspace.mint.ts(),
    }


def home_opened(
    workspace: Workspace, *, user: str, channel: str, tab: str, view: Json | None
) -> Json:
    """Return the event of a person opening the bot's messages or home tab."""
    shown = {"view": view} if view and tab == "home" else {}
    return {
        "type": "app_home_opened",
        "user": user,
        "channel": channel,
        "tab": tab,
        "event_ts": workspace.mint.ts(),
        **shown,
    }


def envelope(config: PlaygroundConfig, event: Json, *, event_id: str, now: float) -> Json:
    """Return the callback body around an event."""
    channel = event.get("channel", "")
    return {
        "token": VERIFICATION_TOKEN,
        "team_id": config.team_id,
        "api_app_id": config.app_id,
        "event": event,
        "type": "event_callback",
        "event_id": event_id,
        "event_time": int(now),
        "authorizations": [
            {
                "enterprise_id": None,
                "team_id": config.team_id,
                "user_id": config.bot_user_id,
                "is_bot": True,
                "is_enterprise_install": False,
            }
        ],
        "is_ext_shared_channel": False,
        "event_context": f"4-{config.team_id}-{config.app_id}-{channel}-{event_id}",
    }


def about(event: Json) -> str | None:
    """Return the timestamp of the message an event is about."""
    item = event.get("item") or event.get("message") or {}
    return item.get("ts") or event.get("deleted_ts") or event.get("ts")


def _place(workspace: Workspace, message: Message) -> Json:
    room = workspace.conversations[message.channel].room
    return {"channel": message.channel, "channel_type": room.channel_type}
