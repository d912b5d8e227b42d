"""A folder of documents; hidden files are left alone, and so is whatever lies outside of it."""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from knowledge.documents import SourceName
from knowledge.errors import SourceUnavailable
from knowledge.sources.dates import day_of_stamp
from knowledge.sources.front import demanding
from knowledge.sources.readers import READERS, largest, read
from knowledge.sources.reading import Document, Found, Reader, Reading, Unread, Unreadable, oversize
from knowledge.sources.rules import Terms
from knowledge.sources.source import DocumentSource

_UNSEEN = (".", "~$")


class MarkdownFolder(DocumentSource):
    """Every `*.md` file below a folder; an article's id is its path without the ending."""

    def __init__(self, folder: Path) -> None:
        find = Folder(folder, readers={".md": demanding}).documents
        super().__init__(SourceName("articles"), find, terms=Terms(), prefix="")


@dataclass(frozen=True, slots=True)
class Folder:
    """The files below `root` that fit `glob` (`*` also stands for slashes), read by their ending.

    Messages name a file by its path below `label`. What was read once is `known` by time and size,
    so that those who watch read again only what has changed.
    """

    root: Path
    label: Path = Path()
    glob: str = "*"
    readers: Mapping[str, Reader] = field(default_factory=lambda: READERS)
    known: dict[Path, tuple[tuple[int, int], Reading]] = field(default_factory=dict, compare=False)

    def documents(self) -> Iterator[Found]:
        """Yield each, in the order of their names.

        Raises:
            SourceUnavailable: the folder, or one in it, cannot be read.
        """
        if not self.root.is_dir():
            raise SourceUnavailable(f"{self.root} is not a folder of articles")
        for path in sorted(self._paths()):
            relative = path.relative_to(self.root)
            if fnmatchcase(relative.as_posix(), self.glob):
                yield self._found(path, relative)

    def _paths(self) -> Iterator[Path]:
        """Files with a known ending, and links to folders elsewhere, that are not hidden."""
        for folder, folders, files in os.walk(self.root, onerror=_fail):
            folders[:] = [one for one in folders if not one.startswith(_UNSEEN)]
            yield from (Path(folder, one) for one in folders if not self._holds(Path(folder, one)))
            for name in files:
                path = Path(folder, name)
                if path.suffix.lower() in self.readers and not name.startswith(_UNSEEN):
                    yield path

    def _holds(self, path: Path) -> bool:
        return os.path.realpath(path).startswith(os.path.realpath(self.root) + os.sep)

    def _found(self, path: Path, relative: Path) -> Found:
        local_id, place = relative.with_suffix("").as_posix(), str(self.label / relative)
        try:
            reading, written = self._read(path)
        except OSError as error:
            return Unread(local_id, place, error.strerror or type(error).__name__)
        except Unreadable as error:
            return Unread(local_id, place, str(error))
        return Document(local_id, place, reading, path.absolute().as_uri(), day_of_stamp(written))

    def _read(self, path: Path) -> tuple[Reading, float]:
        """What a file holds, and when it was written."""
        if not self._holds(path):
            raise Unreadable("a link that leads out of the folder: it is not followed")
        state = path.stat()
        if not stat.S_ISREG(state.st_mode):
            raise Unreadable("not a file")
        ending = path.suffix.lower()
        if state.st_size > largest(ending):
            raise oversize(largest(ending))
        stamp = (state.st_mtime_ns, state.st_size)
        if path not in self.known or self.known[path][0] != stamp:
            self.known[path] = (stamp, read(path.read_bytes(), self.readers[ending]))
        return self.known[path][1], state.st_mtime


def _fail(error: OSError) -> None:
    """A folder that cannot be listed would otherwise look empty, and its articles gone."""
    raise SourceUnavailable(f"{error.filename}: {error.strerror}") from error
