"""What is looked up for a question: cleaned, and with the turn before it (pure)."""

import re

from knowledge.lexicon import content_words

LONGEST_TURN = 1_000
LONGEST_PREVIOUS = 300
_GREETING = re.compile(
    r"^\s*(?:hi|hello|hey|dear|good (?:morning|afternoon|evening)|moin)(?: +\w+){0,3} *[,.!\n]\s*",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"\n\s*(?:--|(?:(?:kind|best|warm)? ?regards|cheers|thanks|thank you|many thanks|best wishes"
    r"|sincerely)[,.! ]*\n).*\Z",
    re.IGNORECASE | re.DOTALL,
)
_MENTION = re.compile(r"<[@#!][^>]*>")
_LEANS = re.compile(
    r"^(?:and|or|but|also|so|then|what about|how about|what if|even|same)\b"
    r"|\b(?:it|its|that|this|these|those|they|them|their|there|ones?)\b",
    re.IGNORECASE,
)


def search_text(question: str, *, previous: str | None = None) -> str:
    """The bare question; one that leans on the turn before stands behind it.

    "And to Norway?" means nothing alone. A question that stands alone is answered alone: what was
    asked before would be answered once more.
    """
    asked = _cleaned(question)
    return lookup_text(question, previous=previous) if leans(asked) else asked


def lookup_text(question: str, *, previous: str | None = None) -> str:
    """The bare question behind the turn before it: candidates are found by both.

    Also where a question seems to stand alone: people leave out what has been said.
    """
    asked = _cleaned(question)
    return f"{_cleaned(previous)[:LONGEST_PREVIOUS]} {asked}" if previous else asked


def leans(question: str) -> bool:
    """Whether a question needs the turn before it: a connective, a pronoun, or hardly a word."""
    return bool(_LEANS.search(question)) or len(content_words(question)) <= 1


def _cleaned(turn: str) -> str:
    bare = _MENTION.sub(" ", turn)
    unsigned = _SIGNATURE.sub("", bare)
    own = unsigned if unsigned.strip() else bare
    return _ends(" ".join((_GREETING.sub("", own) or own).split()))


def _ends(turn: str) -> str:
    """A long turn's beginning and end: the question is seldom in the middle."""
    half = LONGEST_TURN // 2
    return turn if len(turn) <= LONGEST_TURN else f"{turn[:half]} {turn[-half:]}"
