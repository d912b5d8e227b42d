"""The passage store for a cluster: Weaviate through its Python client.

An article's marker says which edition of its chunks is live; a found chunk of any other edition
is not shown. So one write, that of the marker, puts a new edition in place of the old one, and
a killed run leaves the old one whole. An article whose marker has no version is being written:
`held` reports it so, and the next run writes or removes it again. The marker of no article holds
the epoch: it moves once a change can be seen, and before the change counts as complete.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import Lock
from typing import Any, TypeVar

from weaviate import WeaviateClient
from weaviate.classes.data import DataObject
from weaviate.classes.query import Filter, HybridFusion, MetadataQuery

from knowledge.adapters import records
from knowledge.adapters import weaviate_objects as objects
from knowledge.adapters.weaviate_connection import WeaviateServer, connect, translated
from knowledge.adapters.weaviate_generations import Generation, Objects
from knowledge.documents import (
    Article,
    ArticleId,
    Encoding,
    Held,
    Indexed,
    Passage,
    Stamp,
    Status,
)
from knowledge.errors import StoreUnavailable
from knowledge.lexicon import query_words
from knowledge.ports import Query

_One = TypeVar("_One")
_BATCH = 200  # objects in one call: about 4 MB of vectors
_LOOKS = 2  # at an article that is being written
_EPOCH = ArticleId("")
_NO_WORD = "-"  # matches nothing: without a word Weaviate would not tell scores


class WeaviateStore:
    """A passage store in Weaviate; it connects when it is first used."""

    def __init__(
        self,
        server: WeaviateServer,
        *,
        encoder: str,
        prefix: str = "Supportbot",
        tenant: str = "default",
    ) -> None:
        """Name the generation of `encoder` among the collections of `prefix`.

        `tenant` is the workspace: letters, digits, - and _.
        """
        self._server = server
        self._generation = Generation(prefix, encoder, tenant)
        self._opening = Lock()
        self._opened: tuple[WeaviateClient, Objects, Objects] | None = None

    def held(self) -> Mapping[ArticleId, Held]:
        """Every article held; the version of one that is being written is empty."""
        with self._open() as (_, _, markers):
            kept = markers.iterator(return_properties=list(objects.MARKED), cache_size=_BATCH)
            return {
                ArticleId(one.properties["article_id"]): records.held(one.properties)
                for one in kept
                if one.properties["article_id"] != _EPOCH
            }

    def encodings(self, digests: Collection[str]) -> Mapping[str, Encoding]:
        """What this encoder made of texts that are held already, by digest."""
        found: dict[str, Encoding] = {}
        with self._open() as (_, chunks, _):
            for piece in _pieces(sorted(set(digests))):
                found |= _encodings(chunks, piece)
        return found

    def replace(self, article: Article, parts: Sequence[Indexed], *, version: str) -> None:
        """Put an article in place of its older self.

        The marker is first, so that a killed run is seen, and last; in between it names the
        edition that is whole: the old one until the new one is all there.
        """
        edition = objects.edition(article, parts, version)
        tenant = self._generation.tenant
        with self._open() as (_, chunks, markers):
            older = _marked(markers, [self._marker_id(article.id)])
            live = older[article.id]["live"] if older else ""
            self._mark(markers, [_marker(article, parts, "", live)])
            _insert(
                chunks,
                [
                    objects.chunk_object(article, part, tenant=tenant, version=edition)
                    for part in parts
                ],
            )
            self._mark(markers, [_marker(article, parts, "", edition)])
            if older:
                mine = Filter.by_property("article_id").equal(article.id)
                _delete(chunks, mine & Filter.by_property("version").not_equal(edition))
            self._mark(markers, [objects.epoch_marker()])
            self._mark(markers, [_marker(article, parts, version, edition)])

    def remove(self, article_ids: Sequence[ArticleId]) -> None:
        """Take articles out of every answer, at once; then out of the store."""
        with self._open() as (_, chunks, markers):
            for piece in _pieces(article_ids):
                ids = [self._marker_id(one) for one in piece]
                found = _marked(markers, ids)
                if not found:
                    continue
                self._mark(markers, [{**one, "version": "", "live": ""} for one in found.values()])
                self._mark(markers, [objects.epoch_marker()])
                _delete(chunks, Filter.by_property("article_id").contains_any(list(found)))
                _delete(markers, Filter.by_id().contains_any(ids))

    def search(self, query: Query) -> list[Passage]:
        """Hybrid search, filtered before ranking.

        Weaviate takes the best max(limit, 100) of each side before it scales their scores, as
        many as the embedded store up to a limit of 100.
        """
        with self._open() as (_, chunks, markers):
            for _ in range(_LOOKS):
                found = _hybrid(chunks, query)
                ids = {self._marker_id(one.properties["article_id"]) for one in found}
                marked = _marked(markers, sorted(ids))
                if all(_settled(one, marked) for one in found):
                    break
            return [
                objects.passage(
                    one.properties,
                    one.vector,
                    query=query.vector,
                    score=one.metadata.score,
                )
                for one in found
                if _live(one, marked)
            ]

    def stamp(self, article_ids: Collection[ArticleId] = ()) -> Stamp:
        """Epoch and versions by one query; the version is the name of the live edition."""
        ids = [self._marker_id(one) for one in (_EPOCH, *article_ids)]
        with self._open() as (_, _, markers):
            marked = _marked(markers, ids)
        epoch = marked[_EPOCH]["version"] if _EPOCH in marked else ""
        whole = (ArticleId(name) for name, one in marked.items() if one["version"])
        return Stamp(epoch, {one: marked[one]["live"] for one in whole if one != _EPOCH})

    def switch(self) -> None:
        """Name this generation the one that serves; the one before it stays, older ones go."""
        with self._open() as (client, _, _):
            self._generation.serve(client)

    def close(self) -> None:
        """Let go of the connections; the next use opens them again."""
        with self._opening:
            if self._opened is not None:
                self._opened[0].close()
                self._opened = None

    @contextmanager
    def _open(self) -> Iterator[tuple[WeaviateClient, Objects, Objects]]:
        """The client with chunks and markers; its failures are translated."""
        with translated(self._server):
            with self._opening:
                if self._opened is None:
                    client = connect(self._server)
                    try:
                        self._opened = (client, *self._generation.open(client))
                    except BaseException:
                        client.close()
                        raise
                opened = self._opened
            yield opened

    def _marker_id(self, article_id: str) -> str:
        return str(objects.marker_id(self._generation.tenant, article_id))

    def _mark(self, markers: Objects, kept: Sequence[objects.Properties]) -> None:
        _insert(
            markers,
            [
                DataObject(properties=one, uuid=self._marker_id(one["article_id"]), vector=None)
                for one in kept
            ],
        )


def _hybrid(chunks: Objects, query: Query) -> list[Any]:
    """The best chunks that are published and readable."""
    readable = [str(one) for one in query.audience.readable]
    published = Filter.by_property("status").equal(str(Status.PUBLISHED))
    return chunks.query.hybrid(
        query=" ".join(query_words(query.text)) or _NO_WORD,
        vector=query.vector.tolist(),
        alpha=query.alpha,
        fusion_type=HybridFusion.RELATIVE_SCORE,
        query_properties=["words"],
        filters=published & Filter.by_property("audience").contains_any(readable),
        limit=query.limit,
        include_vector=True,
        return_metadata=MetadataQuery(score=True),
        return_properties=list(objects.SHOWN),
    ).objects


def _live(found: Any, marked: Mapping[str, objects.Properties]) -> bool:  # noqa: ANN401  the client's own
    kept = marked.get(found.properties["article_id"])
    return kept is not None and kept["live"] == found.properties["version"]


def _settled(found: Any, marked: Mapping[str, objects.Properties]) -> bool:  # noqa: ANN401
    """Not being written: then every chunk of what is live was there to be found."""
    return _live(found, marked) and bool(marked[found.properties["article_id"]]["version"])


def _marked(markers: Objects, ids: Sequence[str]) -> dict[str, objects.Properties]:
    """Markers by article."""
    if not ids:
        return {}
    found = markers.query.fetch_objects(
        filters=Filter.by_id().contains_any(list(ids)),
        limit=len(ids),
        return_properties=list(objects.MARKED),
    ).objects
    return {one.properties["article_id"]: one.properties for one in found}


def _marker(
    article: Article, parts: Sequence[Indexed], version: str, live: str
) -> objects.Properties:
    return objects.marker(article, chunks=len(parts), version=version, live=live)


def _encodings(chunks: Objects, digests: Sequence[str]) -> dict[str, Encoding]:
    """One text may stand in many articles: ask on until a page is not full."""
    found: dict[str, Encoding] = {}
    while wanted := [one for one in digests if one not in found]:
        page = chunks.query.fetch_objects(
            filters=Filter.by_property("digest").contains_any(wanted),
            limit=_BATCH,
            include_vector=True,
            return_properties=["digest", "tokens"],
        ).objects
        for one in page:
            found[one.properties["digest"]] = objects.encoding(one.properties, one.vector)
        if len(page) < _BATCH:
            break
    return found


def _insert(into: Objects, kept: Sequence[DataObject[Any, None]]) -> None:
    for piece in _pieces(kept):
        result = into.data.insert_many(piece)
        if result.errors:
            first = next(iter(result.errors.values())).message
            raise StoreUnavailable(
                f"Weaviate kept {len(piece) - len(result.errors)} of {len(piece)} objects: {first}"
            )


def _delete(out_of: Objects, where: Any) -> None:  # noqa: ANN401  the client's own
    """Weaviate deletes so many in one call: call on until nothing is left."""
    while (swept := out_of.data.delete_many(where=where)).matches:
        if swept.failed:
            raise StoreUnavailable(
                f"Weaviate could not delete {swept.failed} of {swept.matches} objects:"
                " is a node away or its disk full? Index again later"
            )


def _pieces(of: Sequence[_One]) -> Iterator[list[_One]]:
    rest = iter(of)
    while piece := list(islice(rest, _BATCH)):
        yield piece
