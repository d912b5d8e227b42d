"""An audit names what is wrong with the articles, and what is missing from them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from fakes import TODAY, FakeEmbedder
from hypothesis import given
from hypothesis import strategies as st

from knowledge.adapters.sqlite import SqliteStore
from knowledge.audit import LONGEST_WORDS, SHORTEST_WORDS, Audit, Shelf, audit
from knowledge.audit_likeness import NEAR, likenesses, namesakes
from knowledge.audit_questions import (
    MOST_OPEN,
    SAME_SUBJECT,
    Asked,
    OpenQuestion,
    gaps,
    open_questions,
)
from knowledge.audit_vectors import chunk_vectors
from knowledge.documents import Article, ArticleId, Audience, SourceName, Status, Vectors
from knowledge.indexing import index

BAGS = FakeEmbedder()


def article(name: str, text: str = "", *, title: str = "") -> Article:
    return Article(
        ArticleId(name),
        title or name,
        f"https://help.test/{name}",
        Status.PUBLISHED,
        Audience.PUBLIC,
        TODAY,
        text or f"{name} " * SHORTEST_WORDS,
    )


def asked(question: str, *urls: str, abstained: bool = False, days_ago: int = 0) -> Asked:
    return Asked(question, abstained, frozenset(urls), TODAY - timedelta(days=days_ago))


def audited(*articles: Article, history: Sequence[Asked] = (), broken: Sequence[str] = ()) -> Audit:
    vectors = {one.id: BAGS.embed([one.text]) for one in articles}
    return audit(Shelf(articles, vectors, broken), history, embed=BAGS.embed, today=TODAY)


def groups(found: Audit) -> list[tuple[list[str], float]]:
    return [([one.id for one in like.articles], like.alike) for like in found.likenesses]


def unit(rows: object) -> Vectors:
    vectors = np.array(rows, dtype=np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


BOOTS, TENTS = article("boots"), article("tents")


def test_sound_articles_have_no_findings() -> None:
    found = audited(BOOTS, TENTS)
    assert (found.articles, found.published, found.questions) == (2, 2, 0)
    assert not found.stale + found.too_long + found.too_short + found.likenesses
    assert not found.namesakes + found.broken + found.gaps


def test_an_article_is_stale_a_year_after_it_was_updated_the_oldest_first() -> None:
    year = timedelta(days=365)
    fresh = replace(article("fresh"), updated=TODAY - year)
    stale = replace(article("stale"), updated=TODAY - year - timedelta(days=1))
    oldest = replace(article("oldest"), updated=date(2001, 1, 1))
    assert [one.id for one in audited(fresh, stale, oldest).stale] == ["oldest", "stale"]


def test_articles_that_nobody_is_answered_from_are_not_judged() -> None:
    for status in (Status.DRAFT, Status.ARCHIVED):
        hidden = replace(article("hidden", "short"), status=status, updated=date(2001, 1, 1))
        twin = replace(hidden, id=ArticleId("twin"))
        found = audited(hidden, twin, BOOTS, history=[asked("boots?", BOOTS.url)])
        assert (found.articles, found.published) == (3, 1)
        assert not found.stale + found.too_short + found.likenesses + found.namesakes
        assert found.never_retrieved == ()


def test_lengths_are_counted_in_words() -> None:
    long, longer = article("long", "w " * (LONGEST_WORDS + 1)), article("longer", "w " * 9_999)
    most, least = article("most", "m " * LONGEST_WORDS), article("least", "l " * SHORTEST_WORDS)
    short = article("short", "s " * (SHORTEST_WORDS - 1))
    found = audited(long, longer, most, least, short)
    assert [(one.article.id, one.words) for one in found.too_long] == [
        ("longer", 9_999),
        ("long", LONGEST_WORDS + 1),
    ]
    assert [(one.article.id, one.words) for one in found.too_short] == [
        ("short", SHORTEST_WORDS - 1)
    ]


def test_the_same_text_is_found_whatever_its_spacing() -> None:
    copy = replace(article("copy", BOOTS.text.replace(" ", "\n\n")), audience=Audience.INTERNAL)
    assert groups(audited(BOOTS, TENTS, copy)) == [(["boots", "copy"], 1.0)]


def test_nearly_the_same_text_is_found_by_its_vectors() -> None:
    near = article("near", BOOTS.text + "and")
    [(ids, alike)] = groups(audited(near, TENTS, BOOTS))
    assert ids == ["near", "boots"]
    assert NEAR <= alike < 1


def test_a_short_article_that_is_a_part_of_a_longer_one_is_found() -> None:
    vectors = {
        ArticleId("long"): unit([[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        ArticleId("part"): unit([[0, 0, 1], [0.1, 1, 0]]),
        ArticleId("half"): unit([[1, 0, 0], [-1, -1, 0]]),
    }
    shelf = [article(name) for name in vectors]
    [found] = likenesses(shelf, vectors)
    assert [one.id for one in found.articles] == ["long", "part"]
    assert found.alike == pytest.approx((1 + 1 / np.sqrt(1.01)) / 2, abs=1e-3)


def test_likenesses_that_hang_together_are_one_group_as_alike_as_its_least() -> None:
    turn = [0.0, 0.3, 0.6]
    vectors = {ArticleId(f"a{n}"): unit([[np.cos(x), np.sin(x)]]) for n, x in enumerate(turn)}
    [found] = likenesses([article(name) for name in vectors], vectors)
    assert [one.id for one in found.articles] == ["a0", "a1", "a2"]
    assert found.alike == pytest.approx(np.cos(0.3), abs=1e-3)


def test_an_article_without_vectors_is_compared_by_its_text_alone() -> None:
    copy = replace(BOOTS, id=ArticleId("copy"))
    [found] = likenesses([BOOTS, TENTS, copy], {})
    assert [one.id for one in found.articles] == ["boots", "copy"]


@given(st.lists(st.integers(1, 700), min_size=1, max_size=6), st.integers(0, 2**32 - 1))
def test_all_pairs_are_compared_however_many_chunks_they_have(sizes: list[int], seed: int) -> None:
    chance = np.random.default_rng(seed)
    vectors = {
        ArticleId(f"a{n}"): unit(chance.normal(size=(size, 2)) + 1e-6)
        for n, size in enumerate(sizes)
    }
    names = list(vectors)
    linked = {
        frozenset((one, other))
        for n, one in enumerate(names)
        for other in names[n + 1 :]
        if _alike(vectors[one], vectors[other]) >= NEAR
    }
    found = likenesses([article(name) for name in names], vectors)
    together = {frozenset(one.id for one in like.articles) for like in found}
    for pair in linked:
        assert any(pair <= group for group in together)
    for group in together:
        assert any(pair <= group for pair in linked)
    assert sum(map(len, together)) == len(frozenset().union(*together))


def _alike(one: Vectors, other: Vectors) -> float:
    shorter, longer = sorted((one, other), key=len)
    return float((shorter @ longer.T).max(axis=1).mean())


def test_one_title_over_different_texts_is_named_with_what_differs() -> None:
    guide = article("guide", "Forty days, said the shop to everybody.", title="Returning boots")
    other = article("other", "Sixty days, said the shop to the staff.", title="How boots return?")
    other = replace(other, audience=Audience.INTERNAL, source=SourceName("wiki"))
    [found] = namesakes([guide, BOOTS, other])
    assert [one.id for one in found.articles] == ["guide", "other"]
    assert found.differ == ("audience", "source", "url")
    assert namesakes([guide, replace(other, url=guide.url)])[0].differ == ("audience", "source")


def test_titles_of_different_years_are_different() -> None:
    assert not namesakes(
        article(f"y{year}", title=f"Return policy {year}") for year in (2025, 2026)
    )


def test_one_title_over_the_same_text_contradicts_nothing() -> None:
    assert not namesakes([BOOTS, replace(BOOTS, id=ArticleId("copy"))])


def test_what_was_never_retrieved_is_unknown_until_somebody_asks() -> None:
    assert audited(BOOTS, TENTS).never_retrieved is None
    history = [asked("boots?", BOOTS.url), asked("bread?", abstained=True)]
    found = audited(BOOTS, TENTS, history=history)
    assert found.never_retrieved == (TENTS,)
    assert found.questions == 2


def test_broken_documents_are_told_as_they_are() -> None:
    assert audited(BOOTS, broken=["a.md: no text", "b.pdf: damaged"]).broken == (
        "a.md: no text",
        "b.pdf: damaged",
    )


def test_questions_without_an_answer_are_gathered_by_subject() -> None:
    history = [
        asked("how do I bake sourdough bread?", abstained=True),
        asked("bake sourdough bread how?", abstained=True, days_ago=1),
        asked("how do I bake bread?", abstained=True, days_ago=2),
        asked("where is my parcel", abstained=True, days_ago=3),
        asked("boots?", BOOTS.url),
    ]
    first, second = audited(BOOTS, history=history).gaps
    assert (first.label, first.times, first.last) == (history[0].question, 3, TODAY)
    assert set(first.questions) == {one.question for one in history[:3]}
    assert (second.label, second.times) == ("where is my parcel", 1)


def test_a_question_is_closed_once_it_is_answered_and_opens_again() -> None:
    answered_since = [asked("Bread?"), asked("bread", abstained=True, days_ago=1)]
    assert open_questions(answered_since) == []
    lost_since = [asked("Bread?", abstained=True), asked("bread", days_ago=1)]
    assert open_questions(lost_since) == [OpenQuestion("Bread?", 1, TODAY)]


def test_the_same_question_in_other_case_is_counted_once() -> None:
    many = [asked("BREAD!", abstained=True), *[asked("bread?", abstained=True)] * 4]
    assert open_questions(many) == [OpenQuestion("BREAD!", 5, TODAY)]


def test_the_newest_open_questions_are_kept_when_there_are_too_many() -> None:
    many = [asked(f"question {n}", abstained=True) for n in range(MOST_OPEN + 1)]
    kept = open_questions(many)
    assert len(kept) == MOST_OPEN
    assert kept[0].text == "question 0"


def test_the_label_is_the_most_central_question_not_the_first() -> None:
    turn = [0.0, 0.8, 1.6]
    questions = [OpenQuestion(text, 1, TODAY) for text in ("left", "middle", "right")]
    [found] = gaps(questions, unit([[np.cos(x), np.sin(x)] for x in turn]))
    assert found.label == "middle"


def test_questions_asked_often_weigh_more() -> None:
    questions = [OpenQuestion("rare", 1, TODAY), OpenQuestion("often", 9, TODAY)]
    [found] = gaps(questions, unit([[1, 0], [1, 0.2]]))
    assert (found.label, found.times) == ("often", 10)


@given(st.lists(st.tuples(st.integers(1, 9), st.floats(0, 6.28)), max_size=30))
def test_every_open_question_is_in_exactly_one_gap(drawn: list[tuple[int, float]]) -> None:
    questions = [OpenQuestion(f"q{n}", times, TODAY) for n, (times, _) in enumerate(drawn)]
    vectors = unit([[np.cos(x), np.sin(x)] for _, x in drawn] or np.zeros((0, 2)))
    found = gaps(questions, vectors)
    assert sorted(text for one in found for text in one.questions) == sorted(
        one.text for one in questions
    )
    assert sum(one.times for one in found) == sum(times for times, _ in drawn)
    assert [one.times for one in found] == sorted((one.times for one in found), reverse=True)
    row = {one.text: vector for one, vector in zip(questions, vectors, strict=True)}
    for one in found:
        near = np.array([[row[a] @ row[b] for b in one.questions] for a in one.questions])
        assert (near >= SAME_SUBJECT - 1e-6).all(axis=1).any()


def test_the_vectors_of_an_article_are_those_that_were_indexed(tmp_path: Path) -> None:
    class Source:
        name = SourceName("articles")

        def read(self) -> Iterator[Article]:
            yield sections

    sections = article("sections", "# One\n\nFirst.\n\n# Two\n\nSecond.\n")
    store = SqliteStore(tmp_path / "store.sqlite", encoder="one")
    index([Source()], store=store, embedder=BAGS)
    vectors = chunk_vectors([sections, BOOTS], store)
    store.close()
    assert list(vectors) == ["sections"]
    assert vectors[sections.id].shape == (2, 64)
    np.testing.assert_allclose(np.linalg.norm(vectors[sections.id], axis=1), 1, rtol=1e-5)
