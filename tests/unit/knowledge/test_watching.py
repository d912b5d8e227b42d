"""A watcher reads again what has changed, once it has come to rest, and nothing else."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from fakes import TODAY, FakeClock

from knowledge.documents import Article, ArticleId, Audience, Held, SourceName, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.watching import (
    CALM_SECONDS,
    PATIENCE_SECONDS,
    SETTLING_SECONDS,
    Change,
    Deed,
    Remembered,
    Watcher,
    changes,
)

HELP, WEB = SourceName("help"), SourceName("web")
EVERY = 900.0
BOOTS = Held(
    "v1", HELP, "Boots", "https://help.test/b", Status.PUBLISHED, Audience.PUBLIC, TODAY, 1
)


@dataclass
class Source:
    """Counts how often it is read; fails if it is told to."""

    name: SourceName = HELP
    times: int = 0
    failure: SourceUnavailable | None = None

    def read(self) -> Iterator[Article | ArticleInvalid]:
        self.times += 1
        yield ArticleInvalid(f"reading {self.times}", article_id="one")
        if self.failure:
            raise self.failure


@dataclass
class Scene:
    """A folder and a site under watch; nothing is read yet."""

    folder: Path
    help: Source = field(default_factory=Source)
    web: Source = field(default_factory=lambda: Source(WEB))
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.watcher = Watcher(
            [self.help, self.web], paths={HELP: self.folder}, every=EVERY, clock=self.clock
        )
        self.read()

    def read(self) -> None:
        for one in self.watcher.sources:
            list(one.read())

    def looks(self, times: int = 1) -> list[bool]:
        """Look as often and as late as the watcher asks for, and read what is due."""
        found = []
        for _ in range(times):
            self.clock.advance(self.watcher.pause)
            found.append(self.watcher.look())
            self.read()
        return found


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    folder = tmp_path / "help"
    folder.mkdir()
    write(folder / "boots.md", "Boots.", at=1)
    return Scene(folder)


def write(path: Path, text: str, *, at: int) -> None:
    """As an editor does at a moment; the file's time stamp is that moment."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    os.utime(path, (at, at))


def test_nothing_is_read_again_where_nothing_changes(scene: Scene) -> None:
    assert scene.looks(5) == [False] * 5
    assert (scene.help.times, scene.web.times) == (1, 1)


def test_a_changed_file_is_read_once_it_has_come_to_rest(scene: Scene) -> None:
    write(scene.folder / "boots.md", "Shoes.", at=2)
    assert scene.looks(4) == [False, True, False, False]
    assert (scene.help.times, scene.web.times) == (2, 1)


def test_the_second_look_at_a_change_comes_soon(scene: Scene) -> None:
    assert scene.watcher.pause == CALM_SECONDS
    write(scene.folder / "boots.md", "Shoes.", at=2)
    scene.looks()
    assert scene.watcher.pause == SETTLING_SECONDS
    scene.looks()
    assert scene.watcher.pause == CALM_SECONDS


def test_a_file_of_the_same_age_and_another_size_has_changed(scene: Scene) -> None:
    write(scene.folder / "boots.md", "Longer boots.", at=1)
    assert scene.looks(2) == [False, True]


def test_new_and_removed_files_are_seen_at_any_depth(scene: Scene) -> None:
    write(scene.folder / "deep" / "er" / "tents.md", "Tents.", at=1)
    assert scene.looks(2) == [False, True]
    (scene.folder / "deep" / "er" / "tents.md").unlink()
    assert scene.looks(2) == [False, True]


def test_a_save_in_several_steps_is_read_once_when_it_is_done(scene: Scene) -> None:
    boots = scene.folder / "boots.md"
    boots.unlink()
    first = scene.looks()
    write(boots, "Sho", at=2)
    second = scene.looks()
    write(boots, "Shoes.", at=3)
    assert [*first, *second, *scene.looks(3)] == [False, False, False, True, False]
    assert scene.help.times == 2


def test_a_change_that_is_taken_back_is_none(scene: Scene) -> None:
    boots = scene.folder / "boots.md"
    write(boots, "Shoes.", at=2)
    first = scene.looks()
    write(boots, "Boots.", at=1)
    assert [*first, *scene.looks(2)] == [False, False, False]


def test_files_that_never_rest_are_read_all_the_same(scene: Scene) -> None:
    found, began = [], scene.clock()
    while not any(found):
        assert scene.clock() < began + 2 * PATIENCE_SECONDS
        write(scene.folder / "log.md", "x" * len(found), at=len(found))
        found += scene.looks()
    assert scene.clock() - began >= PATIENCE_SECONDS


def test_hidden_files_are_left_alone(scene: Scene) -> None:
    write(scene.folder / ".boots.md.swp", "x", at=2)
    write(scene.folder / ".git" / "HEAD", "x", at=2)
    write(scene.folder / "~$boots.docx", "x", at=2)
    assert scene.looks(3) == [False] * 3


def test_a_folder_that_goes_and_comes_back_is_a_change_each_time(scene: Scene) -> None:
    away = scene.folder.rename(scene.folder.with_name("away"))
    assert scene.looks(3) == [False, True, False]
    away.rename(scene.folder)
    assert scene.looks(3) == [False, True, False]


def test_a_single_file_can_be_watched(tmp_path: Path) -> None:
    lines = tmp_path / "faq.jsonl"
    write(lines, "{}", at=1)
    scene = Scene(lines)
    write(lines, "{}", at=2)
    assert scene.looks(3) == [False, True, False]


def test_what_is_no_folder_is_read_again_after_a_while(scene: Scene) -> None:
    scene.clock.advance(EVERY)
    assert scene.looks(2) == [True, False]
    assert (scene.help.times, scene.web.times) == (1, 2)
    scene.clock.advance(EVERY)
    assert scene.looks() == [True]
    assert scene.web.times == 3


def test_a_remembered_source_says_the_same_until_it_forgets() -> None:
    source = Source()
    kept = Remembered(source)
    assert kept.name == HELP
    assert [str(one) for one in (*kept.read(), *kept.read())] == ["reading 1"] * 2
    kept.forget()
    assert [str(one) for one in kept.read()] == ["reading 2"]


def test_a_source_that_failed_halfway_fails_until_it_is_read_again() -> None:
    source = Source(failure=SourceUnavailable("the site is silent"))
    kept = Remembered(source)
    for _ in range(2):
        with pytest.raises(SourceUnavailable, match="silent"):
            list(kept.read())
    assert source.times == 1
    source.failure = None
    kept.forget()
    assert [str(one) for one in kept.read()] == ["reading 2"]


def test_changes_of_a_store_are_told_by_article() -> None:
    before = {ArticleId(name): BOOTS for name in ("kept", "changed", "removed")}
    after = {
        ArticleId("new"): BOOTS,
        ArticleId("changed"): replace(BOOTS, version="v2", title="Shoes"),
        ArticleId("kept"): BOOTS,
    }
    assert changes(before, after) == [
        Change(Deed.CHANGED, ArticleId("changed"), "Shoes"),
        Change(Deed.ADDED, ArticleId("new"), "Boots"),
        Change(Deed.REMOVED, ArticleId("removed"), "Boots"),
    ]
    assert changes(after, after) == []
