"""JSON lines: each is an article, or is named with its number."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Article, Audience, SourceName, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.sources.jsonl import JsonLines
from knowledge.sources.reading import LARGEST_TEXT
from knowledge.sources.rules import Terms
from knowledge.sources.source import LONGEST_ID, DocumentSource


def read(path: Path, raw: bytes) -> list[Article | ArticleInvalid]:
    path.write_bytes(raw)
    find = JsonLines(path, Path("faq.jsonl")).documents
    return list(DocumentSource(SourceName("faq"), find, terms=Terms(), prefix="faq/").read())


def line(**fields: Any) -> bytes:
    return json.dumps({"id": "a", "text": "Text.", **fields}).encode() + b"\n"


def test_a_line_is_an_article_with_all_that_it_says(tmp_path: Path) -> None:
    [found] = read(
        tmp_path / "x.jsonl",
        b"\xef\xbb\xbf"
        + line(
            title="Fees",
            url="https://x.test/f",
            status="draft",
            audience="internal",
            updated="2026-03-02T08:00:00Z",
            tags=["other programs"],
        ),
    )
    assert found == Article(
        id=found.id if isinstance(found, Article) else "",
        title="Fees",
        url="https://x.test/f",
        status=Status.DRAFT,
        audience=Audience.INTERNAL,
        updated=date(2026, 3, 2),
        text="Text.\n",
        source=SourceName("faq"),
    )
    assert found.id == "faq/a"


def test_what_a_line_leaves_out_is_found_elsewhere(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    [found] = read(path, line(id="a b", url="", text="# Fees\r\n\r\nThree.\x00"))
    assert isinstance(found, Article)
    assert (found.title, found.text) == ("Fees", "Three.\n")
    assert found.url == f"{path.as_uri()}#a%20b"


@pytest.mark.parametrize(
    ("raw", "article_id", "why"),
    [
        (b'{"id": "b", "text": ', "faq/b", "Invalid JSON"),
        (b"[1]", "faq/faq.jsonl line 2", "Input should be an object"),
        (b'{"id": "b"}', "faq/b", "text: Field required"),
        (b'{"text": "x"}', "faq/faq.jsonl line 2", "id: Field required"),
        (line(id=""), "faq/faq.jsonl line 2", "id: String should have at least 1"),
        (line(id="b", text="\n"), "faq/b", "no text"),
        (line(id="b", text="# Only a title"), "faq/b", "no text"),
        (line(id="b", url="x.html"), "faq/b", "url: String should match"),
        (line(id="b", status="live"), "faq/b", "status: Input should be"),
        (line(id="b", updated="soon"), "faq/b", "updated: Input should be"),
        (line(id="b", audiance="internal"), "faq/b", "'audiance' is no key: 'audience' is"),
        (line(id="b", text="é" * (LARGEST_TEXT // 2 + 1)), "faq/b", "over 2 MB"),
        (b'{"id": "b", "text": "' + b"x" * 6 * LARGEST_TEXT + b'"}', "faq/b", "over 2 MB"),
        (line(id="b" * (LONGEST_ID + 1)), f"faq/{'b' * (LONGEST_ID + 1)}", "its id is over 500"),
        (line(id="b\n"[:1] + "\x07"), "faq/b ", "unprintable"),
        (line(id="a"), "faq/a", "has the id of faq.jsonl line 1: rename"),
        (b'{"id": "b", "text": "\\ud800"}', "faq/b", "Invalid JSON"),
        (b'{"id": "b", "text": "\xff"}', "faq/b", "Invalid JSON"),
        (b'{"id": "b", "x":' + b"[" * 5_000, "faq/b", "Invalid JSON"),
    ],
)
def test_a_broken_line_is_named_and_the_next_is_read(
    tmp_path: Path, raw: bytes, article_id: str, why: str
) -> None:
    first, broken, last = read(
        tmp_path / "x.jsonl", line() + raw.rstrip() + b"\n\n" + line(id="z").rstrip()
    )
    assert (getattr(first, "id", None), getattr(last, "id", None)) == ("faq/a", "faq/z")
    assert isinstance(broken, ArticleInvalid)
    assert str(broken).startswith("faq.jsonl line 2: ")
    assert why in str(broken)
    assert "\n" not in str(broken)
    assert broken.article_id == article_id


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    [found] = read(tmp_path / "x.jsonl", b"\n\n")
    assert str(found) == "faq.jsonl: the file is empty"


def test_a_missing_file_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"gone.jsonl: No such file"):
        list(JsonLines(tmp_path / "gone.jsonl", Path("x")).documents())


@given(st.lists(st.binary()))
def test_any_bytes_are_articles_or_complaints(
    tmp_path_factory: pytest.TempPathFactory, raws: list[bytes]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    assert all(map(str, read(path, b"\n".join(raws))))
