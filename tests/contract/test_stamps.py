"""What every passage store tells of its articles' versions and of its epoch."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from contract.places import a_folder, a_server, a_wire
from contract.shelf import article, put, search
from fakes import FakeStore

from knowledge.adapters.weaviate import _marker
from knowledge.documents import ArticleId, Audience, Status
from knowledge.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from contract.places import OpenStore

    from knowledge.ports import PassageStore

BOOTS, TENTS = ArticleId("boots"), ArticleId("tents")


@contextmanager
def in_memory(_folder: Path) -> Iterator[OpenStore]:
    kept = FakeStore()

    def open_one(encoder: str = "one") -> PassageStore:
        assert encoder
        return kept

    yield open_one


@pytest.fixture(
    params=[
        pytest.param(a_folder, id="sqlite"),
        pytest.param(a_wire, id="wire"),
        pytest.param(in_memory, id="fake"),
        pytest.param(a_server, id="weaviate", marks=pytest.mark.engine),
    ]
)
def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenStore]:
    with request.param(tmp_path) as opened:
        yield opened


def test_an_empty_store_knows_no_versions(store: PassageStore) -> None:
    assert store.stamp([BOOTS]).versions == {}
    assert store.stamp() == store.stamp()


def test_only_what_is_asked_for_and_held_has_a_version(store: PassageStore) -> None:
    put(store, article())
    put(store, article("tents"))
    assert set(store.stamp([BOOTS, ArticleId("gone")]).versions) == {BOOTS}
    assert store.stamp().versions == {}


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "New boots.\n"},
        {"status": Status.ARCHIVED},
        {"audience": Audience.INTERNAL},
    ],
)
def test_a_change_moves_the_version_and_the_epoch_and_no_other_version(
    store: PassageStore, changes: dict[str, str]
) -> None:
    put(store, article())
    put(store, article("tents"))
    before = store.stamp([BOOTS, TENTS])
    put(store, article(**changes), version="2" if "text" in changes else "1")
    after = store.stamp([BOOTS, TENTS])
    assert after.versions[BOOTS] != before.versions[BOOTS]
    assert after.versions[TENTS] == before.versions[TENTS]
    assert after.epoch != before.epoch


def test_a_removed_article_has_no_version_and_moves_the_epoch(store: PassageStore) -> None:
    put(store, article())
    put(store, article("tents"))
    before = store.stamp()
    store.remove([BOOTS])
    after = store.stamp([BOOTS, TENTS])
    assert set(after.versions) == {TENTS}
    assert after.epoch != before.epoch


def test_a_passage_carries_the_version_that_the_stamp_tells(store: PassageStore) -> None:
    put(store, article())
    found = search(store)
    assert found
    assert {one.version for one in found} == {store.stamp([BOOTS]).versions[BOOTS]}


def test_what_one_opening_writes_moves_the_epoch_of_another(open_store: OpenStore) -> None:
    one, other = open_store(), open_store()
    put(one, article())
    before = other.stamp([BOOTS])
    assert before == one.stamp([BOOTS])
    put(one, article("tents"))
    assert other.stamp([BOOTS]).epoch != before.epoch
    assert other.stamp([BOOTS]).versions == before.versions


def test_the_epoch_is_no_article(store: PassageStore) -> None:
    put(store, article())
    assert set(store.held()) == {BOOTS}
    assert set(store.stamp([BOOTS, ArticleId("")]).versions) == {BOOTS}


def test_two_copies_of_one_index_tell_one_epoch(tmp_path: Path) -> None:
    """Where each process has a file of its own, what one has cached is good for the others."""
    stamps = []
    for name, order in (("one", ("boots", "tents")), ("two", ("tents", "boots", "boots"))):
        with a_folder(tmp_path / name) as opened:
            store = opened()
            for each in order:
                put(store, article(each))
            stamps.append(store.stamp([BOOTS]))
    assert stamps[0] == stamps[1]


def test_an_article_that_is_being_written_has_no_version(tmp_path: Path) -> None:
    with a_wire(tmp_path) as opened:
        store = opened()
        put(store, article())
        assert store.stamp([BOOTS]).versions
        with store._open() as (_, _, markers):
            store._mark(markers, [_marker(article(), [], "", "whole")])
        assert store.stamp([BOOTS]).versions == {}


def test_a_store_that_is_away_says_so() -> None:
    with pytest.raises(StoreUnavailable):
        FakeStore(away=True).stamp()
