"""Questions that stayed without an answer, by subject (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import Vectors
from knowledge.lexicon import words

SAME_SUBJECT = 0.6
MOST_OPEN = 2_000
"""Open questions that are looked at, the newest: all are compared with all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was looked up on `day`, and the addresses of the articles it found."""

    question: str
    abstained: bool
    urls: frozenset[str]
    day: date


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A question that had no answer when it was asked last."""

    text: str
    times: int
    last: date


@dataclass(frozen=True, slots=True)
class Gap:
    """A subject that no article answers: `label` is its most central question.

    `questions` are its different wordings, asked `times` times altogether.
    """

    label: str
    times: int
    last: date
    questions: tuple[str, ...]


def open_questions(asked: Iterable[Asked]) -> list[OpenQuestion]:
    """The different ones among questions, newest first; one that was answered since is closed."""
    latest: dict[tuple[str, ...], list[Asked]] = {}
    for one in asked:
        latest.setdefault(tuple(words(one.question)), []).append(one)
    left_open = [
        OpenQuestion(same[0].question, sum(one.abstained for one in same), same[0].day)
        for same in latest.values()
        if same[0].abstained
    ]
    return left_open[:MOST_OPEN]


def gaps(questions: Sequence[OpenQuestion], vectors: Vectors) -> list[Gap]:
    """Questions by subject, the most asked first.

    `vectors` has a row of unit length for each. Greedy: the question with most others near it
    takes them along, then the next of those that are left.
    """
    near = vectors @ vectors.T
    times = np.array([one.times for one in questions])
    found = [_gap(questions, near, members, times) for members in _clusters(near, times)]
    return sorted(found, key=lambda one: (-one.times, one.label))


def _clusters(near: Vectors, times: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    linked = near >= SAME_SUBJECT
    np.fill_diagonal(linked, val=True)
    weight = linked @ times
    free = np.ones(len(times), dtype=bool)
    while free.any():
        centre = int(np.argmax(np.where(free, weight, -1)))
        members = np.flatnonzero(linked[centre] & free)
        free[members] = False
        weight = weight - linked[:, members] @ times[members]
        yield members


def _gap(
    questions: Sequence[OpenQuestion],
    near: Vectors,
    members: NDArray[np.int64],
    times: NDArray[np.int64],
) -> Gap:
    central = near[np.ix_(members, members)] @ times[members]
    ordered = [questions[members[n]] for n in np.argsort(-central, kind="stable")]
    return Gap(
        label=ordered[0].text,
        times=sum(one.times for one in ordered),
        last=max(one.last for one in ordered),
        questions=tuple(one.text for one in ordered),
    )
