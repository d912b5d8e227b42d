"""Numbers, amounts, durations, dates and times of a text, made comparable (pure)."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

AT_LEAST, EXACTLY, AT_MOST = 1, 0, -1
_SMALL = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen
    fifteen sixteen seventeen eighteen nineteen""".split()  # noqa: SIM905
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()  # noqa: SIM905
_WORDS = {word: n for n, word in enumerate(_SMALL)} | {
    word: n for n, word in zip(range(20, 100, 10), _TENS, strict=True)
}
_TIMES = {"": 1, "k": 1_000, "hundred": 100, "thousand": 1_000, "million": 1_000_000}
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()  # noqa: SIM905
_UNITS = {  # of one kind each: seconds, months, working days, grams, millimetres, megabytes
    name: (kind, scale)
    for kind, scale, names in (
        ("seconds", 1, "second seconds sec"),
        ("seconds", 60, "minute minutes min mins"),
        ("seconds", 3_600, "hour hours hr hrs h"),
        ("seconds", 86_400, "day days"),
        ("seconds", 604_800, "week weeks"),
        ("seconds", 1_209_600, "fortnight fortnights"),
        ("months", 1, "month months"),
        ("months", 3, "quarter quarters"),
        ("months", 12, "year years yr yrs"),
        ("grams", 1, "g gram grams"),
        ("grams", 1_000, "kg kilo kilos kilogram kilograms"),
        ("millimetres", 1, "mm millimetre millimetres"),
        ("millimetres", 10, "cm centimetre centimetres"),
        ("millimetres", 1_000, "m metre metres"),
        ("millimetres", 1_000_000, "km kilometre kilometres"),
        ("megabytes", 1, "mb"),
        ("megabytes", 1_000, "gb"),
        ("megabytes", 1_000_000, "tb"),
        ("percent", 1, "% percent"),
        ("°C", 1, "°c"),
        ("nights", 1, "night nights"),
        ("times", 1, "time times"),
        ("GBP", 1, "£ gbp pound pounds"),
        ("EUR", 1, "€ eur euro euros"),
        ("USD", 1, "$ usd dollar dollars"),
        ("CHF", 1, "chf franc francs"),
        *((code, 1, code.lower()) for code in "NOK SEK DKK ISK JPY AUD CAD NZD PLN".split()),  # noqa: SIM905
    )
    for name in names.split()
}
_EVERY = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month"}
_EVERY |= {"annual": "year", "annually": "year", "yearly": "year"}

