"""What a question asks for, part by part (pure)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.lexicon import STOP_WORDS, words

_OPENER = (
    r"(?:what(?:['’]s)?|whats|which|how|(?:until |by |since )?when|where|who|why|can|could|may|do"
    r"|does|did|is|are|am|was|were|will|would|should|must|has|have)\b"
)
_CUT = re.compile(
    rf"(?<=[.!?;:])\s+|\s*,?\s+(?:and|or|but|also|plus)\s+(?={_OPENER})|(?:,|\s[-–])\s+(?={_OPENER})",
    re.IGNORECASE,
)
_ASKS = re.compile(rf"(?:(?:and|or|but|so|also|then|ok)\b[\s,]*)*{_OPENER}", re.IGNORECASE)
_FIGURE = re.compile(
    r"\bhow (?:long|much|many|often|far|heavy|big|tall|old|late|soon|hot|cold|fast|high|wide)\b"
    r"|\b(?:costs?|prices?|fees?|charged?|when|what (?:time|date|day|year|month)|weigh[st]?|weight"
    r"|number of|max(?:imum)?|min(?:imum)?|dimensions|measurements|length|height|width|diameter"
    r"|deadline|percent(?:age)?|temperature|latest|last day)\b",
    re.IGNORECASE,
)
_WHETHER = re.compile(
    r"(?:^|[.!?,;:]\s+|\b(?:and|so|but)\s+)(?:can|could|do|does|did|is|are|am|was|will|would|may"
    r"|might|must|should|has|have)\b",
    re.IGNORECASE,
)
_STEPS = re.compile(
    r"\bhow (?:do|can|could|should|would|to|does|must|shall)\b|\bhow['’]s\b"
    r"|\b(?:steps?|instructions?|procedure|walk me through|what (?:do|should|must) (?:i|we) do"
    r"|(?:the|whats the|what's the) drill|where do i|where can i|what now)\b",
    re.IGNORECASE,
)
_FEW = 3


@dataclass(frozen=True, slots=True)
class Part:
    """A question, or one of several in a message; whether it asks for figures, yes or no, steps."""

    text: str
    figure: bool
    whether: bool
    steps: bool


def parts(question: str) -> tuple[Part, ...]:
    """What is asked, one after the other; the whole where it asks one thing."""
    found = list(_asked(question))
    return tuple(_part(one) for one in (found if len(found) > 1 else [question]))


def _asked(question: str) -> Iterator[str]:
    """Each question of a message; one of few words with what stands before it."""
    context, held = "", ""
    for piece in filter(None, _CUT.split(question)):
        if not (_ASKS.match(piece) or piece.endswith("?")):
            context = f"{context} {piece}".strip()
            continue
        text = f"{context} {piece}".strip() if len(_content(piece)) < _FEW else piece
        context = ""
        if not held or len(_content(text)) > 1:
            yield from filter(None, [held])
            held = text
        elif _FIGURE.search(text):
            yield held
            held = f"{held} {text}"
        else:
            held = f"{held} {text}"
    yield from filter(None, [held])


def _content(text: str) -> list[str]:
    found = (one for one in words(text) if one not in STOP_WORDS)
    return [one for one in found if len(one) > 1 or one.isdigit()]


def _part(text: str) -> Part:
    return Part(
        text,
        figure=bool(_FIGURE.search(text)),
        whether=bool(_WHETHER.search(text)),
        steps=bool(_STEPS.search(text)),
    )
