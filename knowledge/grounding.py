"""From what a generator wrote to what may be said: every paragraph cites a given passage (pure)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from knowledge.documents import ArticleId, Citation, Passage
from knowledge.ports import OnText

_MARKER = re.compile(r"\[(\d{1,3}(?:\s*,\s*\d{1,3})*)\]")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\(([^()\s]*)(?:\s[^()]*)?\)")
_BARE_URL = re.compile(
    r"<?(?:https?|ftp|mailto|tel):[^\s<>\])]+>?|<?www\.[^\s<>\])]+>?", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"[.!?](?:\s*\[[\d,\s]+\])*(?=\s)")
_PARAGRAPH = re.compile(r"\n\s*\n")
_LIST_ITEM = re.compile(r"(?=^\s*(?:[-*+]|\d+[.)])\s)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Grounded:
    """Text that cites only what it was given, and what it cites."""

    text: str
    citations: tuple[Citation, ...]


def ground(text: str, passages: Sequence[Passage]) -> Grounded | None:
    """Keep the paragraphs and list items that cite; None when nothing is left.

    Markers count articles afterwards, in the order in which they first appear; markers of
    passages that were not given are taken out, and so is every link (sources carry the links).
    """
    numbers: dict[ArticleId, Citation] = {}
    kept = [
        cited
        for paragraph in _PARAGRAPH.split(text.strip())
        if (cited := _cited(paragraph, passages, numbers))
    ]
    if not numbers:
        return None
    return Grounded("\n\n".join(kept), tuple(numbers.values()))


class GroundedStream:
    """Passes on what is grounded of a text that is still being written, sentence by sentence."""

    def __init__(self, passages: Sequence[Passage], on_text: OnText) -> None:
        self._passages = passages
        self._on_text = on_text
        self._written = ""
        self._shown = ""

    def write(self, text: str) -> None:
        """Take more of the text."""
        self._written += text
        ends = [found.end() for found in _SENTENCE_END.finditer(self._written)]
        grounded = ground(self._written[: ends[-1]], self._passages) if ends else None
        if grounded and grounded.text.startswith(self._shown) and grounded.text != self._shown:
            self._on_text(grounded.text[len(self._shown) :])
            self._shown = grounded.text


def markers(text: str) -> list[int]:
    """Every number that a text cites, in order, repeats kept."""
    return [int(n) for found in _MARKER.findall(text) for n in found.split(",")]


def _cited(paragraph: str, passages: Sequence[Passage], numbers: dict[ArticleId, Citation]) -> str:
    """The parts of a paragraph that cite, renumbered; a lead-in stays with what it leads to."""
    parts = [part for part in _LIST_ITEM.split(_without_links(paragraph)) if part.strip()]
    shown = [(part, _renumbered(part, passages, numbers)) for part in parts]
    if not any(rendered for _, rendered in shown):
        return ""
    return "".join(
        rendered or (part if n == 0 and _leads_in(part) else "")
        for n, (part, rendered) in enumerate(shown)
    ).rstrip()


def _leads_in(part: str) -> bool:
    return part.rstrip().endswith(":")


def _renumbered(
    part: str, passages: Sequence[Passage], numbers: dict[ArticleId, Citation]
) -> str | None:
    """The part with markers of articles, or None when it cites nothing that was given."""
    cited = [n for n in markers(part) if 1 <= n <= len(passages)]
    if not cited:
        return None

    def marker(match: re.Match[str]) -> str:
        given = [int(n) for n in match[1].split(",") if 1 <= int(n) <= len(passages)]
        own = dict.fromkeys(_number(passages[n - 1], numbers) for n in given)
        return "".join(f"[{n}]" for n in own)

    return _tidied(_MARKER.sub(marker, part))


def _number(passage: Passage, numbers: dict[ArticleId, Citation]) -> int:
    article_id = passage.chunk.article_id
    if article_id not in numbers:
        numbers[article_id] = cite(passage, len(numbers) + 1)
    return numbers[article_id].n


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


def _without_links(text: str) -> str:
    """Link texts stay, addresses go: a generator may have been talked into one."""
    return _BARE_URL.sub("", _LINK.sub(r"\1", text))


def _tidied(text: str) -> str:
    """No gap in front of a full stop where a marker or link was taken out."""
    return re.sub(r"[ \t]+(?=[.,;:!?])", "", re.sub(r"(\[\d+\])(?:\s*\1)+", r"\1", text))
