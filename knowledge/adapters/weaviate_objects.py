"""Chunks and articles as Weaviate keeps them: collections, properties, identities (pure)."""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from weaviate.classes.config import DataType, Property, Tokenization
from weaviate.classes.data import DataObject

from knowledge.adapters import records
from knowledge.chunking import embedding_text
from knowledge.documents import Article, Encoding, Indexed, Passage, Tokens, Vectors
from knowledge.lexicon import index_words

Properties = Mapping[str, Any]
Stored = Mapping[str, Any]  # vectors by name
VECTOR = "default"
_NAMESPACE = uuid.UUID("5f7a2a8e-6a0e-4a53-9b0c-6d3c6f1f3a17")


def _kept(name: str, data_type: DataType = DataType.TEXT) -> Property:
    """Returned, never looked for."""
    searchable = False if data_type is DataType.TEXT else None
    return Property(
        name=name, data_type=data_type, index_filterable=False, index_searchable=searchable
    )


def _filtered(name: str) -> Property:
    """Compared as a whole."""
    return Property(
        name=name,
        data_type=DataType.TEXT,
        tokenization=Tokenization.FIELD,
        index_filterable=True,
        index_searchable=False,
    )


CHUNK_PROPERTIES = (
    *(_filtered(name) for name in ("article_id", "version", "status", "audience", "digest")),
    *(_kept(name) for name in ("headings", "text", "title", "url", "updated", "tokens")),
    *(_kept(name, DataType.INT) for name in ("position", "start", "end")),
    Property(
        name="words",
        data_type=DataType.TEXT,
        tokenization=Tokenization.WHITESPACE,
        index_filterable=False,
        index_searchable=True,
    ),
)
SHOWN = tuple(one.name for one in CHUNK_PROPERTIES if one.name not in {"words", "digest"})
MARKER_PROPERTIES = (
    _kept("article_id"),
    _kept("version"),
    _kept("live"),
    *(_kept(name) for name in ("source", "title", "url", "status", "audience", "updated")),
    _kept("chunks", DataType.INT),
)
MARKED = tuple(one.name for one in MARKER_PROPERTIES)


def edition(article: Article, parts: Sequence[Indexed], version: str) -> str:
    """A name for exactly these chunks: two writings of one article never share objects."""
    seen = (article.version, version, *(part.digest for part in parts))
    return hashlib.sha256("\x1f".join(seen).encode()).hexdigest()


def marker_id(tenant: str, article_id: str) -> uuid.UUID:
    """The same for every version of an article."""
    return uuid.uuid5(_NAMESPACE, f"{tenant}\x1f{article_id}")


def epoch_marker() -> Properties:
    """The marker of no article: its version is another one at every call."""
    text = {name: "" for name in MARKED if name != "chunks"}
    return {**text, "version": uuid.uuid4().hex, "chunks": 0}


def chunk_object(
    article: Article, part: Indexed, *, tenant: str, version: str
) -> DataObject[Properties, None]:
    """A chunk with its vector; the identity follows from tenant, article, version and position."""
    chunk = part.chunk
    name = f"{tenant}\x1f{article.id}\x1f{version}\x1f{chunk.position}"
    return DataObject(
        uuid=uuid.uuid5(_NAMESPACE, name),
        vector={VECTOR: part.encoding.vector.tolist()},
        properties={
            "article_id": article.id,
            "version": version,
            "status": str(article.status),
            "audience": str(article.audience),
            "digest": part.digest,
            "headings": json.dumps(chunk.headings),
            "text": chunk.text,
            "title": article.title,
            "url": article.url,
            "updated": article.updated.isoformat(),
            "tokens": _packed(part.encoding.tokens),
            "position": chunk.position,
            "start": chunk.start,
            "end": chunk.end,
            "words": " ".join(index_words(embedding_text(article, chunk))),
        },
    )


def marker(article: Article, *, chunks: int, version: str, live: str) -> Properties:
    """What is known of an article; `live` is the edition whose chunks may be shown."""
    return {
        "article_id": article.id,
        "version": version,
        "live": live,
        "source": article.source,
        "title": article.title,
        "url": article.url,
        "status": str(article.status),
        "audience": str(article.audience),
        "updated": article.updated.isoformat(),
        "chunks": chunks,
    }


def passage(chunk: Properties, stored: Stored, *, query: Vectors, score: float) -> Passage:
    """A chunk that was found; hybrid search tells no distance, so the cosine is computed here."""
    cosine = float(np.dot(_vector(stored), query))
    tokens = _unpacked(chunk["tokens"])
    return records.passage(
        chunk, score=score, cosine=cosine, tokens=tokens, version=chunk["version"]
    )


def encoding(chunk: Properties, stored: Stored) -> Encoding:
    """What the encoder made of a chunk."""
    return Encoding(_vector(stored), _unpacked(chunk["tokens"]))


def _vector(stored: Stored) -> Vectors:
    return np.asarray(stored[VECTOR], dtype=np.float32)


def _packed(tokens: Tokens) -> str:
    """Width, colon, rows in base64."""
    return f"{tokens.shape[1]}:{base64.b64encode(np.ascontiguousarray(tokens).tobytes()).decode()}"


def _unpacked(text: str) -> Tokens:
    width, _, rows = text.partition(":")
    return np.frombuffer(base64.b64decode(rows), dtype=np.int8).reshape(-1, int(width))
