"""What only the embedded store does: files, other processes, and a matrix kept level."""

from __future__ import annotations

import multiprocessing
import sqlite3
import threading
from typing import TYPE_CHECKING

import numpy as np
import pytest
from contract.shelf import AXES, article, parts, put, search, texts, titles, towards
from hypothesis import given
from hypothesis import strategies as st

from knowledge.adapters.sqlite import SqliteStore
from knowledge.adapters.sqlite_matrix import best
from knowledge.documents import ArticleId, Audience, Status
from knowledge.errors import StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENCODERS = ("one", "two", "three")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "knowledge.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    opened = SqliteStore(path, encoder="one")
    yield opened
    opened.close()


def _put_elsewhere(path: Path) -> None:
    put(SqliteStore(path, encoder="one"), article("tents"))


def test_another_process_may_write_and_is_seen(path: Path, store: SqliteStore) -> None:
    put(store, article())
    assert titles(search(store)) == ["Boots"]
    other = multiprocessing.get_context("spawn").Process(target=_put_elsewhere, args=(path,))
    other.start()
    other.join(30)
    assert titles(search(store)) == ["Boots", "Tents"]


def test_many_may_open_a_new_store_at_once(path: Path) -> None:
    start, held = threading.Barrier(8), []

    def open_one() -> None:
        start.wait()
        held.append(SqliteStore(path, encoder="one").held())

    threads = [threading.Thread(target=open_one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert held == [{}] * 8


def test_a_file_that_is_no_database_is_an_error_that_says_what_to_do(path: Path) -> None:
    store = SqliteStore(path, encoder="one")
    [file] = path.parent.glob("knowledge-*.sqlite")
    store.close()
    file.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreUnavailable, match=rf"{file.name}.*supportbot knowledge index"):
        SqliteStore(path, encoder="one")


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreUnavailable, match="file"):
        SqliteStore(tmp_path / "file" / "knowledge.sqlite", encoder="one")


def test_a_search_never_shows_what_became_internal_meanwhile(path: Path) -> None:
    writer = SqliteStore(path, encoder="one")
    put(writer, article(text="For all.\n"))
    shown: list[str] = []

    def read() -> None:
        """Until enough was seen: which of the two articles is there is a matter of luck."""
        reader = SqliteStore(path, encoder="one")
        while len(shown) < 50:
            shown.extend(texts(search(reader)))
        reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    while thread.is_alive():
        put(writer, article(text="SECRET\n", audience=Audience.INTERNAL))
        put(writer, article(text="For all.\n"))
    thread.join()
    writer.close()
    assert set(shown) == {"For all."}


def test_threads_that_share_a_store_each_see_one_state_of_it(path: Path) -> None:
    store = SqliteStore(path, encoder="one")
    put(store, article(text="Boots, the first.\n\n## Two\n\nBoots, the first.\n"))
    seen: list[set[str]] = []

    def read() -> None:
        while len(seen) < 120:
            seen.append({one.chunk.text for one in search(store)})
        store.close()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    n = 0
    while any(thread.is_alive() for thread in threads):
        n += 1
        put(store, article(text=f"Boots {n}.\n\n## Two\n\nBoots {n}.\n"))
    for thread in threads:
        thread.join()
    store.close()
    assert {len(one) for one in seen} == {1}


CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["put", "remove", "search"]),
        st.sampled_from(sorted(AXES)),
        st.integers(0, 4),
        st.sampled_from([Audience.PUBLIC, Audience.INTERNAL]),
        st.sampled_from([Status.PUBLISHED, Status.PUBLISHED, Status.DRAFT]),
    ),
    max_size=25,
)


@given(CHANGES)
def test_a_matrix_kept_level_finds_what_one_read_anew_finds(
    tmp_path_factory: pytest.TempPathFactory,
    changes: list[tuple[str, str, int, Audience, Status]],
) -> None:
    path = tmp_path_factory.mktemp("level") / "knowledge.sqlite"
    long_open, writer = SqliteStore(path, encoder="one"), SqliteStore(path, encoder="one")
    for kind, name, sections, audience, status in changes:
        text = "\n\n".join(f"## S{n}\n\n{name} {n}" for n in range(sections))
        match kind:
            case "put":
                put(writer, article(name, text=text, audience=audience, status=status))
            case "remove":
                writer.remove([ArticleId(name)])
            case _:
                search(long_open)
    anew = SqliteStore(path, encoder="one")
    for reader in Audience:
        seen = [search(one, "boots 2 tents laces", audience=reader) for one in (long_open, anew)]
        assert seen[0] == seen[1]
    for one in (long_open, writer, anew):
        one.close()


def test_one_changed_article_does_not_make_all_vectors_be_read_again(store: SqliteStore) -> None:
    for name in AXES:
        put(store, article(name))
    search(store)
    before = store._matrix
    put(store, article(text="New boots.\n"))
    search(store)
    assert store._matrix.epoch > before.epoch
    assert store._matrix.buffer is before.buffer


