"""Articles in a folder: what can be read is read, what cannot is named."""

from pathlib import Path

import pytest

from knowledge.documents import Article, Audience, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.sources.folder import LARGEST_BYTES, MarkdownFolder

FRONT = """---
title: "Returns: boots"
url: https://help.test/returns/boots
status: published
audience: internal
updated: 2026-09-14
---
"""


def read_one(folder: Path, content: bytes) -> Article | ArticleInvalid:
    (folder / "one.md").write_bytes(content)
    [only] = MarkdownFolder(folder).read()
    return only


def test_an_article_is_read_with_its_front_matter(tmp_path: Path) -> None:
    (tmp_path / "returns").mkdir()
    (tmp_path / "returns" / "boots.md").write_text(f"{FRONT}\nThirty days.\n")
    [found] = MarkdownFolder(tmp_path).read()
    assert isinstance(found, Article)
    assert found.id == "returns/boots"
    assert (found.title, found.text) == ("Returns: boots", "Thirty days.\n")
    assert (found.status, found.audience) == (Status.PUBLISHED, Audience.INTERNAL)


def test_windows_line_ends_and_a_byte_order_mark_are_no_trouble(tmp_path: Path) -> None:
    text = f"\ufeff{FRONT}\nThirty days.\n\nMore.\n".replace("\n", "\r\n")
    found = read_one(tmp_path, text.encode())
    assert isinstance(found, Article)
    assert found.text == "Thirty days.\n\nMore.\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b"Just text.\n", "no front matter"),
        (b"---\ntitle: x\n", "no closing"),
        (FRONT.encode(), "no text below"),
        (FRONT.replace("published", "live").encode() + b"Text.", "status"),
        (FRONT.replace("2026-09-14", "2026-02-30").encode() + b"Text.", "day is out of range"),
        (b"---\ntitle: " + b"[" * 3_000 + b"\n---\nText.", "nested too deeply"),
        (FRONT.replace("2026-09-14", "soon").encode() + b"Text.", "updated"),
        (FRONT.replace("https://help.test/returns/boots", "boots").encode() + b"Text.", "url"),
        (FRONT.replace('"Returns: boots"', "a: b: c").encode() + b"Text.", "front matter"),
        (FRONT.replace("title", "tilte").encode() + b"Text.", "title"),
        (b"---\n- a\n- b\n---\nText.", "front matter"),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not UTF-8"),
        (b"---\n\0\n---\nText.", "binary"),
        (b"x" * (LARGEST_BYTES + 1), "over 2 MB"),
    ],
)
def test_a_broken_file_is_named_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    found = read_one(tmp_path, content)
    assert isinstance(found, ArticleInvalid)
    assert str(found).startswith("one.md: ")
    assert why in str(found)


def test_a_missing_folder_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable):
        list(MarkdownFolder(tmp_path / "gone").read())


def test_a_version_changes_with_anything_a_reader_could_see(tmp_path: Path) -> None:
    before = read_one(tmp_path, FRONT.encode() + b"Text.\n")
    after = read_one(tmp_path, FRONT.replace("internal", "public").encode() + b"Text.\n")
    assert isinstance(before, Article)
    assert isinstance(after, Article)
    assert before.version != after.version
