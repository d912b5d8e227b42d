"""Markers and links of a sentence: read, numbered anew, taken out (pure)."""

import re
from collections.abc import Collection, Mapping
from datetime import date

from knowledge.contradiction import Contradiction, Saying
from knowledge.documents import Citation, Passage

_MARKER = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LINK = re.compile(
    r"(?P<image>!?)\[(?P<words>[^\]\[]*)\]\((?P<target>[^()\s]*)(?:\s[^()]*)?\)"
    r"|<?(?P<bare>(?:https?|ftp|mailto|tel):[^\s<>\])]+|www\.[^\s<>\])]+)>?",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\s*[.!?,;:]*\Z")


def cite(passage: Passage, n: int) -> Citation:
    """A passage's article as source number n; the score shown is the cosine, 0 to 1."""
    return Citation(
        n=n,
        article_id=passage.chunk.article_id,
        title=passage.title,
        url=passage.url,
        updated=passage.updated,
        score=round(max(0.0, passage.cosine), 4),
    )


def markers(text: str) -> list[int]:
    """Every number that a text cites, in order, repeats kept."""
    return [int(n) for found in _MARKER.findall(text) for n in found.split(",")]


def unlinked(text: str, *, kept: Collection[str] = ()) -> str:
    """A text whose links lost their addresses; only the addresses `kept` stay.

    What is left may be a link again, so it is read until there is none.
    """

    def replaced(match: re.Match[str]) -> str:
        if match["bare"]:
            address = match["bare"].rstrip(".,;:!?")
            return address + match["bare"][len(address) :] if address in kept else " "
        words = match["words"]
        if words.replace(",", "").replace(" ", "").isdecimal():
            return f"[{words}]"
        return match[0] if match["target"] in kept and not match["image"] else words or " "

    while (new := _LINK.sub(replaced, text)) != text:
        text = new
    return text


def claim_of(text: str) -> str:
    """What a sentence claims, without markers and addresses."""
    return _tidied(_MARKER.sub(" ", unlinked(text)))


def numbered(text: str, numbers: Mapping[int, int], *, kept: Collection[str]) -> str:
    """A sentence with the markers of sources in place of those of passages.

    `numbers` leads from the passages that bear it out to their sources: other markers go, one that
    is missing is put at the end.
    """
    missing = dict.fromkeys(numbers.values())

    def source(match: re.Match[str]) -> str:
        own = dict.fromkeys(numbers[n] for n in markers(match[0]) if n in numbers)
        for n in own:
            missing.pop(n, None)
        return "".join(f"[{n}]" for n in own) or " "

    marked = _MARKER.sub(source, unlinked(text, kept=kept))
    if missing:
        added = "".join(f"[{n}]" for n in missing)
        marked = _ENDING.sub(lambda ending: f" {added}{ending[0].strip()}", marked, count=1)
    return _tidied(marked)


def disagreement(found: Contradiction, newer: int, older: int) -> str:
    """A sentence that says where two sources differ, the newer one first."""
    sayings = f"{_saying(found.newer)} [{newer}]; {_saying(found.older)} [{older}]"
    return f"Two articles disagree: {sayings}."


def _saying(said: Saying) -> str:
    title, day = _plain(said.passage.title), _day(said.passage.updated)
    return f"{title} (updated {day}) says {_plain(said.point)}"


def _plain(text: str) -> str:
    return _tidied(re.sub(r"[\[\]<>]", " ", unlinked(text)))


def _day(day: date) -> str:
    return f"{day.day} {day:%B} {day.year}"


def _tidied(text: str) -> str:
    """No gap in front of a full stop where a marker or link was taken out, no marker twice."""
    once = re.sub(r"(\[\d+\])(?:\s*\1)+", r"\1", " ".join(text.split()))
    return re.sub(r" +(?=[.,;:!?](?:\s|\Z))", "", once)
