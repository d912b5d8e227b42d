"""A file of JSON lines, an article each: {"id", "title", "url", "text"} and more if known."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import IO, Annotated
from urllib.parse import quote

from pydantic import StringConstraints, ValidationError

from knowledge.errors import SourceUnavailable
from knowledge.sources.dates import day_of_stamp
from knowledge.sources.front import Forgiving, first_problem
from knowledge.sources.reading import LARGEST_TEXT, Document, Found, Reading, Unread, oversize

# JSON may write each byte of text as an escape of six.
_LONGEST_LINE = 6 * LARGEST_TEXT
_ID = re.compile(rb'"id"\s*:\s*"([^"\\]{1,500})"')


class Line(Forgiving):
    """One article."""

    id: Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
    text: str
    url: Annotated[str, StringConstraints(pattern=r"^(https?://\S+)?$")] | None = None


@dataclass(frozen=True, slots=True)
class JsonLines:
    """The articles in the file at `path`; messages name a line by `label` and its number."""

    path: Path
    label: Path

    def documents(self) -> Iterator[Found]:
        """Yield each, in their order.

        Raises:
            SourceUnavailable: the file cannot be read.
        """
        try:
            with self.path.open("rb") as file:
                written = day_of_stamp(self.path.stat().st_mtime)
                n = 0
                for n, raw in _lines(file):
                    yield self._found(raw, f"{self.label} line {n}", written)
                if not n:
                    yield Unread(str(self.label), str(self.label), "the file is empty")
        except OSError as error:
            raise SourceUnavailable(f"{self.path}: {error.strerror}") from error

    def _found(self, raw: bytes, place: str, written: date) -> Found:
        if len(raw) > _LONGEST_LINE:
            return Unread(_likely_id(raw, place), place, str(oversize(LARGEST_TEXT)))
        try:
            line = Line.model_validate_json(raw)
        except ValidationError as error:
            return Unread(_likely_id(raw, place), place, first_problem(error))
        said = Reading(line.text, line.title, line.url, line.updated, line.status, line.audience)
        address = f"{self.path.absolute().as_uri()}#{quote(line.id)}"
        return Document(line.id, place, said, address, written)


def _lines(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers; of one that is too long, its beginning."""
    n, raw = 0, file.readline(_LONGEST_LINE + 1).removeprefix(b"\xef\xbb\xbf")
    while raw:
        n += 1
        rest = raw
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(_LONGEST_LINE)
        if raw.strip():
            yield n, raw
        raw = file.readline(_LONGEST_LINE + 1)


def _likely_id(raw: bytes, place: str) -> str:
    """The id in a broken line, so that the article it was is known to be spared."""
    found = _ID.search(raw)
    return found[1].decode("utf-8", "replace") if found else place
