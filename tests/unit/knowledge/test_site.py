"""A web site by its sitemap: politely, within bounds, and every page that fails is named."""

import gzip
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Article, SourceName
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.sources import sitemap
from knowledge.sources.fetching import AGENT, Fetcher, connect
from knowledge.sources.reading import LARGEST_TEXT, Unreadable
from knowledge.sources.rules import Terms
from knowledge.sources.site import Site, local_id
from knowledge.sources.source import DocumentSource

HOST = "https://shop.test"
TODAY = date(2026, 11, 23)
Answer = httpx.Response | Exception | Callable[[], httpx.Response]
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'


def urlset(*pages: str) -> str:
    listed = "".join(
        f"<url><loc>{page if ':' in page else HOST + page}</loc></url>" for page in pages
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {XMLNS}>{listed}</urlset>'


def page(text: str = "Text.", **answer: Any) -> httpx.Response:
    return httpx.Response(200, html=f"<title>T</title><p>{text}</p>", **answer)


@dataclass
class Shop:
    """A web site: answers by path; what it was asked, and how long the asker slept."""

    answers: dict[str, Answer]
    asked: list[str] = field(default_factory=list)
    slept: list[float] = field(default_factory=list)
    agents: set[str] = field(default_factory=set)

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(str(request.url))
        self.agents.add(request.headers["user-agent"])
        found = self.answers.get(request.url.raw_path.decode(), httpx.Response(404))
        if isinstance(found, Exception):
            raise found
        return found if isinstance(found, httpx.Response) else found()

    def connect(self) -> httpx.Client:
        real = connect()
        return httpx.Client(
            transport=httpx.MockTransport(self.answer), headers=real.headers, timeout=real.timeout
        )

    def source(self, path: str = "/sitemap.xml", **plan: Any) -> DocumentSource:
        site = Site(
            HOST + path, connect=self.connect, sleep=self.slept.append, today=lambda: TODAY, **plan
        )
        return DocumentSource(SourceName("web"), site.documents, terms=Terms(), prefix="web/")

    def read(self, **plan: Any) -> tuple[dict[str, Article], list[str]]:
        found = list(self.source(**plan).read())
        articles = {str(one.id): one for one in found if isinstance(one, Article)}
        return articles, [str(one) for one in found if isinstance(one, ArticleInvalid)]


def shop(*pages: str, **answers: Any) -> Shop:
    """A site that lists these pages and has each of them."""
    paths = {one: page() for one in pages}
    listed = httpx.Response(200, text=urlset(*pages))
    return Shop({"/sitemap.xml": listed, **paths, **answers})


def failure(site: Shop) -> str:
    with pytest.raises(SourceUnavailable) as caught:
        site.read()
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_the_pages_of_a_sitemap_become_articles() -> None:
    listed = urlset("/returns/boots/").replace(
        "</loc>", "</loc><lastmod>2026-03-02T08:00:00+01:00</lastmod>"
    )
    site = Shop(
        {
            "/sitemap.xml": httpx.Response(200, text=listed),
            "/returns/boots/": httpx.Response(
                200,
                html="<title>x</title><main><h1>Boots</h1><a href='../fees'>Fees</a></main>",
            ),
        }
    )
    articles, lines = site.read()
    assert not lines
    boots = articles["web/returns/boots"]
    assert (boots.title, boots.url) == ("Boots", f"{HOST}/returns/boots/")
    assert (boots.updated, boots.source) == (date(2026, 3, 2), "web")
    assert boots.text == f"[Fees]({HOST}/returns/fees)\n"
    assert len(site.agents) == 1
    assert next(iter(site.agents)).startswith(AGENT)


def test_a_page_is_dated_by_itself_its_server_or_today() -> None:
    site = shop("/a", "/b", "/c")
    site.answers["/a"] = httpx.Response(
        200, html='<meta name="last-modified" content="2026-01-02"><p>x</p>'
    )
    site.answers["/b"] = page(headers={"last-modified": "Tue, 03 Feb 2026 08:00:00 GMT"})
    articles, _ = site.read()
    assert [one.updated for one in articles.values()] == [
        date(2026, 1, 2),
        date(2026, 2, 3),
        TODAY,
    ]


def test_an_index_of_gzipped_sitemaps_is_read_whatever_points_back() -> None:
    index = f"<sitemapindex {XMLNS}>" + "".join(
        f"<sitemap><loc>{HOST}{path}</loc></sitemap>"
        for path in ("/1.xml.gz", "/2.xml", "/sitemap.xml", "/2.xml")
    )
    site = Shop(
        {
            "/sitemap.xml": httpx.Response(200, text=f"{index}</sitemapindex>"),
            "/1.xml.gz": httpx.Response(200, content=gzip.compress(urlset("/a").encode())),
            "/2.xml": httpx.Response(200, text=urlset("/b", "/a")),
            "/a": page(),
            "/b": page(),
        }
    )
    articles, lines = site.read()
    assert list(articles) == ["web/a", "web/b"]
    assert not lines
    assert site.asked.count(f"{HOST}/2.xml") == 1


def test_robots_txt_is_heeded() -> None:
    robots = "User-agent: *\nDisallow: /private\nCrawl-delay: 7\n"
    site = shop("/a", "/private/b", **{"/robots.txt": httpx.Response(200, text=robots)})
    articles, lines = site.read(delay_seconds=1)
    assert list(articles) == ["web/a"]
    assert lines == [f"{HOST}/private/b: robots.txt does not allow it"]
    assert f"{HOST}/private/b" not in site.asked
    assert site.asked[0] == f"{HOST}/robots.txt"
    assert site.slept == [7, 7]


def test_a_crawl_delay_that_would_take_days_is_a_minute() -> None:
    robots = httpx.Response(200, text="User-agent: *\nCrawl-delay: 86400\n")
    site = shop("/a", **{"/robots.txt": robots})
    site.read()
    assert set(site.slept) == {60}


def test_every_request_but_the_first_waits() -> None:
    site = shop("/a", "/b")
    site.read(delay_seconds=0.5)
    assert site.slept == [0.5, 0.5, 0.5]
    assert len(site.asked) == 4


def test_pages_are_chosen_and_bounded_and_the_bound_is_told() -> None:
    site = shop("/help/a", "/shop/b", "/help/c", "/help/d")
    articles, lines = site.read(include=("help/*",), max_pages=2)
    assert list(articles) == ["web/help/a", "web/help/c"]
    assert lines == [
        f"{HOST}/sitemap.xml: lists 3 pages, max_pages is 2: the rest is not read",
    ]


BROKEN = {"content-type": "text/html", "content-encoding": "gzip"}


def redirect(target: str) -> httpx.Response:
    return httpx.Response(301, headers={"location": target})


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(404), "answers 404 Not Found"),
        (httpx.Response(503), "answers 503 Service Unavailable"),
        (httpx.Response(304), "answers 304 Not Modified"),
        (page("x" * LARGEST_TEXT), "over 2 MB"),
        (page(""), "no text is left"),
        (httpx.Response(200, content=b""), "but of no type"),
        (httpx.Response(200, html=""), "the file is empty"),
        (httpx.Response(200, json={}), "neither a page nor a text, but application/json"),
        (redirect("https://elsewhere.test/a"), "not on shop.test"),
        (redirect("http://shop.test:8080/a"), "not on shop.test"),
        (redirect("//10.0.0.1/a"), "not on shop.test"),
        (redirect("/a"), "over 5 redirects"),
        (redirect("/private"), "robots.txt does not allow it"),
        (redirect("ftp://shop.test/a"), "not on shop.test"),
        (redirect("https://[/"), "not on shop.test"),
        (httpx.ReadTimeout("slow"), "does not answer (ReadTimeout slow)"),
        (
            lambda: httpx.Response(200, headers=BROKEN, stream=httpx.ByteStream(b"no gzip")),
            "unpacked",
        ),
    ],
)
def test_a_page_that_fails_is_named_and_the_next_is_read(answer: Answer, why: str) -> None:
    robots = httpx.Response(200, text="User-agent: *\nDisallow: /private\n")
    site = shop("/a", "/b", **{"/robots.txt": robots, "/a": answer})
    articles, [line] = site.read()
    assert list(articles) == ["web/b"]
    assert line.startswith(f"{HOST}/a: ")
    assert why in line
    assert all(one.startswith(HOST) for one in site.asked)


