"""Buttons, selects and modals: what a person does is sent to the app, its answer is honoured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.playground import actions
from bot.playground.errors import ApiError, PageError
from bot.playground.events import VERIFICATION_TOKEN
from bot.playground.validation import interactive, require_view

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.delivery import Receipt
    from bot.playground.message import Message
    from bot.playground.playground import Playground

_FAILED_DEPENDENCY = 424


@dataclass(frozen=True, slots=True)
class Deed:
    """A person (`user`) used the element `action_id` in the block `block_id`."""

    user: str
    block_id: str
    action_id: str
    chosen: object = None


async def act_in_message(playground: Playground, message: Message, deed: Deed) -> None:
    """Send a `block_actions` about a message.

    Raises:
        PageError: there is no such element, or the app did not acknowledge.
    """
    element = actions.find_element(message.blocks or [], deed.block_id, deed.action_id)
    action = _action(playground, element, deed)
    if element["type"] == "feedback_buttons":
        message.feedback[deed.user] = action["value"]
        playground.timeline.touch(message)
    room = playground.workspace.conversations[message.channel].room
    name = "directmessage" if room.is_im else room.name
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": message.channel,
        "is_ephemeral": message.ephemeral_for is not None,
    }
    if message.is_reply:
        container["thread_ts"] = message.thread_ts
    payload = _payload(playground, "block_actions", deed.user) | {
        "container": container,
        "channel": {"id": message.channel, "name": name},
        "message": playground.workspace.render(message),
        "response_url": playground.responses.issue(message.channel, message.ts, user=deed.user),
        "actions": [action],
        "state": {"values": _changed(element, deed, action)},
    }
    _require(await playground.delivery.interaction(payload), playground)


async def act_in_view(playground: Playground, view_id: str, deed: Deed, *, state: Json) -> None:
    """Send a `block_actions` about a modal or a home tab; `state` is what its fields hold."""
    view = _view_of(playground, deed.user, view_id)
    element = actions.find_element(view["blocks"], deed.block_id, deed.action_id)
    action = _action(playground, element, deed)
    values, _ = read_state(view, state)
    for block_id, entry in _changed(element, deed, action).items():
        values.setdefault(block_id, {}).update(entry)
    view["state"] = {"values": values}
    payload = _payload(playground, "block_actions", deed.user) | {
        "container": {"type": "view", "view_id": view_id},
        "view": view,
        "actions": [action],
    }
    _require(await playground.delivery.interaction(payload), playground)


async def submit(playground: Playground, *, user: str, view_id: str, state: Json) -> Json:
    """Submit a modal; return what is wrong with it by block, empty if nothing is.

    Raises:
        PageError: there is no such modal, or the app did not answer as Slack expects.
    """
    view = _view_of(playground, user, view_id)
    values, wrong = read_state(view, state)
    if wrong:
        return wrong
    view["state"] = {"values": values}
    payload = _payload(playground, "view_submission", user) | {"view": view, "response_urls": []}
    receipt = await playground.delivery.interaction(payload)
    _require(receipt, playground)
    return _honour(playground, user, view, receipt.response)


async def close(playground: Playground, *, user: str, view_id: str) -> None:
    """Close a modal; the app hears of it if it asked to."""
    view = _view_of(playground, user, view_id)
    if view["clear_on_close"]:
        playground.views.clear(user)
    else:
        playground.views.close(user)
    if view["notify_on_close"]:
        payload = _payload(playground, "view_closed", user) | {
            "view": view,
            "is_cleared": view["clear_on_close"],
        }
        _require(await playground.delivery.interaction(payload), playground)


def read_state(view: Json, state: Json) -> tuple[Json, Json]:
    """Return `state.values` of a modal, and by block what the form itself refuses."""
    values: Json = {}
    wrong: Json = {}
    for block in view["blocks"]:
        entered = state.get(block["block_id"])
        entered = entered if isinstance(entered, dict) else {}
        for _, element in interactive(block):
            if element["type"] in actions.STATELESS:
                continue
            chosen = actions.plain_choice(entered.get(element["action_id"]))
            entry = {element["action_id"]: actions.state_of(element, chosen or None)}
            values.setdefault(block["block_id"], {}).update(entry)
            if block["type"] == "input" and (words := _refused(block, element, chosen)):
                wrong[block["block_id"]] = words
    return values, wrong


def _refused(block: Json, element: Json, chosen: object) -> str:
    if chosen in (None, "", []):
        return "" if block.get("optional") else "Please complete this required field."
    length = len(chosen) if isinstance(chosen, str) else None
    if length is not None and length < element.get("min_length", 0):
        return f"Please enter at least {element['min_length']} characters."
    if length is not None and length > element.get("max_length", 3000):
        return f"Please enter at most {element.get('max_length', 3000)} characters."
    return ""


def _honour(playground: Playground, user: str, view: Json, response: Json) -> Json:
    views = playground.views
    try:
        match response.get("response_action"):
            case None:
                views.close(user)
            case "clear":
                views.clear(user)
            case "errors":
                return _errors(view, response.get("errors"))
            case "update":
                new = require_view(response.get("view"), "modal")
                views.update((user, view), new, expected=None)
            case "push":
                views.push(user, require_view(response.get("view"), "modal"))
            case other:
                raise PageError(f"The app answered with the unknown response_action {other!r}.")
    except ApiError as exc:
        words = "; ".join((exc.code, *exc.messages))
        raise PageError(f"The app answered with a view Slack would refuse: {words}") from exc
    return {}


def _errors(view: Json, errors: object) -> Json:
    inputs = {block["block_id"] for block in view["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not inputs.issuperset(errors):
        raise PageError("The app answered with errors for blocks that are no inputs of the form.")
    return errors


def _payload(playground: Playground, kind: str, user: str) -> Json:
    config = playground.config
    person = playground.workspace.people[user]
    return {
        "type": kind,
        "user": {
            "id": user,
            "username": person.name,
            "name": person.name,
            "team_id": config.team_id,
        },
        "api_app_id": config.app_id,
        "token": VERIFICATION_TOKEN,
        "team": {"id": config.team_id, "domain": config.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "trigger_id": playground.triggers.issue(user),
    }


def _action(playground: Playground, element: Json, deed: Deed) -> Json:
    at = playground.mint.ts()
    return actions.action(element, block_id=deed.block_id, chosen=deed.chosen, at=at)


def _changed(element: Json, deed: Deed, action: Json) -> Json:
    if element["type"] in actions.STATELESS:
        return {}
    own = {"action_id", "block_id", "action_ts"}
    kept = {name: value for name, value in action.items() if name not in own}
    return {deed.block_id: {deed.action_id: kept}}


def _view_of(playground: Playground, user: str, view_id: str) -> Json:
    found = playground.views.find(view_id=view_id)
    if found is None or found[0] != user:
        raise PageError("That dialog is no longer open.", status=404)
    return found[1]


def _require(receipt: Receipt, playground: Playground) -> None:
    if receipt.reason is None:
        return
    name = playground.config.bot_name
    words = {
        "http_timeout": f"{name} did not respond in time.",
        "http_error": f"{name} answered with HTTP status {receipt.status}.",
    }
    sentence = words.get(receipt.reason, f"{name} could not be reached. Is it running?")
    raise PageError(sentence, status=_FAILED_DEPENDENCY)
