"""Words of a text, for keyword search and for judging sentences (pure)."""

import re
import unicodedata
from functools import lru_cache
from threading import Lock

import snowballstemmer

_WORD = re.compile(r"\w+")
_PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_stemmer = snowballstemmer.stemmer("english")
_stemming = Lock()  # the stemmer holds the word it works on
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


def index_words(text: str) -> list[str]:
    """Stems of a text's words in order, accents off: what both stores match by.

    A compound is there as a whole and in its parts: `GetItem` as "getitem", "get" and "item".
    """
    found = []
    for word in _WORD.findall(text if text.isascii() else _bare(text)):
        found.append(_stem(word.casefold()))
        parts = _PART.findall(word)
        if len(parts) > 1:
            found += [_stem(part.casefold()) for part in parts]
    return found


def query_words(text: str) -> list[str]:
    """The stems that a question is matched by, each once: stop words match everything."""
    kept = " ".join(one for one in _WORD.findall(text) if one.casefold() not in STOP_WORDS)
    return list(dict.fromkeys(index_words(kept or text)))


def _bare(text: str) -> str:
    """Without accents."""
    parts = unicodedata.normalize("NFKD", text)
    return "".join(one for one in parts if not unicodedata.combining(one))


@lru_cache(maxsize=1 << 17)
def _stem(word: str) -> str:
    with _stemming:
        stem: str = _stemmer.stemWord(word)
    return stem
