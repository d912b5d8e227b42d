"""Small articles for a passage store, put in and looked for."""

import hashlib
from dataclasses import replace

import numpy as np
from fakes import TODAY

from knowledge.chunking import chunk, embedding_text
from knowledge.documents import (
    Article,
    ArticleId,
    Audience,
    Encoding,
    Indexed,
    Passage,
    SourceName,
    Status,
    Vectors,
)
from knowledge.ports import PassageStore, Query

AXES = {"boots": 0, "tents": 1, "stoves": 2}


def article(name: str = "boots", text: str = "", **changes: object) -> Article:
    plain = Article(
        ArticleId(name),
        name.title(),
        f"https://help.test/{name}",
        Status.PUBLISHED,
        Audience.PUBLIC,
        TODAY,
        text or f"All about {name} and their laces.\n",
        SourceName("help"),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def towards(name: str) -> Vectors:
    vector = np.full(3, 0.1, dtype=np.float32)
    vector[AXES[name]] = 1.0
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


def parts(one: Article, vector: Vectors) -> list[Indexed]:
    """The chunks of an article, all with one vector and a row of tokens for each character."""
    found = []
    for part in chunk(one):
        text = embedding_text(one, part)
        tokens = np.arange(len(text) * 64, dtype=np.int64).astype(np.int8).reshape(-1, 64)
        digest = hashlib.sha256(text.encode()).hexdigest()
        found.append(Indexed(part, digest, Encoding(vector, tokens)))
    return found


def put(store: PassageStore, one: Article, *, axis: str | None = None, version: str = "1") -> None:
    store.replace(one, parts(one, towards(axis or str(one.id))), version=version)


def search(
    store: PassageStore, text: str = "boots", *, axis: str = "boots", **changes: object
) -> list[Passage]:
    plain = Query(text, towards(axis), Audience.PUBLIC, limit=10, alpha=0.5)
    return store.search(replace(plain, **changes))  # type: ignore[arg-type]


def titles(passages: list[Passage]) -> list[str]:
    return [one.title for one in passages]


def texts(passages: list[Passage]) -> list[str]:
    return [one.chunk.text for one in passages]