_FREE = re.compile(
    r"(?<!feel )(?<!-)\bfree(?: of charge)?\b(?!-| from| to| up)"
    r"|\b(?:at no|no|without)(?: extra| additional| further)? (?:cost|charge|fee)s?\b"
    r"|(?<=pay |ays |sts |you )nothing\b"
    r"|\b(?:do|does|need)(?: not|n['’]t)(?: (?:have|need) to)? pay\b"
)
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]{{0,6}}"
_ISO_DATE = re.compile(r"\b(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)\b")
_DAY_MONTH = re.compile(
    rf"\b(?P<d>\d\d?)(?:st|nd|rd|th)?(?: of)? (?P<m>{_MONTH})\b(?:,? (?P<y>\d{{4}})\b)?"
)
_MONTH_DAY = re.compile(
    rf"\b(?P<m>{_MONTH}) (?P<d>\d\d?)(?:st|nd|rd|th)?\b(?:,? (?P<y>\d{{4}})\b)?"
)
_CLOCK = re.compile(r"\b(\d\d?)(?:[:.](\d\d))? ?([ap])\.?m\b|\b([01]?\d|2[0-4]):([0-5]\d)\b")
_RATE = re.compile(
    r"\b(?:an?|one|per|each|every) (minute|hour|day|week|fortnight|month|quarter|year)\b"
    rf"|\b({'|'.join(_EVERY)})\b"
)
_HALF_HOUR = re.compile(r"\bhalf(?: an)? hour\b")
_OFTEN = re.compile(r"\b(?:(once),? (?:an?|per|every|each)\b|(twice)\b)")
_DIGITS = re.compile(
    r"(?<![\w.,])(?P<n>\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?(?:,\d\d?(?!\d))?)"
    r"(?: ?(?P<times>hundred|thousand|million|k)\b)?"
)
_SPELT = re.compile(
    rf"\b(?P<n>(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_SMALL[1:10])}))?|{'|'.join(_SMALL)})\b"
    r"(?: (?P<times>hundred|thousand|million)\b)?"
)
_UNIT_AFTER = re.compile(
    r"[ -]{0,2}(?P<work>(?:working|business)[ -])?"
    rf"(?P<unit>{'|'.join(sorted(map(re.escape, _UNITS), key=len, reverse=True))})(?![a-z])"
)
_MONEY_BEFORE = re.compile(
    r"([£€$]|\b(?:gbp|eur|usd|chf|nok|sek|dkk|isk|jpy|aud|cad|nzd|pln))\)? ?$"
)
_UNIT_BEFORE = re.compile(r"\b(working )?(minutes|hours|days|weeks|months|years|kg|cm)\)?:? $")
_SHARES = re.compile(r" ?(?:–|—|-) ?| to | and | until | or ")
_BOUND_BEFORE = re.compile(
    r"\b(?:(?P<least>at least|no less than|not less than|minimum(?: of)?|from|since|after|more than"
    r"|over|above|exceed\w*|(?:great|long|heavi|old)er than)"
    r"|(?P<most>at most|no(?:t)? (?:more|longer|later) than|maximum(?: of)?"
    r"|up to(?: and including)?|until|till|by|within|less than|under|below|before|fewer than"
    r"|shorter than))"
    r"(?: the| a)? ?[£€$]?$"
)
_BOUND_AFTER = re.compile(
    r" ?(?:(?P<least>\+|or (?:more|over|above|older|longer)|and (?:more|over|above))"
    r"|(?P<most>or (?:less|fewer|under|below)|at most))(?!\w)"
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value of a kind ("seconds", "GBP", "date", "" for a bare number) and where it stands.

    `bound` says whether it is a least or a most; the ends of a range are `ranged`; a `loose` one
    ("a year") may be a mere manner of speaking; `scale` is that of its unit as written.
    """

    value: float
    kind: str
    start: int
    end: int
    scale: float = 1
    bound: int = EXACTLY
    ranged: bool = False
    loose: bool = False

    def says(self, other: "Quantity") -> bool:
        """Whether a text with this quantity supports one that claims the other."""
        if self.kind == other.kind:
            same = self.value == other.value
        else:
            bare = not other.kind or (not self.kind and self.ranged)
            same = bare and self.written == other.written
        sharp = self.ranged and not other.ranged and other.bound == EXACTLY
        return same and self.bound * other.bound >= 0 and not sharp

    @property
    def written(self) -> float:
        """The number in front of its unit."""
        return self.value / self.scale


@lru_cache(maxsize=8192)
def quantities(text: str) -> tuple[Quantity, ...]:
    """Every quantity of a text in its order; none overlap."""
    folded = "".join(map(_fold, text))
    rest, found = folded, list[Quantity]()
    for pattern, read in _READERS:
        kept: list[Quantity | None] = [read(match) for match in pattern.finditer(rest)]
        found += filter(None, kept)
        rest = _without(rest, [one for one in kept if one])
    found.sort(key=lambda one: one.start)
    _range(found, folded)
    return tuple(_bounded(one, folded) for one in found if one.kind or not one.loose)


def _fold(letter: str) -> str:
    """One character for one, so that places stay."""
    low = letter.lower()
    return (
        " "
        if letter.isspace()
        else "-"
        if letter == "\N{MINUS SIGN}"
        else low
        if len(low) == 1
        else letter
    )


def _without(text: str, read: list[Quantity]) -> str:
    parts, end = [], 0
    for one in read:
        parts += [text[end : one.start], "\0" * (one.end - one.start)]
        end = one.end
    return "".join((*parts, text[end:]))


def _free(match: re.Match[str]) -> Quantity:
    return Quantity(0, "free", match.start(), match.end())


def _date(match: re.Match[str]) -> Quantity:
    """31 January is 131; the year is left out, since it seldom stands there."""
    month = match["m"]
    number = int(month) if month.isdecimal() else _MONTHS.index(month[:3]) + 1
    return Quantity(100 * number + int(match["d"]), "date", match.start(), match.end())


def _clock(match: re.Match[str]) -> Quantity:
    if match[4]:
        return Quantity(60 * int(match[4]) + int(match[5]), "clock", match.start(), match.end())
    hour = int(match[1]) % 12 + (12 if match[3] == "p" else 0)
    return Quantity(60 * hour + int(match[2] or 0), "clock", match.start(), match.end())


def _rate(match: re.Match[str]) -> Quantity:
    kind, scale = _UNITS[match[1] or _EVERY[match[2]]]
    return Quantity(scale, kind, match.start(), match.end(), loose=True)


def _half_hour(match: re.Match[str]) -> Quantity:
    return Quantity(1_800, "seconds", match.start(), match.end())


def _often(match: re.Match[str]) -> Quantity:
    end = match.end(1) if match[1] else match.end(2)
    return Quantity(1 if match[1] else 2, "times", match.start(), end)


def _number(match: re.Match[str]) -> Quantity | None:
    """None when it is part of a code or an ordinal."""
    text, start, end = match.string, match.start(), match.end()
    kind, scale, after = "", 1, _UNIT_AFTER.match(text, end)
    if money := _MONEY_BEFORE.search(text, max(0, start - 6), start):
        (kind, scale), start = _UNITS[money[1]], money.start()
    elif after:
        (kind, scale), end = _UNITS[after["unit"]], after.end()
        kind = "working days" if after["work"] else kind
    elif text[end : end + 1].isalpha():
        return None
    elif before := _UNIT_BEFORE.search(text, max(0, start - 20), start):
        kind, scale = _UNITS[before[2]]
        kind = "working days" if before[1] else kind
    below_zero = text[max(0, start - 2) : start] in {" -", "-"}
    value = _value(match["n"]) * _TIMES[match["times"] or ""] * scale
    one = Quantity(-value if below_zero else value, kind, start - below_zero, end, scale)
    return replace(one, loose=match["n"] == "one" and not (kind or match["times"]))


def _value(written: str) -> float:
    if written[0].isdecimal():
        thousands = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", written)
        return float(written.replace(",", "" if thousands else "."))
    return sum(_WORDS[word] for word in re.split("[- ]", written))


def _range(found: list[Quantity], text: str) -> None:
    """The ends of "3–5 days" share their kind; one end alone is not what the range says."""
    for n in range(len(found) - 1):
        low, high = found[n : n + 2]
        between = text[low.end : high.start]
        if not low.kind and _SHARES.fullmatch(between):
            low = _like(low, high)
        elif not high.kind and _SHARES.fullmatch(between):
            high = _like(high, low)
        if low.kind == high.kind and low.value < high.value and _spans(low, between, text):
            low = replace(low, ranged=True, bound=AT_LEAST)
            high = replace(high, ranged=True, bound=AT_MOST)
        found[n : n + 2] = low, high


def _like(one: Quantity, other: Quantity) -> Quantity:
    return replace(
        one, kind=other.kind, value=one.value * other.scale, scale=other.scale, loose=False
    )


def _spans(low: Quantity, between: str, text: str) -> bool:
    if between == " and ":
        return text[: low.start].endswith("between ")
    return between != " or " and bool(_SHARES.fullmatch(between))


def _bounded(one: Quantity, text: str) -> Quantity:
    if one.ranged or one.loose:
        return one
    before = _BOUND_BEFORE.search(text, max(0, one.start - 30), one.start)
    after = _BOUND_AFTER.match(text, one.end)
    while_it_lasts = before and before[0].startswith("over ") and one.kind in {"seconds", "months"}
    cue = None if while_it_lasts else before or after
    if cue is None:
        return one
    return replace(one, bound=AT_LEAST if cue["least"] else AT_MOST)


_READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Quantity | None]], ...] = (
    (_FREE, _free),
    (_ISO_DATE, _date),
    (_DAY_MONTH, _date),
    (_MONTH_DAY, _date),
    (_CLOCK, _clock),
    (_HALF_HOUR, _half_hour),
    (_RATE, _rate),
    (_OFTEN, _often),
    (_DIGITS, _number),
    (_SPELT, _number),
)
