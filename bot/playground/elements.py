"""Slack's block elements as tables: buttons, selects, pickers and inputs, and what they accept."""

from __future__ import annotations

from bot.playground.schema import (
    Check,
    anything,
    boolean,
    choice,
    items,
    number,
    shape,
    string,
    text,
)

ID = string(255)
_ACTION: dict[str, Check] = {"action_id": ID}
_FOCUS: dict[str, Check] = {**_ACTION, "focus_on_load": boolean}
URL = string(3000)
_LABEL = text(75, plain=True)

_CONFIRM = shape(
    {
        "title": text(100, plain=True),
        "text": text(300),
        "confirm": text(30, plain=True),
        "deny": text(30, plain=True),
    },
    {"style": choice("primary", "danger")},
)
_OPTION = shape(
    {"text": text(75), "value": string(150)},
    {"description": text(75), "url": URL},
)
_OPTION_GROUP = shape({"label": _LABEL, "options": items(_OPTION, most=100)})
_PLACEHOLDER: dict[str, Check] = {
    **_FOCUS,
    "placeholder": text(150, plain=True),
    "confirm": _CONFIRM,
}
_MULTI: dict[str, Check] = {**_PLACEHOLDER, "max_selected_items": number}
_FEW = items(_OPTION, most=10)
_IDS = items(string(255), most=100, least=0)
_FEEDBACK = shape(
    {"text": _LABEL, "value": string(2000)}, {"accessibility_label": string(75, least=0)}
)
_DISPATCH = shape({}, {"trigger_actions_on": anything})
_TYPED: dict[str, Check] = {
    **_FOCUS,
    "placeholder": text(150, plain=True),
    "dispatch_action_config": _DISPATCH,
}


def _choosing(one: str, multi: dict[str, Check], single: dict[str, Check]) -> dict[str, Check]:
    return {one: shape({}, {**_PLACEHOLDER, **single}), f"multi_{one}": shape({}, _MULTI | multi)}


_OPTIONS: dict[str, Check] = {
    "options": items(_OPTION, most=100),
    "option_groups": items(_OPTION_GROUP, most=100),
}

BUTTON = shape(
    {"text": _LABEL},
    {
        **_ACTION,
        "url": URL,
        "value": string(2000),
        "style": choice("primary", "danger"),
        "confirm": _CONFIRM,
        "accessibility_label": string(75, least=0),
        "agent_prompt": string(4000),
        "visible_to_user_ids": _IDS,
    },
)
FEEDBACK_BUTTONS = shape({"positive_button": _FEEDBACK, "negative_button": _FEEDBACK}, _ACTION)
ICON_BUTTON = shape(
    {"icon": string(75), "text": _LABEL},
    {
        **_ACTION,
        "value": string(2000),
        "confirm": _CONFIRM,
        "accessibility_label": string(75, least=0),
        "visible_to_user_ids": _IDS,
    },
)
IMAGE_ELEMENT = shape(
    {"alt_text": string(2000)},
    {"image_url": URL, "slack_file": anything},
    one_of=("image_url", "slack_file"),
)

_SELECTS: dict[str, Check] = {
    "static_select": shape(
        {},
        {**_PLACEHOLDER, **_OPTIONS, "initial_option": _OPTION},
        one_of=("options", "option_groups"),
    ),
    "multi_static_select": shape(
        {},
        {**_MULTI, **_OPTIONS, "initial_options": items(_OPTION, most=100)},
        one_of=("options", "option_groups"),
    ),
    **_choosing(
        "external_select",
        {"min_query_length": number, "initial_options": items(_OPTION, most=100)},
        {"min_query_length": number, "initial_option": _OPTION},
    ),
    **_choosing("users_select", {"initial_users": _IDS}, {"initial_user": ID}),
    **_choosing(
        "conversations_select",
        {
            "initial_conversations": _IDS,
            "default_to_current_conversation": boolean,
            "filter": anything,
        },
        {
            "initial_conversation": ID,
            "default_to_current_conversation": boolean,
            "response_url_enabled": boolean,
            "filter": anything,
        },
    ),
    **_choosing(
        "channels_select",
        {"initial_channels": _IDS},
        {"initial_channel": ID, "response_url_enabled": boolean},
    ),
}
_PICKERS: dict[str, Check] = {
    "overflow": shape({"options": items(_OPTION, most=5)}, {**_ACTION, "confirm": _CONFIRM}),
    "radio_buttons": shape(
        {"options": _FEW}, {**_FOCUS, "initial_option": _OPTION, "confirm": _CONFIRM}
    ),
    "checkboxes": shape(
        {"options": _FEW},
        {**_FOCUS, "initial_options": items(_OPTION, most=10), "confirm": _CONFIRM},
    ),
    "datepicker": shape({}, {**_PLACEHOLDER, "initial_date": string(10)}),
    "timepicker": shape({}, {**_PLACEHOLDER, "initial_time": string(5), "timezone": string(100)}),
    "datetimepicker": shape({}, {**_FOCUS, "initial_date_time": number, "confirm": _CONFIRM}),
}
_INPUTS: dict[str, Check] = {
    "plain_text_input": shape(
        {},
        {
            **_TYPED,
            "initial_value": string(3000, least=0),
            "multiline": boolean,
            "min_length": number,
            "max_length": number,
        },
    ),
    "email_text_input": shape({}, {**_TYPED, "initial_value": string(3000, least=0)}),
    "url_text_input": shape({}, {**_TYPED, "initial_value": string(3000, least=0)}),
    "number_input": shape(
        {"is_decimal_allowed": boolean},
        {
            **_TYPED,
            "initial_value": string(100),
            "min_value": string(100),
            "max_value": string(100),
        },
    ),
    "rich_text_input": shape({}, {**_TYPED, "initial_value": anything}),
    "file_input": shape({}, {**_ACTION, "filetypes": anything, "max_files": number}),
}

_WORKFLOW: dict[str, Check] = {
    "workflow_button": shape({"text": _LABEL, "workflow": anything}, {**_ACTION, "style": anything})
}
ACTION_ELEMENTS: dict[str, Check] = {"button": BUTTON, **_WORKFLOW, **_SELECTS, **_PICKERS}
ACCESSORIES: dict[str, Check] = {"image": IMAGE_ELEMENT, **ACTION_ELEMENTS}
CONTEXT_ELEMENTS: dict[str, Check] = {
    "image": IMAGE_ELEMENT,
    "plain_text": text(3000),
    "mrkdwn": text(3000),
}
INPUT_ELEMENTS: dict[str, Check] = {
    k: v for k, v in {**_SELECTS, **_PICKERS, **_INPUTS}.items() if k != "overflow"
}