def test_redirects_on_the_site_are_followed() -> None:
    site = shop("/a", **{"/a": redirect("/b"), "/b": page("Moved.")})
    articles, _ = site.read()
    assert articles["web/a"].text == "Moved.\n"
    assert articles["web/a"].url == f"{HOST}/a"


def test_pages_of_other_hosts_and_addresses_that_are_none_are_named_and_not_asked() -> None:
    site = shop("https://www.shop.test/a", "https://[/", "file:///etc/passwd", "/b")
    site.answers["/b"] = page()
    articles, lines = site.read()
    assert list(articles) == ["web/b"]
    assert [line.split(" ")[0] for line in lines] == [
        "https://www.shop.test/a:",
        "https://[/:",
        "file:///etc/passwd:",
    ]
    assert len(site.asked) == 3


def test_texts_and_pdfs_are_read_too() -> None:
    site = shop("/a.txt", "/b.md", "/c.pdf")
    site.answers |= {
        "/a.txt": httpx.Response(200, text="Plain."),
        "/b.md": httpx.Response(
            200, content=b"# M\n\nx", headers={"content-type": "text/markdown"}
        ),
        "/c.pdf": httpx.Response(200, content=b"x", headers={"content-type": "application/pdf"}),
    }
    articles, lines = site.read()
    assert [one.text for one in articles.values()] == ["Plain.\n", "x\n"]
    assert lines == [f"{HOST}/c.pdf: not a PDF, whatever its name says"]


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (httpx.Response(404), "answers 404"),
        (httpx.ConnectError("refused"), "does not answer (ConnectError refused)"),
        (redirect("https://elsewhere.test/sitemap.xml"), "not on shop.test"),
        (httpx.Response(200, text="<urlset>"), "no sitemap: no element found"),
        (httpx.Response(200, html="<html></html>"), "no sitemap: it begins with <html>"),
        (httpx.Response(200, text=""), "no sitemap"),
        (httpx.Response(200, content=b"\xff"), "not UTF-8"),
        (httpx.Response(200, content=b"\x1f\x8btrash"), "a broken gzip file"),
        (httpx.Response(200, content=gzip.compress(b" " * 21_000_000)), "over 20 MB"),
        (
            httpx.Response(200, text='<!DOCTYPE x [<!ENTITY a "b">]><urlset>&a;</urlset>'),
            "it has a document type",
        ),
    ],
)
def test_a_sitemap_that_fails_is_the_end_of_the_source(
    answer: httpx.Response | Exception, why: str
) -> None:
    said = failure(shop(**{"/sitemap.xml": answer}))
    assert said.startswith(f"{HOST}/sitemap.xml: ")
    assert why in said


