"""Web API: who we are, who they are, and connecting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.errors import ApiError
from bot.playground.methods_conversations import describe
from bot.playground.paging import page
from bot.playground.web_api import Call, Token, method

if TYPE_CHECKING:
    from bot.playground.config import Json, Person


@method("api.test", token=Token.NONE)
def api_test(call: Call) -> Json:
    """Return the arguments; the error they ask for, if any."""
    given = {name: value for name, value in call.arguments.values.items() if name != "token"}
    if error := call.arguments.text("error"):
        raise ApiError(error)
    return {"args": given}


@method("auth.test")
def auth_test(call: Call) -> Json:
    """Say whose token this is."""
    config = call.playground.config
    return {
        "url": config.base_url.rstrip("/") + "/",
        "team": config.team_name,
        "team_id": config.team_id,
        "user": call.playground.workspace.people[config.bot_user_id].name,
        "user_id": config.bot_user_id,
        "bot_id": config.bot_id,
        "is_enterprise_install": False,
    }


@method("apps.connections.open", token=Token.APP)
def open_connection(call: Call) -> Json:
    """Return an address for Socket Mode."""
    return {"url": call.playground.sockets.open_url()}


@method("users.info")
def user_info(call: Call) -> Json:
    """Return one person."""
    return {"user": _described(call, call.person())}


@method("users.list")
def list_users(call: Call) -> Json:
    """Return everybody."""
    listed, rest = page(list(call.playground.workspace.people), call.arguments)
    now = int(call.playground.config.clock())
    return {"members": [_described(call, user) for user in listed], "cache_ts": now, **rest}


@method("users.conversations")
def user_conversations(call: Call) -> Json:
    """Return the conversations a person, by default the bot, is in."""
    user = call.arguments.text("user") or call.playground.config.bot_user_id
    if user not in call.playground.workspace.people:
        raise ApiError("user_not_found")
    kinds = set(call.arguments.words("types")) or {"public_channel"}
    chosen = [
        conversation
        for conversation in call.playground.workspace.conversations.values()
        if user in conversation.members
        and ("im" if conversation.room.is_im else "public_channel") in kinds
    ]
    listed, rest = page(chosen, call.arguments)
    return {"channels": [describe(call, conversation) for conversation in listed], **rest}


@method("users.profile.get")
def profile(call: Call) -> Json:
    """Return a person's profile, by default the bot's."""
    user = call.arguments.text("user") or call.playground.config.bot_user_id
    if user not in call.playground.workspace.people:
        raise ApiError("user_not_found")
    return {"profile": _profile(call, call.playground.workspace.people[user])}


@method("team.info")
def team_info(call: Call) -> Json:
    """Return the workspace."""
    config = call.playground.config
    team = {"id": config.team_id, "name": config.team_name, "domain": config.domain}
    return {"team": team | {"email_domain": "", "icon": {}, "url": config.base_url}}


@method("bots.info")
def bot_info(call: Call) -> Json:
    """Return the bot."""
    config = call.playground.config
    if call.arguments.text("bot") not in {None, config.bot_id}:
        raise ApiError("bot_not_found")
    return {
        "bot": {
            "id": config.bot_id,
            "deleted": False,
            "name": config.bot_name,
            "updated": 0,
            "app_id": config.app_id,
            "user_id": config.bot_user_id,
            "icons": {},
        }
    }


def _described(call: Call, user: str) -> Json:
    person = call.playground.workspace.people[user]
    return {
        "id": person.id,
        "team_id": call.playground.config.team_id,
        "name": person.name,
        "deleted": False,
        "color": person.color,
        "real_name": person.real_name,
        "tz": "Etc/UTC",
        "tz_label": "Coordinated Universal Time",
        "tz_offset": 0,
        "profile": _profile(call, person),
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": False,
        "is_ultra_restricted": False,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": 0,
    }


def _profile(call: Call, person: Person) -> Json:
    config = call.playground.config
    described: Json = {
        "title": person.title,
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "first_name": person.real_name.partition(" ")[0],
        "last_name": person.real_name.partition(" ")[2],
        "status_text": "",
        "status_emoji": "",
        "team": config.team_id,
    }
    if person.is_bot:
        return described | {"bot_id": config.bot_id, "api_app_id": config.app_id}
    return described | {"email": f"{person.name}@{config.domain}.example"}
