"""The sentences of passages that may be quoted, each in its place (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from knowledge.documents import Passage
from knowledge.sentences import Form, Sentence, chunk_sentences

_LEANS = re.compile(
    r"(?:that|he|she|both|neither|either|such|then|otherwise|however|but|and|or|so|also|except"
    r"|unless|instead|afterwards|if (?:so|not)|the (?:first|second|third|other|others|latter"
    r"|former|same|rest))\b|(?:\S+ ){0,2}(?:it|its|they|their|them|this|these|those)\b"
    r"|(?:after|before|in|until|for) that\b|since then\b",
    re.IGNORECASE,
)
_LIMITS = re.compile(r"(?:unless|except|but|however|otherwise|only|if not)\b", re.IGNORECASE)
_REPLIES = re.compile(r"(?:yes|no)\b[.,:;!]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence that may be quoted.

    `passage` counts from 1. `group` counts the paragraphs, lists and tables of a passage, `entry`
    the entries of a list; the sentence that announces a list is its entry -1.
    """

    text: str
    form: Form
    passage: int
    group: int
    entry: int
    heading: str

    @property
    def place(self) -> tuple[int, int]:
        """Quotes of one place make one paragraph, list or table."""
        return self.passage, self.group

    @property
    def under_heading(self) -> str:
        """What it means where it stands: "You can." answers nothing alone."""
        return f"{self.heading}: {self.text}"

    @property
    def announces(self) -> bool:
        """Whether it says nothing without the list that follows it."""
        return self.entry < 0

    @property
    def leans(self) -> bool:
        """Whether it takes its subject from what stands before it."""
        return bool(_LEANS.match(self.text))

    @property
    def limits(self) -> bool:
        """Whether it takes back a part of what stands before it."""
        return bool(_LIMITS.match(self.text))

    @property
    def replies(self) -> bool:
        """Whether it says yes or no to its heading."""
        return bool(_REPLIES.match(self.text)) and self.heading.endswith("?")

    @property
    def length(self) -> int:
        """In words."""
        return len(self.text.split())


def quotes(passages: Sequence[Passage]) -> list[Quote]:
    """Every sentence of the passages, in order."""
    return [one for n, passage in enumerate(passages, start=1) for one in _quotes(n, passage)]


def _quotes(number: int, passage: Passage) -> Iterator[Quote]:
    held = chunk_sentences(passage.chunk)
    heading = (passage.title, *passage.chunk.headings)[-1]
    for one, following in zip_longest(held, held[1:]):
        announces = _announces(one, following)
        if one.text.endswith(":") and not announces:
            continue
        yield Quote(
            text=one.text,
            form=one.form,
            passage=number,
            group=one.block + announces,
            entry=-1 if announces else one.entry,
            heading=heading,
        )


def _announces(one: Sentence, following: Sentence | None) -> bool:
    return (
        one.form is Form.PROSE
        and one.text.endswith(":")
        and following is not None
        and following.form is not Form.PROSE
        and following.block == one.block + 1
    )
