"""A sentence as clauses with a sign: the same things in other words, said or denied (pure)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import dropwhile, takewhile

from knowledge.quantities import AT_MOST, Quantity, quantities
from knowledge.vocabulary import NEGATIONS, Word, listed, word

_FEW = 2
_REWRITTEN = (
    (r"[\u2018\u2019]", "'"),
    (r"\be-mail", "email"),
    (r"\b(?:united kingdom|great britain|britain)\b", "uk"),
    (r"\beuropean union\b", "eu"),
    (r"\bunited states(?: of america)?\b", "usa"),
    (r"\b(?:send|sends|sent|bring|give|hand|ship|mail)((?: \w+){0,2}) back\b", r"return\1"),
    (r"\bmoney back\b", "refund"),
    (r"\bplaced?s? (?:the |an |your )?orders?\b", "order"),
    (r"\b(?:log|logs|logged|sign|signs|signed)(?: \w+)? in\b", "login"),
    (r"\b(?:log|logs|logged|sign|signs|signed)(?: \w+)? out\b", "logout"),
    (r"\b(?:switch|switches|switched|turn|turns|turned)(?: \w+)? on\b", "enable"),
    (r"\b(?:switch|switches|switched|switching|turn|turns|turned)(?: \w+)? off\b", "disable"),
    (r"\b(?:as|so) long as\b", "if"),
    (r"\b(?:rather than|instead of|as opposed to)\b", ", not"),
    (r"\b(?:apart from|other than|with the exception of|excluding|except for)\b", "except"),
    (r"\b(?:no matter|whether or not|not only|not just|not necessarily)\b", " "),
    (r"\b(?:not|no) (?:more|less|longer|later|earlier) than\b", " "),
    (r"\bno longer\b", "not"),
    (r"^\W*(?:yes|no)[,:;.!]\s", " "),
)
_REWRITES = tuple((re.compile(old, re.IGNORECASE), new) for old, new in _REWRITTEN)
_PREPOSITIONS = frozenset(["without", "unless", "except"])
_SUBJECTS = listed("you we they it he she i there this these those")
_CUTTERS = _SUBJECTS | listed(
    "if unless because whereas although though except without but provided when while"
)
_AFTER_AND = _CUTTERS | listed("""
    not never therefore then so thus can cannot is are will must may has have does do please
""")
_AFTER_COMMA = _AFTER_AND | listed("and or nor so which who where since until once as even only")
_OPENERS = listed("""
    if unless when while although though because since whereas without once until as even provided
    where in on for from with after before
""")
_COORDINATES = listed("and but so whereas while not nor ;")
_VERBS = listed("can cannot is are was were be do does did will must may has have had")
_CONDITIONS = listed("if unless when once without except provided where until because")
_LINKS = listed(", ( and or but only even")
_JOINTS = frozenset([",", "and", "or", "but", "even", "only", "so", "not"])
_TOKEN = re.compile(r"\0\d+\0|\w+(?:'\w+)*|[.;:!?()\[\]\"“”—|→,]|(?<=\s)[–-](?=\s)")


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause speaks of: each stem with the poles it is at ("unopened" is open at -1).

    `sign` is -1 where it denies; a `new` clause is joined to what went before, not a condition of
    it; a `condition` says when the rest holds; an `elliptical` one borrows its verb ("but boots
    cannot"); `denied` is the first thing after a denial; `counts` are its quantities.
    """

    words: Mapping[str, frozenset[int]]
    sign: int
    new: bool
    condition: bool
    elliptical: bool
    denied: str
    text: str
    counts: tuple[Quantity, ...]


@lru_cache(maxsize=8192)
def clauses(text: str) -> tuple[Clause, ...]:
    """The clauses of a sentence that speak of anything, in order."""
    text = text.replace("\0", " ")
    counts = quantities(text)
    cut = [_clause(tokens, counts) for tokens in _cut(_tokens(text, counts))]
    return tuple(one for one in cut if one.words or one.counts)


def stems(text: str) -> frozenset[str]:
    """What a text speaks of."""
    return frozenset[str]().union(*(one.words for one in clauses(text)))


