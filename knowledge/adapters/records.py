"""Articles and chunks out of what a store kept of them (pure)."""

import hashlib
import json
from datetime import date
from typing import Any, Protocol

from knowledge.documents import (
    ArticleId,
    Audience,
    Chunk,
    Held,
    Passage,
    SourceName,
    Status,
    Tokens,
)


class Record(Protocol):
    """Values by name: a row of SQL, or the properties of an object."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401  both engines' own
        """The value of that name."""


def held(record: Record) -> Held:
    """An article without its text."""
    return Held(
        version=record["version"],
        source=SourceName(record["source"]),
        title=record["title"],
        url=record["url"],
        status=Status(record["status"]),
        audience=Audience(record["audience"]),
        updated=date.fromisoformat(record["updated"]),
        chunks=record["chunks"],
    )


def version(record: Record) -> str:
    """An article's version as stamps tell it: a re-classified article has another one."""
    seen = (record["version"], record["status"], record["audience"])
    return hashlib.sha256("\x1f".join(seen).encode()).hexdigest()[:32]


def passage(
    record: Record, *, score: float, cosine: float, tokens: Tokens, version: str
) -> Passage:
    """A chunk that was found, with title, address, date and version of its article."""
    return Passage(
        chunk=Chunk(
            article_id=ArticleId(record["article_id"]),
            position=record["position"],
            headings=tuple(json.loads(record["headings"])),
            text=record["text"],
            start=record["start"],
            end=record["end"],
        ),
        title=record["title"],
        url=record["url"],
        updated=date.fromisoformat(record["updated"]),
        score=score,
        cosine=cosine,
        tokens=tokens,
        version=version,
    )
