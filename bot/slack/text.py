"""Text that is safe in Slack, and cut where a reader would cut it (pure)."""

import re
from collections.abc import Iterator

_PARAGRAPH = re.compile(r"\n\s*\n")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_UNSAFE_URL = re.compile(r"[<>|\s\"]")


def escape(text: str) -> str:
    """No mention, link or broadcast survives: `&`, `<` and `>` are written out."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def link(url: str, label: str) -> str:
    """A link with its label; only the label where the address is not a plain web address."""
    if not url.startswith(("https://", "http://")) or _UNSAFE_URL.search(url):
        return escape(label)
    return f"<{url.replace('&', '&amp;')}|{escape(label).replace('|', '¦')}>"


def shortened(text: str, longest: int) -> str:
    """At most `longest` characters, cut at a word, with an ellipsis where something is left out."""
    if len(text) <= longest:
        return text
    kept = text[: longest - 1]
    at_word = kept.rsplit(None, 1)[0] if " " in kept[longest // 2 :] else kept
    return at_word.rstrip() + "…"


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
        for sentence in _SENTENCE.split(paragraph):
            for start in range(0, len(sentence), longest):
                yield separator, sentence[start : start + longest]
                separator = " " if start + longest >= len(sentence) else ""
            separator = " "


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
