"""What a claim must share with its passage to the letter: quotations, names, codes (pure)."""

import re
from collections.abc import Iterator

from knowledge.evidence import Line, Reading, bare
from knowledge.lexicon import STOP_WORDS
from knowledge.quantities import quantities
from knowledge.stance import Statement
from knowledge.vocabulary import matches, word
from knowledge.wording import stems

_QUOTE = re.compile(r'"([^"]{2,})"')
_WORD = re.compile(r"[\w'’]+")
_CAPITALS = re.compile(r"\b[A-Z][\w'’]*(?:[ -][A-Z][\w'’]*)*")
_GOES_ON = re.compile(r"[\w,'’)][ -]*$")
_CODE = re.compile(
    r"\b(?=\d*[^\W\d])(?=[^\W\d]*\d)\w+\b|[\w.+-]+@[\w.-]+\w|\b\w+(?:\.[a-z]{2,})+\b"
)
_ONLY = re.compile(r"\b(?:only|solely|exclusively)\b", re.IGNORECASE)
_RESTRICTS = re.compile(
    r"\b(?:only|solely|exclusively|just|once|except|unless|without|must|has to|have to|limited"
    r"|not?|cannot|never|nothing|provided|as long as)\b|n['’]t\b",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:all|every|everyone|everything|everybody|anyone|always|unlimited)\b",
    re.IGNORECASE,
)
_ANY = re.compile(r"\bany\b(?! (?:questions|doubts?|way|case)\b)", re.IGNORECASE)
_ALL_SAID = re.compile(
    r"\b(?:all|every\w*|any\w*|each|always|whole|entire|whatever|whichever|both|unlimited|no"
    r"|nothing|never|none)\b",
    re.IGNORECASE,
)


def is_literal(claim: str, said: Reading) -> bool:
    """Whether every quotation is verbatim, and every name and code occurs in the passage."""
    quotes = (one.strip(" .,;:!?") for one in _QUOTE.findall(bare(claim)))
    return all(one in said.text for one in quotes) and all(
        _is_known(one, said) for one in _runs(claim)
    )


def is_wider(statement: Statement, line: Line) -> bool:
    """Whether an "all" or an "only" is the statement's own."""
    if only := _ONLY.search(statement.text):
        after = map(word, _WORD.findall(statement.text, only.end()))
        focus = next((one.stem for one in after if one), "")
        near = line.stems | line.subject
        near |= line.around if focus in statement.names else frozenset()
        if not _RESTRICTS.search(line.meant) or (focus and focus not in near):
            return True
    everything = _ALL.search(statement.text) or (
        _ANY.search(statement.text) and not _RESTRICTS.search(statement.text)
    )
    return bool(everything) and not _ALL_SAID.search(line.meant)


def names(claim: str) -> frozenset[str]:
    """The stems of proper names and codes."""
    return frozenset[str]().union(*map(stems, _runs(claim)))


def _runs(text: str) -> Iterator[str]:
    """Names and codes as written; a capital that only opens a sentence makes no name."""
    text = _uncounted(text)
    for match in _CAPITALS.finditer(text):
        run = match[0]
        if not _GOES_ON.search(text, max(0, match.start() - 4), match.start()):
            first, _, rest = run.partition(" ")
            run = (
                rest
                if first.casefold() in STOP_WORDS or (first[1:].islower() and not rest)
                else run
            )
        if run and run != "I":
            yield run
    yield from _CODE.findall(text)


def _uncounted(text: str) -> str:
    """A text without its quantities: "every day" is no "every"."""
    for one in reversed(quantities(text)):
        text = f"{text[: one.start]}#{text[one.end :]}"
    return text


def _is_known(run: str, said: Reading) -> bool:
    """Word for word, or from its beginning on ("Cairnway Outfitters" where Cairnway is known)."""
    if _CODE.fullmatch(run):
        return run.casefold() in said.text
    parts = _WORD.findall(run)
    return parts[0] in said.words or all(matches(stem, said.stems) for stem in stems(run))
