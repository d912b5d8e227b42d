"""Questions in other words of which each means what the other does (pure).

A vector cannot tell a question from its reverse: "from A to B" and "from B to A", enable and
disable come out at cosines above .95. So the words decide first. What is left of a question without
the words that make no difference must be the same, word stem by word stem: numbers, units, names,
negations, conditions, who does it to whom. The vectors then only have to agree.
"""

import re
import unicodedata
from collections.abc import Iterator

from knowledge.documents import Encoding
from knowledge.lexicon import index_words
from knowledge.matching import late_interaction

MINIMUM_COSINE = 0.95
MINIMUM_MATCH = 0.85
"""Mean cosine of the words of each question with their best matches in the other."""
_OPENING = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|so|well)\b[ ,.!]*)?"
    r"(?:please|quick question|just wondering|i (?:was|am) (?:just )?wondering|"
    r"(?:can|could|would) you (?:please |kindly )?(?:tell|explain to|remind) (?:me|us)|"
    r"(?:please )?tell (?:me|us)|(?:does anyone|do you|anyone) know|"
    r"i(?:'d| would) like to know|i (?:want|need) to know)\b[ ,:.-]*(?:if |whether )?"
)
_HOW = re.compile(r"\bhow (?:can|could|should|do|does|would)\b")
_CONTRACTIONS = (("can't", "can not"), ("cannot", "can not"), ("won't", "will not"))
_WORD = re.compile(r"\w+|[%€$£&+#]")
_DROPPED = frozenset(
    """a an the is are am be been being was were do does did will would shall there of on in at any
    some my our please kindly just actually exactly currently really then now again also thanks
    thank ok okay hi hello hey got""".split()  # noqa: SIM905
)
_ASKER = frozenset("i me mine myself we us ours ourselves".split())  # noqa: SIM905
_ASKED = frozenset("you your yours yourself".split())  # noqa: SIM905
_SAME = {
    "which": "what",
    "could": "can",
    "may": "can",
    "might": "can",
    "has": "have",
    "had": "have",
}
_RELATIONS = frozenset(
    """to from into for with without than by over under before after between instead versus against
    if when while because as and or not no but until since""".split()  # noqa: SIM905
)
_LIGHT = frozenset("how what which who whose where why long much many can have must".split())  # noqa: SIM905
_FREE = 2
"""So few words of weight, and nothing that relates them, mean the same in any order."""


def skeleton(question: str) -> tuple[str, ...] | None:
    """The stems that make a question's meaning; None where nothing is left, or nobody can tell.

    Two questions with the same one mean the same, as far as words can say.
    """
    if question.isupper():  # "US" or "us"
        return None
    stems = list(_stems(question))
    heavy = [one for one in stems if one not in _LIGHT and one not in {"<asker>", "<asked>"}]
    if not heavy:
        return None
    related = _RELATIONS.intersection(stems) or {"<asker>", "<asked>"} <= set(stems)
    return tuple(stems if related or len(heavy) > _FREE else sorted(stems))


def agree(one: Encoding, other: Encoding) -> bool:
    """Whether vectors, and the words of each among those of the other, are near enough."""
    shapes = [(len(its.vector), its.tokens.shape[1]) for its in (one, other)]
    return (
        shapes[0] == shapes[1]
        and float(one.vector @ other.vector) >= MINIMUM_COSINE
        and min(
            late_interaction(one.tokens, other.tokens), late_interaction(other.tokens, one.tokens)
        )
        >= MINIMUM_MATCH
    )


def _stems(question: str) -> Iterator[str]:
    text = unicodedata.normalize("NFKC", question).replace("\u2019", "'")
    acronyms = {word for word in _WORD.findall(text) if len(word) > 1 and word.isupper()}
    names = {word.casefold() for word in acronyms}
    folded = " ".join(text.casefold().split())
    for short, whole in _CONTRACTIONS:
        folded = folded.replace(short, whole)
    folded = folded.replace("n't", " not")
    folded = _OPENING.sub("", folded, count=1)
    folded = _HOW.sub("how", re.sub(r"'(?:s|m|re|ve|d|ll)\b", "", folded))
    for word in _WORD.findall(folded):
        if word in names:
            yield f"={word}"
        elif word in _ASKER:
            yield "<asker>"
        elif word in _ASKED:
            yield "<asked>"
        elif word in _RELATIONS:
            yield word
        elif word not in _DROPPED:
            yield _SAME.get(word) or next(iter(index_words(word)), word)
