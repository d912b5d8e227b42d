"""How well the golden questions are answered, as tables.

Run as
    python tests/evals/golden.py [--threshold T] [--wrong]

The generator is the one without a key. The columns, counted in questions:
- found: an article that answers is among the first three distinct ones of all candidates; where it
  takes two articles, both are among the first five passages.
- answered, refused.
- sourced: the answer cites no article but those that answer.
- shown: a sentence or row that answers is in the answer; the header of a table alone shows nothing.
- leaked: something was retrieved or cited that the asker may not read, or that is not published.

A citation is correct when the sentence it stands behind is, word by word, in a passage of the
article that it cites: that holds of an answer that quotes.
"""

import argparse
import json
import re
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from bot.library import Knowledge, open_knowledge
from knowledge.documents import Abstention, Answer, Article, Audience, Outcome, Passage, Status
from knowledge.evaluation import Coverage, auroc, risk_coverage
from knowledge.indexing import index
from knowledge.lexicon import words
from knowledge.sentences import chunk_sentences, split
from knowledge.settings import KnowledgeSettings

QUESTIONS = Path(__file__).parent / "golden.jsonl"
FIRST_ARTICLES, FIRST_PASSAGES = 3, 5
COUNTED = ("asked", "found", "answered", "refused", "sourced", "shown", "leaked")
_MARKERS = re.compile(r"((?:\[\d+\])+)[.!?]?")
_ADDRESS = re.compile(r"\]\([^()]*\)")
_BULLET = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+")
_RULE = re.compile(r"\|[\s:|-]+")


@dataclass(frozen=True)
class Golden:
    """A question of the golden set; `line` is where it stands in the file."""

    line: int
    question: str
    articles: frozenset[str]
    audience: Audience
    answerable: bool
    kind: str
    evidence: tuple[str, ...]
    previous: str | None = None


@dataclass(frozen=True)
class Shelf:
    """What is on the shelf: articles by id, and the header rows of their tables."""

    articles: dict[str, Article]

    @cached_property
    def headers(self) -> frozenset[str]:
        lines = [one.text.splitlines() for one in self.articles.values()]
        return frozenset(
            row for some in lines for row, below in pairwise(some) if _RULE.fullmatch(below)
        )

    def may_be_seen(self, article_id: str, audience: Audience) -> bool:
        one = self.articles[article_id]
        return one.status is Status.PUBLISHED and one.audience in audience.readable


@dataclass(frozen=True)
class Reply:
    """A question and what came of it; `correct` says of each citation whether it is."""

    golden: Golden
    outcome: Outcome
    correct: tuple[bool, ...]
    shown: bool
    leaked: bool

    @property
    def answered(self) -> bool:
        return isinstance(self.outcome, Answer)

    @property
    def probability(self) -> float:
        return self.outcome.retrieval.answerable or 0.0

    @property
    def found(self) -> bool:
        ranked = [one.chunk.article_id for one in self.outcome.retrieval.candidates]
        if self.golden.kind == "two_articles":
            return self.golden.articles <= set(ranked[:FIRST_PASSAGES])
        return bool(self.golden.articles & set(list(dict.fromkeys(ranked))[:FIRST_ARTICLES]))

    @property
    def sourced(self) -> bool:
        cited = self.outcome.citations if isinstance(self.outcome, Answer) else ()
        return self.answered and {one.article_id for one in cited} <= self.golden.articles

    def counts(self) -> Counter[str]:
        return Counter(
            asked=1,
            found=self.found,
            answered=self.answered,
            refused=not self.answered,
            sourced=self.sourced,
            shown=self.shown,
            leaked=self.leaked,
        )


@dataclass(frozen=True)
class Report:
    replies: tuple[Reply, ...]

    def of(self, *kinds: str) -> Counter[str]:
        """Counts of some kinds of question; of all without any."""
        chosen = [one for one in self.replies if not kinds or one.golden.kind in kinds]
        return sum((one.counts() for one in chosen), Counter())

    def where(self, *, answerable: bool) -> Counter[str]:
        chosen = [one for one in self.replies if one.golden.answerable is answerable]
        return sum((one.counts() for one in chosen), Counter())

    @property
    def citations(self) -> tuple[int, int]:
        """How many are correct, of how many."""
        every = [one for reply in self.replies for one in reply.correct]
        return sum(every), len(every)

    @property
    def auroc(self) -> float:
        """How well the judge tells answerable questions from others."""
        sides: dict[bool, list[float]] = {True: [], False: []}
        for one in self.replies:
            sides[one.golden.answerable].append(one.probability)
        return auroc(sides[True], sides[False])

    @property
    def curve(self) -> list[Coverage]:
        return risk_coverage([(one.probability, one.golden.answerable) for one in self.replies])


def embedded_knowledge(home: Path, *, threshold: float | None = None) -> Knowledge:
    settings = KnowledgeSettings(minimum_answerable=threshold).model_copy(
        update={"openai_api_key": None, "chat_model": None, "sources": None}
    )
    knowledge = open_knowledge(settings, home=home)
    index(knowledge.sources, store=knowledge.store, embedder=knowledge.embedder)
    return knowledge


def golden() -> list[Golden]:
    rows = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    return [
        Golden(
            line,
            row["question"],
            frozenset(row["articles"]),
            Audience(row["audience"]),
            row["answerable"],
            row["kind"],
            tuple(row["evidence"]),
            row.get("previous"),
        )
        for line, row in enumerate(rows, start=1)
    ]


