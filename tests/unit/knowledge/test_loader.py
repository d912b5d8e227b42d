"""Any LangChain document loader: its documents become articles, its failures name it."""

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from langchain_core.document_loaders import BaseLoader
from langchain_core.documents import Document

from knowledge.documents import Article, Audience, SourceName, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.sources.loader import Loader
from knowledge.sources.rules import Terms
from knowledge.sources.source import DocumentSource

TODAY = date(2026, 11, 23)


class Given(BaseLoader):
    """Yields the documents that it is given."""

    def __init__(self, documents: list[Any], failure: Exception | None = None) -> None:
        self._documents = documents
        self._failure = failure

    def lazy_load(self) -> Iterator[Document]:
        yield from self._documents
        if self._failure:
            raise self._failure


class Demanding(BaseLoader):
    """Takes arguments as services do, and tells of them when it fails."""

    def __init__(self, url: str, headers: Mapping[str, str], pages: list[int]) -> None:
        raise ConnectionError(f"GET {url}\n{headers} {pages}")


class Lacking(BaseLoader):
    """Needs a package that is not there."""

    def __init__(self) -> None:
        import no_such_package.of_ours  # noqa: F401, PLC0415


@pytest.fixture(autouse=True)
def module(monkeypatch: pytest.MonkeyPatch) -> None:
    """This module, by a name that `loader:` can say."""
    monkeypatch.setitem(sys.modules, "loaders_of_tests", sys.modules[__name__])


def source(name: str, *, environment: Mapping[str, str], **arguments: object) -> DocumentSource:
    loader = Loader(f"loaders_of_tests.{name}", arguments, environment, lambda: TODAY)
    return DocumentSource(SourceName("wiki"), loader.documents, terms=Terms(), prefix="wiki/")


def read(*documents: Any) -> list[Article]:
    found = list(source("Given", environment={}, documents=list(documents)).read())
    assert not [str(one) for one in found if isinstance(one, ArticleInvalid)]
    return [one for one in found if isinstance(one, Article)]


def document(text: str, **metadata: object) -> Document:
    return Document(page_content=text, metadata=metadata)


def test_metadata_is_used_where_it_is_given() -> None:
    [found] = read(
        document(
            "Three.",
            id=7,
            title="Fees",
            source="https://wiki.test/pages/7",
            url="https://wiki.test/fees",
            last_modified="2026-03-02T08:00:00Z",
            status="draft",
            audience="internal",
        )
    )
    assert (found.id, found.title, found.url) == ("wiki/7", "Fees", "https://wiki.test/fees")
    assert (found.updated, found.text) == (date(2026, 3, 2), "Three.\n")
    assert (found.status, found.audience) == (Status.DRAFT, Audience.INTERNAL)


def test_a_source_stands_in_for_id_address_and_title() -> None:
    [found] = read(document("Three.", source="https://wiki.test/all/the-fees/", status="current"))
    assert (found.id, found.title) == ("wiki/wiki.test/all/the-fees", "The fees")
    assert (found.url, found.updated) == ("https://wiki.test/all/the-fees/", TODAY)
    assert (found.status, found.audience) == (Status.PUBLISHED, Audience.PUBLIC)


def test_a_source_that_is_a_file_lends_its_address_and_day(tmp_path: Path) -> None:
    file = tmp_path / "fees.pdf"
    file.touch()
    os.utime(file, (0, 1_780_000_000))
    [found] = read(document("Three.", source=str(file)))
    assert (found.id, found.url) == (f"wiki/{str(file).strip('/')}", file.as_uri())
    assert found.updated == date(2026, 5, 28)


def test_documents_of_one_source_are_one_article_in_their_order() -> None:
    pages = [document(f"Page {n}.\n", source=name) for n in (1, 2) for name in ("a.pdf", "b.pdf")]
    first, second = read(*pages)
    assert (first.id, first.text) == ("wiki/a.pdf", "Page 1.\n\nPage 2.\n")
    assert (second.id, second.text) == ("wiki/b.pdf", "Page 1.\n\nPage 2.\n")


def test_documents_without_a_source_are_known_by_their_own_id_or_their_text() -> None:
    named, one, other = read(
        Document(id="n", page_content="x"), document("# One\n\nx"), document("# Two\n\nx")
    )
    assert named.id == "wiki/n"
    assert one.id != other.id
    assert one.id == read(document("# One\n\nx"))[0].id
    assert one.url.startswith("urn:loaders_of_tests.Given:")


def test_a_source_as_long_as_a_text_is_no_id() -> None:
    [found] = read(document("x", source="data:" + "x" * 10_000))
    assert len(found.id) < 50


def test_a_document_without_text_is_named_and_the_next_is_read() -> None:
    empty, full = source(
        "Given", environment={}, documents=[document(" ", source="a"), document("x", source="b")]
    ).read()
    assert str(empty) == "a: there is no text in it"
    assert isinstance(full, Article)


def test_the_environment_fills_arguments_and_is_not_told() -> None:
    asked = source(
        "Demanding",
        environment={"WIKI_TOKEN": "hush  wiki.test", "HOST": "wiki.test"},
        url="https://${HOST}/x",
        headers={"authorization": "Bearer ${WIKI_TOKEN}"},
        pages=[1],
    )
    with pytest.raises(SourceUnavailable) as caught:
        list(asked.read())
    assert str(caught.value) == (
        "loaders_of_tests.Demanding: ConnectionError: GET https://${HOST}/x"
        " {'authorization': 'Bearer ${WIKI_TOKEN}'} [1]"
    )
    assert caught.value.__suppress_context__


@pytest.mark.parametrize("environment", [{}, {"WIKI_TOKEN": ""}])
def test_a_reference_to_nothing_is_named(environment: Mapping[str, str]) -> None:
    asked = source("Demanding", environment=environment, headers={"a": ["${WIKI_TOKEN}"]})
    with pytest.raises(SourceUnavailable, match="Demanding: set WIKI_TOKEN in the environment"):
        list(asked.read())


@pytest.mark.parametrize(
    ("path", "arguments", "why"),
    [
        (
            "no_such_package.loaders.X",
            {},
            r"No module named 'no_such_package'; pip install no-such",
        ),
        ("loaders_of_tests.Lacking", {}, r"pip install no-such-package$"),
        ("loaders_of_tests.Gone", {}, "loaders_of_tests has no document loader named Gone"),
        ("json.JSONDecoder", {}, "json has no document loader named JSONDecoder"),
        ("loaders_of_tests.Given", {"file": "x"}, "unexpected keyword argument 'file'"),
        ("loaders_of_tests.Given", {"documents": [7]}, "yields int, no documents"),
        (
            "loaders_of_tests.Given",
            {"documents": [], "failure": OSError("gone\naway")},
            "OSError: gone away$",
        ),
    ],
)
def test_a_loader_that_fails_is_named_with_what_to_do(
    path: str, arguments: Mapping[str, object], why: str
) -> None:
    with pytest.raises(SourceUnavailable, match=why) as caught:
        list(Loader(path, arguments).documents())
    assert str(caught.value).startswith(f"{path}: ")
