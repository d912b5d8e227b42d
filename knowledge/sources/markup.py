"""HTML → Markdown: what a reader of the page would read, and nothing that is hidden from him."""

import re
from collections.abc import Iterable
from datetime import date
from typing import cast
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Comment, Tag
from markdownify import MarkdownConverter

from knowledge.sources.dates import day_of
from knowledge.sources.reading import Reading, Unreadable, decoded

_NOISE = (
    "script, style, title, noscript, template, head, nav, footer, form, iframe, object, svg,"
    "canvas, audio, video, button, input, select, textarea, dialog, [hidden], [aria-hidden=true],"
    "[role=navigation], [role=search], [role=banner], [role=contentinfo], [role=dialog],"
    "[role=alertdialog]"
)
_AROUND = "header, aside, [role=complementary]"
_MAIN = ("main", "[role=main]", "article")
_MODIFIED = (
    "article:modified_time",
    "og:updated_time",
    "datemodified",
    "last-modified",
    "dcterms.modified",
    "article:published_time",
)
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|(?:font-size|opacity)\s*:\s*0(?:\.0*)?(?![\d.])",
    re.IGNORECASE,
)
_ANCHORS = {"#", "¶", "§", "🔗"}
_SAFE = {"http", "https", "mailto", "tel"}
_CHARSET = re.compile(rb"""<meta[^>]{0,200}charset=["']?([\w-]+)""", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*>")
_BLANK_LINES = re.compile(r"\n{3,}")
_GAP = re.compile(r"\s{100,}")


def html(raw: bytes, *, base: str = "", charset: str | None = None) -> Reading:
    """The page's main part with its title and date; links are made absolute by `base`.

    Raises:
        Unreadable: it is no HTML, or nothing in it is shown.
    """
    soup = parsed(_decoded(raw, charset))
    title, updated = _title_above(soup), _modified(soup)
    root = _main(soup)
    _drop_unread(root)
    _mend_links(root, base)
    heading = root.find("h1")
    if isinstance(heading, Tag) and heading.get_text(strip=True):
        title = _words(heading)
        heading.decompose()
    text = markdown_of(root)
    if not text:
        raise Unreadable("no text is left without scripts, navigation and hidden parts")
    return Reading(text, title, updated=updated)


def markdown_of(root: Tag) -> str:
    """The Markdown of a tree."""
    try:
        # Any part of a tree will do; their annotation is too narrow.
        converted = _Markdown().convert_soup(cast("BeautifulSoup", root))
    except RecursionError as error:
        raise Unreadable("its tags are nested too deeply, or never closed") from error
    text = "\n".join(line.rstrip() for line in converted.split("\n")).strip()
    return _BLANK_LINES.sub("\n\n", text)


def parsed(text: str) -> BeautifulSoup:
    """The tree of a text, comments left out.

    Raises:
        Unreadable: there is no tag in it.
    """
    if "<" not in text:
        raise Unreadable("there is no HTML in it")
    text = _DECLARATION.sub("", text)
    soup = BeautifulSoup(_tidied(text), "html.parser")
    for comment in soup.find_all(string=lambda one: isinstance(one, Comment)):
        comment.extract()
    return soup


class _Markdown(MarkdownConverter):
    """Markdown as the rest of the desk writes it: no escapes, and list numbers in linear time."""

    def __init__(self) -> None:
        super().__init__(heading_style="atx", table_infer_header=True)
        self._numbers: dict[int, int] = {}

    def escape(self, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002  theirs
        """Nothing: passages are quoted word for word, and a backslash is no word of the page."""
        return text

    def convert_br(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        """The next line; in a heading or a cell there is none."""
        return " " if "_inline" in parent_tags else "\n"

    def convert_li(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        """One entry; what follows its first line is set in below the mark."""
        lines = text.strip().split("\n")
        if lines == [""]:
            return "\n"
        mark = f"{self._number(el)}. " if el.parent and el.parent.name == "ol" else "- "
        indent = "\n" + " " * len(mark)
        return f"{mark}{indent.join(lines)}\n"

    def convert_dt(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        """The term, in one block with what is said of it."""
        term = " ".join(text.split())
        return f"\n\n**{term}**\n" if term else "\n"

    def convert_dd(self, el: Tag, text: str, parent_tags: set[str]) -> str:  # noqa: ARG002
        """What is said of a term."""
        return f"{text.strip()}\n"

    def _number(self, entry: Tag) -> int:
        listed = entry.parent
        start = str(listed.get("start", "")) if listed else ""
        first = int(start) if start.isascii() and start.isdigit() else 1
        number = self._numbers.get(id(listed), first)
        self._numbers[id(listed)] = number + 1
        return number


def _decoded(raw: bytes, charset: str | None) -> str:
    """The text by its byte order mark, the server's word, its own, or what browsers guess."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decoded(raw)
    if b"\0" in raw:
        raise Unreadable("a binary file, not text")
    own = _CHARSET.search(raw[:2_048])
    for name in (charset, own and own[1].decode("ascii"), "utf-8-sig"):
        try:
            return raw.decode(name or "utf-8-sig")
        except (LookupError, UnicodeError):
            continue
    return raw.decode("cp1252", "replace")


def _tidied(text: str) -> str:
    """Without comments and long gaps, and with what is no whole tag at the end as mere text.

    The parsers behind read each of these in quadratic time.
    """
    kept, at = [], 0
    while (start := text.find("<!--", at)) >= 0:
        kept.append(text[at:start])
        end = text.find("-->", start)
        at = end + len("-->") if end >= 0 else len(text)
    whole, last, rest = _GAP.sub("\n", "".join([*kept, text[at:]])).rpartition(">")
    return whole + last + rest.replace("<", "&lt;")


def _title_above(soup: BeautifulSoup) -> str | None:
    return (_words(soup.title) or None) if soup.title else None


def _words(part: Tag) -> str:
    for line_break in part.find_all("br"):
        line_break.replace_with(" ")
    return " ".join(part.get_text().split())


def _modified(soup: BeautifulSoup) -> date | None:
    said: dict[str, str] = {}
    for meta in soup.find_all("meta"):
        key = meta.get("property") or meta.get("name") or meta.get("itemprop")
        said.setdefault(str(key).lower(), str(meta.get("content", "")))
    return next(filter(None, (day_of(said.get(key)) for key in _MODIFIED)), None)


def _main(soup: BeautifulSoup) -> Tag:
    """The part that holds the page's own text."""
    for selector in _MAIN:
        found = soup.select(selector)
        if len(found) == 1 and found[0].get_text(strip=True):
            return found[0]
    body = soup.body or soup
    _drop(one for one in body.select(_AROUND) if not one.find("h1"))
    return body


def _drop_unread(root: Tag) -> None:
    _drop(root.select(_NOISE))
    _drop(one for one in root.find_all(style=_UNSEEN))
    for summary in root.find_all("summary"):
        summary.name = "dt"
    for image in root.find_all("img"):
        image.replace_with(str(image.get("alt", "")))


def _drop(parts: Iterable[Tag]) -> None:
    for part in parts:
        if not part.decomposed:
            part.decompose()


def _mend_links(root: Tag, base: str) -> None:
    for link in root.find_all("a"):
        target = _target(base, str(link.get("href", "")))
        if link.get_text(strip=True) in _ANCHORS:
            link.decompose()
        elif target:
            link.attrs = {"href": target}
        else:
            link.unwrap()


def _target(base: str, href: str) -> str:
    """Where a link leads; "" where a reader of the Markdown could not or should not follow."""
    try:
        target = urljoin(base, href.strip())
        return target if urlsplit(target).scheme in _SAFE and " " not in target else ""
    except ValueError:
        return ""
