"""Slack's Block Kit as tables: which blocks and views exist and what they accept."""

from __future__ import annotations

from bot.playground.elements import (
    ACCESSORIES,
    ACTION_ELEMENTS,
    CONTEXT_ELEMENTS,
    FEEDBACK_BUTTONS,
    ICON_BUTTON,
    ID,
    INPUT_ELEMENTS,
    URL,
)
from bot.playground.schema import (
    Check,
    anything,
    boolean,
    choice,
    items,
    loose,
    number,
    shape,
    string,
    text,
    variants,
)

_RICH_TEXT_LEAF = variants(
    {
        "text": shape({"text": string(40_000)}, {"style": anything}),
        "link": shape({"url": URL}, {"text": anything, "style": anything, "unsafe": boolean}),
        "user": shape({"user_id": ID}, {"style": anything}),
        "usergroup": shape({"usergroup_id": ID}, {"style": anything}),
        "channel": shape({"channel_id": ID}, {"style": anything}),
        "team": shape({"team_id": ID}, {"style": anything}),
        "emoji": shape({"name": ID}, {"unicode": anything, "skin_tone": number, "style": anything}),
        "broadcast": shape({"range": choice("here", "channel", "everyone")}, {"style": anything}),
        "date": shape(
            {"timestamp": number, "format": string(255)},
            {"url": URL, "fallback": string(255), "style": anything},
        ),
        "color": shape({"value": string(7)}),
    }
)
_LEAVES: dict[str, Check] = {"elements": items(_RICH_TEXT_LEAF, most=1000, least=0)}
_BORDER: dict[str, Check] = {"border": number}
_SECTION = shape(_LEAVES)
_RICH_TEXT = variants(
    {
        "rich_text_section": _SECTION,
        "rich_text_preformatted": shape(_LEAVES, {**_BORDER, "language": string(255)}),
        "rich_text_quote": shape(_LEAVES, _BORDER),
        "rich_text_list": shape(
            {
                "style": choice("bullet", "ordered"),
                "elements": items(variants({"rich_text_section": _SECTION}), most=1000),
            },
            {**_BORDER, "indent": number, "offset": number},
        ),
    }
)


def _block(
    required: dict[str, Check],
    optional: dict[str, Check] | None = None,
    *,
    one_of: tuple[str, ...] = (),
) -> Check:
    return shape(required, {"block_id": ID, **(optional or {})}, one_of=one_of)


_EVERYWHERE: dict[str, Check] = {
    "section": _block(
        {},
        {
            "text": text(3000),
            "fields": items(text(2000), most=10),
            "accessory": variants(ACCESSORIES),
            "expand": boolean,
        },
        one_of=("text", "fields"),
    ),
    "header": _block({"text": text(150, plain=True)}, {"level": number}),
    "divider": _block({}),
    "image": _block(
        {"alt_text": string(2000)},
        {"image_url": URL, "slack_file": anything, "title": text(2000, plain=True)},
        one_of=("image_url", "slack_file"),
    ),
    "context": _block({"elements": items(variants(CONTEXT_ELEMENTS), most=10)}),
    "actions": _block({"elements": items(variants(ACTION_ELEMENTS), most=25)}),
    "rich_text": _block({"elements": items(_RICH_TEXT, most=1000)}),
    "input": _block(
        {"label": text(2000, plain=True), "element": variants(INPUT_ELEMENTS)},
        {"hint": text(2000, plain=True), "optional": boolean, "dispatch_action": boolean},
    ),
    "video": loose({"block_id": ID}),
}
_IN_MESSAGES: dict[str, Check] = {
    "context_actions": _block(
        {
            "elements": items(
                variants({"feedback_buttons": FEEDBACK_BUTTONS, "icon_button": ICON_BUTTON}),
                most=5,
            )
        }
    ),
    "markdown": _block({"text": string(12_000)}),
    "file": _block({"external_id": ID, "source": choice("remote")}),
    "table": _block(
        {"rows": items(items(anything, most=20), most=100)}, {"column_settings": anything}
    ),
    # Newer layouts whose insides are not checked here.
    **dict.fromkeys(
        ("alert", "card", "carousel", "container", "plan", "task_card", "call"),
        loose({"block_id": ID}),
    ),
}

MESSAGE_BLOCKS = items(variants(_EVERYWHERE | _IN_MESSAGES), most=50, least=0)
VIEW_BLOCKS = items(variants(_EVERYWHERE), most=100)

_VIEW: dict[str, Check] = {
    "callback_id": string(255, least=0),
    "private_metadata": string(3000, least=0),
    "external_id": string(255, least=0),
    "clear_on_close": boolean,
    "notify_on_close": boolean,
}
_TITLE = text(24, plain=True)
VIEW = variants(
    {
        "modal": shape(
            {"title": _TITLE, "blocks": VIEW_BLOCKS},
            {**_VIEW, "submit": _TITLE, "close": _TITLE, "submit_disabled": boolean},
        ),
        "home": shape({"blocks": VIEW_BLOCKS}, {**_VIEW, "title": _TITLE}),
    }
)
