"""Text that is safe in Slack, and cut where a reader would cut it (pure)."""

import re
from collections.abc import Iterator, Sequence

LONGEST_URL = 1_000
_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"((?<=[^\W\d][.!?])\s+|\n)")
_ESCAPED = re.compile(r"&(?:amp|lt|gt);")
_TARGET = re.compile(r"\](?=[(:])")
_UNSAFE_URL = re.compile(r"[<>|\s\"]")


def escape(text: str) -> str:
    """No mention, link or broadcast survives: `&`, `<` and `>` are written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(markdown: str) -> str:
    """Markdown without a live token: escaped, and no bracket has a link's target behind it."""
    return _TARGET.sub("] ", escape(markdown))


def link(url: str, label: str) -> str:
    """A link with its label; only the label where the address is not a plain web address."""
    label = " ".join((label.strip() or url).split())
    address = url.replace("&", "&amp;")
    web = url.startswith(("https://", "http://")) and len(address) <= LONGEST_URL
    if not web or _UNSAFE_URL.search(url):
        return escape(label)
    return f"<{address}|{escape(label).replace('|', '¦')}>"


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, cut at a word, with an ellipsis where something is left out."""
    if len(text) <= longest:
        return text
    at_word = text.rfind(" ", longest // 2, longest)
    end = at_word if at_word > 0 else _whole(text, longest - 1)
    return text[:end].rstrip() + "…"


def grouped(lines: Sequence[str], longest: int) -> Iterator[list[str]]:
    """Lines in groups that are at most `longest` characters when joined; no line is cut."""
    held: list[str] = []
    for line in lines:
        if held and len("\n".join([*held, line])) > longest:
            yield held
            held = []
        held.append(line)
    if held:
        yield held


def pieces(text: str, longest: int) -> list[str]:
    """Text in pieces of at most `longest` characters: at paragraphs, else sentences, else anywhere.

    Nothing is lost but white space at the cuts.
    """
    return list(_joined(_fitting(text.strip(), longest), longest))


def _fitting(text: str, longest: int) -> Iterator[tuple[str, str]]:
    """(separator in front, part), each part short enough."""
    for paragraph in filter(None, map(str.strip, _PARAGRAPH.split(text))):
        if len(paragraph) <= longest:
            yield "\n\n", paragraph
            continue
        separator = "\n\n"
        sentences_and_gaps = [*_SENTENCE.split(paragraph), ""]
        for sentence, gap in zip(sentences_and_gaps[::2], sentences_and_gaps[1::2], strict=True):
            for part in filter(str.strip, _slices(sentence, longest)):
                yield separator, part
                separator = ""
            separator = gap


def _slices(text: str, longest: int) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = start + longest
        if end < len(text):
            end = _whole(text, end)
        yield text[start:end]
        start = end


def _whole(text: str, end: int) -> int:
    """The last place up to `end` where a cut leaves every escaped character whole."""
    opened = text.rfind("&", max(0, end - 4), end)
    escaped = _ESCAPED.match(text, opened) if opened > 0 else None
    return opened if escaped and escaped.end() > end else end


def _joined(parts: Iterator[tuple[str, str]], longest: int) -> Iterator[str]:
    held = ""
    for separator, part in parts:
        if held and len(held) + len(separator) + len(part) > longest:
            yield held
            held = part
        else:
            held = f"{held}{separator}{part}" if held else part
    if held:
        yield held
