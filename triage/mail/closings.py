"""How people and their programs sign: closing formulas, delimiters, disclaimers (pure)."""

import re
from collections.abc import Sequence

from triage.mail.lines import Line
from triage.mail.phrases import RULE, disclaims, sent_from
from triage.mail.words import TABLE, folded, foldings

LONGEST_SIGNATURE = 25
LONGEST_NAME_LINE = 70
MOST_NAME_LINES = 12
MOST_NAMES = 4
SHORTEST_UNAMBIGUOUS = 3
LONGEST_PROSE = 160
_DELIMITER = re.compile(r"\s{0,3}(?:--|\u2014|\u2013|__+|-{2,4}|\*{3,}|~{2,}|={3,})\s*$")
_WORD = r"[^\W\d_][\w.'\u2019-]{0,20}"
_DASH_NAME = re.compile(rf"\s{{0,3}}[-\u2013\u2014~/]{{1,2}}\s?{_WORD}(?: {_WORD}){{0,3}}$")
_WITH_NAME = re.compile(rf"([^,]{{2,40}}),\s?{_WORD}(?: {_WORD}){{0,3}}$")
_TOKENS = re.compile(r"[^\w'\u2019]+")
CLOSINGS = foldings(TABLE["closings"]["farewell"])
WEAK = foldings(TABLE["closings"]["thanks"])


def signature_start(lines: Sequence[Line]) -> int:
    """The line at which the signature of a text begins; the number of lines where there is none."""
    end = _trimmed(lines)
    start = end
    for at in range(max(0, end - LONGEST_SIGNATURE * 2), end):
        if _begins(lines, at, end):
            start = at
            break
    return start


def _trimmed(lines: Sequence[Line]) -> int:
    end = len(lines)
    while end and lines[end - 1].blank:
        end -= 1
    return end


def _begins(lines: Sequence[Line], at: int, end: int) -> bool:
    """Whether a line is the first of the signature, seen with all that stands below it."""
    text = lines[at].text
    below = [line.text for line in lines[at + 1 : end] if not line.blank]
    said = any(not line.blank for line in lines[:at])
    apart = not at or lines[at - 1].blank
    if not text or not said:
        return False
    if _DELIMITER.match(text) or RULE.match(text):
        alone = apart or len(text.strip()) < len("---")
        return alone and len(below) <= LONGEST_SIGNATURE and not _prose(below)
    if sent_from(text):
        return apart or not below
    if disclaims(text):
        return apart
    if _DASH_NAME.match(text):
        return apart and (not below or bool(_DELIMITER.match(below[0]) or RULE.match(below[0])))
    return _closes(text, below, apart=apart)


def _closes(text: str, below: Sequence[str], *, apart: bool) -> bool:
    """Whether a line is a closing formula, with at most a name and what belongs to it below."""
    if len(text) > LONGEST_NAME_LINE or len(below) > MOST_NAME_LINES:
        return False
    words = folded(" ".join(_TOKENS.split(text)).strip())
    if words in CLOSINGS:
        short = all(len(line) <= LONGEST_NAME_LINE * 2 for line in below)
        return short and (apart or len(words) >= SHORTEST_UNAMBIGUOUS)
    if words in WEAK:
        return 0 < len(below) <= MOST_NAMES and all(map(_name_like, below))
    farewell = _WITH_NAME.match(text.strip())
    return farewell is not None and folded(farewell[1]) in CLOSINGS and not below


def _name_like(line: str) -> bool:
    """A short line without a sentence in it."""
    sentence = line.rstrip().endswith((".", "?", "!", ":", ","))
    return len(line) <= LONGEST_NAME_LINE // 2 and not sentence


def _prose(lines: Sequence[str]) -> bool:
    """Whether lines below a rule are more of the text: a question, or long lines in number."""
    asked = any(line.rstrip().endswith("?") for line in lines)
    return asked or sum(len(line) > LONGEST_PROSE for line in lines) > MOST_NAMES
