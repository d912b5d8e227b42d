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
        front, body = _split(_text(path, str(name)), str(name))
        try:
            matter = FrontMatter.model_validate(yaml.safe_load(front))
        except (yaml.YAMLError, ValidationError) as error:
            raise ArticleInvalid(f"{name}: front matter: {_first_problem(error)}") from error
        return Article(
            id=ArticleId(name.with_suffix("").as_posix()),
            title=matter.title,
            url=str(matter.url),
            status=matter.status,
            audience=matter.audience,
            updated=matter.updated,
            text=body,
        )


def _text(path: Path, name: str) -> str:
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise ArticleInvalid(f"{name}: over {LARGEST_BYTES // 1_000_000} MB, no article")
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ArticleInvalid(f"{name}: not UTF-8 text") from error
    except OSError as error:
        raise ArticleInvalid(f"{name}: {error.strerror}") from error
    if "\0" in text:
        raise ArticleInvalid(f"{name}: a binary file, not text")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str, name: str) -> tuple[str, str]:
    """Front matter and body."""
    lines = text.split("\n")
    if not text.strip():
        raise ArticleInvalid(f"{name}: the file is empty")
    if lines[0].strip() != _FENCE:
        raise ArticleInvalid(f"{name}: no front matter; the first line must be '{_FENCE}'")
    try:
        end = next(n for n, line in enumerate(lines[1:], start=1) if line.strip() == _FENCE)
    except StopIteration:
        raise ArticleInvalid(f"{name}: the front matter has no closing '{_FENCE}'") from None
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise ArticleInvalid(f"{name}: there is no text below the front matter")
    return "\n".join(lines[1:end]), body + "\n"


def _first_problem(error: yaml.YAMLError | ValidationError) -> str:
    if isinstance(error, ValidationError):
        problem = error.errors()[0]
        return f"{'.'.join(map(str, problem['loc'])) or 'all of it'}: {problem['msg']}"
    return " ".join(str(error).split())
