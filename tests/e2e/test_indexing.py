"""An index run is killed with -9 at twenty moments: never a half-article, never a duplicate."""

import os
import shutil
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from e2e import dying_index
from e2e.dying_index import ADDED, DRAFTED, NAMES, REMOVED, UNCHANGED, WITHDRAWN
from fakes import FakeEmbedder

from knowledge.adapters.sqlite import SqliteStore
from knowledge.documents import Audience
from knowledge.ports import Query

pytestmark = pytest.mark.slow
MOMENTS = 20
NEVER = 10**9
Shown = dict[str, list[tuple[str, ...]]]


@pytest.fixture(scope="module")
def indexed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the first edition is indexed."""
    folder = tmp_path_factory.mktemp("first")
    store = dying_index.open_store(folder, "one")
    dying_index.run(store, second=False)
    store.close()
    return folder


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> SqliteStore:
    """A store in which nothing but the second edition was ever indexed."""
    store = dying_index.open_store(tmp_path_factory.mktemp("clean"), "one")
    dying_index.run(store, second=True)
    return store


@pytest.fixture(scope="module")
def statements(indexed: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """How many statements a whole run takes, over the old index and beside it."""
    counted = {}
    for encoder in ("one", "two"):
        folder = shutil.copytree(indexed, tmp_path_factory.mktemp("whole") / "home")
        counted[encoder] = int(run_and_die(folder, encoder, NEVER).stdout)
    return counted


def run_and_die(folder: Path, encoder: str, moment: int) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "e2e.dying_index", folder, encoder, str(moment)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=100,
    )


def shown(store: SqliteStore, audience: Audience) -> Shown:
    """What a reader finds of each article: the headings and texts of its chunks, in order."""
    found = defaultdict(list)
    for name in NAMES:
        query = Query(name, FakeEmbedder().embed([name])[0], audience, limit=100, alpha=0.0)
        for one in sorted(store.search(query), key=lambda one: one.chunk.position):
            found[str(one.chunk.article_id)].append((*one.chunk.headings, one.chunk.text))
    return dict(found)


def whole(name: str, word: str, sections: int) -> list[tuple[str, ...]]:
    return [(f"Section {n} of {sections}", f"{word} {name}") for n in range(sections)]


def editions(name: str) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    sections = 2 + NAMES.index(name) % 3
    new = sections if name in UNCHANGED else 2 + (NAMES.index(name) + 1) % 3
    word = "first" if name in UNCHANGED else "second"
    return whole(name, "first", sections), whole(name, word, new)


def assert_no_article_is_in_between(public: Shown, staff: Shown) -> None:
    for name in NAMES:
        old, new = editions(name)
        if name in WITHDRAWN:
            assert public.get(name, []) in (old, [])
            assert staff.get(name, []) in (old, new, [])
        elif name in REMOVED + DRAFTED:
            assert staff.get(name, []) in (old, [])
        elif name in ADDED:
            assert staff.get(name, []) in (new, [])
        else:
            assert staff[name] in (old, new)


def assert_what_must_vanish_went_first(public: Shown) -> None:
    edited = set(NAMES) - set(WITHDRAWN + REMOVED + DRAFTED + ADDED + UNCHANGED)
    begun = any(public[name] != editions(name)[0] for name in edited)
    vanished = not any(name in public for name in WITHDRAWN + REMOVED + DRAFTED)
    assert vanished or not begun


@pytest.mark.parametrize("moment", range(MOMENTS))
def test_a_killed_run_leaves_whole_articles_and_the_next_one_completes_it(
    indexed: Path, clean: SqliteStore, statements: dict[str, int], tmp_path: Path, moment: int
) -> None:
    folder = shutil.copytree(indexed, tmp_path / "home")
    last = 1 + moment * (statements["one"] - 1) // (MOMENTS - 1)
    assert run_and_die(folder, "one", last).returncode == -signal.SIGKILL
    store = dying_index.open_store(folder, "one")
    public, staff = (shown(store, one) for one in Audience)
    assert_no_article_is_in_between(public, staff)
    assert_what_must_vanish_went_first(public)
    dying_index.run(store, second=True)
    assert store.held() == clean.held()
    for audience in Audience:
        assert shown(store, audience) == shown(clean, audience)
    store.close()


@pytest.mark.parametrize("moment", range(5))
def test_a_run_killed_beside_what_serves_leaves_that_as_it_was(
    indexed: Path, clean: SqliteStore, statements: dict[str, int], tmp_path: Path, moment: int
) -> None:
    folder = shutil.copytree(indexed, tmp_path / "home")
    serving, making = (dying_index.open_store(folder, one) for one in ("one", "two"))
    before = shown(serving, Audience.INTERNAL)
    last = 1 + moment * (statements["two"] - 1) // 4
    assert run_and_die(folder, "two", last).returncode == -signal.SIGKILL
    assert shown(serving, Audience.INTERNAL) == before
    dying_index.run(making, second=True)
    assert shown(making, Audience.INTERNAL) == shown(clean, Audience.INTERNAL)
    for store in (serving, making):
        store.close()
