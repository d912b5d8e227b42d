"""From a span of text to an entity's value, by rule (pure, total: any string, no exception).

Patterns propose `Candidate`s with their values; the model's token tags decide which one, if any,
the wish is about. So "order 4521, invoice 5521, size 42" proposes three order ids and keeps one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

Value = str | int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A place in a text that may hold an entity: characters `start` to `end`, and its value."""

    key: str
    start: int
    end: int
    value: Value


def candidates(text: str) -> list[Candidate]:
    """Every entity that a pattern can see, in the order of the text; they may overlap."""
    found = [one for key in _PATTERNS for one in _matches(key, text)]
    return sorted(found, key=lambda one: (one.start, -one.end))


def value(key: str, span: str) -> Value | None:
    """The value of a span that the model tagged as `key`; None if it holds none."""
    if key in _PATTERNS:
        longest = max(_matches(key, span), key=lambda one: one.end - one.start, default=None)
        return longest.value if longest else None
    trimmed = _trimmed(span)
    if key == "product":
        return _DETERMINER.sub("", trimmed) or None
    if key == "deadline":
        return _PREPOSITION.sub("", trimmed) or None
    return trimmed or None


def whole_dates(text: str, start: int, end: int) -> tuple[int, int]:
    """A span widened to the whole of every date and time that it cuts: 30 → 30 June."""
    for match in _DATE.finditer(text):
        if match.start() < end and start < match.end():
            start, end = min(start, match.start()), max(end, match.end())
    return start, end


# --- numbers in words ------------------------------------------------------------------------
_ONES = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WORDS = {word: n for n, word in enumerate(_ONES)}
_WORDS |= {word: 10 * n for n, word in enumerate(_TENS, start=2)}
_WORDS |= {
    f"{tens}{joint}{ones}": 10 * n + m
    for n, tens in enumerate(_TENS, start=2)
    for m, ones in enumerate(_ONES[1:10], start=1)
    for joint in ("-", " ")
}
_WORDS |= {"a": 1, "an": 1, "a couple of": 2, "couple of": 2, "a couple": 2, "a hundred": 100}
_WORDS |= {"one hundred": 100, "two hundred": 200}
_NUMBER_WORDS = "|".join(sorted(map(re.escape, _WORDS), key=len, reverse=True))

# --- lengths of time -------------------------------------------------------------------------
_UNITS = {
    "hour": 1 / 24,
    "day": 1,
    "week": 7,
    "wk": 7,
    "fortnight": 14,
    "month": 30,
    "mth": 30,
    "year": 365,
    "hr": 1 / 24,
}
_UNIT_WORDS = r"hours?|hrs?|days?|weeks?|wks?|fortnights?|months?|mths?|years?"
_UNIT = rf"(?P<unit>{_UNIT_WORDS})"
_LENGTH = re.compile(
    rf"\b(?:(?P<half>half an?)|(?P<digits>\d{{1,3}}(?:[.,]5)?)|(?P<words>{_NUMBER_WORDS}))"
    r"(?P<more>(?: |-)(?:and )?a half)?"
    r"[ \u00a0-]{0,2}(?:(?:full|whole|long|solid|entire|more|business|working|bank|calendar)[ -])*"
    rf"{_UNIT}\b(?P<after> and a half)?",
    re.IGNORECASE,
)
_LETTER_LENGTH = re.compile(r"\b(?P<digits>\d{1,3})(?P<unit>[dwh])\b", re.IGNORECASE)
_ALONE = re.compile(r"\b(?:(?P<unit>week|month|year) and a half|fortnight)\b", re.IGNORECASE)
_BARE = re.compile(
    rf"\b(?:day|waited|waiting|wait|been|at)(?: only| just)? (?P<count>\d{{1,3}}|{_NUMBER_WORDS})\b"
    rf"(?![.,:]\d|[ -]?(?:{_UNIT_WORDS}))",
    re.IGNORECASE,
)
_YESTERDAY = re.compile(r"\bsince (?:\w+ )?(?P<unit>yesterday)\b", re.IGNORECASE)


def _days(text: str) -> Iterator[Candidate]:
    for match in _LENGTH.finditer(text):
        unit = match["unit"].lower().rstrip("s")
        count = 0.5 if match["half"] else _count(match["digits"] or match["words"])
        if match["more"] or match["after"]:
            count += 0.5
        yield Candidate("days_waiting", *match.span(), _whole_days(count * _UNITS[unit]))
    for match in _LETTER_LENGTH.finditer(text):
        per = {"d": 1, "w": 7, "h": 1 / 24}[match["unit"].lower()]
        yield Candidate("days_waiting", *match.span(), _whole_days(int(match["digits"]) * per))
    for match in _ALONE.finditer(text):
        days = 1.5 * _UNITS[match["unit"].lower()] if match["unit"] else 14
        yield Candidate("days_waiting", *match.span(), _whole_days(days))
    for match in _BARE.finditer(text):
        yield Candidate("days_waiting", *match.span("count"), int(_count(match["count"])))
    for match in _YESTERDAY.finditer(text):
        yield Candidate("days_waiting", *match.span(), 1)


