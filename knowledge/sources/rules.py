"""Who may read what of a source, and what is answered from: the engineer's word and the author's.

A rule stands in for the default of its source; a document can make either stricter, never looser.
"""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from knowledge.documents import Audience, Status

_Word = TypeVar("_Word", Audience, Status)


class Rule(BaseModel):
    """What holds for documents whose id fits a pattern; `*` also stands for slashes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str = Field(min_length=1)
    audience: Audience | None = None
    status: Status | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.audience is None and self.status is None:
            raise ValueError("a rule sets audience, status or both")
        return self


@dataclass(frozen=True, slots=True)
class Terms:
    """What a declaration says of every document; `template` is an address with {id} in it."""

    audience: Audience = Audience.PUBLIC
    status: Status = Status.PUBLISHED
    rules: tuple[Rule, ...] = ()
    template: str | None = None

    def audience_of(self, local_id: str, said: Audience | None) -> Audience:
        """The first rule's that names one, else the default; or the document's, if stricter."""
        rules = (one.audience for one in self._fitting(local_id))
        return _stricter(next(filter(None, rules), self.audience), said)

    def status_of(self, local_id: str, said: Status | None) -> Status:
        """The first rule's that names one, else the default; or the document's, if stricter."""
        rules = (one.status for one in self._fitting(local_id))
        return _stricter(next(filter(None, rules), self.status), said)

    def url_of(self, local_id: str) -> str | None:
        """The document's address by the template, if there is one."""
        return self.template and self.template.replace("{id}", quote(local_id))

    def _fitting(self, local_id: str) -> list[Rule]:
        return [one for one in self.rules if fnmatchcase(local_id, one.match)]


def _stricter(declared: _Word, said: _Word | None) -> _Word:
    """Both enumerations begin with the word that lets most people see most."""
    order = list(type(declared))
    return declared if said is None else max(declared, said, key=order.index)
