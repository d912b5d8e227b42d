"""Index runs: only what has changed is written, and nothing good is lost."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import TODAY, FakeEmbedder

from knowledge.adapters.sqlite import SqliteStore
from knowledge.documents import Article, ArticleId, Audience, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.indexing import IndexReport, index

BOOTS, TENTS = (
    Article(
        ArticleId(name),
        name,
        f"https://help.test/{name}",
        Status.PUBLISHED,
        Audience.PUBLIC,
        TODAY,
        f"All about {name}.\n",
    )
    for name in ("boots", "tents")
)
BROKEN = ArticleInvalid("tents.md: not UTF-8 text", article_id="tents")


class Source:
    def __init__(self, *articles: Article | ArticleInvalid) -> None:
        self.articles = articles

    def read(self) -> Iterator[Article | ArticleInvalid]:
        yield from self.articles


class CountingEmbedder(FakeEmbedder):
    seen = 0

    def embed(self, texts: object) -> np.ndarray:
        self.seen += len(texts)  # type: ignore[arg-type]
        return super().embed(texts)  # type: ignore[arg-type]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(tmp_path / "store.sqlite", encoder="one")
    yield opened
    opened.close()


def run(store: SqliteStore, *articles: Article | ArticleInvalid) -> tuple[IndexReport, int]:
    """What an index run reports, and how many chunks it embedded."""
    embedder = CountingEmbedder()
    report = index(Source(*articles), store=store, embedder=embedder)
    return report, embedder.seen


def test_a_second_run_embeds_nothing(store: SqliteStore) -> None:
    first, embedded = run(store, BOOTS, TENTS)
    assert (first.added, embedded) == (2, 2)
    second, embedded = run(store, BOOTS, TENTS)
    assert (second.unchanged, second.added, embedded) == (2, 0, 0)


def test_only_the_changed_article_is_embedded(store: SqliteStore) -> None:
    run(store, BOOTS, TENTS)
    report, embedded = run(store, replace(BOOTS, text="New words.\n"), TENTS)
    assert (report.changed, report.unchanged, embedded) == (1, 1, 1)


def test_an_article_that_is_gone_is_removed_whatever_else_is_broken(store: SqliteStore) -> None:
    run(store, BOOTS, TENTS)
    other = ArticleInvalid("zz.md: the file is empty", article_id="zz")
    report, _ = run(store, BOOTS, other)
    assert (report.removed, report.skipped) == (1, ("zz.md: the file is empty",))
    assert set(store.versions()) == {"boots"}


def test_an_article_that_can_no_longer_be_read_keeps_its_last_good_version(
    store: SqliteStore,
) -> None:
    run(store, BOOTS, TENTS)
    report, _ = run(store, BOOTS, BROKEN)
    assert report.removed == 0
    assert set(store.versions()) == {"boots", "tents"}


def test_a_source_that_is_suddenly_empty_removes_nothing(store: SqliteStore) -> None:
    run(store, BOOTS)
    with pytest.raises(SourceUnavailable, match="nothing was removed"):
        run(store)
    assert set(store.versions()) == {"boots"}


def test_progress_is_told_article_by_article(store: SqliteStore) -> None:
    steps: list[tuple[int, int]] = []
    index(
        Source(BOOTS, TENTS),
        store=store,
        embedder=FakeEmbedder(),
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(1, 2), (2, 2)]