def _whole_days(days: float) -> int:
    return int(days + 1e-6) if days >= 1 else 1


def _count(written: str) -> float:
    lowered = written.lower()
    if lowered in _WORDS:
        return _WORDS[lowered]
    return float(lowered.replace(",", "."))


# --- dates -----------------------------------------------------------------------------------
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY_TIME = r"(?:mid)?(?:morning|noon|afternoon|evening|night)"
_WEEKDAY = r"(?:mon|tues?|wed(?:nes)?|thu(?:rs)?|fri|sat(?:ur)?|sun)(?:day)?"
_CLOCK = r"(?:\d{1,2}(?:[:.]\d{2})? ?(?:am|pm|a\.m\.|p\.m\.|h\b)|\d{1,2}:\d{2})"
_DATE = re.compile(
    rf"\b(?:(?:the )?\d{{1,2}}(?:st|nd|rd|th)?(?: of)? (?:{_MONTH}\b|(?:next|this) month)"
    rf"(?:,? \d{{4}})?|{_MONTH} (?:the )?\d{{1,2}}(?:st|nd|rd|th)?\b|\d{{4}}-\d\d-\d\d"
    rf"|(?:the )?day after tomorrow|(?:mid)?(?:night|day) (?:tonight|today|tomorrow)"
    rf"|(?:{_WEEKDAY}|tomorrow|tmrw|today|tonight)\b(?:,? (?:at )?(?:{_CLOCK}|{_DAY_TIME}))*)",
    re.IGNORECASE,
)

# --- sums of money ---------------------------------------------------------------------------
_CURRENCIES = {
    "us$": "USD", "usd": "USD", "$": "USD", "dollar": "USD", "dollars": "USD", "bucks": "USD",
    "buck": "USD", "c$": "CAD", "ca$": "CAD", "cad": "CAD", "cad$": "CAD", "a$": "AUD",
    "au$": "AUD", "aud": "AUD", "aud$": "AUD", "nz$": "NZD", "nzd": "NZD", "nzd$": "NZD",
    "s$": "SGD", "sg$": "SGD", "sgd": "SGD", "hk$": "HKD", "hkd": "HKD", "£": "GBP", "gbp": "GBP",
    "quid": "GBP", "pound": "GBP", "pounds": "GBP", "pounds sterling": "GBP", "€": "EUR",
    "eur": "EUR", "euro": "EUR", "euros": "EUR", "chf": "CHF", "francs": "CHF", "sek": "SEK",
    "nok": "NOK", "dkk": "DKK", "pln": "PLN", "zł": "PLN", "zloty": "PLN", "₹": "INR", "inr": "INR",
    "rs": "INR", "rs.": "INR", "rupees": "INR", "zar": "ZAR", "r": "ZAR", "rand": "ZAR",
    "jpy": "JPY", "¥": "JPY", "yen": "JPY", "php": "PHP", "pesos": "", "czk": "CZK", "huf": "HUF",
    "canadian dollars": "CAD", "canadian": "CAD", "us dollars": "USD", "brl": "BRL", "r$": "BRL",
    "australian dollars": "AUD", "new zealand dollars": "NZD", "singapore dollars": "SGD",
    "swiss francs": "CHF", "kr": "", "kr.": "", "krona": "SEK", "kronor": "SEK", "kroner": "",
    "crowns": "", "₱": "PHP", "mxn": "MXN", "aed": "AED", "ron": "RON", "₺": "TRY", "try": "TRY",
    "cents": "", "p": "GBP", "pence": "GBP", "sterling": "GBP",
}  # fmt: skip
_IN_HUNDREDTHS = {"cents", "p", "pence"}
_SYMBOL = "|".join(sorted(map(re.escape, _CURRENCIES), key=len, reverse=True))
_FIGURE = (
    r"\d{1,3}(?:[ \u00a0\u202f'’.,]\d{3})+(?:[.,]\d{1,2})?(?!\d)"
    r"|\d+[.,]\d{1,2}(?!\d)|\d+"
)
_SUM = re.compile(
    rf"(?<![\w.])(?P<before>{_SYMBOL})?[ \u00a0\u202f]?"
    rf"(?<!\d)(?<!\d[.,])(?:(?P<figure>{_FIGURE})(?P<thousand>k\b)?"
    rf"|\b(?P<words>{_NUMBER_WORDS})\b(?=[ -]))"
    rf"(?:[.,][-–—]+)?(?:[ \u00a0\u202f-]?(?P<after>{_SYMBOL})(?!\w))?",
    re.IGNORECASE,
)