@pytest.mark.parametrize("answer", [httpx.Response(503), httpx.ConnectError("refused")])
def test_a_site_that_does_not_say_what_robots_may_do_is_left_alone(
    answer: httpx.Response | Exception,
) -> None:
    site = shop("/a", **{"/robots.txt": answer})
    assert "robots.txt there" in failure(site)
    assert site.asked == [f"{HOST}/robots.txt"]


def test_a_sitemap_of_endless_sitemaps_is_refused() -> None:
    listed = "".join(f"<sitemap><loc>{HOST}/{n}.xml</loc></sitemap>" for n in range(60))
    site = shop(
        **{"/sitemap.xml": httpx.Response(200, text=f"<sitemapindex>{listed}</sitemapindex>")}
    )
    assert "over 50 sitemaps" in failure(site)


def test_a_site_that_falls_silent_is_not_asked_for_every_page() -> None:
    site = shop(*(f"/{n}" for n in range(20)))
    site.answers |= {f"/{n}": httpx.ConnectTimeout("silent") for n in range(1, 20)}
    found: list[Article | ArticleInvalid] = []
    with pytest.raises(SourceUnavailable, match="no longer answers"):
        found.extend(site.source().read())
    assert len(site.asked) == 8


def test_a_page_that_trickles_is_given_up() -> None:
    def trickle() -> Iterator[bytes]:
        while True:
            yield b"<p>"

    seconds = iter(range(0, 1_000, 7))
    site = Shop({"/": lambda: httpx.Response(200, content=trickle())})
    with site.connect() as client:
        fetcher = Fetcher(
            client, HOST, delay=0, sleep=lambda _: None, clock=lambda: float(next(seconds))
        )
        fetcher.heed_robots()
        with pytest.raises(Unreadable, match="over 60 seconds"):
            fetcher.get(HOST, LARGEST_TEXT)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"{HOST}/", "index"),
        (HOST, "index"),
        (f"{HOST}/returns/boots/", "returns/boots"),
        (f"{HOST}/page?id=7", "page?id=7"),
        ("https://[/", "https://[/"),
    ],
)
def test_the_id_of_a_page_is_its_path(url: str, expected: str) -> None:
    assert local_id(url) == expected


@given(st.binary())
def test_any_bytes_are_a_sitemap_or_refused(raw: bytes) -> None:
    for one in (raw, b"\x1f\x8b" + raw, f"<urlset>{raw!r}</urlset>".encode()):
        try:
            assert sitemap.parse(one).sitemaps == ()
        except Unreadable as error:
            said = str(error)
            assert "\n" not in said
