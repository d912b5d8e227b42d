"""Remembered answers: how fast they come, whether any is stale, what a Redis that dies costs."""

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks.events import questions
from benchmarks.figures import Report, Row
from benchmarks.redises import redis_server
from benchmarks.retrieval import embedded_knowledge
from bot.commands.caching import SERVED
from bot.library import Knowledge
from knowledge.adapters.redis import RedisAnswers
from knowledge.adapters.redis_engine import RedisEngine
from knowledge.adapters.sqlite import SqliteStore
from knowledge.answerable import FEATURES, Weights
from knowledge.answering import Answerer, Judge
from knowledge.cache_keys import CacheKeys, Makers
from knowledge.caching import CachedAnswerer
from knowledge.documents import (
    Answer,
    Article,
    ArticleId,
    Audience,
    Chunk,
    Indexed,
    Passage,
    Status,
)
from knowledge.ports import Answering, Embedder, Lookup, OnText
from knowledge.retrieval import RetrievalRules, Retriever
from knowledge.sentence_vectors import SentenceVectors

THINGS = ("boots", "tents", "stoves", "backpacks")
READERS, UPDATES_A_SECOND = 12, 20
AIM_HIT_MS, AIM_EXTRA_MS = 3, 400
ABSENT = "No redis-server on this machine: only the Redis in the process was measured."


def measure(*, quick: bool) -> list[Report]:
    """Hits beside the Answerer that they spare; readers against updates; a Redis that dies."""
    with tempfile.TemporaryDirectory() as folder:
        knowledge = embedded_knowledge(Path(folder))
        asked = [one.text for one in questions(40 if quick else 242) if not one.internal]
        return [
            _hits(knowledge, asked),
            _staleness(knowledge.embedder, Path(folder), seconds=4 if quick else 12),
            _deaths(knowledge, asked[: 40 if quick else 150]),
        ]


def _hits(knowledge: Knowledge, asked: Sequence[str]) -> Report:
    """Every question twice: the second time it is remembered, where it may be."""
    for one in asked:  # its sentences are encoded once
        _ask(knowledge.answerer, one)
    baseline = Row("Answerer alone, warm", [_ask(knowledge.answerer, one) for one in asked])
    rows, notes = [baseline], []
    with redis_server() as server:
        engines = {"in process": RedisEngine(), "on a server": server.engine if server else None}
        for where, engine in engines.items():
            if engine is None:
                notes.append(ABSENT)
                continue
            rows += _twice(knowledge, asked, engine, where, baseline)
    return Report("Remembered answers, without a chat model", "ms", rows, notes=notes)


def _twice(
    knowledge: Knowledge, asked: Sequence[str], engine: RedisEngine, where: str, baseline: Row
) -> list[Row]:
    lookups: list[Lookup] = []
    answerer = _remembering(knowledge, engine, lookups)
    engine.answers()
    first = [_ask(answerer, one) for one in asked]
    may = [one for one, lookup in zip(asked, lookups, strict=True) if lookup is not Lookup.BYPASSED]
    lookups.clear()
    again = [_ask(answerer, one) for one in may]
    note = f"{len(may)} of {len(asked)} may be remembered"
    rate = f"{_rate(lookups):.0%} served"
    return [
        Row(f"asked for the first time, {where}", first, baseline, note=note),
        Row(f"asked again, {where}", again, baseline, AIM_HIT_MS, note=rate),
    ]


def _remembering(
    knowledge: Knowledge, engine: RedisEngine, lookups: list[Lookup]
) -> CachedAnswerer:
    return CachedAnswerer(
        knowledge.answerer,
        store=knowledge.store,
        cache=RedisAnswers(engine, tenant="benchmark"),
        keys=CacheKeys(knowledge.makers, secret=lambda: "benchmark"),
        on_lookup=lambda lookup, _: lookups.append(lookup),
    )


def _deaths(knowledge: Knowledge, asked: Sequence[str]) -> Report:
    """The same questions with the Redis as it was, killed, and hanging: each makes its answer."""
    rows, notes = [], ["The aim: no call takes 400 ms more than the slowest before."]
    for name in ("killed", "hanging"):
        with redis_server() as server:
            if server is None:
                return Report("A Redis that dies", "ms", [], notes=[ABSENT])
            answerer = _remembering(knowledge, server.engine, [])
            before = [_ask(answerer, one) for one in asked]
            (server.kill if name == "killed" else server.hang)()
            after = [_ask(answerer, one) for one in asked]
        baseline = Row(f"first time, Redis to be {name}", before)
        grown = Row("", after).percentile(99) - baseline.percentile(99)
        aim = round(AIM_EXTRA_MS + max(before))
        note = f"p99 grows by {grown:.0f} ms"
        rows += [baseline, Row(f"Redis {name}", after, baseline, aim, aim_at=100, note=note)]
    return Report("A Redis that dies", "ms", rows, notes=notes)


# --- readers against updates -------------------------------------------------------------------
class FirstPassage:
    """Says what the first passage says."""

    name = "first passage"

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        """The passage and its marker."""
        del question, on_text
        return f"{passages[0].chunk.text} [1]"


