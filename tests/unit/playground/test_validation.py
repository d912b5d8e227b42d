from __future__ import annotations

from typing import Any

import pytest
from slack_sdk.models import blocks as kit
from unit.playground.samples import plain, section

from bot.playground.errors import ApiError
from bot.playground.validation import (
    require_blocks,
)


def button(**fields: object) -> dict[str, Any]:
    return {"type": "button", "text": plain("Go"), **fields}


def actions(*elements: dict[str, Any]) -> dict[str, Any]:
    return {"type": "actions", "elements": list(elements)}


def feedback(value: str = "up", text: str = "Good") -> dict[str, Any]:
    return {
        "type": "feedback_buttons",
        "action_id": "feedback",
        "positive_button": {"text": plain(text), "value": value},
        "negative_button": {"text": plain("Bad"), "value": "down"},
    }


REFUSED = [
    ([{"type": "nonsense"}], "unsupported type: nonsense", "/blocks/0"),
    ([{"text": "x"}], "missing required field: type", "/blocks/0"),
    ([{"type": ["a"]}], "unsupported type", "/blocks/0"),
    (["text"], "must be an object", "/blocks/0"),
    ("text", "must be an array", "/blocks"),
    ([{"type": "section"}], "missing required field: text or fields", "/blocks/0"),
    ([section("")], "more than 0 characters", "/blocks/0/text/text"),
    ([section("x" * 3001)], "less than 3001 characters", "/blocks/0/text/text"),
    ([section(fields=[plain("x" * 2001)])], "less than 2001", "/blocks/0/fields/0/text"),
    ([section(fields=[plain("x")] * 11)], "no more than 10 items", "/blocks/0/fields"),
    ([section(colour="red")], "invalid additional property: colour", "/blocks/0"),
    ([{"type": "header", "text": plain("x" * 151)}], "less than 151", "/blocks/0/text/text"),
    (
        [{"type": "header", "text": {"type": "mrkdwn", "text": "x"}}],
        "unsupported type: mrkdwn",
        "/blocks/0/text",
    ),
    ([{"type": "context", "elements": [plain("x")] * 11}], "no more than 10", "/blocks/0/elements"),
    ([{"type": "context", "elements": []}], "no less than 1 items", "/blocks/0/elements"),
    ([actions(*[button()] * 26)], "no more than 25", "/blocks/0/elements"),
    ([actions(button(text=plain("x" * 76)))], "less than 76", "/blocks/0/elements/0/text/text"),
    ([actions(button(value="x" * 2001))], "less than 2001", "/blocks/0/elements/0/value"),
    ([actions(button(style="loud"))], "valid enum value", "/blocks/0/elements/0/style"),
    ([actions(button(value=7))], "must be a string", "/blocks/0/elements/0/value"),
    ([actions({"type": "image"})], "unsupported type: image", "/blocks/0/elements/0"),
    (
        [actions(button(action_id="a"), button(action_id="a"))],
        "action_id 'a' already exists",
        "/blocks/0/elements/1/action_id",
    ),
    (
        [section(block_id="b"), section(block_id="b")],
        "block_id 'b' already exists",
        "/blocks/1/block_id",
    ),
    ([section(block_id="b" * 256)], "less than 256", "/blocks/0/block_id"),
    (
        [{"type": "context_actions", "elements": [feedback()] * 6}],
        "no more than 5",
        "/blocks/0/elements",
    ),
    (
        [{"type": "context_actions", "elements": [button()]}],
        "unsupported type: button",
        "/blocks/0/elements/0",
    ),
    (
        [{"type": "context_actions", "elements": [feedback(value="v" * 2001)]}],
        "less than 2001",
        "/blocks/0/elements/0/positive_button/value",
    ),
    (
        [{"type": "context_actions", "elements": [feedback(text="v" * 76)]}],
        "less than 76",
        "/blocks/0/elements/0/positive_button/text/text",
    ),
    ([{"type": "markdown", "text": ""}], "more than 0", "/blocks/0/text"),
    ([{"type": "markdown", "text": "x" * 12_001}], "less than 12001", "/blocks/0/text"),
    ([{"type": "markdown", "text": "x" * 6_001}] * 2, "less than 12001", "/blocks"),
    ([section()] * 51, "no more than 50 items", "/blocks"),
    (
        [{"type": "image", "alt_text": "x"}],
        "missing required field: image_url or slack_file",
        "/blocks/0",
    ),
    (
        [
            {
                "type": "rich_text",
                "elements": [{"type": "rich_text_section", "elements": [{"type": "x"}]}],
            }
        ],
        "unsupported type: x",
        "/blocks/0/elements/0/elements/0",
    ),
    (
        [section(accessory={"type": "static_select", "action_id": "s"})],
        "missing required field: options or option_groups",
        "/blocks/0/accessory",
    ),
    (
        [
            section(
                accessory={"type": "overflow", "options": [{"text": plain("x"), "value": "v"}] * 6}
            )
        ],
        "no more than 5",
        "/blocks/0/accessory/options",
    ),
    (
        [section(accessory={"type": "datetimepicker", "initial_date_time": "soon"})],
        "must be an integer",
        "/blocks/0/accessory/initial_date_time",
    ),
    ([section(expand="yes")], "must be a boolean", "/blocks/0/expand"),
]


