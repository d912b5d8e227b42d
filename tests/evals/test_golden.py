"""The golden set does not get worse."""

import pytest
from evals.golden import Report, claims, correct_citations, embedded_knowledge, is_shown, judged
from fakes import FakeEmbedder, citation, passage

from knowledge.documents import Answer, Retrieval

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
LEAST_FOUND = 0.90
LEAST_SHOWN = 0.69
LEAST_SOURCED = 0.70
LEAST_CORRECT = 0.99
LEAST_AUROC = 0.76
MOST_REFUSED = 0.21
MOST_UNANSWERABLE_ANSWERED = 0.5


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Report:
    return judged(embedded_knowledge(tmp_path_factory.mktemp("golden")))


def quoting(text: str, *passages: str) -> Answer:
    """An answer whose nth source is the nth passage."""
    given = tuple(passage(one, article=f"article-{n}") for n, one in enumerate(passages, start=1))
    [encoding] = FakeEmbedder().encode([text])
    retrieval = Retrieval("?", given, given, encoding, {})
    return Answer(text, tuple(citation(n + 1) for n in range(len(given))), "fake", retrieval)


def test_a_sentence_is_claimed_of_each_marker_behind_it() -> None:
    text = "Up to 5 kg. It is GW1. [1][2]\n\n2. Pay [here](https://a.test). [2]"
    assert list(claims(text)) == [
        ("Up to 5 kg.", 1),
        ("Up to 5 kg.", 2),
        ("It is GW1.", 1),
        ("It is GW1.", 2),
        ("Pay [here](https://a.test).", 2),
    ]


def test_a_citation_is_correct_where_the_cited_article_says_so_word_by_word() -> None:
    table = "| | Large |\n|---|---|\n| Weight | **1 kg** |"
    answer = quoting(
        "Boots *dry* slowly [1]. Weight: Large 1 kg. [2] Boots dry. [2]", "Boots dry slowly.", table
    )
    assert list(correct_citations(answer)) == [True, True, False]
    assert list(correct_citations(quoting("Boots dry within days. [1]", "Boots dry."))) == [False]


def test_evidence_is_shown_by_its_words_or_by_all_cells_of_a_row() -> None:
    assert is_shown("It **costs** [£5](https://a.test).", "First. [1] It costs £5. [1]")
    assert is_shown("2. Pay now.", "To order:\n- Pay now. [1]")
    assert is_shown("| Weight | 1 kg | 2 kg |", "Weight: small 1 kg; large 2 kg. [1]")
    assert not is_shown("| Weight | 1 kg | 2 kg |", "Weight: small 1 kg. [1]\nLarge 2 kg. [1]")
    assert not is_shown("It costs £5.", "It costs £50. [1]")


def test_the_right_articles_are_found(report: Report) -> None:
    counts = report.where(answerable=True)
    assert counts["found"] >= LEAST_FOUND * counts["asked"]


def test_what_can_be_answered_is_seldom_refused(report: Report) -> None:
    counts = report.where(answerable=True)
    assert counts["refused"] <= MOST_REFUSED * counts["asked"]


def test_what_cannot_be_answered_is_refused(report: Report) -> None:
    counts = report.where(answerable=False)
    assert counts["answered"] <= MOST_UNANSWERABLE_ANSWERED * counts["asked"]
    assert report.of("off_topic")["answered"] == 0


def test_the_judge_tells_what_can_be_answered(report: Report) -> None:
    assert report.auroc >= LEAST_AUROC


def test_citations_are_correct(report: Report) -> None:
    correct, every = report.citations
    assert correct >= LEAST_CORRECT * every > 0


def test_answers_cite_what_answers_and_say_it(report: Report) -> None:
    counts = report.where(answerable=True)
    assert counts["sourced"] >= LEAST_SOURCED * counts["answered"]
    assert counts["shown"] >= LEAST_SHOWN * counts["answered"]


def test_nothing_is_retrieved_that_the_asker_may_not_read(report: Report) -> None:
    assert report.of()["asked"] == len(report.replies) > 0
    assert report.of()["leaked"] == 0