@dataclass
class Readers:
    """What each article said last, and what readers were told after that."""

    current: dict[str, int] = field(default_factory=dict)
    taken: list[float] = field(default_factory=list)
    stale: int = 0
    over: threading.Event = field(default_factory=threading.Event)

    def read(self, answerer: Answering, n: int) -> None:
        """Ask until it is over; an answer from before what was published is stale."""
        while not self.over.is_set():
            thing = THINGS[n % len(THINGS)]
            n, known = n + 1, self.current[thing]
            began = time.perf_counter()
            outcome = answerer.answer(f"{thing} {thing}?", audience=Audience.PUBLIC)
            self.taken.append((time.perf_counter() - began) * 1000)
            if isinstance(outcome, Answer):
                self.stale += int(outcome.text.split("within ")[1].split()[0]) < known


def _staleness(embedder: Embedder, folder: Path, *, seconds: int) -> Report:
    editions = _editions(embedder, seconds * UPDATES_A_SECOND)
    rows, baseline = [], None
    with redis_server() as server:
        for where, engine in (
            ("no cache", None),
            ("in process", RedisEngine()),
            ("on a server", server.engine if server else None),
        ):
            if engine is None and where != "no cache":
                continue
            path = folder / f"{where}.sqlite"
            row = _run(embedder, path, editions, engine=engine, where=where, baseline=baseline)
            rows.append(row)
            baseline = baseline or row
    title = f"{READERS} readers, {UPDATES_A_SECOND} article updates a second, {seconds} s"
    return Report(title, "ms", rows, notes=[] if server else [ABSENT])


def _run(  # noqa: PLR0913  one trial, all of it given
    embedder: Embedder,
    path: Path,
    editions: Sequence[tuple[str, int, Article, Indexed]],
    *,
    engine: RedisEngine | None,
    where: str,
    baseline: Row | None,
) -> Row:
    store, lookups, readers = SqliteStore(path, encoder=embedder.version), [], Readers()
    answerer = _reading(store, embedder, engine, lookups)
    for thing, number, article, part in editions[: len(THINGS)]:
        store.replace(article, [part], version=article.version)
        readers.current[thing] = number
    threads = [threading.Thread(target=readers.read, args=(answerer, n)) for n in range(READERS)]
    for one in threads:
        one.start()
    began = time.perf_counter()
    for n, (thing, number, article, part) in enumerate(editions[len(THINGS) :], start=1):
        store.replace(article, [part], version=article.version)
        readers.current[thing] = number
        time.sleep(max(0.0, began + n / UPDATES_A_SECOND - time.perf_counter()))
    readers.over.set()
    for one in threads:
        one.join()
    store.close()
    rate = f", {_rate(lookups):.0%} remembered" if lookups else ""
    return Row(where, readers.taken, baseline, note=f"{readers.stale} stale{rate}")


def _reading(
    store: SqliteStore, embedder: Embedder, engine: RedisEngine | None, lookups: list[Lookup]
) -> Answering:
    vectors, zero = SentenceVectors(embedder), np.zeros(len(FEATURES))
    rules = RetrievalRules(alpha=0.6, passages=1, minimum_cosine=0.0)
    answerer = Answerer(
        retriever=Retriever(store=store, embedder=embedder, rules=rules),
        judge=Judge(Weights(zero, zero + 1, zero, bias=9.0, threshold=0.0), vectors),
        generator=FirstPassage(),
        vectors=vectors,
    )
    if engine is None:
        return answerer
    return CachedAnswerer(
        answerer,
        store=store,
        cache=RedisAnswers(engine, tenant="staleness"),
        keys=CacheKeys(Makers("first passage", "one"), secret=lambda: "benchmark"),
        on_lookup=lambda lookup, _: lookups.append(lookup),
    )


def _editions(embedder: Embedder, many: int) -> list[tuple[str, int, Article, Indexed]]:
    """One article a thing, in many editions, encoded beforehand."""
    found = []
    for n in range(many + len(THINGS)):
        thing = THINGS[n % len(THINGS)]
        text = f"{thing.title()} can be returned within {n + 10} days."
        url = f"https://help.test/{thing}"
        article = Article(
            ArticleId(thing),
            thing.title(),
            url,
            Status.PUBLISHED,
            Audience.PUBLIC,
            date(2026, 1, 1),
            text,
        )
        [encoding] = embedder.encode([text])
        chunk = Chunk(article.id, 0, (), text, 0, len(text))
        found.append((thing, n + 10, article, Indexed(chunk, text, encoding)))
    return found


def _ask(answerer: Answering, question: str) -> float:
    """Milliseconds of one answer."""
    began = time.perf_counter()
    answerer.answer(question, audience=Audience.PUBLIC)
    return (time.perf_counter() - began) * 1000


def _rate(lookups: Sequence[Lookup]) -> float:
    """The part of what may be remembered that was."""
    counts = Counter(lookups)
    total = sum(counts.values()) - counts[Lookup.BYPASSED]
    return sum(counts[one] for one in SERVED) / max(1, total)
