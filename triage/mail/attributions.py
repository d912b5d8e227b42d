"""The line above a quote: `On Monday, Ada <ada@…> wrote:` in any language (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from triage.mail.addresses import address
from triage.mail.letter import Address
from triage.mail.lines import Line
from triage.mail.phrases import OPENING, WROTE
from triage.mail.words import TABLE, any_of

MOST_LINES = 5
LONGEST = 400
_SAID = TABLE["attributions"]
_OPENING_QUOTES, _ALL_QUOTES = '"\u201c\u201e\u00ab', '"\u201c\u201d\u201e\u00ab\u00bb'
_ADDRESS = re.compile(r"[^\s<>()\[\]\"']{1,100}@[^\s<>()\[\]\"']{1,200}\.[^\s<>()\[\]\"',:]{2,30}")
_BRACKETED = re.compile(rf"[<(\[]{{1,2}}[^<>()\[\]]{{0,20}}{_ADDRESS.pattern}\s?[>)\]]{{0,2}}")
_TIME = re.compile(r"\d{1,2}\s?[:.hH\u6642\u65f6]\s?\d{2}")
_YEAR = re.compile(r"(?<!\d)(?:(?:19|20)\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4})(?!\d)")
_DATE = re.compile(
    r"\d{1,4}[./-]\s?\d{1,2}[./-]\s?\d{2,4}\.?,?"
    r"(?:\s(?:(?:at|um|kl\.?|klo|\u00e0|om|o|v)\s)?\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?m\.?)?)?",
    re.IGNORECASE,
)
_SELF = re.compile(
    rf"\b(?:{any_of(_SAID['persons'])})\s(?:\w+\s)?(?:{WROTE.pattern})", re.IGNORECASE
)
_FILLERS = re.compile(rf"^\W*(?:(?:{any_of(_SAID['fillers'])})\s)+", re.IGNORECASE)
_UP_TO_DATE = re.compile(r"^.*(?:\d|\b(?:[ap]\.?m\.?|Uhr|CES?T|GMT|UTC)\b)[^\w\"]*", re.IGNORECASE)
_IN_QUOTES = re.compile(rf"[{_OPENING_QUOTES}]\s?([^{_ALL_QUOTES}]{{1,100}}?)\s?[{_ALL_QUOTES}]")
_LAST_TIME = re.compile(
    r"\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?(?:\s?[ap]\.?m\.?\b|\sUhr)?(?:\s\(?[A-Z]{2,4}[+\d:-]*\)?)?,?",
    re.IGNORECASE,
)
_LAST_NUMBER = re.compile(r"\d{4}\u5e74\d+\u6708\d+\u65e5|\d{1,4}")
LONGEST_VERB = 24
_VERB_LAST = re.compile(rf"(?:{WROTE.pattern})$", re.IGNORECASE)
_BEGINNING = re.compile(
    rf"[\s*_\"\-\u2014\u2013]*(?:{OPENING.pattern}|(?:[^\W\d_]{{1,14}}[.,]{{0,2}}\s){{0,3}}\d)",
    re.IGNORECASE,
)
_EDGES = " \t,;:\uff1a\"'\u201c\u201d\u201e\u00ab\u00bb*_()<>"


@dataclass(frozen=True, slots=True)
class Attribution:
    """Who is quoted, since when; `end` is the line after it."""

    sender: Address | None
    date: str | None
    end: int


def read_attribution(lines: Sequence[Line], at: int) -> Attribution | None:
    """The attribution that begins at a line; programs wrap it over several."""
    first = lines[at]
    if len(first.text) > LONGEST:
        return None
    opening = bool(_BEGINNING.match(first.text))
    end = _end(lines, at, most=MOST_LINES if opening or "@" in first.text else 1)
    if end is None:
        return None
    text = ""
    for line in lines[at : end + 1]:
        text = f"{text} {'>' * (line.depth - first.depth)}{line.text.strip()}".strip(" -")
    if len(text) > LONGEST or not _attributes(text, opening, several=end > at):
        return None
    return _read(text, end + 1)


def _end(lines: Sequence[Line], at: int, *, most: int) -> int | None:
    """The line that closes an attribution: the first one with a colon or a verb at its end."""
    depth, is_open = lines[at].depth, False
    for end in range(at, min(len(lines), at + most)):
        line = lines[end]
        is_open = is_open or "<" in line.text
        split_bracket = is_open and line.depth == depth + 1 and line.text == ":"
        if line.blank or len(line.text) > LONGEST or not (line.depth == depth or split_bracket):
            return None
        tail = line.text.rstrip("*_ -")[-LONGEST_VERB:]
        if tail.endswith((":", "\uff1a")) or _VERB_LAST.search(tail):
            return end
    return None


def _attributes(text: str, opening: bool, *, several: bool) -> bool:  # noqa: FBT001
    """Whether a text that ends in a colon says who wrote the lines below."""
    named, verb = _ADDRESS.search(text), WROTE.search(text)
    timed = bool(_TIME.search(text)) and bool(_YEAR.search(text) or re.search(r"\d", text))
    dated = timed or bool(_YEAR.search(text))
    if _SELF.search(text):
        return False
    if several and not (opening and re.search(r"\d", text)) and not (named and verb):
        return False
    if not text.rstrip("*_ ").endswith((":", "\uff1a")):
        return bool(verb and named and dated)
    if verb and named:
        return True
    if verb:
        return dated and (opening or text[0].isdigit() or not text.isascii())
    return bool(named) and opening and dated and len(text) < LONGEST // 2


def _read(text: str, end: int) -> Attribution:
    date = _DATE.search(text)
    named = _BRACKETED.search(text) or _ADDRESS.search(text)
    when = date[0].strip(_EDGES) if date else None
    rest = f"{text[: date.start()]} \n {text[date.end() :]}" if date else text
    rest = WROTE.sub("\n", rest)
    if named is None:
        pieces = [one.strip(_EDGES) for one in re.split(r"[\n,]", rest) if one.strip(_EDGES)]
        name = pieces[-1] if pieces else None
        return Attribution(Address(name, None) if name else None, when or _opening_date(text), end)
    before = rest.split(named[0])[0].split("\n")[-1]
    if when is None:
        when, before = _dated(before)
    sender = address(f"{_name(before)} <{_ADDRESS.search(named[0])[0]}>")  # type: ignore[index]
    return Attribution(sender, when or _opening_date(text), end)


def _name(words: str) -> str:
    """The name before an address, without what leads to it."""
    if quoted := _IN_QUOTES.search(words):
        return quoted[1]
    return _FILLERS.sub("", _UP_TO_DATE.sub("", words).strip()).strip(_EDGES)


def _dated(before: str) -> tuple[str | None, str]:
    """The date in words before a name: up to its time, or to its last number."""
    found = list(_LAST_TIME.finditer(before)) or list(_LAST_NUMBER.finditer(before))
    if not found:
        return None, before
    date = OPENING.sub("", before[: found[-1].end()], count=1).strip(_EDGES)
    return date or None, before[found[-1].end() :]


def _opening_date(text: str) -> str | None:
    """What stands between the opening word and the first comma after a number."""
    found = re.search(r"\d[^,]*", text)
    return found[0].strip(_EDGES)[:80] if found else None
