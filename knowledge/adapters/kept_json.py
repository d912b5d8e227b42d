"""Remembered outcomes as plain JSON: who can write to Redis can make us show text, not run it."""

import json
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge.documents import (
    Abstention,
    Answer,
    ArticleId,
    CacheKey,
    Chunk,
    Citation,
    Encoding,
    Outcome,
    Passage,
    Reason,
    Retrieval,
)
from knowledge.metering import Usage
from knowledge.ports import Alike, Kept

LAYOUT = 1
"""Another one where these values are made otherwise: the older ones are misses then."""
_NOWHERE = Encoding(np.zeros(0, np.float32), np.zeros((0, 0), np.int8))


def dumped(kept: Kept) -> str:
    """A value; the same outcome always makes the same text."""
    outcome, retrieval = kept.outcome, kept.outcome.retrieval
    body: dict[str, Any] = {
        "layout": LAYOUT,
        "versions": dict(kept.versions),
        "epoch": kept.epoch,
        "reading": kept.reading,
        "usage": [kept.usage.prompt, kept.usage.completion],
        "generator": outcome.generator,
        "answerable": retrieval.answerable,
        "passages": [_passage(one) for one in retrieval.passages],
    }
    match outcome:
        case Answer():
            body |= {"text": outcome.text, "citations": _citations(outcome.citations)}
        case Abstention():
            body |= {"reason": str(outcome.reason), "citations": _citations(outcome.nearest)}
    return json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def loaded(text: str | bytes) -> Kept | None:
    """The outcome of a value; None where that is none of ours.

    Its retrieval has no question and no vectors: those are the asker's.
    """
    try:
        body = json.loads(text)
        if body["layout"] != LAYOUT:
            return None
        versions = {ArticleId(str(name)): str(one) for name, one in body["versions"].items()}
        prompt, completion = body.get("usage", (0, 0))  # none is known of older ones
        usage = Usage(int(prompt), int(completion))
        return Kept(_outcome(body), versions, str(body["epoch"]), str(body["reading"]), usage)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def dumped_alike(alike: Alike) -> str:
    """A question without its words: vector (float32) and token vectors (int8), in base64."""
    encoding = alike.encoding
    body = {
        "layout": LAYOUT,
        "key": alike.key,
        "vector": _packed(encoding.vector.astype(np.float32)),
        "tokens": _packed(encoding.tokens),
        "dimensions": encoding.tokens.shape[1],
    }
    return json.dumps(body)


def loaded_alike(text: str | bytes) -> Alike | None:
    """What `dumped_alike` has written; None where that is none of ours."""
    try:
        body = json.loads(text)
        if body["layout"] != LAYOUT:
            return None
        vector = np.frombuffer(b64decode(body["vector"]), np.float32)
        tokens = np.frombuffer(b64decode(body["tokens"]), np.int8)
        encoding = Encoding(vector, tokens.reshape(-1, int(body["dimensions"])))
        return Alike(CacheKey(str(body["key"])), encoding)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def _packed(numbers: NDArray[Any]) -> str:
    return b64encode(numbers.tobytes()).decode()


def _outcome(body: dict[str, Any]) -> Outcome:
    passages = tuple(_read_passage(one) for one in body["passages"])
    retrieval = Retrieval("", passages, passages, _NOWHERE, {}, answerable=body["answerable"])
    citations = tuple(_read_citation(one) for one in body["citations"])
    generator = str(body["generator"])
    if "reason" in body:
        return Abstention(Reason(body["reason"]), citations, generator, retrieval)
    return Answer(str(body["text"]), citations, generator, retrieval)


def _citations(citations: Sequence[Citation]) -> list[dict[str, Any]]:
    return [{**asdict(one), "updated": one.updated.isoformat()} for one in citations]


def _read_citation(body: dict[str, Any]) -> Citation:
    updated = date.fromisoformat(body["updated"])
    return Citation(
        int(body["n"]),
        ArticleId(str(body["article_id"])),
        str(body["title"]),
        str(body["url"]),
        updated,
        float(body["score"]),
    )


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "chunk": asdict(passage.chunk),
        "title": passage.title,
        "url": passage.url,
        "updated": passage.updated.isoformat(),
        "score": float(passage.score),
        "cosine": float(passage.cosine),
        "version": passage.version,
    }


def _read_passage(body: dict[str, Any]) -> Passage:
    chunk = body["chunk"]
    return Passage(
        Chunk(
            ArticleId(str(chunk["article_id"])),
            int(chunk["position"]),
            tuple(map(str, chunk["headings"])),
            str(chunk["text"]),
            int(chunk["start"]),
            int(chunk["end"]),
        ),
        str(body["title"]),
        str(body["url"]),
        date.fromisoformat(body["updated"]),
        float(body["score"]),
        float(body["cosine"]),
        _NOWHERE.tokens,
        str(body["version"]),
    )
