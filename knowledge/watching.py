"""Sources that are watched: what has changed is read again, the rest is remembered."""

import os
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from knowledge.documents import Article, ArticleId, Held, SourceName
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.ports import ArticleSource

CALM_SECONDS = 1.0
SETTLING_SECONDS = 0.2
"""An editor saves in several steps; files that look alike twice have come to rest."""
PATIENCE_SECONDS = 5.0
"""Files that never rest are read as they are."""
_UNSEEN = (".", "~$")
Stamps = Mapping[str, tuple[int, int]]


class Remembered:
    """A source that is read once, and once more after `forget`.

    So that a change in one folder does not fetch a web site again.
    """

    def __init__(self, source: ArticleSource) -> None:
        self._source = source
        self._kept: Sequence[Article | ArticleInvalid] | SourceUnavailable | None = None

    @property
    def name(self) -> SourceName:
        """The name of the source."""
        return self._source.name

    def read(self) -> Iterator[Article | ArticleInvalid]:
        """Yield what the source did when it was last read.

        Raises:
            SourceUnavailable: it could not be read then.
        """
        if self._kept is None:
            try:
                self._kept = tuple(self._source.read())
            except SourceUnavailable as error:
                self._kept = error
        if isinstance(self._kept, SourceUnavailable):
            raise self._kept
        yield from self._kept

    def forget(self) -> None:
        """Read the source afresh the next time."""
        self._kept = None


class Watcher:
    """Says when to index anew; `sources` are what to index then.

    Sources with a path in `paths` (a folder or a file, by name) are due when something there has
    changed and come to rest, the others every so many seconds.
    """

    def __init__(
        self,
        sources: Sequence[ArticleSource],
        *,
        paths: Mapping[SourceName, Path],
        every: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sources = tuple(Remembered(one) for one in sources)
        self._clock = clock
        self._rests = {name: _Rest(path) for name, path in paths.items()}
        self._every = every
        self._read_at = clock()

    @property
    def pause(self) -> float:
        """Seconds to wait before the next look."""
        restless = any(one.is_restless for one in self._rests.values())
        return SETTLING_SECONDS if restless else CALM_SECONDS

    def look(self) -> bool:
        """Whether any source is to be read again."""
        now = self._clock()
        due = {name for name, one in self._rests.items() if one.has_changed(now)}
        if now - self._read_at >= self._every:
            self._read_at = now
            due |= {one.name for one in self.sources} - set(self._rests)
        for source in self.sources:
            if source.name in due:
                source.forget()
        return bool(due)


class Deed(StrEnum):
    """What became of an article."""

    ADDED = "new"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """An article of the store that is not what it was."""

    deed: Deed
    article_id: ArticleId
    title: str


def changes(before: Mapping[ArticleId, Held], after: Mapping[ArticleId, Held]) -> list[Change]:
    """What happened to the articles of a store between two looks, by id."""
    found = []
    for article_id in sorted(before.keys() | after.keys()):
        old, new = before.get(article_id), after.get(article_id)
        if new is None and old is not None:
            found.append(Change(Deed.REMOVED, article_id, old.title))
        elif new is not None and old != new:
            deed = Deed.CHANGED if old else Deed.ADDED
            found.append(Change(deed, article_id, new.title))
    return found


class _Rest:
    """The files at a path: as they were when they were read, and as they were a moment ago."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = self._seen = _stamps(path)
        self._restless_since: float | None = None

    @property
    def is_restless(self) -> bool:
        """Whether they have changed, and may still be changing."""
        return self._restless_since is not None

    def has_changed(self, now: float) -> bool:
        """Whether they have changed and come to rest; then they count as read."""
        before, self._seen = self._seen, _stamps(self._path)
        if self._seen == self._read:
            self._restless_since = None
        elif self._restless_since is None:
            self._restless_since = now
        elif self._seen == before or now - self._restless_since >= PATIENCE_SECONDS:
            self._read, self._restless_since = self._seen, None
            return True
        return False


def _stamps(path: Path) -> Stamps:
    """When each file was changed (ns) and its size (bytes); hidden ones are left alone."""
    try:
        state = path.stat()
        if stat.S_ISDIR(state.st_mode):
            return dict(_below(str(path)))
    except OSError:  # the source says why it cannot be read
        return {}
    return {str(path): (state.st_mtime_ns, state.st_size)}


def _below(folder: str) -> Iterator[tuple[str, tuple[int, int]]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(_UNSEEN):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _below(entry.path)
            else:
                state = entry.stat(follow_symlinks=False)
                yield entry.path, (state.st_mtime_ns, state.st_size)
