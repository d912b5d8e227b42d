"""Articles in a folder: what can be read is read, what cannot is named."""

import os
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from knowledge.documents import Article, Audience, SourceName, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.sources.folder import Folder, MarkdownFolder
from knowledge.sources.reading import LARGEST_BINARY, LARGEST_TEXT
from knowledge.sources.rules import Terms
from knowledge.sources.source import DocumentSource

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


def declared(folder: Path, *, glob: str = "*") -> DocumentSource:
    find = Folder(folder, Path("docs"), glob).documents
    return DocumentSource(SourceName("help"), find, terms=Terms(), prefix="help/")


def read_all(folder: Path, *, glob: str = "*") -> tuple[list[Article], list[str]]:
    """Articles, and the lines that say why others are none."""
    found = list(declared(folder, glob=glob).read())
    articles = [one for one in found if isinstance(one, Article)]
    return articles, [str(one) for one in found if isinstance(one, ArticleInvalid)]


def test_an_article_is_read_with_its_front_matter(tmp_path: Path) -> None:
    (tmp_path / "returns").mkdir()
    (tmp_path / "returns" / "boots.md").write_text(f"{FRONT}\nThirty days.\n")
    [found] = MarkdownFolder(tmp_path).read()
    assert isinstance(found, Article)
    assert (found.id, found.source) == ("returns/boots", "articles")
    assert (found.title, found.text) == ("Returns: boots", "Thirty days.\n")
    assert (found.status, found.audience) == (Status.PUBLISHED, Audience.INTERNAL)
    assert (found.url, found.updated) == ("https://help.test/returns/boots", date(2026, 9, 14))


def test_windows_line_ends_and_a_byte_order_mark_are_no_trouble(tmp_path: Path) -> None:
    text = f"\ufeff{FRONT}\nThirty days.\n\nMore.\n".replace("\n", "\r\n")
    found = read_one(tmp_path, text.encode())
    assert isinstance(found, Article)
    assert found.text == "Thirty days.\n\nMore.\n"


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "the file is empty"),
        (b" \n\n", "the file is empty"),
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
        (b"x" * (LARGEST_TEXT + 1), "over 2 MB"),
    ],
)
def test_a_broken_file_is_named_with_the_reason(tmp_path: Path, content: bytes, why: str) -> None:
    found = read_one(tmp_path, content)
    assert isinstance(found, ArticleInvalid)
    assert str(found).startswith("one.md: ")
    assert why in str(found)
    assert "\n" not in str(found)
    assert found.article_id == "one"


