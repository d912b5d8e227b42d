"""What every passage store does; the embedded one, until there is another."""

import multiprocessing
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fakes import TODAY

from knowledge.adapters.sqlite import SqliteStore
from knowledge.chunking import chunk
from knowledge.documents import Article, ArticleId, Audience, Passage, Status
from knowledge.errors import StoreUnavailable
from knowledge.ports import PassageStore, Query, Vectors

AXES = {"boots": 0, "tents": 1, "stoves": 2}


def article(name: str = "boots", text: str = "", **changes: object) -> Article:
    plain = Article(
        ArticleId(name),
        name.title(),
        f"https://help.test/{name}",
        Status.PUBLISHED,
        Audience.PUBLIC,
        TODAY,
        text or f"All about {name} and their laces.\n",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def towards(name: str) -> Vectors:
    vector = np.full(3, 0.1, dtype=np.float32)
    vector[AXES[name]] = 1.0
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


def put(store: PassageStore, one: Article, *, axis: str | None = None, version: str = "1") -> None:
    chunks = chunk(one)
    vectors = np.array([towards(axis or str(one.id)) for _ in chunks], dtype=np.float32)
    store.replace(one, chunks, vectors=vectors.reshape(len(chunks), 3), version=version)


def search(
    store: PassageStore, text: str = "boots", *, axis: str = "boots", **changes: object
) -> list[Passage]:
    plain = Query(text, towards(axis), Audience.PUBLIC, limit=10, alpha=0.5)
    return store.search(replace(plain, **changes))  # type: ignore[arg-type]


def titles(passages: list[Passage]) -> list[str]:
    return [one.title for one in passages]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[PassageStore]:
    opened = SqliteStore(tmp_path / "store.sqlite", encoder="one")
    yield opened
    opened.close()


def test_an_empty_store_finds_nothing(store: PassageStore) -> None:
    assert search(store) == []
    assert store.versions() == {}


def test_words_and_meaning_both_find(store: PassageStore) -> None:
    for name in AXES:
        put(store, article(name))
    assert titles(search(store, "xyzzy", axis="tents"))[0] == "Tents"
    assert titles(search(store, "stoves", axis="boots", alpha=0.0))[0] == "Stoves"
    assert titles(search(store, "stoves", axis="boots", alpha=1.0))[0] == "Boots"


def test_a_passage_tells_its_place_and_its_raw_cosine(store: PassageStore) -> None:
    put(store, article(text="Intro.\n\n## Laces\n\nTie your boots.\n"))
    found = {one.chunk.headings: one for one in search(store)}
    laces = found["Laces",]
    assert laces.cosine == pytest.approx(1.0, abs=1e-3)
    assert (laces.url, laces.updated) == ("https://help.test/boots", TODAY)
    assert laces.chunk.text == "Tie your boots."


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ARCHIVED])
def test_only_published_articles_are_found(store: PassageStore, status: Status) -> None:
    put(store, article(status=status))
    assert search(store) == []
    assert set(store.versions()) == {"boots"}


def test_articles_for_staff_are_found_by_staff_alone(store: PassageStore) -> None:
    put(store, article(audience=Audience.INTERNAL))
    put(store, article("tents"))
    assert titles(search(store)) == ["Tents"]
    assert titles(search(store, audience=Audience.INTERNAL)) == ["Boots", "Tents"]


def test_hidden_articles_do_not_shift_the_scores_of_others(store: PassageStore) -> None:
    put(store, article("tents"))
    put(store, article("stoves"))
    before = [(one.title, one.score) for one in search(store, "laces", axis="tents")]
    put(store, article(text="laces " * 40, audience=Audience.INTERNAL), axis="tents")
    after = [(one.title, one.score) for one in search(store, "laces", axis="tents")]
    assert [title for title, _ in before] == [title for title, _ in after]


def test_a_replaced_article_leaves_nothing_behind(store: PassageStore) -> None:
    put(store, article(text="Old boots.\n\n## Two\n\nOlder boots.\n"))
    put(store, article(text="New boots.\n"), version="2")
    assert [one.chunk.text for one in search(store)] == ["New boots."]
    assert store.versions() == {"boots": "2"}


def test_a_removed_article_is_gone_at_once(store: PassageStore) -> None:
    put(store, article())
    put(store, article("tents"))
    assert len(search(store)) == 2
    store.remove([ArticleId("boots")])
    assert titles(search(store)) == ["Tents"]


def test_an_article_that_cannot_be_stored_changes_nothing(store: PassageStore) -> None:
    put(store, article())
    broken = article(text="One.\n\n## Two\n\nTwo.\n")
    with pytest.raises(ValueError, match="zip"):
        store.replace(broken, chunk(broken), vectors=np.zeros((1, 3), np.float32), version="2")
    assert store.versions() == {"boots": "1"}
    assert len(search(store)) == 1


@pytest.mark.parametrize(
    "text", ['"', "boots AND", "NEAR(boots", "title:boots", "*", "-", "boots'; drop", "", "\0"]
)
def test_no_question_is_read_as_a_query_language(store: PassageStore, text: str) -> None:
    put(store, article())
    assert titles(search(store, text)) == ["Boots"]


def test_the_limit_holds(store: PassageStore) -> None:
    put(store, article(text="\n\n".join(f"## H{n}\n\nBoots {n}." for n in range(30))))
    assert len(search(store, limit=7)) == 7


def _put_elsewhere(path: Path) -> None:
    put(SqliteStore(path, encoder="one"), article("tents"))


def test_another_process_may_write_and_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    store = SqliteStore(path, encoder="one")
    put(store, article())
    assert titles(search(store)) == ["Boots"]
    other = multiprocessing.get_context("spawn").Process(target=_put_elsewhere, args=(path,))
    other.start()
    other.join(30)
    assert titles(search(store)) == ["Boots", "Tents"]
    store.close()


def test_a_file_that_is_no_database_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StoreUnavailable, match=r"store\.sqlite"):
        SqliteStore(path, encoder="one")


def test_vectors_of_another_encoder_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    before = SqliteStore(path, encoder="one")
    put(before, article())
    before.close()
    same = SqliteStore(path, encoder="one")
    assert titles(search(same)) == ["Boots"]
    same.close()
    other = SqliteStore(path, encoder="two")
    assert (search(other), other.versions()) == ([], {})
    other.close()


def test_a_search_never_shows_what_became_internal_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite"
    writer = SqliteStore(path, encoder="one")
    put(writer, article(text="For all.\n"))
    shown: list[str] = []

    def read() -> None:
        """Until enough was seen: which of the two articles is there is a matter of luck."""
        reader = SqliteStore(path, encoder="one")
        while len(shown) < 50:
            shown.extend(one.chunk.text for one in search(reader))
        reader.close()

    thread = threading.Thread(target=read)
    thread.start()
    while thread.is_alive():
        put(writer, article(text="SECRET\n", audience=Audience.INTERNAL))
        put(writer, article(text="For all.\n"))
    thread.join()
    writer.close()
    assert set(shown) == {"For all."}