def test_rows_of_what_is_gone_do_not_pile_up(store: SqliteStore) -> None:
    put(store, article("tents"))
    for n in range(20):
        put(store, article(text=f"Boots {n}.\n"))
        search(store)
    assert store._matrix.ids.size < 6


def test_what_was_read_of_a_frequent_word_lasts_until_something_is_written(
    store: SqliteStore,
) -> None:
    sections = [f"## {n}\n\nwax {'gas ' * (n % 7)}" for n in range(600)]
    put(store, article(text="\n\n".join(sections)))
    first = search(store, "wax gas 3", alpha=0.0)
    assert set(store._matrix.postings) == {"wax", "gas"}
    assert search(store, "wax gas 3", alpha=0.0) == first
    put(store, article(text="\n\n".join(sections[7:])))
    assert search(store, "wax gas", alpha=0.0)[0].chunk.headings == ("13",)


def test_what_is_gone_does_not_count_in_how_rare_a_word_is(path: Path, store: SqliteStore) -> None:
    for n, text in enumerate(["wax", "wax gas", "wax lace", "lace gas gas", "peg", "pole"]):
        put(store, article(text=f"{text}\n", id=ArticleId(f"a{n}")), axis="boots")
    search(store)
    store.remove([ArticleId("a4"), ArticleId("a5")])
    anew = SqliteStore(path, encoder="one")
    assert search(store, "wax lace gas", alpha=0.0) == search(anew, "wax lace gas", alpha=0.0)
    anew.close()


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans())), st.integers(1, 10))
def test_the_best_are_the_allowed_ones_of_the_highest_scores(
    rows: list[tuple[int, bool]], limit: int
) -> None:
    scores = np.array([score for score, _ in rows], dtype=np.float32)
    allowed = np.array([fits for _, fits in rows], dtype=np.bool_)
    ranked = sorted((-score, row) for row, (score, fits) in enumerate(rows) if fits)
    assert best(scores, allowed, limit).tolist() == [row for _, row in ranked[:limit]]


@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_each_side_alone_brings_a_hundred_candidates_at_most(
    store: SqliteStore, alpha: float
) -> None:
    for n in range(130):
        axis = "boots" if n < 65 else "tents"
        put(store, article(text=f"Boots {n}.\n", id=ArticleId(f"a{n}")), axis=axis)
    assert len(search(store, axis="tents", alpha=alpha, limit=130)) == 100


def test_a_text_is_stored_once_however_many_articles_have_it(
    path: Path, store: SqliteStore
) -> None:
    for name in AXES:
        put(store, article(name, title="Care", text="Wax it.\n"), axis="boots")
    [file] = path.parent.glob("knowledge-*.sqlite")
    with sqlite3.connect(file) as connection:
        assert connection.execute("select count(*) from vector").fetchone() == (1,)
    connection.close()


def test_encodings_outlive_a_removal_until_the_run_is_complete(store: SqliteStore) -> None:
    put(store, article())
    digests = [part.digest for part in parts(article(), towards("boots"))]
    store.remove([ArticleId("boots")])
    assert set(store.encodings(digests)) == set(digests)
    store.switch()
    assert store.encodings(digests) == {}


def test_a_switch_after_nothing_was_written_writes_nothing(store: SqliteStore) -> None:
    put(store, article())
    store.switch()
    search(store)
    epoch = store._matrix.epoch
    store.switch()
    search(store)
    assert store._matrix.epoch == epoch


def test_a_switch_leaves_two_generations_and_whatever_is_not_ours(path: Path) -> None:
    ours = {path.name, f"{path.name}-wal", f"{path.name}-shm"}
    theirs = {"knowledge-backup.sqlite", "knowledge-0000000g.sqlite", "desk.sqlite", "other"}
    for name in ours | theirs:
        (path.parent / name).write_bytes(b"")
    kept = []
    for encoder in ENCODERS:
        store = SqliteStore(path, encoder=encoder)
        kept.append(store._connections.path.name)
        store.switch()
        store.close()
    assert {one.name for one in path.parent.iterdir()} == theirs | {"knowledge.serving"} | set(
        kept[1:]
    )


def test_a_reader_goes_on_reading_a_generation_whose_file_is_gone(path: Path) -> None:
    reader = SqliteStore(path, encoder="one")
    put(reader, article())
    for encoder in ENCODERS:
        store = SqliteStore(path, encoder=encoder)
        store.switch()
        store.close()
    assert not reader._connections.path.exists()
    assert titles(search(reader)) == ["Boots"]
    anew = SqliteStore(path, encoder="one")
    put(anew, article("tents"))
    reader.close()
    assert titles(search(anew)) == ["Tents"]
    anew.close()


def test_a_generation_that_is_gone_is_not_made_anew_by_a_reader(path: Path) -> None:
    reader = SqliteStore(path, encoder="one")
    for encoder in ENCODERS:
        store = SqliteStore(path, encoder=encoder)
        store.switch()
        store.close()
    reader.close()
    with pytest.raises(StoreUnavailable, match="supportbot knowledge index"):
        search(reader)
    assert not reader._connections.path.exists()
