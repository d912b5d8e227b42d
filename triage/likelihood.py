"""How sure a chat model was of each value: from the log-probabilities of its tokens (pure)."""

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_BETWEEN = re.compile(r"[\s{,:]*")
_DECODER = json.JSONDecoder()


@dataclass(frozen=True, slots=True)
class Token:
    """One token as the model wrote it, in bytes: a token may hold a part of a character."""

    written: bytes
    logprob: float


def likelihoods(answer: str, tokens: Sequence[Token]) -> dict[str, float]:
    """The probability of each value of a flat JSON object, 0 to 1; nobody has calibrated it.

    It is the product over the tokens that touch the value, with what ends it: `refund` may be
    sure where `refund"` is not. Empty when the tokens do not spell the answer.
    """
    try:
        if b"".join(one.written for one in tokens) != answer.encode():
            return {}
        spans = dict(_values(answer))
    except (ValueError, IndexError):  # no JSON object
        return {}
    return {
        key: _probability(tokens, len(answer[:start].encode()), len(answer[:end].encode()))
        for key, (start, end) in spans.items()
    }


def _values(answer: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Where the value of each key lies, with the character that ends it."""
    at = _after(answer, 0)
    while answer[at] != "}":
        key, at = _DECODER.raw_decode(answer, at)
        start = _after(answer, at)
        _, at = _DECODER.raw_decode(answer, start)
        yield key, (start, at if answer[at - 1] == '"' else at + 1)
        at = _after(answer, at)


def _after(answer: str, at: int) -> int:
    found = _BETWEEN.match(answer, at)
    return found.end() if found else at


def _probability(tokens: Sequence[Token], start: int, end: int) -> float:
    total, at = 0.0, 0
    for one in tokens:
        if at < end and at + len(one.written) > start:
            total += one.logprob
        at += len(one.written)
    return math.exp(min(total, 0.0))
