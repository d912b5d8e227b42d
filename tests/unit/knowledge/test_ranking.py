"""What our ranking is compared with."""

import math
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from fakes import TODAY, FakeEmbedder, FakeStore, passage

from knowledge.answerable import FEATURES, Weights
from knowledge.answering import Judge
from knowledge.documents import Article, ArticleId, Audience, Passage, Status
from knowledge.evaluation import GRADED
from knowledge.ports import Query
from knowledge.ranking import Comparison, Method, PlainWords, Question, documents
from knowledge.retrieval import RetrievalRules, Retriever
from knowledge.sentence_vectors import SentenceVectors

LATE = Question("late", "the tents", previous="boots")


def article(article_id: str, text: str) -> Article:
    url = f"https://help.test/{article_id}"
    return Article(
        ArticleId(article_id), "Title", url, Status.PUBLISHED, Audience.PUBLIC, TODAY, text
    )


def comparison(store: FakeStore, plain: PlainWords) -> Comparison:
    embedder, nothing = FakeEmbedder(), np.zeros(len(FEATURES))
    weights = Weights(nothing, nothing + 1, nothing, bias=0.0, threshold=0.5)
    rules = RetrievalRules(alpha=0.6, passages=3, minimum_cosine=0.35)
    return Comparison(
        store=store,
        embedder=embedder,
        retriever=Retriever(store=store, embedder=embedder, rules=rules),
        judge=Judge(weights, SentenceVectors(embedder)),
        plain=plain,
        audience=Audience.PUBLIC,
        alpha=0.6,
    )


def test_plain_words_are_scored_by_bm25() -> None:
    plain = PlainWords([article("a", "boots boots wax"), article("b", "tents")])
    rarity = math.log(1 + (2 - 1 + 0.5) / (1 + 0.5))
    length = 1 - 0.75 + 0.75 * 4 / 3  # with the title: four words and two, three on average
    assert plain.scores("The boots?") == {0: pytest.approx(rarity * 2 / (2 + 1.2 * length))}
    assert plain.scores("a boot") == {}, "another form of a word is another word"
    assert plain.scores("unheard of") == {}


def test_plain_words_and_nearness_count_half_each() -> None:
    plain = PlainWords([article("a", "boots"), article("b", "boots tents"), article("c", "mats")])
    near = [passage("x", article=one, cosine=n) for one, n in (("c", 0.9), ("b", 0.8), ("a", 0.1))]
    unknown = passage("x", article="gone since", cosine=1.0)
    assert plain.fused("boots", [unknown, *near]) == ("a", "c", "b")


def test_an_article_ranks_by_its_best_passage_and_ten_are_graded() -> None:
    found = [passage(str(n), article=f"a{n // 2}") for n in range(30)]
    assert documents(found) == tuple(f"a{n}" for n in range(GRADED))


@dataclass
class Recording(FakeStore):
    asked: list[Query] = field(default_factory=list)

    def search(self, query: Query) -> list[Passage]:
        self.asked.append(query)
        return super().search(query)


def test_words_meaning_and_both_are_searched_for_with_the_turn_before() -> None:
    store = Recording()
    comparison(store, PlainWords([])).ask(LATE)
    assert [one.alpha for one in store.asked] == [0.0, 1.0, 0.6, 0.6]
    assert {one.text for one in store.asked} == {"boots the tents"}


def test_every_method_ranks_and_all_but_one_are_timed() -> None:
    store = FakeStore()
    store.add("boots", "boots")
    store.add("tents", "tents")
    found = comparison(store, PlainWords([article("boots", "boots")])).ask(LATE)
    assert set(found.rankings) == set(Method)
    assert {len(one) for one in found.rankings.values()} == {2, 1}
    assert found.rankings[Method.WEAVIATE] == ("boots",)
    assert set(found.timings_ms) == set(Method) - {Method.WEAVIATE}
    assert found.judgement is None


def test_a_labelled_question_is_judged_as_the_desk_would() -> None:
    store = FakeStore()
    store.add("tents", "tents")
    found = comparison(store, PlainWords([])).ask(replace(LATE, answerable=True)).judgement
    assert found is not None
    assert found.answerable
    assert found.probability == 0.5
    assert found.is_answered
    assert found.cosine > 0.35
