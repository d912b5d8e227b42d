"""A chunk's Markdown as sentences that can be quoted (pure)."""

import re
from collections.abc import Iterator
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_BREAK = re.compile(r"(?<=[.!?])[\"”)]?\s+(?=[A-Z0-9\"“£€$(])")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|approx|no|vs|incl|max|min|Mr|Mrs|Dr|St)\.$", re.IGNORECASE
)


@lru_cache(maxsize=4096)
def sentences(markdown: str) -> tuple[str, ...]:
    """Sentences of paragraphs, items of lists, rows of tables; formatting and links taken off.

    A table row reads "first cell: header value; header value" since a cell alone says nothing.
    """
    return tuple(text for text in _units(_MARKDOWN.parse(markdown)) if len(text.split()) > 2)  # noqa: PLR2004


def plain(inline: Token) -> str:
    """The visible text of an inline token."""
    kept = []
    for child in inline.children or ():
        if child.type in {"text", "code_inline"}:
            kept.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            kept.append(" ")
    return " ".join("".join(kept).split())


def _units(tokens: list[Token]) -> Iterator[str]:
    headers: list[str] = []
    row: list[str] = []
    in_cell = False
    for token in tokens:
        match token.type:
            case "table_open":
                headers, row = [], []
            case "th_open" | "td_open" | "th_close" | "td_close":
                in_cell = token.nesting == 1
            case "inline" if in_cell:
                row.append(plain(token))
            case "inline":
                yield from split(plain(token))
            case "tr_close":
                if headers:
                    yield _row(headers, row)
                headers, row = headers or row, []


def _row(headers: list[str], row: list[str]) -> str:
    """As in: `UK: Price £3.95; Time 2 days`."""
    cells = zip(headers[1:], row[1:], strict=False)
    rest = "; ".join(f"{header} {cell}".strip() for header, cell in cells if cell)
    return f"{row[0]}: {rest}." if rest else row[0]


def split(text: str) -> Iterator[str]:
    """Sentences of running text."""
    held = ""
    for part in _BREAK.split(text):
        held = f"{held} {part}".strip()
        if _ABBREVIATION.search(held):
            continue
        yield held
        held = ""
    if held:
        yield held
