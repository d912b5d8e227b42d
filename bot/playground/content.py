"""What a message is made of, read from the arguments of a call (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.playground.errors import ApiError
from bot.playground.validation import (
    MOST_MARKDOWN,
    require_attachments,
    require_blocks,
    require_metadata,
    require_text,
)

if TYPE_CHECKING:
    from bot.playground.arguments import Arguments
    from bot.playground.config import Json


@dataclass(frozen=True, slots=True)
class Content:
    """The checked content of a message; None means not given."""

    text: str | None
    blocks: list[Json] | None
    attachments: list[Json] | None


def read_content(arguments: Arguments) -> Content:
    """Return the content, which must not be empty.

    Raises:
        ApiError: Slack would refuse it.
    """
    text = arguments.text("text")
    if arguments.has("markdown_text"):
        return _markdown(arguments, text)
    blocks = read_blocks(arguments)
    attachments = _attachments(arguments)
    if not (text and text.strip()) and not blocks and not attachments:
        raise ApiError("no_text")
    require_text(text)
    return Content(text, blocks, attachments)


def read_blocks(arguments: Arguments) -> list[Json] | None:
    """Return the argument `blocks`, None if it was not given."""
    blocks = arguments.structure("blocks", error="invalid_blocks_format")
    return None if blocks is None or blocks == "" else require_blocks(blocks)


def read_metadata(arguments: Arguments) -> Json | None:
    """Return the argument `metadata`, None if it is empty or was not given."""
    metadata = arguments.structure("metadata", error="invalid_metadata_format")
    return None if metadata is None else require_metadata(metadata)


def markdown_block(text: str) -> Json:
    """Return the block that shows markdown."""
    return {"type": "markdown", "text": text}


def _markdown(arguments: Arguments, text: str | None) -> Content:
    markdown = arguments.text("markdown_text") or ""
    if text or arguments.has("blocks"):
        raise ApiError("markdown_text_conflict")
    if not markdown.strip():
        raise ApiError("no_text")
    require_text(markdown, most=MOST_MARKDOWN)
    return Content(markdown, [markdown_block(markdown)], _attachments(arguments))


def _attachments(arguments: Arguments) -> list[Json] | None:
    attachments = arguments.structure("attachments", error="invalid_attachments")
    return None if attachments is None else require_attachments(attachments)
