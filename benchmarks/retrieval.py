"""The parts of an answer: encoder, search and indexing over the sample help centre."""

import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from benchmarks.events import questions
from benchmarks.figures import Report, Row
from bot.library import Knowledge, open_knowledge
from knowledge import chunking
from knowledge.adapters.sqlite import SqliteStore
from knowledge.documents import Article, Audience
from knowledge.indexing import index
from knowledge.ports import Query, Vectors
from knowledge.settings import KnowledgeSettings

LIMIT = 10


def measure(*, quick: bool) -> list[Report]:
    """Medians over several passes; every stage beside the least that it could be."""
    with tempfile.TemporaryDirectory() as home:
        knowledge = embedded_knowledge(Path(home))
        texts = _texts(knowledge)
        asked = [one.text for one in questions(40 if quick else 200)]
        rows = [
            *_encoding(knowledge, texts, passes=2 if quick else 5),
            *_questions(knowledge, asked),
            *_searching(knowledge, asked, texts),
            *_indexing(knowledge, texts, Path(home), passes=1 if quick else 3),
        ]
    return [Report(f"Retrieval, {len(texts)} chunks", "ms", rows)]


def embedded_knowledge(home: Path) -> Knowledge:
    """Knowledge on the embedded defaults, with the sample help centre indexed."""
    settings = KnowledgeSettings().model_copy(update={"openai_api_key": None})
    knowledge = open_knowledge(settings, home=home)
    index(knowledge.sources, store=knowledge.store, embedder=knowledge.embedder)
    return knowledge


def _encoding(knowledge: Knowledge, texts: Sequence[str], *, passes: int) -> list[Row]:
    embed, some = knowledge.embedder.embed, texts[:: max(1, len(texts) // 100)]
    one_by_one = Row(
        "encode a chunk, one at a time",
        [_ms(lambda text=text: embed([text])) for text in some],
    )
    batch = [_ms(lambda: embed(texts)) / len(texts) for _ in range(passes)]
    return [one_by_one, _rate(Row("encode a chunk, in batches", batch, one_by_one), "texts")]


def _questions(knowledge: Knowledge, asked: Sequence[str]) -> list[Row]:
    bare = _bare_session(KnowledgeSettings().encoder)
    _each(asked[:5], bare)
    baseline = Row("encode a question, onnxruntime's defaults", _each(asked, bare))
    ours = _each(asked, lambda text: knowledge.embedder.embed([text]))
    return [baseline, Row("encode a question", ours, baseline)]


def _searching(knowledge: Knowledge, asked: Sequence[str], texts: Sequence[str]) -> list[Row]:
    matrix = knowledge.embedder.embed(texts)
    vectors = list(knowledge.embedder.embed(asked))
    product = Row(
        "matrix product and sort alone", _each(vectors, lambda one: _nearest(matrix, one))
    )
    queries = [
        Query(text, vector, Audience.PUBLIC, limit=LIMIT, alpha=0.6)
        for text, vector in zip(asked, vectors, strict=True)
    ]
    knowledge.store.search(queries[0])
    return [product, Row("search", _each(queries, knowledge.store.search), product)]


def _indexing(knowledge: Knowledge, texts: Sequence[str], home: Path, *, passes: int) -> list[Row]:
    alone = [_ms(lambda: knowledge.embedder.embed(texts)) / len(texts) for _ in range(passes)]
    baseline = Row("index a chunk: its encoding alone", alone)
    taken = []
    for n in range(passes):
        store = SqliteStore(home / f"index-{n}.sqlite", encoder=knowledge.embedder.version)
        whole = _ms(lambda: index(knowledge.sources, store=store, embedder=knowledge.embedder))  # noqa: B023
        taken.append(whole / len(texts))
        store.close()
    return [baseline, _rate(Row("index a chunk", taken, baseline), "chunks")]


def _texts(knowledge: Knowledge) -> list[str]:
    read = chain.from_iterable(source.read() for source in knowledge.sources)
    articles = [one for one in read if isinstance(one, Article)]
    return [
        chunking.embedding_text(article, part)
        for article in articles
        for part in chunking.chunk(article)
    ]


def _bare_session(folder: Path) -> Callable[[str], object]:
    """The same weights, with as many threads as onnxruntime takes for itself."""
    session = onnxruntime.InferenceSession(
        str(folder / "model.onnx"), providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def encode(text: str) -> object:
        row = tokenizer.encode(text)
        ids, mask = (np.array([one], dtype=np.int64) for one in (row.ids, row.attention_mask))
        return session.run(None, {"input_ids": ids, "attention_mask": mask})

    return encode


def _nearest(matrix: Vectors, vector: Vectors) -> object:
    return np.argsort(-(matrix @ vector))[:LIMIT]


def _rate(row: Row, what: str) -> Row:
    per_second = 1000 / row.percentile(50)
    return Row(row.name, row.samples, row.against, note=f"{per_second:.0f} {what}/s")


def _each(over: Iterable[Any], act: Callable[[Any], object]) -> list[float]:
    return [_ms(lambda one=one: act(one)) for one in over]


def _ms(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
