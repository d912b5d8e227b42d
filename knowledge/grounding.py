"""From what a generator wrote to what may be said: sentences that a given passage bears out (pure).

A sentence has to cite, and what it cites has to say it (`knowledge.claims`). One that cites the
wrong passage gets the right marker, one that no passage says is dropped, and an answer of which
more than half is dropped is withheld. Where articles contradict what is said, it ends with that.
"""

import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.claims import Similarity
from knowledge.contradiction import Contradiction, contradictions
from knowledge.documents import ArticleId, Citation, Passage
from knowledge.draft import Draft, Piece
from knowledge.evidence import bare
from knowledge.marking import cite, claim_of, disagreement, markers, numbered, unlinked
from knowledge.ports import OnText
from knowledge.vocabulary import GENERIC, weight
from knowledge.witnesses import Witnesses
from knowledge.wording import clauses, stems

__all__ = ["Grounded", "GroundedStream", "cite", "ground", "markers"]

MOST_CONTRADICTIONS = 3
_LEANS = re.compile(
    r"(?:it|its|this|that|these|those|they|their|he|she|but|however|so|therefore|otherwise"
    r"|in that case|then)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Grounded:
    """Text that says only what it cites, what it cites, and where that is contradicted."""

    text: str
    citations: tuple[Citation, ...]
    contradictions: tuple[Contradiction, ...] = ()


def ground(
    text: str, passages: Sequence[Passage], *, similarity: Similarity | None = None
) -> Grounded | None:
    """Keep the sentences that cite a passage which says so; None when hardly any are left.

    Markers count articles afterwards, in the order in which they first appear. A link keeps its
    address only where that is the address of a cited article.
    """
    sifter = _Sifter(passages, similarity)
    for piece in Draft().write(text, final=True):
        sifter.take(piece)
    return sifter.finished()


class GroundedStream:
    """Passes on what is grounded of a text that is still being written, sentence by sentence.

    `shown` is what was passed on: a beginning of the text that `ground` makes of the whole, unless
    that is withheld.
    """

    def __init__(
        self, passages: Sequence[Passage], on_text: OnText, *, similarity: Similarity | None = None
    ) -> None:
        self.shown = ""
        self._on_text = on_text
        self._draft = Draft()
        self._sifter = _Sifter(passages, similarity)

    def write(self, text: str) -> None:
        """Take more of the text."""
        for piece in self._draft.write(text):
            new = self._sifter.take(piece)
            if new:
                self.shown += new
                self._on_text(new)


@dataclass(frozen=True, slots=True)
class _LeadIn:
    """A piece that ends in a colon: it is said with what it leads to, or not at all."""

    piece: Piece
    claim: str
    cited: tuple[int, ...]


class _Sifter:
    """Takes sentences in order and keeps those that are borne out."""

    def __init__(self, passages: Sequence[Passage], similarity: Similarity | None) -> None:
        self._passages = passages
        self._witnesses = Witnesses(passages, similarity)
        self._waiting: deque[Piece] = deque()
        self._lead_in: _LeadIn | None = None
        self._shown: list[str] = []
        self._led_in: Piece | None = None
        self._last: Piece | None = None
        self._entry = Piece("", "", 0, -1)
        self._gap = -1
        self._taken = self._dropped = 0
        self._sources: dict[ArticleId, Citation] = {}
        self._borne: set[tuple[ArticleId, str]] = set()

    def take(self, piece: Piece) -> str:
        """Take the next sentence; what can be said now.

        One without a marker waits for its paragraph's last, which may speak for it.
        """
        before = len(self._shown)
        if self._waiting and piece.paragraph != self._waiting[0].paragraph:
            self._settle(closing=True)
        self._waiting.append(piece)
        self._settle(closing=False)
        return "".join(self._shown[before:])

    def finished(self) -> Grounded | None:
        """All that is said, once every sentence was taken."""
        if self._waiting:
            self._settle(closing=True)
        if not self._sources or 2 * self._dropped > self._taken:
            return None
        found = [one for one in contradictions(self._passages) if self._is_said(one)]
        found = found[:MOST_CONTRADICTIONS]
        notes = [self._note(one) for one in found]
        text = "\n\n".join(("".join(self._shown), *dict.fromkeys(notes)))
        return Grounded(text, tuple(self._sources.values()), tuple(found))

    def _settle(self, *, closing: bool) -> None:
        last = markers(unlinked(self._waiting[-1].text)) if closing else []
        while self._waiting:
            piece = self._waiting[0]
            claim = claim_of(piece.text)
            cited = markers(unlinked(piece.text)) or self._led_by(piece) or last
            if not (cited or closing or claim.endswith(":")) and clauses(claim):
                return
            self._waiting.popleft()
            self._place(piece, claim, cited)

    def _place(self, piece: Piece, claim: str, cited: Sequence[int]) -> None:
        if piece.entry != self._entry.entry:
            self._entry = piece
        if claim.endswith(":"):
            self._lead_in = _LeadIn(piece, claim, tuple(cited))
            return
        if not self._is_led(piece):
            self._lead_in = None
        if not clauses(claim):
            return
        self._taken += 1
        borne = self._borne_out(claim, cited)
        if not borne or (self._gap == piece.paragraph and _LEANS.match(claim)):
            self._dropped += 1
            self._gap = piece.paragraph
            return
        self._gap = -1
        self._show(piece, borne)

    def _borne_out(self, claim: str, cited: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """Who bears out a claim; a point claims what its lead-in says of it."""
        lead_in = self._lead_in.claim if self._lead_in else ""
        if not cited:
            return {}
        if found := self._witnesses.of(f"{lead_in} {claim}".strip(), cited):
            return found
        says_nothing = all(weight(stem) <= GENERIC for stem in stems(lead_in))
        return self._witnesses.of(claim, cited) if lead_in and says_nothing else {}

    def _show(self, piece: Piece, borne: Mapping[int, tuple[str, ...]]) -> None:
        if self._lead_in and self._lead_in.piece is not self._led_in:
            self._led_in = self._lead_in.piece
            self._append(self._led_in, self._led_in.point, self._lead_in.claim)
        sources = {n: self._source(self._passages[n - 1]).n for n in borne}
        addresses = {one.url for one in self._sources.values() if one.url.startswith("http")}
        text = numbered(piece.text, sources, kept=addresses)
        self._append(piece, self._entry.point, text)
        for n, lines in borne.items():
            article = self._passages[n - 1].chunk.article_id
            self._borne |= {(article, bare(line)) for line in lines}

    def _append(self, piece: Piece, point: str, text: str) -> None:
        last = self._last
        joint = " "
        if last is None or piece.entry != last.entry:
            joint = "\n\n" if last and piece.paragraph != last.paragraph else "\n" if last else ""
            joint += f"{point} " if point else ""
        self._shown.append(f"{joint}{text}")
        self._last = piece

    def _source(self, passage: Passage) -> Citation:
        article = passage.chunk.article_id
        if article not in self._sources:
            self._sources[article] = cite(passage, len(self._sources) + 1)
        return self._sources[article]

    def _is_said(self, found: Contradiction) -> bool:
        """Whether the answer says one of the two."""
        return any(
            (one.passage.chunk.article_id, bare(one.sentence)) in self._borne
            for one in (found.newer, found.older)
        )

    def _note(self, found: Contradiction) -> str:
        newer, older = self._source(found.newer.passage), self._source(found.older.passage)
        return disagreement(found, newer.n, older.n)

    def _led_by(self, piece: Piece) -> tuple[int, ...]:
        return self._lead_in.cited if self._lead_in and self._is_led(piece) else ()

    def _is_led(self, piece: Piece) -> bool:
        """Whether a lead-in leads to it: in its paragraph, or a point of the list behind it."""
        lead_in = self._lead_in
        return bool(lead_in and (piece.point or piece.paragraph == lead_in.piece.paragraph))
