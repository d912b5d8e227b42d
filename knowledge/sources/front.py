"""Markdown with front matter: five keys, all of them needed or none."""

from collections.abc import Mapping
from datetime import date
from difflib import get_close_matches
from typing import Annotated, TypeVar

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    HttpUrl,
    StringConstraints,
    ValidationError,
    model_validator,
)

from knowledge.documents import Audience, Status
from knowledge.sources.dates import Day
from knowledge.sources.reading import LONGEST_TITLE, Reading, Unreadable, decoded

_FENCE = "---"
_KEYS = ("title", "url", "status", "audience", "updated")
_ALIKE = 0.8


class FrontMatter(BaseModel):
    """The five keys above an article's text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[
        str, StringConstraints(min_length=1, max_length=LONGEST_TITLE, strip_whitespace=True)
    ]
    url: HttpUrl
    status: Status
    audience: Audience
    updated: date


class Forgiving(BaseModel):
    """Keys of other programs beside ours are passed over, a slip in one of ours is not.

    It would make public what somebody meant to keep internal.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, coerce_numbers_to_str=True)

    title: str | None = None
    status: Status | None = None
    audience: Audience | None = None
    updated: Day | None = None

    @model_validator(mode="before")
    @classmethod
    def _spelt_right(cls, given: object) -> object:
        for key in given if isinstance(given, Mapping) else ():
            if isinstance(key, str) and key not in _KEYS:
                meant = get_close_matches(key.lower(), _KEYS, n=1, cutoff=_ALIKE)
                if meant:
                    raise ValueError(f"'{key}' is no key: '{meant[0]}' is")
        return given


class LooseFrontMatter(Forgiving):
    """The keys above a document that is kept for other programs too; `draft` is one of theirs."""

    url: HttpUrl | None = None
    draft: bool = False


_Matter = TypeVar("_Matter", FrontMatter, LooseFrontMatter)


def demanding(raw: bytes) -> Reading:
    """Markdown whose front matter has all five keys and no other.

    Raises:
        Unreadable: it lacks one, or is no Markdown.
    """
    text = decoded(raw)
    if text.split("\n", 1)[0].strip() != _FENCE:
        raise Unreadable(f"no front matter; the first line must be '{_FENCE}'")
    front, body = _split(text)
    matter = _checked(front, FrontMatter)
    return Reading(
        body, matter.title, str(matter.url), matter.updated, matter.status, matter.audience
    )


def markdown(raw: bytes) -> Reading:
    """Markdown whose front matter, if any, may have our keys among others.

    Raises:
        Unreadable: one of ours has a wrong value, or it is no Markdown.
    """
    text = decoded(raw)
    if text.split("\n", 1)[0].strip() != _FENCE:
        return Reading(text)
    front, body = _split(text)
    matter = _checked(front, LooseFrontMatter)
    return Reading(
        body,
        matter.title,
        str(matter.url) if matter.url else None,
        matter.updated,
        Status.DRAFT if matter.draft and matter.status is not Status.ARCHIVED else matter.status,
        matter.audience,
    )


def first_problem(error: ValidationError) -> str:
    """The first thing that is wrong, with its key."""
    problem = error.errors(include_url=False, include_input=False)[0]
    key = ".".join(map(str, problem["loc"]))
    said = problem["msg"].removeprefix("Value error, ")
    return f"{key}: {said}" if key else said


def _split(text: str) -> tuple[str, str]:
    """Front matter and body."""
    lines = text.split("\n")
    try:
        end = next(n for n, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE)
    except StopIteration:
        raise Unreadable(f"the front matter has no closing '{_FENCE}'") from None
    body = "\n".join(lines[end + 1 :])
    if not body.strip():
        raise Unreadable("there is no text below the front matter")
    return "\n".join(lines[1:end]), body


def _checked(front: str, kind: type[_Matter]) -> _Matter:
    try:
        return kind.model_validate(yaml.safe_load(front))
    except ValidationError as error:
        raise Unreadable(f"front matter: {first_problem(error)}") from error
    except RecursionError as error:
        raise Unreadable("front matter: nested too deeply") from error
    # YAML itself raises bare ValueErrors on impossible dates.
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(f"front matter: {' '.join(str(error).split())}") from error
