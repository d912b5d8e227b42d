"""A question to passages: what is looked up, in which order, and what is near enough."""

from collections.abc import Sequence

import pytest
from fakes import BOOTS, FakeEmbedder, FakeStore

from knowledge.adapters.reranker import LateInteraction
from knowledge.asking import lookup_text, search_text
from knowledge.documents import Audience, Passage
from knowledge.errors import RerankerUnavailable
from knowledge.ports import Query
from knowledge.retrieval import CANDIDATES, RetrievalRules, Retriever

RULES = RetrievalRules(alpha=0.6, passages=2, minimum_cosine=0.2)


class Broken:
    """A reranker that is away."""

    name = "broken"

    def rerank(self, *_asked: object) -> list[Passage]:
        raise RerankerUnavailable("no scores today")


class Rewrites:
    """A model that rewrites a follow-up as it was told."""

    def __init__(self, text: str) -> None:
        self._text = text

    def rewrite(self, *_turns: str) -> str:
        return self._text


def store() -> FakeStore:
    made = FakeStore()
    made.add("returns", BOOTS)
    made.add("norway", "We ship to Norway by boat within nine days.")
    made.add("japan", "We ship to Japan by air within four days.")
    made.add("runbook", "Unlock accounts from the console.", audience=Audience.INTERNAL)
    return made


def retriever(**parts: object) -> Retriever:
    return Retriever(store=store(), embedder=FakeEmbedder(), rules=RULES, **parts)  # type: ignore[arg-type]


def first(found: Sequence[Passage]) -> str:
    return found[0].title


def test_passages_are_few_near_and_best_first_candidates_are_all() -> None:
    found = retriever(reranker=LateInteraction()).retrieve(
        "how do you ship to Norway?", audience=Audience.PUBLIC
    )
    assert first(found.passages) == "Norway"
    assert len(found.passages) <= RULES.passages < len(found.candidates)
    assert all(one.cosine >= RULES.minimum_cosine for one in found.passages)
    assert set(found.timings_ms) == {"rewrite", "embed", "search", "rerank"}


def test_what_is_for_staff_is_no_candidate_of_the_public() -> None:
    for audience, seen in ((Audience.PUBLIC, False), (Audience.INTERNAL, True)):
        found = retriever().retrieve("unlock accounts from the console", audience=audience)
        assert any(one.title == "Runbook" for one in found.candidates) is seen


def test_the_turn_before_is_looked_up_too_and_only_answered_where_it_is_needed() -> None:
    found = retriever().retrieve(
        "And to Norway?", audience=Audience.PUBLIC, previous="Ship to Japan?"
    )
    assert found.query == "Ship to Japan? And to Norway?"
    alone = retriever().retrieve(
        "Which boots can I return?", audience=Audience.PUBLIC, previous="Ship to Japan?"
    )
    assert alone.query == "Which boots can I return?"
    assert {one.title for one in alone.candidates} >= {"Returns", "Japan"}


@pytest.mark.parametrize(
    ("written", "looked_up"),
    [("Do you ship to Norway?", "Do you ship to Norway?"), ("", "Ship to Japan? And to Norway?")],
)
def test_a_model_may_rewrite_a_follow_up_and_may_fail_to(written: str, looked_up: str) -> None:
    found = retriever(rewriter=Rewrites(written)).retrieve(
        "And to Norway?", audience=Audience.PUBLIC, previous="Ship to Japan?"
    )
    assert found.query == looked_up


def test_a_reranker_that_is_away_leaves_the_fused_order() -> None:
    question = "how do you ship to Norway?"
    found = retriever(reranker=Broken()).retrieve(question, audience=Audience.PUBLIC)
    plain = retriever().retrieve(question, audience=Audience.PUBLIC)
    assert found.candidates == plain.candidates


@pytest.mark.parametrize(
    ("mail", "asked"),
    [
        ("Hi,\ncan I return boots?\n\nKind regards,\nAda Byron\n+44 1234", "can I return boots?"),
        ("Can I return boots?\n\nThanks!\nAda", "Can I return boots?"),
        ("Can I return boots?\n--\nAda, Sales", "Can I return boots?"),
        ("thanks for nothing", "thanks for nothing"),
        ("Regards,\nAda", "Regards, Ada"),
    ],
)
def test_a_signature_is_no_part_of_the_question(mail: str, asked: str) -> None:
    assert search_text(mail) == asked


def test_candidates_are_found_by_both_turns() -> None:
    assert lookup_text("how do I wash merino?", previous="Hi! Ship to Japan?") == (
        "Ship to Japan? how do I wash merino?"
    )


def test_a_message_that_asks_two_things_is_looked_up_part_by_part() -> None:
    asked = "how long may I return boots, and how do you ship to Japan?"
    found = retriever().retrieve(asked, audience=Audience.PUBLIC)
    assert found.query == asked
    assert {one.title for one in found.passages} == {"Returns", "Japan"}
    places = [(one.chunk.article_id, one.chunk.position) for one in found.candidates]
    assert len(places) == len(set(places)) <= CANDIDATES


def test_a_follow_up_is_looked_up_as_one() -> None:
    embedder = FakeEmbedder()
    found = retriever().retrieve(
        "how long may I return them, and what does it cost?",
        audience=Audience.PUBLIC,
        previous="Which boots can I return?",
    )
    assert (found.encoding.vector == embedder.encode([found.query])[0].vector).all()
    assert found.query.startswith("Which boots")


def test_a_part_of_one_word_is_not_looked_up_by_itself() -> None:
    asked = "Where to find, and how do you ship to Japan?"
    found = retriever().retrieve(asked, audience=Audience.PUBLIC)
    whole = FakeEmbedder().encode([asked])[0].vector
    cosines = {one.title: one.cosine for one in found.candidates}
    again = store().search(Query(asked, whole, Audience.PUBLIC, CANDIDATES, RULES.alpha))
    assert cosines == {one.title: one.cosine for one in again}
