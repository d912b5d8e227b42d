"""Web API: modals and home tabs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.arguments import invalid
from bot.playground.errors import ApiError
from bot.playground.validation import require_view
from bot.playground.web_api import Call, method

if TYPE_CHECKING:
    from bot.playground.config import Json


@method("views.open")
def open_view(call: Call) -> Json:
    """Open a modal for the person who caused the trigger."""
    view = _view(call, "modal")
    user = call.playground.triggers.redeem(call.arguments.require("trigger_id"))
    return {"view": call.playground.views.open(user, view)}


@method("views.push")
def push(call: Call) -> Json:
    """Put a modal on top of the open one."""
    view = _view(call, "modal")
    user = call.playground.triggers.redeem(call.arguments.require("trigger_id"))
    return {"view": call.playground.views.push(user, view)}


@method("views.update")
def update(call: Call) -> Json:
    """Change an open view."""
    view_id = call.arguments.text("view_id") or ""
    external_id = call.arguments.text("external_id") or ""
    if not view_id and not external_id:
        raise invalid("missing required field: view_id or external_id")
    views = call.playground.views
    found = views.find(view_id=view_id, external_id=external_id)
    if found is None:
        raise ApiError("not_found")
    view = _view(call, found[1]["type"])
    return {"view": views.update(found, view, expected=call.arguments.text("hash"))}


@method("views.publish")
def publish(call: Call) -> Json:
    """Show a home tab to a person."""
    user = call.person("user_id")
    view = _view(call, "home")
    expected = call.arguments.text("hash")
    return {"view": call.playground.views.publish(user, view, expected=expected)}


def _view(call: Call, kind: str) -> Json:
    view = call.arguments.structure("view", error="invalid_arguments")
    if view is None:
        raise invalid("missing required field: view")
    return require_view(view, kind)