def _tokens(text: str, counts: tuple[Quantity, ...]) -> list[str]:
    """Words in small letters and marks; a quantity is one token that gives its place."""
    parts, end = [], 0
    for n, one in enumerate(counts):
        in_range = one.ranged and one.bound == AT_MOST
        parts += ["" if in_range else text[end : one.start], f" \0{n}\0 "]
        end = one.end
    masked = "".join((*parts, text[end:])).casefold()
    for pattern, new in _REWRITES:
        masked = pattern.sub(new, masked)
    return _TOKEN.findall(masked)


def _cut(tokens: list[str]) -> Iterator[list[str]]:
    """Tokens of one clause after another; the mark or conjunction that opens it comes first."""
    held: list[str] = []
    for n, one in enumerate(tokens):
        if held and _opens(one, tokens[n + 1 : n + 12], held):
            yield held
            held = []
        held.append(one)
    if held:
        yield held


def _opens(one: str, following: Sequence[str], held: list[str]) -> bool:
    """Whether a token begins a new clause after those held."""
    ahead = following[0] if following else ""
    if one == ",":
        fronted = any(opener in _OPENERS for opener in held[:2])
        return fronted or ahead in _AFTER_COMMA or (_has_verb(held) and _has_verb(following))
    if one in {"and", "or"}:
        return (_counts(held) and _counts(following)) or ahead in _AFTER_AND or _turns(held, ahead)
    if one in _SUBJECTS:
        return held[0] in _OPENERS and len(held) > 2  # noqa: PLR2004
    if one == "even":
        return ahead == "if"
    if one == ":" and ahead.startswith("\0"):
        return False
    joined = held[-1] in _JOINTS or held[-1] in _CUTTERS
    return (one in _CUTTERS and not joined) or (len(one) == 1 and not one.isalnum())


def _counts(tokens: Sequence[str]) -> bool:
    return any(one[0] == "\0" for one in takewhile(lambda one: one not in ",.;:", tokens))


def _turns(held: Sequence[str], ahead: str) -> bool:
    """Whether the opposite of what was spoken of comes: "logged in here and logged out there"."""
    next_word = word(ahead) if ahead[:1].isalpha() else None
    turned = Word(next_word.stem, -next_word.pole) if next_word else None
    return turned is not None and any(word(one) == turned for one in held if one[:1].isalpha())


def _has_verb(tokens: Sequence[str]) -> bool:
    return any(
        one in _VERBS or one in NEGATIONS or one.endswith("n't")
        for one in takewhile(lambda one: one != ",", tokens)
    )


def _clause(tokens: list[str], counts: tuple[Quantity, ...]) -> Clause:
    words: dict[str, frozenset[int]] = {}
    for one in tokens:
        if one[0] != "\0" and (found := word(one)):
            words[found.stem] = words.get(found.stem, frozenset()) | {found.pole}
    verbs = [n for n, one in enumerate(tokens) if one in _VERBS or one.endswith("n't")]
    head = next((one for one in tokens if one not in {",", "(", ")"}), "")
    return Clause(
        words=words,
        sign=-1 if _denials(tokens) % 2 else 1,
        new=head in _COORDINATES,
        condition=next((one for one in tokens if one not in _LINKS), "") in _CONDITIONS,
        elliptical=len(words) <= _FEW and verbs in ([], [len(tokens) - 1]),
        denied=_denied(tokens),
        text=" ".join(one for one in tokens if one[0] != "\0"),
        counts=tuple(counts[int(one[1:-1])] for one in tokens if one.startswith("\0")),
    )


def _denied(tokens: list[str]) -> str:
    """What a "not" stands in front of; nothing for "without" and "unless", which deny all of it."""
    after = list(dropwhile(lambda one: one not in NEGATIONS and not one.endswith("n't"), tokens))
    if not after or after[0] in _PREPOSITIONS:
        return ""
    return next((found.stem for one in after if one[0] != "\0" and (found := word(one))), "")


def _denials(tokens: list[str]) -> int:
    """What holds "even if not" holds anyway."""
    if "even" in tokens[:2]:
        return 0
    found = sum(one in NEGATIONS or one.endswith("n't") for one in tokens)
    if "neither" in tokens:
        found -= tokens.count("nor")
    return found
