"""An article in chunks: whole Markdown blocks under one heading, about 200 tokens each."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.documents import Article, Chunk

VERSION = "blocks-200"
TARGET_TOKENS = 200
_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_TOKEN = re.compile(r"\w+|[^\w\s]")
_MARKDOWN = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, list, table, quote or code fence that stays whole."""

    headings: tuple[str, ...]
    start: int
    end: int
    tokens: int
    leads_in: bool


def chunk(article: Article, *, target: int = TARGET_TOKENS) -> list[Chunk]:
    """Cut an article between blocks, never inside one; offsets lead back to `article.text`."""
    text = article.text
    return [
        Chunk(
            article_id=article.id,
            position=position,
            headings=blocks[0].headings,
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


def _blocks(text: str) -> Iterator[_Block]:
    line_starts = [0, *accumulate(len(line) for line in _lines(text))]
    path: dict[int, str] = {}
    tokens = _MARKDOWN.parse(text)
    for n, token in enumerate(tokens):
        if token.level != 0 or token.map is None:
            continue
        if token.type == "heading_open":
            depth = int(token.tag[1])
            path = {level: title for level, title in path.items() if level < depth}
            path[depth] = tokens[n + 1].content.strip()
            continue
        start, end = line_starts[token.map[0]], line_starts[token.map[1]]
        body = text[start:end].rstrip()
        yield _Block(
            headings=tuple(path[level] for level in sorted(path)),
            start=start,
            end=start + len(body),
            tokens=len(_TOKEN.findall(body)),
            leads_in=_is_lead_in(token, body),
        )


def _lines(text: str) -> list[str]:
    """Lines as the Markdown parser counts them, with their endings."""
    return _LINE.findall(text)


def _is_lead_in(token: Token, body: str) -> bool:
    """A paragraph that ends in a colon means nothing without what follows."""
    return token.type == "paragraph_open" and body.endswith(":")


def _packed(blocks: Iterator[_Block], target: int) -> Iterator[list[_Block]]:
    held: list[_Block] = []
    for block in blocks:
        same_section = bool(held) and held[-1].headings == block.headings
        fits = sum(one.tokens for one in held) + block.tokens <= target
        if held and not (same_section and (fits or held[-1].leads_in)):
            yield held
            held = []
        held.append(block)
    if held:
        yield held