def test_the_folder_of_articles_holds_markdown_alone(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<p>Thirty days.</p>")
    assert not list(MarkdownFolder(tmp_path).read())


def test_a_missing_folder_is_no_empty_one(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match="gone is not a folder"):
        list(MarkdownFolder(tmp_path / "gone").read())


def test_a_folder_that_cannot_be_listed_is_no_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(folder: str) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(os, "scandir", denied)  # root, who may run this, may list every folder
    with pytest.raises(SourceUnavailable, match=r"0: Permission denied$"):
        list(MarkdownFolder(tmp_path).read())


def test_a_version_changes_with_anything_a_reader_could_see(tmp_path: Path) -> None:
    before = read_one(tmp_path, FRONT.encode() + b"Text.\n")
    after = read_one(tmp_path, FRONT.replace("internal", "public").encode() + b"Text.\n")
    assert isinstance(before, Article)
    assert isinstance(after, Article)
    assert before.version != after.version


def test_a_declared_folder_needs_no_front_matter(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    file = tmp_path / "sub" / "how-to_return.md"
    file.write_text("Thirty days.\n")
    os.utime(file, (0, datetime(2026, 5, 4, 12, tzinfo=UTC).timestamp()))
    [article], lines = read_all(tmp_path)
    assert not lines
    assert article.id == "help/sub/how-to_return"
    assert (article.title, article.updated) == ("How to return", date(2026, 5, 4))
    assert article.url == file.as_uri()
    assert (article.source, article.text) == ("help", "Thirty days.\n")


def test_each_broken_file_is_one_line_and_nothing_else_is_lost(tmp_path: Path) -> None:
    (tmp_path / "a-empty.md").touch()
    (tmp_path / "b-binary.md").write_bytes(b"%PDF-1.7\n\xff\xfe\x00")
    (tmp_path / "c-front.md").write_text("---\ntitle: [\n---\nText.\n")
    (tmp_path / "d-script.html").write_text("<script>alert(1)</script><p>Thirty days.</p>")
    (tmp_path / "e-picture.html").write_bytes(b"\x89PNG\r\n\x1a\n\x00\xff")
    (tmp_path / "f-fake.pdf").write_text("no PDF")
    (tmp_path / "g-fake.docx").write_text("no DOCX")
    (tmp_path / "h-old.doc").write_text("anything")
    for name, size in (("i-large.md", 50_000_000), ("j-large.pdf", LARGEST_BINARY + 1)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    (tmp_path / "k-last.md").write_text("Still read.\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    whys = {
        "a-empty.md": "empty",
        "b-binary.md": "UTF-8",
        "c-front.md": "front matter",
        "e-picture.html": "binary",
        "f-fake.pdf": "not a PDF",
        "g-fake.docx": "not a DOCX",
        "h-old.doc": "save it as",
        "i-large.md": "2 MB",
        "j-large.pdf": "30 MB",
    }
    articles, lines = read_all(tmp_path)
    assert [(one.id, one.text) for one in articles] == [
        ("help/d-script", "Thirty days.\n"),
        ("help/k-last", "Still read.\n"),
    ]
    assert [line.split(":")[0] for line in lines] == [f"docs/{name}" for name in whys]
    assert not any("\n" in line for line in lines)
    for why, line in zip(whys.values(), lines, strict=True):
        assert why in line


def test_a_glob_chooses_among_the_files(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    for name in ("a.md", "b.txt", "sub/c.md"):
        (tmp_path / name).write_text("Text.\n")
    articles, lines = read_all(tmp_path, glob="*.md")
    assert [one.id for one in articles] == ["help/a", "help/sub/c"]
    assert not lines


def test_hidden_files_and_the_locks_of_office_programs_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    for name in (".git/a.md", ".b.md", "~$c.docx", "d.md"):
        (tmp_path / name).write_text("Text.\n")
    articles, lines = read_all(tmp_path)
    assert [one.id for one in articles] == ["help/d"]
    assert not lines


def test_links_that_lead_out_of_the_folder_are_named_and_not_followed(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.md").write_text("Secret.\n")
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "own.md").write_text("Own.\n")
    (root / "file.md").symlink_to(outside / "secret.md")
    (root / "folder").symlink_to(outside)
    (root / "own-folder").symlink_to(root / "sub")
    (root / "own.md").symlink_to(root / "sub" / "own.md")
    (root / "lost.md").symlink_to(root / "gone")
    articles, lines = read_all(root)
    assert [one.id for one in articles] == ["help/own", "help/sub/own"]
    assert [line.split(":")[0] for line in lines] == ["docs/file.md", "docs/folder", "docs/lost.md"]
    assert "leads out of the folder" in lines[0]
    assert "No such file" in lines[2]


def test_what_looks_like_a_file_and_is_none_does_not_stop_the_run(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.md")
    (tmp_path / "text.md").write_text("Text.\n")
    articles, lines = read_all(tmp_path)
    assert len(articles) == 1
    assert lines == ["docs/pipe.md: not a file"]


def test_of_two_files_with_one_id_the_second_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text("<p>First.</p>")
    (tmp_path / "a.md").write_text("Second.\n")
    articles, lines = read_all(tmp_path)
    assert [one.text for one in articles] == ["First.\n"]
    assert lines == ["docs/a.md: has the id of docs/a.html: rename one of them"]


def test_a_broken_file_does_not_take_the_id_of_a_good_one(tmp_path: Path) -> None:
    (tmp_path / "a.html").touch()
    (tmp_path / "a.md").write_text("Second.\n")
    articles, lines = read_all(tmp_path)
    assert [one.text for one in articles] == ["Second.\n"]
    assert lines == ["docs/a.html: the file is empty"]


def test_a_file_name_that_is_no_text_is_named_so_that_it_can_be_printed(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.md"
    try:
        with open(name, "wb") as file:  # noqa: PTH123  pathlib has no names of bytes
            file.write(b"Text.\n")
    except OSError:
        pytest.skip("this file system takes text names only")
    articles, [line] = read_all(tmp_path)
    assert not articles
    assert line.encode().startswith(b"docs/caf .md: its id is")


def test_ten_thousand_headings_are_read_in_every_format(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("".join(f"# Part {n}\n\nText {n}.\n\n" for n in range(10_000)))
    page = "".join(f"<h2>Part {n}</h2><p>Text {n}.</p>" for n in range(10_000))
    (tmp_path / "b.html").write_text(page)
    articles, lines = read_all(tmp_path)
    assert not lines
    assert [one.text.count("# Part") for one in articles] == [9_999, 9_999]
    assert [one.title for one in articles] == ["Part 0", "Part 0"]
    assert all("Text 9999." in one.text for one in articles)
