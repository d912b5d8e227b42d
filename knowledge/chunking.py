"""An article in chunks: whole Markdown blocks under one heading, about 200 tokens each."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents import Article, Chunk

VERSION = "blocks-200-2"
TARGET_TOKENS = 200
LONGEST_TOKENS = 400
"""A longer list or table is cut between its entries: an encoder reads about 256 tokens."""
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_TOKEN = re.compile(r"\w+|[^\w\s]")
# Blocks alone matter. Read as a link reference, a line would be in no block and so be lost.
_MARKDOWN = MarkdownIt("commonmark").enable("table").disable(["inline", "text_join", "reference"])


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, list, table, quote or code fence, or an entry of a very long list or table.

    `columns` is the header row of the table that a row was cut from.
    """

    headings: tuple[str, ...]
    start: int
    end: int
    tokens: int
    leads_in: bool = False
    columns: tuple[str, ...] = ()


def chunk(article: Article, *, target: int = TARGET_TOKENS) -> list[Chunk]:
    """Cut an article between blocks; offsets lead back to `article.text`.

    Paragraphs, quotes and code stay whole however long they are; a very long list or table is
    cut between its entries. Where a chunk begins inside a table, the table's header row is the
    last of its headings.
    """
    text = article.text
    return [
        Chunk(
            article_id=article.id,
            position=position,
            headings=(*blocks[0].headings, *blocks[0].columns),
            text=text[blocks[0].start : blocks[-1].end],
            start=blocks[0].start,
            end=blocks[-1].end,
        )
        for position, blocks in enumerate(_packed(_blocks(text), target))
    ]


def embedding_text(article: Article, part: Chunk) -> str:
    """What the encoder reads: title and heading path in front, since a chunk alone lacks them."""
    path = " › ".join((article.title, *part.headings))
    return f"{path}\n{part.text}"


def digest(text: str) -> str:
    """The name that a text which was embedded is stored under: 64 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def _blocks(text: str) -> Iterator[_Block]:
    line_starts = [0, *accumulate(len(line) for line in _LINE.findall(text))]
    path: dict[int, str] = {}
    for run in _top_level(text):
        if run[0].type == "heading_open":
            depth = int(run[0].tag[1])
            path = {level: title for level, title in path.items() if level < depth}
            path[depth] = " ".join(run[1].content.split())
            continue
        headings = tuple(path[level] for level in sorted(path) if path[level])
        for first, last, columns in _cut(run, text, line_starts):
            start = line_starts[first]
            body = text[start : line_starts[last]].rstrip()
            if body:
                size = len(_TOKEN.findall(body))
                leads_in = _leads_in(run, body)
                yield _Block(headings, start, start + len(body), size, leads_in, columns)


def _top_level(text: str) -> Iterator[list[Token]]:
    """The tokens of each block of a document, from its opening to its close."""
    run: list[Token] = []
    for token in _MARKDOWN.parse(text):
        run.append(token)
        if token.level == 0 and token.nesting <= 0:
            yield run
            run = []


def _cut(
    run: list[Token], text: str, line_starts: list[int]
) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """First line, line after the last, and columns: of a block, or of each entry if too long."""
    first, last = _lines(run[0])
    entries = _entries(run)
    size = len(_TOKEN.findall(text, line_starts[first], line_starts[last])) if entries else 0
    if size <= LONGEST_TOKENS:
        yield first, last, ()
        return
    yield first, [*entries, last][1], ()
    columns = _columns(run)
    for begin, end in pairwise([*entries[1:], last]):
        yield begin, end, columns


def _entries(run: list[Token]) -> list[int]:
    """The lines on which the entries of a list or table begin; a table's header is no entry."""
    match run[0].type:
        case "bullet_list_open" | "ordered_list_open":
            own = (one for one in run if one.type == "list_item_open" and one.level == 1)
            return [_lines(one)[0] for one in own]
        case "table_open":
            return [_lines(one)[0] for one in run if one.type == "tr_open"][1:]
        case _:
            return []


def _columns(run: list[Token]) -> tuple[str, ...]:
    """The header row of a table as one line."""
    if run[0].type != "table_open":
        return ()
    head = _lines(run[0])[0]
    cells = (one.content for one in run if one.type == "inline" and _lines(one)[0] == head)
    return (" | ".join(cells),)


def _lines(token: Token) -> tuple[int, int]:
    """Where a token begins and, exclusively, ends; the parser maps everything that is a block."""
    first, last = token.map or (0, 0)
    return first, last


def _leads_in(run: list[Token], body: str) -> bool:
    """A paragraph that ends in a colon means nothing without what follows."""
    return run[0].type == "paragraph_open" and body.endswith(":")


def _packed(blocks: Iterator[_Block], target: int) -> Iterator[list[_Block]]:
    held: list[_Block] = []
    for block in blocks:
        same_section = bool(held) and held[-1].headings == block.headings
        fits = sum(one.tokens for one in held) + block.tokens <= target
        if held and not (same_section and fits):
            along = same_section and held[-1].leads_in
            before, held = (held[:-1], held[-1:]) if along else (held, [])
            if before:
                yield before
        held.append(block)
    if held:
        yield held
