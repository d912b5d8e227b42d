"""HTML → tags and texts, as browsers part them (total, linear time).

Parsers that build a tree take quadratic time on some hostile pages, or lose what is nested deeply;
for reading a mail, the order of tags is enough.
"""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from typing import NamedTuple

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,60})((?:[^>\"']++|\"[^\"]*+\"|'[^']*+')*+)>")
_SIMPLE = re.compile(r"<(/?)([a-zA-Z][^\s/>]{0,60})([^>]*+)>")
_ATTRIBUTE = re.compile(
    r"([^\s=/\"'>]{1,80})(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++)))?"
)
_BOGUS = re.compile(r"<[!?/][^>]*+>")
_LONG_NUMBER = re.compile(r"&#[0-9]{20,};?")
_RAW = {"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"}
_ENDS = {name: re.compile(rf"</{name}[^>]*+>", re.IGNORECASE) for name in _RAW}
_COMMENT, _COMMENT_END = "<!--", "-->"
_NONE: Mapping[str, str] = {}


class Tag(NamedTuple):  # a page may have a hundred thousand: no dataclass is made as fast
    """A start or end tag; `name` in lower case, and the text inside for style sheets."""

    name: str
    attributes: Mapping[str, str] = _NONE
    ends: bool = False
    inside: str = ""


def tokens(html: str) -> Iterator[Tag | str]:
    """Tags and the texts between them, entities read.

    Comments are left out, and so is what scripts and titles hold.
    """
    at, pattern, last = 0, _TAG, html.rfind(">")
    while 0 <= (start := html.find("<", at)) <= last:
        if start > at:
            yield text_of(html[at:start])
        if html.startswith(_COMMENT, start):
            at = _after_comment(html, start)
            continue
        found = pattern.match(html, start)
        if not found and pattern is _TAG and _SIMPLE.match(html, start):
            # Once a quote stays open, it is open to the end: from here on quotes mean nothing.
            pattern = _SIMPLE
            continue
        if not found:
            bogus = _BOGUS.match(html, start)
            at = bogus.end() if bogus else start + 1
            if not bogus:
                yield "<"
            continue
        at = found.end()
        tag, at = _tag(html, found, at)
        yield tag
    if at < len(html):
        yield text_of(html[at:])


def text_of(written: str) -> str:
    """A text with its entities read."""
    return unescape(_LONG_NUMBER.sub("\ufffd", written)) if "&" in written else written


def _after_comment(html: str, start: int) -> int:
    if html.startswith((">", "->"), start + len(_COMMENT)):
        return html.index(">", start) + 1
    end = html.find(_COMMENT_END, start + len(_COMMENT))
    return end + len(_COMMENT_END) if end >= 0 else len(html)


def _tag(html: str, found: re.Match[str], at: int) -> tuple[Tag, int]:
    name = found[2].lower()
    if found[1]:
        return Tag(name, _NONE, ends=True), at
    attributes = _attributes(found[3]) if found[3] else _NONE
    if name not in _RAW:
        return Tag(name, attributes), at
    end = _ENDS[name].search(html, at)
    inside = html[at : end.start()] if end else html[at:]
    return Tag(name, attributes, inside=inside), end.end() if end else len(html)


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(written):
        found.setdefault(name.lower(), text_of(double or single or bare))
    return found