@pytest.mark.parametrize(("blocks", "words", "path"), REFUSED)
def test_refused_blocks_name_the_problem_and_its_path(
    blocks: object, words: str, path: str
) -> None:
    with pytest.raises(ApiError) as refused:
        require_blocks(blocks)
    assert refused.value.code == "invalid_blocks"
    assert any(words in m and m.endswith(f"[json-pointer:{path}]") for m in refused.value.messages)


ACCEPTED = [
    [],
    [section("x" * 3000)],
    [{"type": "header", "text": plain("x" * 150)}],
    [actions(*(button(action_id=str(n)) for n in range(25)))],
    [actions(button(action_id="same")), actions(button(action_id="same"))],
    [{"type": "markdown", "text": "x" * 12_000}],
    [section()] * 50,
    [{"type": "context_actions", "elements": [feedback()]}],
    [{"type": "section", "text": None, "fields": [plain("x")]}],
]


@pytest.mark.parametrize("blocks", ACCEPTED)
def test_blocks_at_the_limits_are_accepted(blocks: list[dict[str, Any]]) -> None:
    assert require_blocks(blocks) == blocks


def test_everything_the_sdk_builds_is_accepted() -> None:
    option = kit.Option(text="One", value="1")
    built = [
        kit.SectionBlock(text="*x*", fields=["a", "b"], block_id="s", expand=True),
        kit.SectionBlock(
            text="x",
            accessory=kit.StaticSelectElement(placeholder="p", options=[option], action_id="a"),
        ),
        kit.HeaderBlock(text="h"),
        kit.DividerBlock(),
        kit.ImageBlock(image_url="https://a.example/x.png", alt_text="x", title="t"),
        kit.ContextBlock(
            elements=[
                kit.MarkdownTextObject(text="x"),
                kit.ImageElement(image_url="https://a.example/x.png", alt_text="x"),
            ]
        ),
        kit.ActionsBlock(
            elements=[
                kit.ButtonElement(
                    text="b",
                    action_id="b1",
                    value="v",
                    style="danger",
                    url="https://a.example",
                    confirm=kit.ConfirmObject(title="t", text="x", confirm="y", deny="n"),
                ),
                kit.OverflowMenuElement(options=[option, option], action_id="b2"),
                kit.RadioButtonsElement(options=[option], action_id="b3"),
                kit.CheckboxesElement(options=[option], action_id="b4"),
                kit.UserSelectElement(placeholder="p", action_id="b5"),
                kit.ConversationSelectElement(placeholder="p", action_id="b6"),
                kit.DatePickerElement(action_id="b7", initial_date="2026-01-01"),
                kit.DateTimePickerElement(action_id="b8"),
                kit.TimePickerElement(action_id="b9"),
                kit.UserMultiSelectElement(placeholder="p", action_id="b10"),
            ]
        ),
        kit.ContextActionsBlock(
            elements=[
                kit.FeedbackButtonsElement(
                    action_id="f",
                    positive_button=kit.FeedbackButtonObject(text="Good", value="up"),
                    negative_button=kit.FeedbackButtonObject(text="Bad", value="down"),
                ),
                kit.IconButtonElement(icon="trash", text="Delete", action_id="d"),
            ]
        ),
        kit.MarkdownBlock(text="**x**"),
        kit.RichTextBlock(
            elements=[
                kit.RichTextSectionElement(
                    elements=[
                        kit.RichTextElementParts.Text(text="x"),
                        kit.RichTextElementParts.Link(url="https://a.example"),
                        kit.RichTextElementParts.User(user_id="U1"),
                        kit.RichTextElementParts.Emoji(name="wave"),
                        kit.RichTextElementParts.Broadcast(range="here"),
                    ]
                ),
                kit.RichTextListElement(
                    style="bullet",
                    elements=[
                        kit.RichTextSectionElement(
                            elements=[kit.RichTextElementParts.Text(text="x")]
                        )
                    ],
                ),
                kit.RichTextQuoteElement(elements=[kit.RichTextElementParts.Text(text="q")]),
                kit.RichTextPreformattedElement(elements=[kit.RichTextElementParts.Text(text="p")]),
            ]
        ),
        kit.InputBlock(label="l", hint="h", element=kit.PlainTextInputElement(action_id="i")),
    ]
    blocks = [block.to_dict() for block in built]
    assert require_blocks(blocks) == blocks


def test_the_whole_text_has_an_undocumented_limit() -> None:
    fits = [section("x" * 3000)] * 4 + [section("x" * 1200)]
    require_blocks(fits)
    with pytest.raises(ApiError, match="msg_blocks_too_long"):
        require_blocks([*fits, section("x")])
