"""Which questions may be remembered, and under which name (pure)."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property

import numpy as np

from knowledge import prompts
from knowledge.alike import skeleton
from knowledge.asking import search_text
from knowledge.documents import (
    ArticleId,
    Audience,
    CacheKey,
    Chunk,
    Passage,
    Reason,
    Retrieval,
)

ANY_LANGUAGE = "und"
_NEAR = 5
_PERSONAL = re.compile(
    r"""
      \S@\S                                      # an address, or a handle at a host
    | (?<!\S)@\w                                # a handle
    | \d{5} | (?<!\d)(?!(?:19|20)\d\d(?!\d))\d{4} # a number longer than a year
    | \d(?:[ ./()\u2010-\u2015-]{0,2}\d){6}       # a telephone number in groups, a date of birth
    | \#\s?\d                                    # 4521, as people write it of orders
    | \b(?:order|invoice|booking|case|ticket|tracking|parcel|customer|account|member|card|ref
        (?:erence)?)(?:\s+(?:number|no|nr|id|code|is|was))*[\s.:\#]*[a-z-]*\d\d
    | \b[a-z]{2}\d{2}(?:\s?[a-z0-9]{4}){2,}        # an IBAN
    | \b(?=\w*\d\w*\d)(?=\w*[a-z])[a-z0-9]{8,}\b  # the id of a thing: letters and digits
    | \b[a-z]{1,2}\d[a-z\d]?\s?\d[a-z]{2}\b        # a postcode
    | \bmy\s+name\b | \b(?:born|birthday|dob)\b
    | \bhttps?:// | \bwww\.
    """,
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Makers:
    """What an answer is made by: with another of these it would be another answer.

    `retriever` names encoder, weights, number of passages, reranker and judge.
    """

    generator: str
    retriever: str
    language: str = ANY_LANGUAGE
    prompt: str = ""


class CacheKeys:
    """Names for questions, from which nobody can tell a question without the secret."""

    def __init__(self, makers: Makers, *, secret: Callable[[], str]) -> None:
        """`secret` is read once, at the first question; it is the same for all who share answers.

        A hash without one could be looked up in a list of likely questions.
        """
        self._makers = makers
        self._secret = cache(secret)

    def key(self, question: str, audience: Audience) -> CacheKey | None:
        """The name of a question, as asked by `audience`; None where it may not be remembered."""
        asked = normalised(search_text(question))
        if not asked or is_personal(asked):
            return None
        return self._name(asked, audience)

    def alike(self, question: str, audience: Audience) -> CacheKey | None:
        """The name that a question shares with all that are alike; None where it has none."""
        asked = search_text(question)
        stems = None if is_personal(normalised(asked)) else skeleton(asked)
        return None if stems is None else self._name("alike", *stems, audience)

    @cached_property
    def scope(self) -> str:
        """A name for what makes the answers."""
        return _hash(self._made_by())[:12]

    def _name(self, *parts: str) -> CacheKey:
        framed = _framed((*parts, *self._made_by()))
        return CacheKey(hmac.new(self._secret().encode(), framed, "sha256").hexdigest())

    def _made_by(self) -> tuple[str, ...]:
        makers = self._makers
        prompt = makers.prompt or prompt_version()
        return (makers.language, makers.generator, prompt, makers.retriever)


def normalised(text: str) -> str:
    """A question without what makes no difference to its meaning: width, case, white space."""
    composed = unicodedata.normalize("NFKC", text)
    return unicodedata.normalize("NFKC", " ".join(composed.casefold().split()))


def is_personal(text: str) -> bool:
    """Whether a text may name a person, or something that only one person has.

    It errs on the side of yes: that costs one retrieval.
    """
    return bool(_PERSONAL.search(text))


def reading_of(found: Retrieval, reason: Reason | None) -> str:
    """A hash of all that a generator would read; of the nearest where none would be asked."""
    read = [read_of(one) for one in found.passages]
    if reason is not None:
        read += [str(reason), *(read_of(one) for one in found.candidates[:_NEAR])]
    return _hash(read)


def read_of(passage: Passage) -> str:
    """A hash of all of a passage that a generator would read."""
    chunk = passage.chunk
    seen = (chunk.article_id, passage.title, passage.url, str(passage.updated), chunk.text)
    return _hash([*seen, str(chunk.position), *chunk.headings])


def prompt_version() -> str:
    """A hash of what a chat model is told, whatever the question and the passages."""
    chunk = Chunk(ArticleId(""), 0, ("heading",), "text", 0, 4)
    none = np.zeros((0, 0), np.int8)
    sample = Passage(chunk, "title", "url", date(2000, 1, 1), 0.0, 0.0, none)
    return _hash([prompts.SYSTEM, prompts.user_prompt("question", [sample])])


def _hash(parts: Sequence[str]) -> str:
    return hashlib.sha256(_framed(parts)).hexdigest()[:32]


def _framed(parts: Sequence[str]) -> bytes:
    """One text of many; lengths in front, so that no other parts make the same."""
    return "".join(f"{len(one)} {one}" for one in parts).encode("utf-8", "replace")
