"""Blocks and a modal that use every kind of element the tests press."""

from __future__ import annotations

from typing import Any

CHANNEL = "C0HELPDESK"


def plain(text: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": text}


OPTIONS = [{"text": plain(name), "value": name.lower()} for name in ("One", "Two")]
SELECT = {"type": "static_select", "action_id": "pick", "options": OPTIONS}
BLOCKS = [
    {
        "type": "actions",
        "block_id": "acts",
        "elements": [
            {"type": "button", "action_id": "claim", "text": plain("Claim"), "value": "case-1"},
            SELECT,
            {"type": "checkboxes", "action_id": "tick", "options": OPTIONS},
            {"type": "users_select", "action_id": "who"},
            {
                "type": "static_select",
                "action_id": "grouped",
                "option_groups": [{"label": plain("G"), "options": OPTIONS}],
            },
        ],
    },
    {
        "type": "context_actions",
        "block_id": "feed",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "rate",
                "positive_button": {"text": plain("Good"), "value": "up"},
                "negative_button": {"text": plain("Bad"), "value": "down"},
            },
            {"type": "icon_button", "action_id": "drop", "icon": "trash", "text": plain("Delete")},
        ],
    },
]
MODAL = {
    "type": "modal",
    "callback_id": "correct",
    "title": plain("Correct"),
    "submit": plain("Send"),
    "private_metadata": "case-1",
    "notify_on_close": True,
    "blocks": [
        {
            "type": "input",
            "block_id": "why",
            "label": plain("Why?"),
            "element": {"type": "plain_text_input", "action_id": "text", "max_length": 10},
        },
        {
            "type": "input",
            "block_id": "which",
            "optional": True,
            "label": plain("Which?"),
            "element": SELECT,
        },
        {
            "type": "actions",
            "block_id": "more",
            "elements": [{"type": "button", "action_id": "add", "text": plain("Add")}],
        },
    ],
}


def section(text: str = "hi", **fields: object) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **fields}
