"""Is this a message, metadata or a view that Slack would accept? (pure)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.block_kit import MESSAGE_BLOCKS, VIEW
from bot.playground.errors import ApiError
from bot.playground.schema import problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from bot.playground.config import Json

MOST_TEXT = 40_000
MOST_MARKDOWN = 12_000
# Undocumented; bolt-js #2509, metabase #79908.
MOST_BLOCK_TEXT = 13_200


def require_text(text: str | None, *, most: int = MOST_TEXT) -> None:
    """Raise `msg_too_long` if the text is longer than `most` characters."""
    if text and len(text) > most:
        raise ApiError("msg_too_long")


def require_blocks(blocks: object, *, path: str = "/blocks") -> list[Json]:
    """Return the blocks of a message, or raise `invalid_blocks` or `msg_blocks_too_long`."""
    found = MESSAGE_BLOCKS(blocks, path)
    if not found and isinstance(blocks, list):
        found = [*_duplicates(blocks, path), *_markdown_total(blocks, path)]
        if not found:
            _require_total(blocks)
            return blocks
    raise ApiError("invalid_blocks", found)


def require_attachments(attachments: object) -> list[Json]:
    """Return the attachments of a message, or raise `invalid_attachments`."""
    if not isinstance(attachments, list) or not all(isinstance(a, dict) for a in attachments):
        raise ApiError("invalid_attachments")
    if len(attachments) > 100:  # noqa: PLR2004 - Slack's limit
        raise ApiError("too_many_attachments")
    for index, attachment in enumerate(attachments):
        if attachment.get("blocks"):
            require_blocks(attachment["blocks"], path=f"/attachments/{index}/blocks")
    return attachments


def require_metadata(metadata: object) -> Json | None:
    """Return message metadata (None for `{}`), or raise `invalid_metadata_format`."""
    if metadata == {}:
        return None
    valid = (
        isinstance(metadata, dict)
        and isinstance(metadata.get("event_type"), str)
        and bool(metadata["event_type"])
        and isinstance(metadata.get("event_payload"), dict)
        and set(metadata) <= {"event_type", "event_payload", "entities"}
    )
    if not valid or not isinstance(metadata, dict):
        raise ApiError("invalid_metadata_format")
    return metadata


def require_view(view: object, *kinds: str) -> Json:
    """Return a view of one of the `kinds`, or raise `invalid_arguments`."""
    found = VIEW(view, "/view")
    if not found and isinstance(view, dict):
        found = [*_duplicates(view["blocks"], "/view/blocks"), *_view_rules(view, kinds)]
        if not found:
            return view
    raise ApiError("invalid_arguments", found)


def interactive(block: Json) -> Iterator[tuple[str, Json]]:
    """Yield the elements of a block that carry an action_id, with their paths in it."""
    elements = block.get("elements") if block.get("type") != "rich_text" else None
    for index, element in enumerate(elements if isinstance(elements, list) else []):
        if isinstance(element, dict) and _acts(element):
            yield f"elements/{index}", element
    for name in ("accessory", "element"):
        element = block.get(name)
        if isinstance(element, dict) and _acts(element):
            yield name, element


def _acts(element: Json) -> bool:
    kind = element.get("type")
    return isinstance(kind, str) and kind not in {"image", "plain_text", "mrkdwn"}


def _duplicates(blocks: Iterable[Json], path: str) -> Iterator[str]:
    block_ids: set[str] = set()
    for index, block in enumerate(blocks):
        here = f"{path}/{index}"
        yield from _repeated(block, "block_id", block_ids, here)
        action_ids: set[str] = set()
        for where, element in interactive(block):
            yield from _repeated(element, "action_id", action_ids, f"{here}/{where}")


def _repeated(holder: Json, name: str, seen: set[str], path: str) -> Iterator[str]:
    value = holder.get(name)
    if isinstance(value, str):
        if value in seen:
            yield problem(f"{name} {value!r} already exists", f"{path}/{name}")
        seen.add(value)


def _markdown_total(blocks: Iterable[Json], path: str) -> Iterator[str]:
    total = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if total > MOST_MARKDOWN:
        yield problem(f"markdown blocks must be less than {MOST_MARKDOWN + 1} characters", path)


def _require_total(blocks: list[Json]) -> None:
    if sum(len(text) for text in _texts(blocks)) > MOST_BLOCK_TEXT:
        raise ApiError("msg_blocks_too_long")


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield from _texts(entry)
    elif isinstance(value, dict):
        for name, entry in value.items():
            if name == "text" and isinstance(entry, str):
                yield entry
            else:
                yield from _texts(entry)


def _view_rules(view: Json, kinds: tuple[str, ...]) -> Iterator[str]:
    if view["type"] not in kinds:
        yield problem(f"unsupported type: {view['type']}", "/view/type")
    asks = any(block.get("type") == "input" for block in view["blocks"])
    if view["type"] == "modal" and asks and not view.get("submit"):
        yield problem("missing required field: submit", "/view")
