"""What words stand for: synonyms, opposites and how much each says (pure)."""

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import takewhile

from knowledge.lexicon import STOP_WORDS, index_words


def listed(words: str) -> frozenset[str]:
    """The words of a text, as a list reads best."""
    return frozenset(words.split())


GENERIC, PLAIN = 0.4, 1.0
_BEGINNING, _SAME = 5, 0.65
_GROUPS = """
    buy bought purchase purchased
    cost costs price fee charge
    ship shipping shipment deliver delivery delivered
    parcel package packet
    refund refunded refundable reimburse reimbursement
    customer client buyer shopper
    member membership
    wear worn wore
    use used
    lose lost
    find found
    send sent
    keep kept hold held
    pay paid payment
    choose chose chosen pick select
    tell told inform notify
    begin began begun start
    arrive arrival
    break broke broken !intact
    extra another further additional
    fault faulty defect defective
    store shop
    phone telephone
    know knew known
    make made
    write wrote written
    change alter
    end expire expiry expiration
    fast quick quickly
    need require required must necessary
    big bigger large larger !small !smaller
    get receive obtain got gotten
    permit allow
    accept !refuse !reject !decline
    include includes included
    open opened
    indoor indoors inside !outside !outdoors !outdoor
    before until till beforehand !after !afterwards !afterward
    high higher !low !lower
    minimum min !maximum !max
    increase !decrease
    early earliest !late !latest
    first !last
    possible !impossible
    valid !invalid
    correct !incorrect
    complete !incomplete
    eligible !ineligible
    enable enabled !disable !disabled
    warm !cold
    dry dried dryer drying !wet
    cheap !expensive
    public !private
    online !offline
    same !different
    long !short
    wide !narrow
    import !export
    login !logout
    subscribe !unsubscribe
    knife knives
"""
_GENERIC = """
    get receive make give take offer provide available possible want come go know mean way
    case time thing follow step accord information detail article help customer please note day
    hour week month year allow able use long kind sort something anything need simply usually
    generally currently before first date back present pound euro dollar yourself item product put
    say state update newer older
"""
NEGATIONS = listed("""
    not no never none nobody nothing nowhere neither nor cannot without hardly unable unless except
    cant dont wont isnt non prevent prevents prevented preventing forbid forbids forbidden prohibit
    prohibits prohibited exclude excludes excluded lack lacks lacking
""")
_SILENT = NEGATIONS | listed("""
    within per via upon among otherwise may might shall even yet still ever either else every anyway
    therefore however meanwhile instead whatever whichever whether just always although though
    whereas
""")
_OPPOSITE = re.compile(r"(?:un(?!i|der|til|less|cle)|non)(\w{4,})")


@dataclass(frozen=True, slots=True)
class Word:
    """A stem that stands for all its synonyms; its opposite has the same stem and `pole` -1."""

    stem: str
    pole: int


@lru_cache(maxsize=1 << 16)
def word(written: str) -> Word | None:
    """What a word stands for; None for one that says nothing."""
    low = written.casefold().removesuffix("'s")
    stems = index_words(low)
    if not stems or low in _SILENT or low.endswith("n't"):
        return None
    stem = stems[0]
    if stem in _SYNONYMS:
        return _SYNONYMS[stem]
    if low in STOP_WORDS:
        return None
    if (opposite := _OPPOSITE.fullmatch(low)) and (plain := word(opposite[1])):
        return Word(plain.stem, -plain.pole)
    return Word(stem, 1)


def weight(stem: str) -> float:
    """How much a stem says: less where it goes with anything."""
    return GENERIC if stem in _GENERIC_STEMS else PLAIN


def matches(stem: str, known: frozenset[str]) -> bool:
    """Whether a stem is known, or another of the same word: "person" and "personalis"."""
    if stem in known:
        return True
    alike = _by_beginning(known).get(stem[:_BEGINNING], ())
    return any(_shared(stem, one) >= _SAME * max(len(stem), len(one)) for one in alike)


@lru_cache(maxsize=8192)
def _by_beginning(known: frozenset[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in known:
        if len(one) >= _BEGINNING:
            found.setdefault(one[:_BEGINNING], []).append(one)
    return found


def _shared(one: str, other: str) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _synonyms() -> dict[str, Word]:
    found: dict[str, Word] = {}
    for line in filter(None, map(str.split, _GROUPS.splitlines())):
        first = index_words(line[0])[0]
        for one in line:
            stem = index_words(one.lstrip("!"))[0]
            found.setdefault(stem, Word(first, -1 if one.startswith("!") else 1))
    return found


_GENERIC_STEMS = frozenset(index_words(_GENERIC))
_SYNONYMS = _synonyms()
