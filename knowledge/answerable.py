"""Is there an answer? A calibrated model over what the search and the passages say (pure).

Scores alone pass nine in ten questions that sound like the corpus and are answered nowhere. What
tells them apart: whether one passage stands out from the rest, whether every word of the question
finds its match within one stretch of a passage, and whether a single sentence is near.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge import matching
from knowledge.documents import Passage, Retrieval, Vectors
from knowledge.lexicon import query_words
from knowledge.parts import parts

Floats = NDArray[np.float64]
SENTENCES_OF = 5
"""Passages whose sentences are looked at."""
RIVALS = 5
STRETCH = 64
STEP = 8
FEATURES = (
    "cosine",
    "cosine_lead",
    "match",
    "match_lead",
    "stretch",
    "stretch_lead",
    "lost_word",
    "weakest_word",
    "sentence",
    "sentence_lead",
    "length",
    "figure",
)
"""What `features` returns, in this order.

`cosine`, `match` (mean over the question's tokens of the best match in a passage) and `stretch`
(the same within 64 tokens) are the best of all candidates; `_lead` is by how much the best one is
ahead of the next five. `lost_word` is the most that a word finds elsewhere and not in the best
passage, `weakest_word` the worst match there. `sentence` is the cosine of the nearest sentence.
`length` is the logarithm of the question's words: the more it says, the lower its cosines. `figure`
is 1 where it asks for a number, an amount or a time: these are left out more often than not.
"""


@dataclass(frozen=True, slots=True)
class Weights:
    """A logistic model: features are centred by `mean`, divided by `scale`, then weighted.

    `threshold` is the least probability at which a question is answered.
    """

    mean: Floats
    scale: Floats
    weights: Floats
    bias: float
    threshold: float

    def probability(self, found: Floats) -> float:
        """Calibrated probability that the passages hold an answer."""
        score = ((found - self.mean) / self.scale) @ self.weights + self.bias
        return float(1 / (1 + np.exp(-np.clip(score, -30, 30))))


def features(retrieval: Retrieval, sentence_cosines: Sequence[float]) -> Floats:
    """One number for each of `FEATURES`; zeros without candidates.

    `sentence_cosines` are those of the question with the sentences of the first passages.
    """
    if not retrieval.candidates:
        return np.zeros(len(FEATURES))
    matches = [
        matching.matches(retrieval.encoding.tokens, one.tokens) for one in retrieval.candidates
    ]
    match = np.array([one.max(axis=1).mean() for one in matches])
    stretch = np.array([_best_stretch(one) for one in matches])
    cosine = np.array([one.cosine for one in retrieval.candidates])
    best = matches[int((match + cosine).argmax())].max(axis=1)
    anywhere = np.max([one.max(axis=1) for one in matches], axis=0)
    sentences = np.sort(np.array(sentence_cosines or [0.0]))[::-1]
    return np.array(
        [
            *_lead(cosine),
            *_lead(match),
            *_lead(stretch),
            (anywhere - best).max(),
            best.min(),
            sentences[0],
            sentences[0] - sentences[1:].mean() if len(sentences) > 1 else 0.0,
            np.log1p(len(query_words(retrieval.query))),
            any(one.figure for one in parts(retrieval.query)),
        ]
    )


def first_passages(retrieval: Retrieval) -> Sequence[Passage]:
    """The candidates whose sentences are compared with the question."""
    return retrieval.candidates[:SENTENCES_OF]


def _lead(scores: Floats) -> tuple[float, float]:
    """The best score, and how far it is ahead of the mean of the next five."""
    ranked = np.sort(scores)[::-1]
    rivals = ranked[1 : 1 + RIVALS]
    return float(ranked[0]), float(ranked[0] - rivals.mean()) if len(rivals) else 0.0


def _best_stretch(matches: Vectors) -> float:
    """The mean best match within the best 64 tokens in a row."""
    last = max(1, matches.shape[1] - STRETCH + STEP)
    return max(
        float(matches[:, start : start + STRETCH].max(axis=1).mean())
        for start in range(0, last, STEP)
    )