def judged(knowledge: Knowledge) -> Report:
    """Ask every question."""
    read = (one for source in knowledge.sources for one in source.read())
    shelf = Shelf({one.id: one for one in read if isinstance(one, Article)})
    return Report(tuple(_reply(one, knowledge, shelf) for one in golden()))


def _reply(one: Golden, knowledge: Knowledge, shelf: Shelf) -> Reply:
    outcome = knowledge.answerer.answer(one.question, audience=one.audience, previous=one.previous)
    seen = [found.chunk.article_id for found in outcome.retrieval.candidates]
    seen += [found.chunk.article_id for found in outcome.retrieval.passages]
    if isinstance(outcome, Abstention):
        correct, shown = (), False
        seen += [cited.article_id for cited in outcome.nearest]
    else:
        correct = tuple(correct_citations(outcome))
        evidence = [row for row in one.evidence if row not in shelf.headers]
        shown = any(is_shown(row, outcome.text) for row in evidence)
        seen += [cited.article_id for cited in outcome.citations]
    leaked = not all(shelf.may_be_seen(article_id, one.audience) for article_id in seen)
    return Reply(one, outcome, correct, shown, leaked)


def correct_citations(answer: Answer) -> Iterator[bool]:
    """Of each citation, whether a passage of the cited article holds the sentence before it."""
    cited = {one.n: one.article_id for one in answer.citations}
    for sentence, n in claims(answer.text):
        said = _spoken(sentence)
        passages = answer.retrieval.passages
        own = [one for one in passages if one.chunk.article_id == cited.get(n)]
        yield any(said in wording for one in own for wording in _wordings(one))


def is_shown(evidence: str, answer: str) -> bool:
    """Whether an answer holds a sentence or step, or in one line all cells of a table's row."""
    if not evidence.startswith("|"):
        return _spoken(_BULLET.sub("", evidence)) in _spoken(_MARKERS.sub(" ", answer))
    cells = [_spoken(cell) for cell in evidence.split("|") if words(cell)]
    lines = [_spoken(line) for line in _MARKERS.split(answer)]
    return any(all(cell in line for cell in cells) for line in lines)


def claims(text: str) -> Iterator[tuple[str, int]]:
    """Every sentence of an answer with each marker behind it."""
    said, *rest = _MARKERS.split(text)
    for markers, following in zip(rest[::2], rest[1::2], strict=True):
        lines = (_BULLET.sub("", line) for line in said.splitlines())
        for sentence in (one for line in lines for one in split(line) if words(one)):
            yield from ((sentence, int(n)) for n in re.findall(r"\d+", markers))
        said = following


def _wordings(passage: Passage) -> Iterator[str]:
    """A passage as it is written, as its sentences read, and what stands above it.

    A row of a table reads with the headers of its columns.
    """
    yield _spoken(passage.chunk.text)
    yield _spoken(" ".join(one.text for one in chunk_sentences(passage.chunk)))
    yield from map(_spoken, (passage.title, *passage.chunk.headings))


def _spoken(text: str) -> str:
    """The words alone, each between blanks; of a link its text."""
    return f" {' '.join(words(_ADDRESS.sub(' ', text)))} "


def _table(report: Report) -> Iterator[str]:
    yield f"{'':<16}" + "".join(f"{one:>10}" for one in COUNTED)
    for kind in dict.fromkeys(one.golden.kind for one in report.replies):
        counts = report.of(kind)
        yield f"{kind:<16}" + "".join(f"{counts[one]:>10}" for one in COUNTED)


def _overall(report: Report) -> Iterator[str]:
    yes, no = report.where(answerable=True), report.where(answerable=False)
    correct, citations = report.citations
    yield f"found                  {yes['found'] / yes['asked']:.3f}"
    yield f"citations correct      {correct} of {citations}"
    yield f"answerable refused     {yes['refused']} of {yes['asked']}"
    yield f"unanswerable answered  {no['answered']} of {no['asked']}"
    yield f"AUROC of the judge     {report.auroc:.3f}"
    yield ""
    yield "coverage  from probability   risk  answerable kept"
    for one in report.curve:
        yield f"{one.coverage:>8.0%}{one.least:>18.2f}{one.risk:>7.1%}{one.kept:>17.1%}"


def _wrong(replies: Sequence[Reply]) -> Iterator[str]:
    """A line for each question of which something is wrong."""
    for one in replies:
        problems = {
            "not found": one.golden.answerable and not one.found,
            "refused": one.golden.answerable and not one.answered,
            "answered": one.answered and not one.golden.answerable,
            "other sources": one.golden.answerable and one.answered and not one.sourced,
            "wrong citation": not all(one.correct),
            "nothing shown": one.golden.answerable and one.answered and not one.shown,
            "leaked": one.leaked,
        }
        named = ", ".join(name for name, holds in problems.items() if holds)
        if named:
            why = one.outcome.reason if isinstance(one.outcome, Abstention) else "-"
            golden = one.golden
            yield f"{golden.line:>4} {golden.kind}: {named} ({why}, {one.probability:.2f})"
            yield f"     {golden.question}"


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask the golden questions.")
    parser.add_argument("--threshold", type=float, help="answer from this probability on")
    parser.add_argument("--wrong", action="store_true", help="name what is wrong, by line")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        report = judged(embedded_knowledge(Path(home), threshold=arguments.threshold))
    print("\n".join([*_table(report), "", *_overall(report)]))
    if arguments.wrong:
        print("", *_wrong(report.replies), sep="\n")


if __name__ == "__main__":
    main()
