"""Words of a text, for keyword search and for judging sentences (pure)."""

import re
import unicodedata

_WORD = re.compile(r"\w+")
STOP_WORDS = frozenset(
    """a about above after again all already also am an and any are aren't as at be because been
    before being below between both but by can cannot could did do does doing don't down during
    each few for from further get got had has have having he hello help her here hers hi him his
    how i i'd i'll i'm i've if in into is isn't it its itself just let like long me might more most
    much must my need no nor not now of off on once one only or other our ours out over own please
    s same she should so some still such t than thank thanks that the their theirs them then there
    these they this those through to too under until up us very want was we were what when where
    which while who whom why will with would you your yours""".split()  # noqa: SIM905
)


def words(text: str) -> list[str]:
    """Case-folded words in order, accents kept."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def content_words(text: str) -> list[str]:
    """The words that say what a text is about, each once; all words when there is nothing else."""
    found = list(dict.fromkeys(words(text)))
    return [word for word in found if word not in STOP_WORDS] or found
