"""Which of the given passages bear a sentence out (pure)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache

from knowledge.claims import Similarity, Verdict, judged
from knowledge.documents import Passage


class Witnesses:
    """The passages that an answer was written from, numbered from 1."""

    def __init__(self, passages: Sequence[Passage], similarity: Similarity | None) -> None:
        self._passages = passages
        self._similarity = similarity

    def of(self, claim: str, cited: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """The passages that say it, each with the lines that do; none when no passage says it.

        They are those cited, alone or together; where these do not say it, one that was not cited.
        """
        verdict = cache(lambda n: self._judged(claim, self._passages[n - 1]))
        given = [n for n in dict.fromkeys(cited) if 1 <= n <= len(self._passages)]
        alone = {n: verdict(n).lines for n in given if self._holds(n, verdict, self._siblings(n))}
        if alone:
            return alone
        if together := self._together(claim, given):
            return together
        everyone = range(1, len(self._passages) + 1)
        others = [n for n in everyone if n not in given and self._holds(n, verdict, everyone)]
        best = max(others, key=lambda n: verdict(n).nearness, default=None)
        return {best: verdict(best).lines} if best else {}

    def _together(self, claim: str, given: Sequence[int]) -> Mapping[int, tuple[str, ...]]:
        """Passages that say it only when read as one; none that could be spared."""
        found = self._judged(claim, self._merged(given)) if len(given) > 1 else None
        if not found or not found.holds:
            return {}
        fewer = ([n for n in given if n != spared] for spared in given)
        return next(filter(None, (self._together(claim, rest) for rest in fewer)), None) or (
            dict.fromkeys(given, found.lines)
        )

    def _judged(self, claim: str, passage: Passage) -> Verdict:
        return judged(claim, passage, similarity=self._similarity)

    def _holds(self, n: int, verdict: Callable[[int], Verdict], rivals: Sequence[int]) -> bool:
        """Whether a passage says it, and none of its rivals denies it more plainly."""
        return verdict(n).holds and not any(verdict(n).yields_to(verdict(one)) for one in rivals)

    def _siblings(self, n: int) -> list[int]:
        article = self._passages[n - 1].chunk.article_id
        numbers = enumerate(self._passages, start=1)
        return [m for m, one in numbers if m != n and one.chunk.article_id == article]

    def _merged(self, given: Sequence[int]) -> Passage:
        """Passages read as one: what they say together may be said in one sentence."""
        parts = [self._passages[n - 1] for n in given]
        chunk = replace(
            parts[0].chunk,
            headings=tuple(heading for one in parts for heading in one.chunk.headings),
            text="\n\n".join(one.chunk.text for one in parts),
        )
        return replace(parts[0], title=" / ".join(one.title for one in parts), chunk=chunk)
