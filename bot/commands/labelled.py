"""Questions and the documents that answer them, from two files of JSON lines."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from bot.errors import ConfigurationError
from knowledge.ranking import Question
from knowledge.sources.front import first_problem

Filled = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Row = TypeVar("Row", bound=BaseModel)


class QuestionRow(BaseModel):
    """A line of the file of questions; what else it says is passed over."""

    model_config = ConfigDict(frozen=True)

    id: Filled
    text: Filled
    previous: str | None = None
    answerable: bool | None = None


class RelevantRow(BaseModel):
    """A question's id, and the id of a document that answers it."""

    model_config = ConfigDict(frozen=True)

    query: Filled
    doc: Filled


def read_questions(path: Path) -> list[Question]:
    """Every question, in the file's order.

    Raises:
        ConfigurationError: the file or a line of it is wrong; names the line.
    """
    found: dict[str, Question] = {}
    for place, row in _rows(path, QuestionRow):
        if row.id in found:
            raise ConfigurationError(f"{place}: there is a question {row.id!r} already")
        found[row.id] = Question(row.id, row.text, row.previous or None, row.answerable)
    return list(found.values())


def read_relevant(
    path: Path, *, questions: Sequence[Question], documents: Collection[str], where: str
) -> Mapping[str, frozenset[str]]:
    """The documents that answer each question; one that none answers lacks.

    `where` says to an engineer what the documents are.

    Raises:
        ConfigurationError: the file or a line of it is wrong, or names what is not there.
    """
    asked = {one.id for one in questions}
    found: dict[str, frozenset[str]] = {}
    for place, row in _rows(path, RelevantRow):
        if row.query not in asked:
            raise ConfigurationError(f"{place}: there is no question {row.query!r}")
        if row.doc not in documents:
            raise ConfigurationError(f"{place}: there is no document {row.doc!r} in {where}")
        found[row.query] = found.get(row.query, frozenset()) | {row.doc}
    return found


def _rows(path: Path, kind: type[Row]) -> Iterator[tuple[str, Row]]:
    """Each line with its place."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")
    except OSError as error:
        raise ConfigurationError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path}: not UTF-8 text") from error
    if not any(line.strip() for line in lines):
        raise ConfigurationError(f"{path}: the file is empty")
    for n, line in enumerate(lines, start=1):
        if line.strip():
            place = f"{path} line {n}"
            yield place, _row(line, kind, place)


def _row(line: str, kind: type[Row], place: str) -> Row:
    try:
        return kind.model_validate_json(line)
    except ValidationError as error:
        raise ConfigurationError(f"{place}: {first_problem(error)}") from error
