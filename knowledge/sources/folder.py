"""A folder of Markdown articles with front matter."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, HttpUrl, StringConstraints, ValidationError

from knowledge.documents import Article, ArticleId, Audience, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable

LARGEST_BYTES = 2_000_000
_FENCE = "---"


class FrontMatter(BaseModel):
    """The five keys above an article's text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    url: HttpUrl
    status: Status
    audience: Audience
    updated: date


class MarkdownFolder:
    """Every `*.md` file below a folder; an article's id is its path without the ending."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self) -> Iterator[Article | ArticleInvalid]:
        """Yield each article, or why its file cannot be read, in the order of their names.

        Raises:
            SourceUnavailable: the folder does not exist.
        """
        if not self._folder.is_dir():
            raise SourceUnavailable(f"{self._folder} is not a folder of articles")
        for path in sorted(self._folder.rglob("*.md")):
            try:
                yield self._article(path)
            except ArticleInvalid as error:
                yield error

    def _article(self, path: Path) -> Article:
        name = path.relative_to(self._folder)
        article_id = ArticleId(name.with_suffix("").as_posix())
        try:
            front, body = _split(_text(path))
            matter = FrontMatter.model_validate(yaml.safe_load(front))
        except OSError as error:
            raise ArticleInvalid(f"{name}: {error.strerror}", article_id=article_id) from error
        # YAML itself raises bare ValueErrors on impossible dates, and gives up on deep nesting.
        except (_Unreadable, yaml.YAMLError, ValueError, RecursionError) as error:
            why = _first_problem(error)
            raise ArticleInvalid(f"{name}: {why}", article_id=article_id) from error
        return Article(
            id=article_id,
            title=matter.title,
            url=str(matter.url),
            status=matter.status,
            audience=matter.audience,
            updated=matter.updated,
            text=body,
        )


class _Unreadable(Exception):
    """The file is no article; says why."""


def _text(path: Path) -> str:
    if path.stat().st_size > LARGEST_BYTES:
        raise _Unreadable(f"over {LARGEST_BYTES // 1_000_000} MB, no article")
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _Unreadable("not UTF-8 text") from error
    if "\0" in text:
        raise _Unreadable("a binary file, not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str) -> tuple[str, str]:
    """Front matter and body."""
    lines = text.split("\n")
    if not text.strip():
        raise _Unreadable("the file is empty")
    if lines[0].strip() != _FENCE:
        raise _Unreadable(f"no front matter; the first line must be '{_FENCE}'")
    try:
        end = next(n for n, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE)
    except StopIteration:
        raise _Unreadable(f"the front matter has no closing '{_FENCE}'") from None
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise _Unreadable("there is no text below the front matter")
    return "\n".join(lines[1:end]), body + "\n"


def _first_problem(error: Exception) -> str:
    match error:
        case ValidationError():
            problem = error.errors()[0]
            key = ".".join(map(str, problem["loc"])) or "all of it"
            return f"front matter: {key}: {problem['msg']}"
        case RecursionError():
            return "front matter: nested too deeply"
        case _Unreadable():
            return str(error)
        case _:
            return f"front matter: {' '.join(str(error).split())}"
