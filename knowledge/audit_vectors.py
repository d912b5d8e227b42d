"""The vectors that a store holds of articles, for those who compare articles."""

from collections.abc import Iterable, Mapping

import numpy as np

from knowledge import chunking
from knowledge.documents import Article, ArticleId, Chunk, Vectors
from knowledge.ports import PassageStore


def chunk_vectors(articles: Iterable[Article], store: PassageStore) -> Mapping[ArticleId, Vectors]:
    """Chunks × dimensions of each article, as far as they are held; one without any is left out.

    An article at a time: the token vectors that come along are thirty times as large.

    Raises:
        StoreUnavailable: the store cannot be read.
    """
    found = {}
    for article in articles:
        digests = [_digest(article, one) for one in chunking.chunk(article)]
        held = store.encodings(set(digests))
        vectors = [held[one].vector for one in digests if one in held]
        if vectors:
            found[article.id] = np.array(vectors)
    return found


def _digest(article: Article, part: Chunk) -> str:
    return chunking.digest(chunking.embedding_text(article, part))
