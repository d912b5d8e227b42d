"""One generation of collections an encoder, one tenant a workspace, one alias for the serving one.

`Supportbot_1a2b3c4d` holds the chunks that one encoder made, `Supportbot_1a2b3c4d_Articles` a
marker for each article. The alias `Supportbot` names the generation that serves, the alias
`Supportbot_Before` the one that served before. A generation that has ever served has the alias
`Supportbot_1a2b3c4d_Served`: one still in the making has none, and no other drops it.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from weaviate import WeaviateClient
from weaviate.classes.config import (
    Configure,
    Property,
    StopwordsPreset,
    VectorDistances,
)
from weaviate.collections import Collection
from weaviate.exceptions import UnexpectedStatusCodeError

from knowledge.adapters.weaviate_objects import CHUNK_PROPERTIES, MARKER_PROPERTIES, VECTOR

Objects = Collection[Any, Any]
_ARTICLES, _SERVED = "_Articles", "_Served"


@dataclass(frozen=True, slots=True)
class Generation:
    """The collections of one encoder, and one workspace's share of them."""

    prefix: str
    encoder: str
    tenant: str

    @property
    def chunks(self) -> str:
        """Name of the collection of chunks."""
        return f"{self.prefix}_{hashlib.sha256(self.encoder.encode()).hexdigest()[:8]}"

    def open(self, client: WeaviateClient) -> tuple[Objects, Objects]:
        """Chunks and markers of this workspace; made when they are not there."""
        return (
            self._share(client, self.chunks, CHUNK_PROPERTIES),
            self._share(client, self.chunks + _ARTICLES, MARKER_PROPERTIES),
        )

    def serve(self, client: WeaviateClient) -> None:
        """Point the alias here, and take this workspace out of what served before the last."""
        before = f"{self.prefix}_Before"
        _point(client, self.chunks + _SERVED, self.chunks)
        serving = _target(client, self.prefix)
        if serving is not None and serving != self.chunks:
            _point(client, before, serving)
        _point(client, self.prefix, self.chunks)
        kept = {self.chunks, _target(client, before)}
        name = re.compile(rf"({re.escape(self.prefix)}_[0-9a-f]{{8}}){_SERVED}")
        served = {found[1] for alias in client.alias.list_all() if (found := name.fullmatch(alias))}
        for chunks in sorted(served - kept):
            self._leave(client, chunks)

    def _share(
        self, client: WeaviateClient, name: str, properties: tuple[Property, ...]
    ) -> Objects:
        there, collection = client.collections, client.collections.use(name)
        _ensure(lambda: there.exists(name), lambda: _create(client, name, properties))
        tenants = collection.tenants
        _ensure(lambda: tenants.exists(self.tenant), lambda: tenants.create(self.tenant))
        return collection.with_tenant(self.tenant)

    def _leave(self, client: WeaviateClient, chunks: str) -> None:
        """Other workspaces may still live there; the last one takes the generation along."""
        for name in (chunks + _ARTICLES, chunks):
            if not client.collections.exists(name):
                continue
            tenants = client.collections.use(name).tenants
            if self.tenant in tenants.get():
                tenants.remove(self.tenant)
            if not tenants.get():
                client.collections.delete(name)
        if not client.collections.exists(chunks):
            client.alias.delete(alias_name=chunks + _SERVED)


def _create(client: WeaviateClient, name: str, properties: tuple[Property, ...]) -> None:
    client.collections.create(
        name,
        properties=list(properties),
        vector_config=Configure.Vectors.self_provided(
            name=VECTOR,
            vector_index_config=Configure.VectorIndex.hnsw(distance_metric=VectorDistances.COSINE),
        ),
        inverted_index_config=Configure.inverted_index(
            # The words of a question have lost their stop words already.
            bm25_k1=1.2,
            bm25_b=0.75,
            stopwords_preset=StopwordsPreset.NONE,
        ),
        multi_tenancy_config=Configure.multi_tenancy(enabled=True),
    )


def _ensure(there: Callable[[], bool], make: Callable[[], object]) -> None:
    """Make what is not there; another process may do so between our look and our try."""
    if there():
        return
    try:
        make()
    except UnexpectedStatusCodeError:
        if not there():
            raise


def _target(client: WeaviateClient, alias: str) -> str | None:
    found = client.alias.get(alias_name=alias)
    return found.collection if found else None


def _point(client: WeaviateClient, alias: str, target: str) -> None:
    if _target(client, alias) is None:
        client.alias.create(alias_name=alias, target_collection=target)
    else:
        client.alias.update(alias_name=alias, new_target_collection=target)
