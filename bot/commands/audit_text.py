"""An audit of the articles as text for people and as values for machines."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from bot.slack.blocks import day
from knowledge.audit import Audit, Length
from knowledge.audit_likeness import Likeness, Namesakes
from knowledge.audit_questions import Gap
from knowledge.documents import Article

SHOWN = 10
"""Findings of one kind that text shows; the JSON has all."""


def render(found: Audit) -> str:
    """Every kind of finding under its heading, the worst first."""
    head = f"{found.articles} articles, {found.published} of them published"
    unused = found.never_retrieved
    sections = [
        *_section("Broken", found.broken),
        *_section("Stale", (f"{_named(one)}, updated {day(one.updated)}" for one in found.stale)),
        *_section("The same twice", map(_likeness, found.likenesses)),
        *_section("One title, different texts", map(_namesakes, found.namesakes)),
        *_section("Too long", map(_length, found.too_long)),
        *_section("Too short", map(_length, found.too_short)),
        *_section(f"Never retrieved in {found.questions} questions", map(_named, unused or ())),
        *_section("Nobody could answer: what to write next", map(_gap, found.gaps)),
    ]
    asked = [] if found.questions else ["", "No questions yet: run the desk, then look again."]
    return "\n".join([head, *(sections or ["", "Nothing to mend."]), *asked])


def as_values(found: Audit) -> dict[str, Any]:
    """Every finding in full; `never_retrieved` is null where nothing has been asked yet."""
    unused = found.never_retrieved
    return {
        "articles": found.articles,
        "published": found.published,
        "questions": found.questions,
        "broken": list(found.broken),
        "stale": _values(found.stale),
        "duplicates": [
            {"alike": one.alike, "articles": _values(one.articles)} for one in found.likenesses
        ],
        "same_title": [
            {"differ": list(one.differ), "articles": _values(one.articles)}
            for one in found.namesakes
        ],
        "too_long": [{**_value(one.article), "words": one.words} for one in found.too_long],
        "too_short": [{**_value(one.article), "words": one.words} for one in found.too_short],
        "never_retrieved": None if unused is None else _values(unused),
        "unanswered": [
            {
                "label": one.label,
                "times": one.times,
                "last": one.last.isoformat(),
                "questions": list(one.questions),
            }
            for one in found.gaps
        ],
    }


def _section(title: str, findings: Iterable[str]) -> Iterator[str]:
    lines = list(findings)
    if lines:
        yield f"\n{title} ({len(lines)})"
        yield from (f"  {one}" for one in lines[:SHOWN])
        if len(lines) > SHOWN:
            yield f"  … and {len(lines) - SHOWN} more: --json has all"


def _named(article: Article) -> str:
    return f"{article.id}: {article.title}"


def _likeness(found: Likeness) -> str:
    alike = "same text" if found.alike == 1 else f"{found.alike:.0%} alike"
    return f"{alike}: " + " · ".join(f"{one.id} ({one.audience})" for one in found.articles)


def _namesakes(found: Namesakes) -> str:
    told = " · ".join(f"{one.id} ({one.audience}, {one.url})" for one in found.articles)
    return f"“{found.articles[0].title}”: {told}"


def _length(found: Length) -> str:
    return f"{_named(found.article)}, {found.words} words"


def _gap(found: Gap) -> str:
    others = len(found.questions) - 1
    alike = f", in {others + 1} wordings" if others else ""
    return f"{found.times} × {found.label} (last asked {day(found.last)}{alike})"


def _values(articles: Sequence[Article]) -> list[dict[str, str]]:
    return [_value(one) for one in articles]


def _value(article: Article) -> dict[str, str]:
    return {
        "id": article.id,
        "title": article.title,
        "url": article.url,
        "source": article.source,
        "audience": article.audience,
        "updated": article.updated.isoformat(),
    }
