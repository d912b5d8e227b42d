"""Small checks that combine into the rules of a JSON shape (pure).

A check takes a value and its JSON pointer and returns the problems in Slack's wording, such as
`[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

Check: TypeAlias = Callable[[object, str], list[str]]


def problem(words: str, path: str) -> str:
    """Return one line of `response_metadata.messages`."""
    return f"[ERROR] {words} [json-pointer:{path}]"


def anything(_value: object, _path: str) -> list[str]:
    """Accept every value."""
    return []


def boolean(value: object, path: str) -> list[str]:
    """Accept true and false."""
    return [] if isinstance(value, bool) else [problem("must be a boolean", path)]


def number(value: object, path: str) -> list[str]:
    """Accept whole numbers."""
    accepted = isinstance(value, int) and not isinstance(value, bool)
    return [] if accepted else [problem("must be an integer", path)]


def string(most: int, *, least: int = 1) -> Check:
    """Accept strings of `least` to `most` characters."""

    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, str):
            return [problem("must be a string", path)]
        if len(value) < least:
            return [problem(f"must be more than {least - 1} characters", path)]
        if len(value) > most:
            return [problem(f"must be less than {most + 1} characters", path)]
        return []

    return check


def choice(*accepted: str) -> Check:
    """Accept the given strings."""

    def check(value: object, path: str) -> list[str]:
        if value in accepted:
            return []
        return [problem(f"must be a valid enum value: {', '.join(accepted)}", path)]

    return check


def items(each: Check, *, most: int, least: int = 1) -> Check:
    """Accept lists of `least` to `most` values that all pass `each`."""

    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, list):
            return [problem("must be an array", path)]
        if len(value) < least:
            return [problem(f"no less than {least} items allowed", path)]
        if len(value) > most:
            return [problem(f"no more than {most} items allowed", path)]
        return [
            found for index, entry in enumerate(value) for found in each(entry, f"{path}/{index}")
        ]

    return check


def shape(
    required: Mapping[str, Check],
    optional: Mapping[str, Check] | None = None,
    *,
    one_of: Iterable[str] = (),
) -> Check:
    """Accept objects with all `required`, any `optional`, no other properties.

    Of the properties named in `one_of` (given in `optional`) at least one must be there. `type`
    is always allowed. A property that is null counts as absent.
    """
    known = {"type": anything, **required, **(optional or {})}
    alternatives = tuple(one_of)

    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [problem("must be an object", path)]
        present = {name for name, content in value.items() if content is not None}
        found = [
            problem(f"missing required field: {name}", path)
            for name in required
            if name not in present
        ]
        if alternatives and not present.intersection(alternatives):
            found.append(problem(f"missing required field: {' or '.join(alternatives)}", path))
        for name in present:
            found += (
                known[name](value[name], f"{path}/{name}")
                if name in known
                else [problem(f"invalid additional property: {name}", path)]
            )
        return sorted(found)

    return check


def loose(known: Mapping[str, Check]) -> Check:
    """Accept objects whose `known` properties, where there, pass; others are not looked at."""

    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [problem("must be an object", path)]
        return [
            found
            for name, each in known.items()
            if value.get(name) is not None
            for found in each(value[name], f"{path}/{name}")
        ]

    return check


def variants(shapes: Mapping[str, Check]) -> Check:
    """Accept objects whose `type` is a key of `shapes` and that pass its check."""

    def check(value: object, path: str) -> list[str]:
        if not isinstance(value, dict):
            return [problem("must be an object", path)]
        kind = value.get("type")
        if kind is None:
            return [problem("missing required field: type", path)]
        if not isinstance(kind, str) or kind not in shapes:
            return [problem(f"unsupported type: {kind}", path)]
        return shapes[kind](value, path)

    return check


def text(most: int, *, plain: bool = False) -> Check:
    """Accept text objects of up to `most` characters; only plain ones if `plain`."""
    content: dict[str, Check] = {"text": string(most)}
    kinds = {"plain_text": shape(content, {"emoji": boolean})}
    if not plain:
        kinds["mrkdwn"] = shape(content, {"verbatim": boolean})
    return variants(kinds)
