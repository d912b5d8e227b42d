"""What a generator writes, cut into sentences while it is written (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.sentences import split

LONGEST = 600
_AHEAD = 900  # more than any boundary reads
_MARKER = r"\[\d{1,3}(?:\s{0,2},\s{0,2}\d{1,3}){0,8}\]"
_CLOSERS = r"[\"”’)*_]{0,4}"
_BOUNDARY = re.compile(
    r"(?P<line>)(?=\n[ \t]{0,20}\n|\n[ \t]{0,20}(?:(?:[-*+•>|]|\d{1,3}[.)]|#{1,6})[ \t]))"
    rf"|[.!?]{_CLOSERS}(?:\s{{0,2}}{_MARKER}){{1,9}}(?P<cited>)(?=\s{{1,20}}[^\s\[])"
    rf"|{_MARKER}{_CLOSERS}[.!?]{_CLOSERS}(?P<ended>)(?=\s{{1,20}}[^\s\[])"
    rf"|[.!?]{_CLOSERS}(?P<plain>)(?=\s{{1,20}}(?:[^\s\[]|\[[^\d\s\]]))"
)
_SPACE = re.compile(r"\s*")
_BLANK = re.compile(r"\n[ \t]*\n")
_POINT = re.compile(r"(?:[-*+•>]|\d{1,3}[.)]|#{1,6})[ \t]+(?=\S)")
_NUMBER = re.compile(r"\d{1,2}[.)][ \t]+(?=\S)")
_BEGINNINGS = frozenset('"“£€$(*_[#•')


@dataclass(frozen=True, slots=True)
class Piece:
    """A sentence as written, markers and links in it; `point` is the list mark in front of it.

    `paragraph` and `entry` count from 0; each point of a list is an entry of its paragraph.
    """

    text: str
    point: str
    paragraph: int
    entry: int


class Draft:
    """Hands on each sentence as soon as it is certain where it ends, however the text arrives."""

    def __init__(self) -> None:
        self._rest = ""
        self._begun = False
        self._paragraph = 0
        self._entry = 0

    def write(self, text: str, *, final: bool = False) -> Iterator[Piece]:
        """Take more of the text; all that is left when it is final."""
        self._rest += text.replace("\r", "")
        start = 0
        while start < len(self._rest):
            body = start + len(self._opening(start))
            end = self._end(body, final=final)
            if end is None:
                break
            if self._rest[body:end].strip():
                yield self._piece(start, body, end)
            start = end
        self._rest = self._rest[start:]

    def _opening(self, start: int) -> str:
        """Space and list mark in front of a sentence; numbers may also run on in a line."""
        space = _SPACE.match(self._rest, start)
        gap = space[0] if space else ""
        at_line = "\n" in gap or not self._begun
        point = (_POINT if at_line else _NUMBER).match(self._rest, start + len(gap))
        return gap + (point[0] if point else "")

    def _end(self, body: int, *, final: bool) -> int | None:
        """Where the sentence ends; None where that is not yet certain."""
        limit = body + LONGEST
        for found in _BOUNDARY.finditer(self._rest, body, limit + _AHEAD):
            if found.start() > limit:
                break
            if found["plain"] is None or self._ends(body, found.end()):
                return found.end()
        if final or len(self._rest) >= limit + _AHEAD:
            return min(len(self._rest), limit)
        return None

    def _ends(self, body: int, end: int) -> bool:
        """Whether a full stop is one: something new begins, and no abbreviation ends."""
        following = self._rest[end : end + _AHEAD].lstrip()[:1]
        if not (following.isupper() or following.isdecimal() or following in _BEGINNINGS):
            return False
        last = self._rest[body:end].split()[-1].rstrip('"”’)*_')
        return len(last) > len("A.") and len(list(split(f"{last} X"))) > 1

    def _piece(self, start: int, body: int, end: int) -> Piece:
        opening = self._rest[start:body]
        gap = len(opening) - len(opening.lstrip())
        point = opening[gap:].strip()
        if self._begun and (point or _BLANK.search(opening)):
            self._entry += 1
            self._paragraph += bool(_BLANK.search(opening))
        self._begun = True
        return Piece(self._rest[body:end].strip(), point, self._paragraph, self._entry)
