"""What is wrong with a set of articles, and what is missing from it (pure)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from knowledge.audit_likeness import Likeness, Namesakes, likenesses, namesakes
from knowledge.audit_questions import Asked, Gap, gaps, open_questions
from knowledge.documents import Article, ArticleId, Status, Vectors

STALE_DAYS = 365
LONGEST_WORDS = 2_500
"""Above it an article is about several things, and none of them is found well."""
SHORTEST_WORDS = 30
"""Below it there is hardly an answer in an article."""
Embed = Callable[[Sequence[str]], Vectors]


@dataclass(frozen=True, slots=True)
class Shelf:
    """What is judged; `vectors` has the chunks of each published article (chunks × dimensions).

    `broken` says why a document or a whole source cannot be read, a line each.
    """

    articles: Sequence[Article]
    vectors: Mapping[ArticleId, Vectors]
    broken: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Length:
    """An article, and how many words it has."""

    article: Article
    words: int


@dataclass(frozen=True, slots=True)
class Audit:
    """Every finding, the worst first.

    Only published articles are judged: nobody is answered from the others. `never_retrieved` is
    None where nobody has asked anything yet; `questions` is how many were asked.
    """

    articles: int
    published: int
    questions: int
    stale: tuple[Article, ...]
    likenesses: tuple[Likeness, ...]
    namesakes: tuple[Namesakes, ...]
    never_retrieved: tuple[Article, ...] | None
    too_long: tuple[Length, ...]
    too_short: tuple[Length, ...]
    broken: tuple[str, ...]
    gaps: tuple[Gap, ...]


def audit(
    shelf: Shelf,
    asked: Sequence[Asked],
    *,
    embed: Embed,
    today: date,
    stale_days: int = STALE_DAYS,
) -> Audit:
    """Judge the articles by themselves, by each other and by what was asked, newest first.

    `embed` makes vectors of unit length of the questions that are open; it is not called when
    there are none.
    """
    published = [one for one in shelf.articles if one.status is Status.PUBLISHED]
    lengths = [Length(one, len(one.text.split())) for one in published]
    too_long = [one for one in lengths if one.words > LONGEST_WORDS]
    left_open = open_questions(asked)
    return Audit(
        articles=len(shelf.articles),
        published=len(published),
        questions=len(asked),
        stale=_stale(published, today - timedelta(days=stale_days)),
        likenesses=tuple(likenesses(published, shelf.vectors)),
        namesakes=tuple(namesakes(published)),
        never_retrieved=_never_retrieved(published, asked) if asked else None,
        too_long=tuple(sorted(too_long, key=lambda one: -one.words)),
        too_short=tuple(one for one in lengths if one.words < SHORTEST_WORDS),
        broken=tuple(shelf.broken),
        gaps=tuple(gaps(left_open, embed([one.text for one in left_open])) if left_open else ()),
    )


def _stale(articles: Iterable[Article], oldest: date) -> tuple[Article, ...]:
    old = [one for one in articles if one.updated < oldest]
    return tuple(sorted(old, key=lambda one: one.updated))


def _never_retrieved(articles: Iterable[Article], asked: Iterable[Asked]) -> tuple[Article, ...]:
    retrieved = {url for one in asked for url in one.urls}
    return tuple(one for one in articles if one.url not in retrieved)
