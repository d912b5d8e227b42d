"""Documents, wherever they are found, to articles under the terms of their source."""

from collections.abc import Iterator

from knowledge.documents import Article, ArticleId, SourceName
from knowledge.errors import ArticleInvalid
from knowledge.sources.reading import (
    LARGEST_TEXT,
    Document,
    Find,
    Found,
    Unreadable,
    entitled,
    oversize,
    printable,
)
from knowledge.sources.rules import Terms

LONGEST_ID = 500


class DocumentSource:
    """An `ArticleSource`; ids are `prefix` and the id that the document has where it is found."""

    def __init__(self, name: SourceName, find: Find, *, terms: Terms, prefix: str) -> None:
        self._name = name
        self._find = find
        self._terms = terms
        self._prefix = prefix

    @property
    def name(self) -> SourceName:
        """The name it was declared by."""
        return self._name

    def read(self) -> Iterator[Article | ArticleInvalid]:
        """Yield each article, or in one line why a document is none.

        Raises:
            SourceUnavailable: the source cannot be read as a whole.
        """
        places: dict[str, str] = {}
        for one in self._find():
            yield self._read(one, places)

    def _read(self, one: Found, places: dict[str, str]) -> Article | ArticleInvalid:
        try:
            article = self._article(one, places)
        except Unreadable as error:
            article_id = self._prefix + printable(one.id)
            return ArticleInvalid(f"{printable(one.place)}: {error}", article_id=article_id)
        places[one.id] = one.place
        return article

    def _article(self, one: Found, places: dict[str, str]) -> Article:
        if not isinstance(one, Document):
            raise Unreadable(one.why)
        if one.id in places:
            raise Unreadable(f"has the id of {places[one.id]}: rename one of them")
        if len(one.id) > LONGEST_ID or one.id != printable(one.id):
            raise Unreadable(f"its id is over {LONGEST_ID} characters long or unprintable")
        said = one.reading
        title, text = entitled(said, _spoken(one.id))
        if not text.strip():
            raise Unreadable("there is no text in it")
        if len(text.encode()) > LARGEST_TEXT:
            raise oversize(LARGEST_TEXT)
        return Article(
            id=ArticleId(self._prefix + one.id),
            title=title,
            url=said.url or self._terms.url_of(one.id) or one.url,
            status=self._terms.status_of(one.id, said.status),
            audience=self._terms.audience_of(one.id, said.audience),
            updated=said.updated or one.updated,
            text=f"{text}\n",
            source=self._name,
        )


def _spoken(local_id: str) -> str:
    """A title for a document that has none: the last part of its id, in words."""
    words = local_id.rstrip("/").rpartition("/")[2].replace("-", " ").replace("_", " ").strip()
    return words[:1].upper() + words[1:]
