from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.playground.samples import plain, section

from bot.playground.errors import ApiError
from bot.playground.identify import identified
from bot.playground.mint import Mint
from bot.playground.validation import (
    require_attachments,
    require_blocks,
    require_metadata,
    require_view,
)


@pytest.mark.parametrize(
    "metadata",
    ["x", [], {"event_type": "a"}, {"event_payload": {}}, {"event_type": "", "event_payload": {}},
     {"event_type": "a", "event_payload": "x"}, {"event_type": "a", "event_payload": {}, "z": 1}],
)  # fmt: skip
def test_malformed_metadata_is_refused(metadata: object) -> None:
    with pytest.raises(ApiError, match="invalid_metadata_format"):
        require_metadata(metadata)


def test_metadata_is_kept_and_emptied() -> None:
    kept = {"event_type": "answered", "event_payload": {"n": 1}}
    assert require_metadata(kept) == kept
    assert require_metadata({}) is None


@pytest.mark.parametrize("attachments", ["x", ["x"], {"text": "x"}])
def test_malformed_attachments_are_refused(attachments: object) -> None:
    with pytest.raises(ApiError, match="invalid_attachments"):
        require_attachments(attachments)


def test_blocks_inside_attachments_are_checked() -> None:
    with pytest.raises(ApiError) as refused:
        require_attachments([{"blocks": [{"type": "x"}]}])
    assert "/attachments/0/blocks/0" in refused.value.messages[0]
    with pytest.raises(ApiError, match="too_many_attachments"):
        require_attachments([{}] * 101)


INPUT = {
    "type": "input",
    "block_id": "why",
    "label": plain("Why?"),
    "element": {"type": "plain_text_input", "action_id": "text"},
}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": plain("x" * 25)}, "less than 25 characters"),
        ({"title": None}, "missing required field: title"),
        ({"submit": None}, "missing required field: submit"),
        ({"blocks": []}, "no less than 1 items"),
        ({"blocks": [section()] * 101}, "no more than 100 items"),
        ({"blocks": [{"type": "markdown", "text": "x"}]}, "unsupported type: markdown"),
        ({"private_metadata": "x" * 3001}, "less than 3001"),
        ({"type": "home"}, "invalid additional property"),
        ({"type": "dialog"}, "unsupported type: dialog"),
    ],
)
def test_refused_views_name_the_problem(change: dict[str, Any], words: str) -> None:
    view = {"type": "modal", "title": plain("T"), "submit": plain("Ok"), "blocks": [INPUT]} | change
    with pytest.raises(ApiError) as refused:
        require_view(view, "modal")
    assert refused.value.code == "invalid_arguments"
    assert any(words in message for message in refused.value.messages)


def test_a_view_of_the_wrong_kind_is_refused() -> None:
    home = {"type": "home", "blocks": [section()]}
    assert require_view(home, "home") == home
    with pytest.raises(ApiError, match="invalid_arguments"):
        require_view(home, "modal")


NAMES = st.sampled_from(
    ["type", "text", "elements", "fields", "accessory", "element", "blocks", "block_id", "title",
     "action_id", "options", "value", "label", "rows", "style", "alt_text", "image_url"]
)  # fmt: skip
WORDS = st.sampled_from(
    ["section", "actions", "context", "rich_text", "markdown", "image", "input", "table", "card",
     "video", "button", "static_select", "plain_text", "mrkdwn", "modal", "home", "", "x"]
)  # fmt: skip
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(ANYTHING)
def test_checking_never_fails_in_another_way(value: object) -> None:
    mint = Mint(lambda: 1.0)
    for check in (require_blocks, require_view, require_metadata, require_attachments):
        try:
            check(value)
        except ApiError:
            continue
        for block in value if check is require_blocks else []:
            assert identified(block, mint)["block_id"]


@given(st.lists(st.dictionaries(NAMES, ANYTHING, max_size=4), max_size=3))
def test_checking_lists_of_blocks_never_fails_in_another_way(value: object) -> None:
    with contextlib.suppress(ApiError):
        for block in require_blocks(value):
            identified(block, Mint(lambda: 1.0))
