"""One question, five rankings: what ships, and what it has to be better than."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from knowledge import chunking
from knowledge.answering import Judge
from knowledge.asking import lookup_text
from knowledge.documents import Article, ArticleId, Audience, Passage, Retrieval
from knowledge.evaluation import GRADED, Judgement
from knowledge.fusion import CANDIDATES, fuse
from knowledge.lexicon import content_words, words
from knowledge.ports import Embedder, PassageStore, Query
from knowledge.retrieval import Retriever, Stopwatch

ALPHA = 0.5
_K1, _B = 1.2, 0.75
_EMBED = "embed"


class Method(StrEnum):
    """A way to rank.

    BM25 and DENSE are either side of the store's own search, HYBRID is both; WEAVIATE is hybrid
    search as a Weaviate does it by itself; RERANKED is what the desk does.
    """

    BM25 = "bm25"
    DENSE = "dense"
    WEAVIATE = "weaviate hybrid"
    HYBRID = "hybrid"
    RERANKED = "hybrid + rerank"


@dataclass(frozen=True, slots=True)
class Question:
    """A question that somebody has labelled.

    `previous` is the asker's turn before; `answerable` is None where nobody said.
    """

    id: str
    text: str
    previous: str | None = None
    answerable: bool | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of a question: up to ten documents by method, best first, and milliseconds.

    WEAVIATE has no time: the search is not its own. `judgement` is None where nobody said whether
    the question is answerable.
    """

    rankings: Mapping[Method, tuple[ArticleId, ...]]
    timings_ms: Mapping[Method, float]
    judgement: Judgement | None


class PlainWords:
    """BM25 over plain lower-cased words: no stems, no parts of compounds, as in Weaviate."""

    def __init__(self, articles: Iterable[Article]) -> None:
        parts = [(one, part) for one in articles for part in chunking.chunk(one)]
        texts = [words(chunking.embedding_text(*one)) for one in parts]
        postings: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for n, text in enumerate(texts):
            for word, count in Counter(text).items():
                postings[word].append((n, count))
        self._postings = {word: np.array(held) for word, held in postings.items()}
        self._lengths = np.array([len(text) for text in texts], np.float64)
        self._articles = [one.id for one, _ in parts]
        self._places = {(one.id, part.position): n for n, (one, part) in enumerate(parts)}

    def scores(self, question: str) -> dict[int, float]:
        """The best chunks by their place here, at most a hundred."""
        total = len(self._lengths)
        scores = np.zeros(total)
        for word in content_words(question):
            if word in self._postings:
                rows, counts = self._postings[word].T
                rarity = np.log1p((total - rows.size + 0.5) / (rows.size + 0.5))
                length = 1 - _B + _B * self._lengths[rows] / self._lengths.mean()
                scores[rows] += rarity * counts / (counts + _K1 * length)
        best = np.argsort(-scores, kind="stable")[:CANDIDATES]
        return {int(n): float(scores[n]) for n in best if scores[n] > 0}

    def fused(self, question: str, nearest: Sequence[Passage]) -> tuple[ArticleId, ...]:
        """Documents by relative-score fusion with the nearest passages."""
        places = [(one.chunk.article_id, one.chunk.position) for one in nearest]
        vectors = {
            self._places[place]: one.cosine
            for place, one in zip(places, nearest, strict=True)
            if place in self._places
        }
        both = fuse(words=self.scores(question), vectors=vectors, alpha=ALPHA)
        return _distinct(self._articles[n] for n, _ in both)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything that ranks or judges, over one store; `alpha` is that of HYBRID."""

    store: PassageStore
    embedder: Embedder
    retriever: Retriever
    judge: Judge
    plain: PlainWords
    audience: Audience
    alpha: float

    def ask(self, question: Question) -> Trial:
        """Rank by every method, and judge where there is a label to judge by.

        Raises:
            StoreUnavailable: nothing can be retrieved now.
        """
        watch = Stopwatch()
        found = self._searched(question, watch)
        with watch.time(Method.RERANKED):
            shipped = self.retriever.retrieve(
                question.text, audience=self.audience, previous=question.previous
            )
        text = lookup_text(question.text, previous=question.previous)
        return Trial(
            rankings={
                **{method: documents(passages) for method, passages in found.items()},
                Method.WEAVIATE: self.plain.fused(text, found[Method.DENSE]),
                Method.RERANKED: documents(shipped.candidates),
            },
            timings_ms=_timings(watch.timings_ms),
            judgement=self._judgement(question, shipped),
        )

    def _searched(self, question: Question, watch: Stopwatch) -> dict[Method, list[Passage]]:
        """What the store finds by itself."""
        text = lookup_text(question.text, previous=question.previous)
        with watch.time(_EMBED):
            [encoding] = self.embedder.encode([text])
        found = {}
        for method, alpha in (
            (Method.BM25, 0.0),
            (Method.DENSE, 1.0),
            (Method.HYBRID, self.alpha),
        ):
            query = Query(text, encoding.vector, self.audience, CANDIDATES, alpha)
            with watch.time(method):
                found[method] = self.store.search(query)
        return found

    def _judgement(self, question: Question, shipped: Retrieval) -> Judgement | None:
        if question.answerable is None:
            return None
        probability = self.judge.probability(shipped)
        return Judgement(
            answerable=question.answerable,
            probability=probability,
            cosine=max((one.cosine for one in shipped.candidates), default=0.0),
            is_answered=bool(shipped.passages) and probability >= self.judge.threshold,
        )


def documents(passages: Sequence[Passage]) -> tuple[ArticleId, ...]:
    """The articles of passages in the order of the best passage of each."""
    return _distinct(one.chunk.article_id for one in passages)


def _distinct(ranked: Iterable[ArticleId]) -> tuple[ArticleId, ...]:
    return tuple(dict.fromkeys(ranked))[:GRADED]


def _timings(taken: Mapping[str, float]) -> dict[Method, float]:
    """Milliseconds of a whole query: who searches by meaning has to embed the question first."""
    embed = taken[_EMBED]
    return {
        Method.BM25: taken[Method.BM25],
        Method.DENSE: taken[Method.DENSE] + embed,
        Method.HYBRID: taken[Method.HYBRID] + embed,
        Method.RERANKED: taken[Method.RERANKED],
    }
