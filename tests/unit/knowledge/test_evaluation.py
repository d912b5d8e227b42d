"""Our metrics are those that everybody means by their names."""

import ir_measures
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ir_measures import RR, Qrel, R, ScoredDoc, nDCG
from sklearn.metrics import roc_auc_score

from knowledge.evaluation import (
    COVERAGES,
    GRADED,
    Judgement,
    RankingScore,
    auroc,
    risk_coverage,
    score_abstention,
    score_rankings,
    signal,
)

Scores = dict[str, dict[str, int]]
DOCUMENTS = st.sampled_from([f"d{n}" for n in range(16)])
QUESTIONS = st.sampled_from([f"q{n}" for n in range(6)])
RELEVANT = st.dictionaries(QUESTIONS, st.sets(DOCUMENTS, min_size=1, max_size=13), min_size=1)
RUNS = st.dictionaries(QUESTIONS, st.dictionaries(DOCUMENTS, st.integers(0, 4), min_size=1))
VALUES = st.lists(st.integers(0, 5), min_size=1, max_size=12)


def ranked(scores: dict[str, int]) -> list[str]:
    """As trec_eval ranks: of documents with one score the later name comes first."""
    return sorted(scores, key=lambda one: (scores[one], one), reverse=True)


def reference(run: Scores, relevant: dict[str, set[str]]) -> RankingScore:
    qrels = [Qrel(q, d, 1) for q, documents in relevant.items() for d in documents]
    scored = [ScoredDoc(q, d, float(s)) for q, found in run.items() for d, s in found.items()]
    graded = [
        ScoredDoc(q, d, float(found[d])) for q, found in run.items() for d in ranked(found)[:GRADED]
    ]
    figures = ir_measures.calc_aggregate([R @ 1, R @ 3, R @ 5, nDCG @ 10], qrels, scored)
    mrr = ir_measures.calc_aggregate([RR], qrels, graded)[RR]
    return RankingScore(figures[R @ 1], figures[R @ 3], figures[R @ 5], figures[nDCG @ 10], mrr)


@given(RUNS, RELEVANT)
def test_rankings_are_scored_as_by_trec_eval(run: Scores, relevant: dict[str, set[str]]) -> None:
    ours = score_rankings({one: ranked(found) for one, found in run.items()}, relevant)
    theirs = reference(run, relevant)
    for name in RankingScore.__slots__:
        assert getattr(ours, name) == pytest.approx(getattr(theirs, name)), name


def test_a_question_without_a_ranking_counts_and_one_without_an_answer_does_not() -> None:
    rankings = {"found": ["a", "b"], "nobody labelled": ["a"], "unanswerable": ["a"]}
    relevant = {"found": {"b"}, "not asked": {"b"}, "unanswerable": set[str]()}
    score = score_rankings(rankings, relevant)
    assert (score.recall_at_1, score.recall_at_3, score.mrr) == (0, 0.5, 0.25)


@given(VALUES, VALUES)
def test_auroc_is_that_of_scikit_learn(answerable: list[int], unanswerable: list[int]) -> None:
    labels = [1] * len(answerable) + [0] * len(unanswerable)
    theirs = roc_auc_score(labels, answerable + unanswerable)
    assert auroc(answerable, unanswerable) == pytest.approx(theirs)


def test_a_signal_is_measured_where_nine_in_ten_answerable_questions_are_kept() -> None:
    found = signal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], [0, 1, 1, 2, 3])
    assert found.passed == 2 / 5
    assert signal([5], [5, 4]).passed == 1 / 2


def test_the_surest_questions_are_covered_first_and_of_equals_the_wrong_one() -> None:
    judged = [(0.9, True), (0.8, True), (0.8, False), (0.1, False), (0.7, True)] * 2
    rows = {one.coverage: one for one in risk_coverage(judged)}
    assert tuple(rows) == COVERAGES
    assert (rows[1.0].risk, rows[1.0].kept, rows[1.0].least) == (0.4, 1.0, 0.1)
    assert (rows[0.2].risk, rows[0.2].kept, rows[0.2].least) == (0.0, 2 / 6, 0.9)
    assert rows[0.4].risk == 0.5
    assert rows[0.4].kept == 2 / 6


@given(st.lists(st.tuples(st.integers(0, 3), st.booleans()), min_size=1, max_size=30))
def test_covering_less_never_keeps_more(judged: list[tuple[float, bool]]) -> None:
    rows = risk_coverage(judged)
    kept = [one.kept for one in rows]
    assert kept == sorted(kept, reverse=True)
    assert rows[0].risk == pytest.approx(sum(not right for _, right in judged) / len(judged))


def judgement(*, answerable: bool, probability: float, is_answered: bool) -> Judgement:
    return Judgement(answerable, probability, 1 - probability, is_answered)


def test_abstention_is_scored_where_there_are_questions_of_both_kinds() -> None:
    yes = [judgement(answerable=True, probability=n / 10, is_answered=n > 5) for n in range(10)]
    no = [judgement(answerable=False, probability=0.05, is_answered=False)] * 4
    found = score_abstention([*yes, *no])
    assert found is not None
    assert (found.answerable, found.unanswerable) == (10, 4)
    assert found.judge.auroc == 0.9
    assert found.cosine.auroc == pytest.approx(0.1)
    assert (found.answerable_answered, found.unanswerable_answered) == (0.4, 0)
    assert score_abstention(yes) is None
    assert score_abstention(no) is None
