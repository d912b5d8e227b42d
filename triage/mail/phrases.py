"""What mail programs write between mails: separators, prefixes, attributions, sign-offs."""

import re

from triage.mail.words import TABLE, any_of, folded, foldings

FORWARD_PREFIXES = foldings(TABLE["subjects"]["forward"])
"""`vs` is Danish and Norwegian; in Finnish it means a reply: see `forwards`."""
REPLY_PREFIXES = foldings(TABLE["subjects"]["reply"])
_PREFIX = re.compile(
    r"\s*(?:\[[^\[\]]{1,40}\]\s*)*([^\W\d_]{1,14}(?: [^\W\d_]{1,12})?\.?)"
    r"\s?(?:\[\d+\]|\(\d+\))?\s?[:\uff1a]\s*"
)
_TAGS = re.compile(r"\s*(?:\[[^\[\]]{1,40}\]\s*)*")

_FORWARDED = re.compile(any_of(foldings(TABLE["separators"]["forwarded"])))
_ORIGINAL = re.compile(any_of(foldings(TABLE["separators"]["original"])))
BARE_MARKS = foldings(TABLE["separators"]["bare"])
_DASHES = frozenset("-\u2013\u2014_=\u00b7")
_RUN = r"(?:[-\u2013\u2014_=]{2,60}|\u00b7{3,60})"
_DASHED = re.compile(
    rf"[*_ ]{{0,3}}{_RUN}\s*(?P<words>[^-_=\u2013\u2014\n][^\n]{{2,90}}?)\s*{_RUN}[*_ ]{{0,3}}"
)
LONGEST_MARK = 90
RULE = re.compile(r"[\s*]*[_\-\u2013\u2014=]{4,200}[\s*]*$")
_SAID = TABLE["attributions"]
WROTE = re.compile(
    rf"\b(?:{any_of(_SAID['verbs'])})(?!\w)|{any_of(_SAID['verbs_anywhere'])}", re.IGNORECASE
)
OPENING = re.compile(rf"(?:(?:{any_of(_SAID['openings'])})\b\.?|\d{{1,4}}\b)", re.IGNORECASE)
LONGEST_SIGN_OFF = 400
LONGEST_SIGNER = 120
SHORT = 60
_AROUND = " \t*_<>[]()"
_LINK = re.compile(r"\s?[<(\[]?https?://[^\s<>]{1,300}[>)\]]?")
_SIGNERS = TABLE["signers"]
_SIGNED = re.compile(
    rf"(?:{any_of(foldings(_SIGNERS['starts']))})(?! ?(?:{any_of(_SIGNERS['persons'])})\b)"
    r" ?(?:[^.!?\n]|[.!?](?=\S)){1,90}"
)
_SIGNED_LATE = re.compile(any_of(foldings(_SIGNERS["parts"])))
DISCLAIMER = re.compile(any_of(foldings(_SIGNERS["disclaimers"])))


def forwarding(line: str) -> bool:
    """Whether a line announces a forwarded mail: `---- Forwarded message ----` or a bare one."""
    words = marked(line)
    if words is not None:
        return bool(_FORWARDED.search(words))
    return (
        len(line) <= LONGEST_MARK and folded(line.strip("*_ >").rstrip(":\uff1a .")) in BARE_MARKS
    )


def original(line: str) -> bool:
    """Whether a line announces an earlier mail: `-----Original Message-----`."""
    words = marked(line)
    return words is not None and bool(_ORIGINAL.search(words))


def marked(line: str) -> str | None:
    """The folded words between the dashes of a separator line."""
    stripped = line.strip(" *_")
    if len(stripped) > 2 * LONGEST_MARK or stripped[:1] not in _DASHES:
        return None
    found = _DASHED.fullmatch(line.strip())
    return folded(found["words"]) if found else None


def inline_mark(line: str) -> int:
    """Where the text after a separator at the start of a line begins; 0 where there is none."""
    stripped = line.lstrip(" *")
    dashed = stripped.startswith(("--", "\u2013\u2013", "\u2014\u2014", "=="))
    if not dashed or RULE.match(line) or forwarding(line):
        return 0
    for found in re.finditer(r"[-\u2013\u2014=]{2,}", stripped[:200]):
        head = stripped[: found.end()]
        if found.start() and (forwarding(head) or original(head)):
            return len(line) - len(stripped) + found.end()
    return 0


def prefixes(subject: str) -> tuple[list[str], str]:
    """The folded prefixes of a subject, outermost first, and the subject without the first one."""
    found: list[str] = []
    rest = bare = subject.strip()
    while match := _PREFIX.match(rest):
        word = folded(match[1]).rstrip(".")
        if word not in FORWARD_PREFIXES | REPLY_PREFIXES:
            break
        tags = _TAGS.match(rest)
        found.append(word)
        rest = rest[match.end() :]
        if len(found) == 1:
            bare = ((tags[0] if tags else "") + rest).strip()
    return found, bare


def sent_from(line: str) -> bool:
    """Whether a line is what a telephone or a mail program signs with."""
    if len(line) > LONGEST_SIGN_OFF:
        return False
    words = folded(_LINK.sub("", line).strip(_AROUND))
    if not 0 < len(words) <= LONGEST_SIGNER:
        return False
    return bool(_SIGNED.fullmatch(words)) or bool(len(words) < SHORT and _SIGNED_LATE.search(words))


def disclaims(line: str) -> bool:
    """Whether a line begins what lawyers put below mails."""
    return bool(DISCLAIMER.match(folded(line[:LONGEST_SIGN_OFF].strip(_AROUND))))
