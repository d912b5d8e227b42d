"""What a person does with an interactive element, as Slack reports it (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.errors import PageError
from bot.playground.validation import interactive

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.playground.config import Json

# How each kind of element reports what was chosen: property of the action, and whether many.
_CHOSEN: dict[str, str] = {
    "users_select": "selected_user",
    "conversations_select": "selected_conversation",
    "channels_select": "selected_channel",
    "datepicker": "selected_date",
    "timepicker": "selected_time",
    "datetimepicker": "selected_date_time",
    "multi_users_select": "selected_users",
    "multi_conversations_select": "selected_conversations",
    "multi_channels_select": "selected_channels",
}
_ONE_OPTION = frozenset({"static_select", "external_select", "overflow", "radio_buttons"})
_MANY_OPTIONS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})
STATELESS = frozenset({"button", "icon_button", "feedback_buttons", "overflow", "workflow_button"})


def find_element(blocks: Iterable[Json], block_id: str, action_id: str) -> Json:
    """Return the element with these ids, or raise PageError."""
    for block in blocks:
        if block.get("block_id") == block_id:
            for _, element in interactive(block):
                if element.get("action_id") == action_id:
                    return element
    raise PageError("There is no such button or field in that message.", status=404)


def action(element: Json, *, block_id: str, chosen: object, at: str) -> Json:
    """Return the entry of `actions` for an element; `chosen` is what the person picked.

    Raises:
        PageError: the element cannot be given that.
    """
    named = {
        "type": element["type"],
        "action_id": element["action_id"],
        "block_id": block_id,
        "action_ts": at,
    }
    return (
        named | state_of(element, chosen)
        if _keeps_state(element)
        else named | _pressed(element, chosen)
    )


def state_of(element: Json, chosen: object) -> Json:
    """Return the value of a field as it stands in `state.values`."""
    kind = str(element["type"])
    if kind in _ONE_OPTION:
        return {"type": kind, "selected_option": _option(element, chosen) if chosen else None}
    if kind in _MANY_OPTIONS:
        picked = chosen if isinstance(chosen, list) else [chosen] if chosen else []
        return {"type": kind, "selected_options": [_option(element, one) for one in picked]}
    if kind in _CHOSEN:
        return {"type": kind, _CHOSEN[kind]: chosen}
    return {"type": kind, "value": chosen}


def plain_choice(value: object) -> object:
    """Return what was picked from a state entry such as `{"selected_option": {...}}`."""
    if not isinstance(value, dict):
        return value
    names = ("value", "selected_option", "selected_options", *_CHOSEN.values())
    return next((value[name] for name in names if value.get(name) is not None), None)


def options(element: Json) -> Iterator[Json]:
    """Yield the options of a select, those in groups included."""
    yield from element.get("options") or []
    for group in element.get("option_groups") or []:
        yield from group["options"]


def _keeps_state(element: Json) -> bool:
    return element["type"] not in STATELESS or element["type"] == "overflow"


def _pressed(element: Json, chosen: object) -> Json:
    if element["type"] == "feedback_buttons":
        for name in ("positive_button", "negative_button"):
            if element[name]["value"] == chosen:
                return {"value": chosen, "text": element[name]["text"]}
        raise PageError("Those feedback buttons have no such value.")
    return {name: element[name] for name in ("text", "value", "style", "icon") if name in element}


def _option(element: Json, chosen: object) -> Json:
    value = chosen.get("value") if isinstance(chosen, dict) else chosen
    for option in options(element):
        if option["value"] == value:
            return option
    if str(element["type"]).endswith("external_select") and isinstance(chosen, dict):
        return chosen
    raise PageError("That list has no such option.")
