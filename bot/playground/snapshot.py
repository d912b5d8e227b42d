"""Everything the page needs to begin with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.playground import Playground


def snapshot(playground: Playground) -> Json:
    """Return the state of the workspace as the page reads it."""
    playground.expire()
    config, workspace = playground.config, playground.workspace
    users = [person.id for person in config.users]
    return {
        "team": {"id": config.team_id, "name": config.team_name},
        "bot": {"user_id": config.bot_user_id, "name": config.bot_name, "bot_id": config.bot_id},
        "users": [
            {
                "id": person.id,
                "name": person.name,
                "real_name": person.real_name,
                "title": person.title,
                "color": person.color,
            }
            for person in config.users
        ],
        "channels": _channels(playground),
        "messages": {
            channel: [
                playground.timeline.page_message(message)
                for message in conversation.messages.values()
            ]
            for channel, conversation in workspace.conversations.items()
        },
        "status": playground.assistant.statuses(),
        "views": {user: playground.views.top(user) for user in users},
        "prompts": dict(playground.assistant.prompts),
        "home": {user: playground.views.homes.get(user) for user in users},
        "article_hosts": list(config.article_hosts),
        "cursor": playground.feed.cursor,
    }


def _channels(playground: Playground) -> list[Json]:
    workspace = playground.workspace
    listed = []
    for conversation in workspace.conversations.values():
        room = conversation.room
        channel: Json = {
            "id": room.id,
            "name": room.name,
            "is_im": room.is_im,
            "is_member": workspace.has_bot(room.id),
            "topic": room.topic,
        }
        listed.append(channel | ({"user": room.user} if room.is_im else {}))
    return listed
