"""A chunk's Markdown as sentences that can be quoted (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents import Chunk

_MARKDOWN = MarkdownIt("commonmark").enable("table")
_BREAK = re.compile(r"(?<=[.!?])[\"”)]?\s+(?=[A-Z0-9\"“£€$(])")
_ABBREVIATION = re.compile(
    r"\b(?:e\.g|i\.e|etc|approx|no|vs|incl|max|min|Mr|Mrs|Dr|St)\.$", re.IGNORECASE
)
_ENDED = re.compile(r"[.!?][\"”)]?\Z")
_CUT_TABLE = re.compile(r"\|[^\n]*(?:\n(?!\|[\s:|-]+(?:\n|\Z))|\Z)")


class Form(StrEnum):
    """Where a sentence stands; the steps of a numbered list have an order."""

    PROSE = "prose"
    POINT = "point"
    STEP = "step"
    ROW = "row"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence and its place.

    `block` counts the paragraphs, lists and tables of a chunk from 0, `entry` the points, steps or
    rows of a block: what is of one entry belongs together. Steps are numbered from 0 too.
    """

    text: str
    form: Form
    block: int
    entry: int = 0


def sentences(markdown: str) -> tuple[str, ...]:
    """Sentences of paragraphs, points of lists, rows of tables; formatting and links taken off.

    A table row reads "first cell – header: value; header: value" since a cell alone says nothing.
    """
    return tuple(one.text for one in _parsed(markdown))


def chunk_sentences(chunk: Chunk) -> tuple[Sentence, ...]:
    """The sentences of a chunk with their places.

    One that begins inside a table reads as if the table's header, its last heading, stood above.
    """
    columns = chunk.headings[-1] if chunk.headings else ""
    if " | " in columns and _CUT_TABLE.match(chunk.text):
        rule = "---|" * (columns.count(" | ") + 1)
        return _parsed(f"| {columns} |\n|{rule}\n{chunk.text}")
    return _parsed(chunk.text)


def plain(inline: Token) -> str:
    """The visible text of an inline token."""
    kept = []
    for child in inline.children or ():
        if child.type in {"text", "code_inline"}:
            kept.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            kept.append(" ")
    return " ".join("".join(kept).split())


def split(text: str) -> Iterator[str]:
    """Sentences of running text; "Yes." and "No." stay with what they are said of."""
    held = ""
    for part in _BREAK.split(text):
        held = f"{held} {part}".strip()
        if _ABBREVIATION.search(held) or held == "Yes.":
            continue
        yield held
        held = ""
    if held:
        yield held


@lru_cache(maxsize=4096)
def _parsed(markdown: str) -> tuple[Sentence, ...]:
    return tuple(
        one
        for block, run in enumerate(_blocks(_MARKDOWN.parse(markdown)))
        for one in _sentences(run, block)
    )


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """The tokens of each block, from its opening to its close."""
    run: list[Token] = []
    for token in tokens:
        run.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield run
            run = []


def _sentences(run: Sequence[Token], block: int) -> Iterator[Sentence]:
    match run[0].type:
        case "table_open":
            for entry, row in enumerate(_rows(run)):
                yield Sentence(row, Form.ROW, block, entry)
        case "bullet_list_open" | "ordered_list_open":
            form = Form.STEP if run[0].type == "ordered_list_open" else Form.POINT
            for entry, text in _points(run):
                yield from (Sentence(one, form, block, entry) for one in split(text) if one)
        case _:
            for text in (plain(one) for one in run if one.type == "inline"):
                # One or two words of prose say nothing.
                found = (one for one in split(text) if len(one.split()) > 2)  # noqa: PLR2004
                yield from (Sentence(one, Form.PROSE, block) for one in found)


def _points(run: Sequence[Token]) -> Iterator[tuple[int, str]]:
    """The texts of a list with the number of the entry that each is in, from 0.

    Steps that go on where another list ended count on.
    """
    entry = max(1, int(run[0].attrGet("start") or 1)) - 2
    for token in run:
        entry += token.type == "list_item_open"
        if token.type == "inline":
            yield entry, plain(token)


def _rows(run: Sequence[Token]) -> Iterator[str]:
    """The rows of a table below its header."""
    headers: list[str] = []
    cells: list[str] = []
    for token in run:
        if token.type == "inline":
            cells.append(plain(token))
        elif token.type == "tr_close":
            if headers and any(cells):
                yield _row(headers, cells)
            headers, cells = headers or cells, []


def _row(headers: Sequence[str], cells: Sequence[str]) -> str:
    """As in `UK – Price: £3.95; Time: 2 days.`, with its header where a figure opens the row."""
    label = cells[0] if cells[0][:1].isalpha() else f"{headers[0]} {cells[0]}".strip()
    values = zip(headers[1:], cells[1:], strict=False)
    rest = "; ".join(_value(header, cell) for header, cell in values if cell)
    if not rest:
        return label
    return f"{label} – {rest}" if _ENDED.search(rest) else f"{label} – {rest}."


def _value(header: str, cell: str) -> str:
    """Without a question mark in it: a row is one sentence."""
    return f"{header.rstrip('?: ')}: {cell}" if header else cell
