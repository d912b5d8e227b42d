"""Whether examples are as various as real messages, and how far the test lies from training.

Templated examples open alike, reuse their phrases across splits and have a close neighbour in the
training examples: a model then scores well on them and badly on people. Needs the extra `[train]`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer

from triage.dataset import Dataset, Example

_WORD = re.compile(r"\w+")
_OPENING = 3
_TEXTURE = 1000
_SHORT_RUN, _LONG_RUN = 4, 8
_MOST_COMPARED = 2000
_CHUNK = 200


@dataclass(frozen=True, slots=True)
class Overlap:
    """The share of a split's runs of four and of eight words that training holds too."""

    split: str
    four: float
    eight: float


@dataclass(frozen=True, slots=True)
class Distance:
    """1 minus the TF-IDF cosine to the nearest training example: 0 the same, 1 no word shared."""

    mean: float
    p10: float


@dataclass(frozen=True, slots=True)
class Variety:
    """How various training examples are, 0 to 1, and how far apart.

    `openings` is the number of different first three words over that of training texts;
    `type_token` the share of different words in a thousand; `to_train` how far each other split
    lies from training; `between_voices` how far training examples lie from those of other voices
    (from other examples where there is one voice).
    """

    openings: float
    type_token: float
    overlaps: tuple[Overlap, ...]
    to_train: tuple[tuple[str, Distance], ...]
    between_voices: Distance | None


def variety(dataset: Dataset) -> Variety:
    """Measure training examples, and the other splits against them."""
    others = [name for name in ("validation", "test") if dataset.split(name)]
    words = [_words(one.text) for one in dataset.train]
    four, eight = set(_all_runs(words, _SHORT_RUN)), set(_all_runs(words, _LONG_RUN))
    distances = _distances(dataset, others)
    return Variety(
        openings=len({tuple(one[:_OPENING]) for one in words}) / max(1, len(words)),
        type_token=_type_token([word for one in words for word in one]),
        overlaps=tuple(
            Overlap(
                name,
                _known(four, [_words(one.text) for one in dataset.split(name)], _SHORT_RUN),
                _known(eight, [_words(one.text) for one in dataset.split(name)], _LONG_RUN),
            )
            for name in others
        ),
        to_train=tuple((name, distances[name]) for name in others if name in distances),
        between_voices=distances.get("train"),
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _all_runs(texts: Sequence[Sequence[str]], size: int) -> Iterator[tuple[str, ...]]:
    for words in texts:
        yield from zip(*(words[n:] for n in range(size)), strict=False)


def _known(taught: set[tuple[str, ...]], texts: Sequence[Sequence[str]], size: int) -> float:
    runs = list(_all_runs(texts, size))
    return sum(run in taught for run in runs) / max(1, len(runs))


def _type_token(words: Sequence[str]) -> float:
    """Mean over stretches of a thousand words: the figure falls with the length of a text."""
    starts = range(0, max(1, len(words) - _TEXTURE + 1), _TEXTURE)
    stretches = [words[n : n + _TEXTURE] for n in starts if words]
    return float(np.mean([len(set(one)) / len(one) for one in stretches])) if stretches else 0.0


def _distances(dataset: Dataset, others: Sequence[str]) -> dict[str, Distance]:
    texts = [one.text for one in dataset.train]
    if not any(_WORD.search(text) for text in texts):
        return {}
    vectorizer = TfidfVectorizer(token_pattern=_WORD.pattern, sublinear_tf=True, dtype=np.float32)
    taught = vectorizer.fit_transform(texts)

    def measured(examples: Sequence[Example], *, within: bool) -> Distance:
        chosen = np.unique(np.linspace(0, len(examples) - 1, _MOST_COMPARED).astype(int))
        rows = vectorizer.transform([examples[n].text for n in chosen])
        found = []
        for start in range(0, len(chosen), _CHUNK):
            alike = (rows[start : start + _CHUNK] @ taught.T).toarray()
            if within:
                alike[_not_compared(dataset.train, chosen[start : start + _CHUNK])] = 0
            found.append(1 - alike.max(axis=1))
        every = np.clip(np.concatenate(found), 0, 1)
        return Distance(float(every.mean()), float(np.percentile(every, 10)))

    distances = {name: measured(dataset.split(name), within=False) for name in others}
    if len(dataset.train) > 1:
        distances["train"] = measured(dataset.train, within=True)
    return distances


def _not_compared(examples: Sequence[Example], chosen: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Chosen × examples: those of the same voice, or only itself where there is one voice."""
    voices = np.array([one.voice for one in examples])
    if len(set(voices)) > 1:
        same: NDArray[np.bool_] = voices[chosen][:, None] == voices[None, :]
        return same
    itself: NDArray[np.bool_] = chosen[:, None] == np.arange(len(examples))[None, :]
    return itself