def _sums(text: str) -> Iterator[Candidate]:
    for match in _SUM.finditer(text):
        if match["words"] and (not match["after"] or match["after"].lower() in {"r", "try", "p"}):
            continue
        start = match.start() + len(match[0]) - len(match[0].lstrip(" \u00a0\u202f"))
        yield Candidate("amount", start, match.end(), _money(match))


def _money(match: re.Match[str]) -> str:
    figure = _plain(match["figure"]) if match["figure"] else str(int(_count(match["words"])))
    if match["thousand"]:
        figure = f"{float(figure) * 1000:.0f}"
    if (match["after"] or "").lower() in _IN_HUNDREDTHS and not match["before"]:
        figure = f"{float(figure) / 100:.2f}"
    code = _currency(match["after"]) if match["after"] else ""
    code = code or (_currency(match["before"]) if match["before"] else "")
    if match["before"] == "$" and code == "USD" and match["after"]:
        code = _currency(match["after"]) or code
    return f"{figure} {code}".strip()


def _currency(symbol: str) -> str:
    return _CURRENCIES[symbol.lower()]


def _plain(figure: str) -> str:
    """A figure in any notation with a decimal point and without separators, decimals kept."""
    bare = re.sub(r"[ \u00a0\u202f'’]", "", figure)
    decimals = re.search(r"[.,](\d{1,2})$", bare)
    whole = bare[: decimals.start()] if decimals else bare
    digits = re.sub(r"\D", "", whole).lstrip("0") or "0"
    return f"{digits}.{decimals[1]}" if decimals else digits


# --- names and numbers as written ---------------------------------------------------------------
_ORDER_IDS = (
    re.compile(r"(?<![\w@.])[A-Za-z]{0,6}[-–_/]?\d[\dA-Za-z]*(?:[-–_/.][\dA-Za-z]+)*(?!\w)"),
    re.compile(r"(?<![\w@.])(?:[A-Z]{1,4}[ -]?)?\d{1,6}(?:[ \u00a0]\d{1,6})+(?!\w)"),
    re.compile(r"(?<![\w@.])[A-Z]{1,5} \d{2,}(?:[- ][\dA-Z]+)*(?!\w)"),
)
_TRACKING = (
    re.compile(r"(?<!\w)(?=(?:[A-Z \u00a0.-]*\d){6})[A-Z\d]{2,}(?:[ \u00a0.-][A-Z\d]+)*(?!\w)"),
    re.compile(r"(?<!\w)(?=[A-Z]*\d)[A-Z\d]{8,40}(?!\w)", re.IGNORECASE),
)
_EMAIL = re.compile(r"[\w.+%’'-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(
    r"(?<![\w-])(?:\+|\(\+?)?\d[\d \u00a0()./–-]{4,22}\d(?!\w)(?: ?(?:ext\.?|x) ?\d+)?"
)
_EDGES = "'’ \t\r\n\u00a0.,;:!?\"“”„«»*_()[]<>—–-"
_DETERMINER = re.compile(
    r"^(?:(?:the|a|an|my|your|our|his|her|their|its|this|that|these|those|some|one)\s+)+",
    re.IGNORECASE,
)
_PREPOSITION = re.compile(r"^(?:(?:by|on|until|till|til)\s+)+", re.IGNORECASE)
_LONGEST_PHONE_DIGITS = 16


def _order_ids(text: str) -> Iterator[Candidate]:
    for pattern in _ORDER_IDS:
        for match in pattern.finditer(text):
            yield Candidate("order_id", *match.span(), match[0])


def _tracking(text: str) -> Iterator[Candidate]:
    for pattern in _TRACKING:
        for match in pattern.finditer(text):
            joined = re.sub(r"\s", "", match[0])
            yield Candidate("tracking_number", *match.span(), joined)


def _emails(text: str) -> Iterator[Candidate]:
    for match in _EMAIL.finditer(text):
        written = match[0].lstrip("'’.").rstrip("'’.")
        start = match.start() + match[0].index(written) if written else match.start()
        yield Candidate("email", start, start + len(written), written)


def _phones(text: str) -> Iterator[Candidate]:
    for match in _PHONE.finditer(text):
        if sum(letter.isdigit() for letter in match[0]) <= _LONGEST_PHONE_DIGITS:
            yield Candidate("phone", *match.span(), match[0].strip())


def _trimmed(span: str) -> str:
    return " ".join(span.split()).strip(_EDGES)


_PATTERNS = {
    "order_id": _order_ids,
    "tracking_number": _tracking,
    "days_waiting": _days,
    "amount": _sums,
    "email": _emails,
    "phone": _phones,
}


def _matches(key: str, text: str) -> Iterator[Candidate]:
    return _PATTERNS[key](text)
