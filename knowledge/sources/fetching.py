"""Fetching from one web site: one request at a time, as slowly and as little as it asks for."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.robotparser import RobotFileParser

import httpx

from knowledge.sources.reading import Unreadable, oversize

AGENT = "supportbot"
HOPS = 5
LONGEST_DELAY_SECONDS = 60.0
_SECONDS_PER_READ = 10.0
_SECONDS_PER_PAGE = 60.0
_LARGEST_ROBOTS = 500_000


class Unreachable(Unreadable):
    """No answer came: the next page is not likely to fare better."""


@dataclass(frozen=True, slots=True)
class Page:
    """What a server answered; `media` is the type alone, in lower case."""

    body: bytes
    media: str
    charset: str | None
    modified: str | None


def connect() -> httpx.Client:
    """A client that names itself and waits for no byte longer than 10 seconds."""
    return httpx.Client(
        timeout=_SECONDS_PER_READ, headers={"User-Agent": f"{AGENT} (reads help centres)"}
    )


class Fetcher:
    """Pages of the host of `site`, and of no other, `delay` seconds apart."""

    def __init__(
        self,
        client: httpx.Client,
        site: str,
        *,
        delay: float,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._site = httpx.URL(site)
        self._delay = delay
        self._sleep = sleep
        self._clock = clock
        self._asked = False
        self._robots = RobotFileParser()

    def heed_robots(self) -> None:
        """Read what the site asks of robots; it must be read before anything else is.

        Raises:
            Unreadable: the site does not say, which is no permission.
        """
        try:
            body = self._get(str(self._site.join("/robots.txt")), _LARGEST_ROBOTS).body
        except _Absent:
            body = b""
        self._robots.parse(body.decode("utf-8", "replace").splitlines())
        asked = self._robots.crawl_delay(AGENT)
        self._delay = max(self._delay, min(float(asked or 0), LONGEST_DELAY_SECONDS))

    def get(self, url: str, largest: int) -> Page:
        """A page of at most `largest` bytes.

        Raises:
            Unreadable: it is elsewhere, forbidden, missing, too large or broken.
            Unreachable: the site does not answer.
        """
        return self._get(url, largest, allowed=lambda one: self._robots.can_fetch(AGENT, one))

    def _get(
        self, url: str, largest: int, *, allowed: Callable[[str], bool] = lambda _: True
    ) -> Page:
        try:
            target = httpx.URL(url)
            for _ in range(HOPS):
                self._admit(target)
                if not allowed(str(target)):
                    raise Unreadable("robots.txt does not allow it")
                self._pause()
                with self._client.stream("GET", target, follow_redirects=False) as response:
                    if not response.has_redirect_location:
                        return self._page(response, largest)
                    target = target.join(response.headers["location"])
        except (httpx.InvalidURL, ValueError) as error:
            raise Unreadable("no address that can be read") from error
        except httpx.DecodingError as error:
            raise Unreadable("sends what cannot be unpacked") from error
        except httpx.HTTPError as error:
            why = " ".join(f"{type(error).__name__} {error}".split())
            raise Unreachable(f"does not answer ({why})") from error
        raise Unreadable(f"leads on over {HOPS} redirects")

    def _admit(self, target: httpx.URL) -> None:
        if target.scheme not in {"http", "https"} or target.netloc != self._site.netloc:
            raise Unreadable(f"not on {self._site.host}, where the sitemap is")

    def _pause(self) -> None:
        if self._asked:
            self._sleep(self._delay)
        self._asked = True

    def _page(self, response: httpx.Response, largest: int) -> Page:
        if response.is_client_error and response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            raise _Absent(_answer(response))
        if not response.is_success:
            raise Unreadable(_answer(response))
        media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        return Page(
            self._body(response, largest),
            media,
            response.charset_encoding,
            response.headers.get("last-modified"),
        )

    def _body(self, response: httpx.Response, largest: int) -> bytes:
        body, until = bytearray(), self._clock() + _SECONDS_PER_PAGE
        for part in response.iter_bytes():
            body += part
            if len(body) > largest:
                raise oversize(largest)
            if self._clock() > until:
                raise Unreachable(f"takes over {_SECONDS_PER_PAGE:.0f} seconds")
        return bytes(body)


class _Absent(Unreadable):
    """The site answers that there is no such page for us."""


def _answer(response: httpx.Response) -> str:
    return f"answers {response.status_code} {response.reason_phrase}".rstrip()
