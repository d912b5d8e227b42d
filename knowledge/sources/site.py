"""The pages of a web site that its sitemap lists."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fnmatch import fnmatchcase
from functools import partial
from urllib.parse import urlsplit

import httpx

from knowledge.errors import SourceUnavailable
from knowledge.sources import sitemap
from knowledge.sources.dates import day_of, today
from knowledge.sources.fetching import Fetcher, Page, Unreachable, connect
from knowledge.sources.markup import html
from knowledge.sources.readers import READERS, largest, read
from knowledge.sources.reading import Document, Found, Reading, Unread, Unreadable
from knowledge.sources.sitemap import Entry

MOST_SITEMAPS = 50
PATIENCE = 5
"""Pages in a row that may stay unanswered before the site counts as gone."""
_MEDIA = {
    "text/html": ".html",
    "application/xhtml+xml": ".html",
    "text/markdown": ".md",
    "text/plain": ".txt",
    "application/pdf": ".pdf",
}


@dataclass(frozen=True, slots=True)
class Site:
    """At most `max_pages` pages whose local id fits one of `include` (`*` stands for slashes too).

    A page that nobody dates is as of today.
    """

    sitemap: str
    max_pages: int = 500
    delay_seconds: float = 1.0
    include: tuple[str, ...] = ("*",)
    connect: Callable[[], httpx.Client] = connect
    sleep: Callable[[float], None] = field(default=time.sleep)
    today: Callable[[], date] = today

    def documents(self) -> Iterator[Found]:
        """Yield each page, in the order of the sitemap.

        Raises:
            SourceUnavailable: robots.txt or a sitemap cannot be read, or the site falls silent.
        """
        with self.connect() as client:
            fetcher = Fetcher(client, self.sitemap, delay=self.delay_seconds, sleep=self.sleep)
            entries = self._entries(fetcher)
            silent = 0
            for entry in entries[: self.max_pages]:
                found, answered = self._found(fetcher, entry)
                yield found
                silent = 0 if answered else silent + 1
                if silent == PATIENCE:
                    raise SourceUnavailable(f"{self.sitemap}: the site no longer answers")
        if len(entries) > self.max_pages:
            why = f"lists {len(entries)} pages, max_pages is {self.max_pages}: the rest is not read"
            yield Unread(self.sitemap, self.sitemap, why)

    def _entries(self, fetcher: Fetcher) -> list[Entry]:
        """Every page that is wanted, once."""
        try:
            fetcher.heed_robots()
        except Unreadable as error:
            raise SourceUnavailable(f"{self.sitemap}: robots.txt there {error}") from error
        pages: dict[str, Entry] = {}
        pending, seen = [self.sitemap], {self.sitemap}
        while pending:
            url = pending.pop(0)
            try:
                listed = sitemap.parse(fetcher.get(url, sitemap.LARGEST).body)
            except Unreadable as error:
                raise SourceUnavailable(f"{url}: {error}") from error
            pages |= {one.url: one for one in listed.pages if self._wants(one.url)}
            new = dict.fromkeys(one for one in listed.sitemaps if one not in seen)
            seen.update(new)
            pending += new
            if len(seen) > MOST_SITEMAPS:
                raise SourceUnavailable(f"{self.sitemap}: over {MOST_SITEMAPS} sitemaps; name one")
        return list(pages.values())

    def _wants(self, url: str) -> bool:
        return any(fnmatchcase(local_id(url), one) for one in self.include)

    def _found(self, fetcher: Fetcher, entry: Entry) -> tuple[Found, bool]:
        """The page, and whether the site answered at all."""
        try:
            page = fetcher.get(entry.url, largest(".html"))
            reading = read(page.body, _reader(page, entry.url))
        except Unreadable as error:
            why = Unread(local_id(entry.url), entry.url, str(error))
            return why, not isinstance(error, Unreachable)
        updated = entry.updated or reading.updated or day_of(page.modified) or self.today()
        said = replace(reading, url=entry.url, updated=updated)
        return Document(local_id(entry.url), entry.url, said, entry.url, updated), True


def local_id(url: str) -> str:
    """Path and query of an address: what rules and `include` are matched against."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    path = parts.path.strip("/") or "index"
    return f"{path}?{parts.query}" if parts.query else path


def _reader(page: Page, url: str) -> Callable[[bytes], Reading]:
    ending = _MEDIA.get(page.media)
    if ending is None:
        raise Unreadable(f"neither a page nor a text, but {page.media or 'of no type'}")
    return partial(html, base=url, charset=page.charset) if ending == ".html" else READERS[ending]
