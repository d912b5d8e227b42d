"""How good rankings are, and how well a number tells what can be answered (pure).

Rankings are judged as trec_eval judges them: a question without a ranking counts as one that found
nothing, and a question that no document answers does not count.
"""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

GRADED = 10
"""Documents of a ranking that are looked at."""
KEPT = 0.9
COVERAGES = tuple(percent / 100 for percent in range(100, 0, -10))


@dataclass(frozen=True, slots=True)
class RankingScore:
    """Means over the questions that a document answers, each 0 to 1, of the first 10 documents."""

    recall_at_1: float
    recall_at_3: float
    recall_at_5: float
    ndcg_at_10: float
    mrr: float


@dataclass(frozen=True, slots=True)
class Signal:
    """How well a number tells answerable questions from others.

    `passed` is the share of the unanswerable that is as high as the lowest of the best 90 % of the
    answerable.
    """

    auroc: float
    passed: float


@dataclass(frozen=True, slots=True)
class Coverage:
    """The surest questions, as many as `coverage` says (share of all), and what they are like.

    `least` is the lowest probability among them, `risk` the share of them that nothing answers,
    `kept` the share of all answerable questions that is among them.
    """

    coverage: float
    least: float
    risk: float
    kept: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """A question that is known to be answerable or not, and what was made of it.

    `cosine` is the best of its passages; `is_answered` is what the desk would do.
    """

    answerable: bool
    probability: float
    cosine: float
    is_answered: bool


@dataclass(frozen=True, slots=True)
class AbstentionScore:
    """How well questions without an answer are told; the shares are of each kind's questions."""

    answerable: int
    unanswerable: int
    judge: Signal
    cosine: Signal
    answerable_answered: float
    unanswerable_answered: float
    curve: tuple[Coverage, ...]


def score_rankings(
    rankings: Mapping[str, Sequence[str]], relevant: Mapping[str, Collection[str]]
) -> RankingScore:
    """Judge rankings (documents, each once, best first) by the documents that answer.

    Both are by question; `relevant` names at least one document for at least one question.
    """
    judged = [
        (list(rankings.get(question, ()))[:GRADED], set(documents))
        for question, documents in relevant.items()
        if documents
    ]
    return RankingScore(
        recall_at_1=_mean([recall(*one, first=1) for one in judged]),
        recall_at_3=_mean([recall(*one, first=3) for one in judged]),
        recall_at_5=_mean([recall(*one, first=5) for one in judged]),
        ndcg_at_10=_mean([ndcg(*one) for one in judged]),
        mrr=_mean([reciprocal_rank(*one) for one in judged]),
    )


def recall(ranking: Sequence[str], relevant: Collection[str], *, first: int) -> float:
    """Share of the relevant documents that are among the first."""
    return len(set(ranking[:first]) & set(relevant)) / len(relevant)


def ndcg(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """Gain of the ranking, halved the later a document comes, by that of the best ranking."""
    gain = sum(_discount(n) for n, one in enumerate(ranking[:GRADED]) if one in relevant)
    return gain / sum(_discount(n) for n in range(min(GRADED, len(relevant))))


def reciprocal_rank(ranking: Sequence[str], relevant: Collection[str]) -> float:
    """One by the rank of the first relevant document; 0 where there is none."""
    return next((1 / n for n, one in enumerate(ranking, start=1) if one in relevant), 0.0)


def score_abstention(judgements: Sequence[Judgement]) -> AbstentionScore | None:
    """None unless there are questions of both kinds."""
    yes = [one for one in judgements if one.answerable]
    no = [one for one in judgements if not one.answerable]
    if not yes or not no:
        return None
    return AbstentionScore(
        answerable=len(yes),
        unanswerable=len(no),
        judge=signal([one.probability for one in yes], [one.probability for one in no]),
        cosine=signal([one.cosine for one in yes], [one.cosine for one in no]),
        answerable_answered=_mean([one.is_answered for one in yes]),
        unanswerable_answered=_mean([one.is_answered for one in no]),
        curve=tuple(risk_coverage([(one.probability, one.answerable) for one in judgements])),
    )


def signal(answerable: Sequence[float], unanswerable: Sequence[float]) -> Signal:
    """Judge a number by its values for questions of either kind, at least one each."""
    least = sorted(answerable, reverse=True)[math.ceil(KEPT * len(answerable)) - 1]
    return Signal(
        auroc=auroc(answerable, unanswerable),
        passed=_mean([one >= least for one in unanswerable]),
    )


def auroc(answerable: Sequence[float], unanswerable: Sequence[float]) -> float:
    """How often an answerable question's value is the higher one of a pair; ties count half."""
    others = np.sort(unanswerable)
    below = np.searchsorted(others, answerable, side="left")
    not_above = np.searchsorted(others, answerable, side="right")
    return float((below + not_above).mean() / (2 * len(others)))


def risk_coverage(judged: Sequence[tuple[float, bool]]) -> list[Coverage]:
    """Probability and answerability of each question to a row for each of `COVERAGES`.

    Of questions with one probability those that nothing answers come first: the worst case.
    """
    ranked = sorted(judged, key=lambda one: (-one[0], one[1]))
    answerable = sum(is_one for _, is_one in judged)
    found = []
    for coverage in COVERAGES:
        covered = ranked[: max(1, round(coverage * len(ranked)))]
        right = sum(is_one for _, is_one in covered)
        risk = 1 - right / len(covered)
        found.append(Coverage(coverage, covered[-1][0], risk, right / max(1, answerable)))
    return found


def _discount(n: int) -> float:
    return 1 / math.log2(n + 2)


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)
