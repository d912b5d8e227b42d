"""Header blocks in a mail's text: `From: … Sent: … To: … Subject: …` in any language (pure)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from triage.mail.addresses import address, addresses
from triage.mail.letter import Address
from triage.mail.lines import Line
from triage.mail.words import FINNISH, LONGEST_LABEL, ROLES, Role, any_of, folded, written

LONGEST_BLOCK = 60
LONGEST_FOLD = 160
LONGEST_PEOPLE = 1_000
MOST_BLANKS = 4
SHORT = 2
ALL_ROLES = 5
_PEOPLE = frozenset({Role.FROM, Role.TO, Role.CC, Role.BCC, Role.REPLY_TO})
_COLON = re.compile("[:\uff1a]")
_MARKUP = " \t*_"
_LABELS = [label for role in Role for label in written(role)]
_GLUED = re.compile(
    rf"(?:(?<=[\s>;\"\])])(?:{any_of(_LABELS)})"
    rf"|(?<=\w)(?:{any_of(one for one in _LABELS if len(one) > SHORT and one[0].isupper())}))"
    r"(?= ?[:\uff1a])"
)
_COLONLESS = re.compile(
    rf"(?<=>)(?:{any_of(written(Role.CC))})(?= [^:\uff1a]{{0,200}}@)"
    rf"|(?<=[A-Z0-9])(?:{any_of(written(Role.SUBJECT))})(?= (?! ?:))"
)
_BEHIND = re.compile("[ :\uff1a]*")
_ADDRESS_LIKE = re.compile(r"^[^@]{0,120}<[^<>\s]*@|^[^\s@]+@[^\s@]+[>,;]?$|^<")


@dataclass(frozen=True, slots=True)
class Block:
    """A header block; `end` is the line after it, `depth` how often its lines are quoted."""

    fields: Mapping[Role, str]
    end: int
    depth: int
    finnish: bool = False

    @property
    def sender(self) -> Address | None:
        """Who is said to have written."""
        return address(self.fields.get(Role.FROM, ""))

    @property
    def to(self) -> Sequence[Address]:
        """To whom it is said to have gone."""
        return addresses(self.fields.get(Role.TO, ""))

    @property
    def cc(self) -> Sequence[Address]:
        """Who is said to have got a copy."""
        return addresses(self.fields.get(Role.CC, ""))

    @property
    def telling(self) -> bool:
        """Whether this can be nothing else: it names a sender, and a subject or an address."""
        about = [role for role in self.fields if role not in {Role.FROM, Role.OTHER}]
        written = "@" in self.fields.get(Role.FROM, "") + self.fields.get(Role.TO, "")
        named = Role.SUBJECT in self.fields and Role.DATE in self.fields
        return Role.FROM in self.fields and len(about) > 1 and (written or named)


def labelled(text: str) -> tuple[Role, str] | None:
    """The role and the value of a header line; None for any other line."""
    start = text.lstrip(_MARKUP)
    colon = _COLON.search(start, 0, LONGEST_LABEL + 6)
    if colon is None:
        return None
    role = ROLES.get(folded(start[: colon.start()].strip(_MARKUP)))
    return (role, start[colon.end() :].strip(_MARKUP)) if role else None


def unglued(text: str) -> list[str]:
    """Header lines that a program has run together, each on its own again."""
    first = labelled(text)
    seen, cuts, parts = {first[0]} if first else set[Role](), [(0, 0, "")], list[str]()
    matches = [*_GLUED.finditer(text), *_COLONLESS.finditer(text)]
    for match in sorted(matches, key=lambda one: one.start()):
        role = ROLES[folded(match[0])]
        if role in seen or Role.SUBJECT in seen or match.start() < cuts[-1][1]:
            continue
        seen.add(role)
        behind = _BEHIND.match(text, match.end())
        cuts.append((match.start(), behind.end() if behind else match.end(), f"{match[0]}: "))
    for (_, end, label), (start, _, _) in zip(cuts, [*cuts[1:], (len(text), 0, "")], strict=True):
        parts.append(label + text[end:start].strip())
    return parts


def read_block(lines: Sequence[Line], at: int, *, width: int | None = None) -> Block | None:
    """The header block that begins at a line, or after a few blank ones.

    A value goes on in the next line where a program has wrapped it at `width` columns, where a list
    of addresses is open, or where another header follows.
    """
    at = _past_blanks(lines, at)
    if at == len(lines) or labelled(lines[at].text) is None:
        return None
    depth, fields = lines[at].depth, dict[Role, str]()
    current, end, finnish = Role.OTHER, at, False
    while end < min(len(lines), at + LONGEST_BLOCK):
        line = lines[end]
        found = labelled(line.text) if line.depth == depth else None
        if found and (found[0] not in fields or found[0] is Role.OTHER):
            current, value = found
            fields[current] = value
            finnish = finnish or folded(_COLON.split(line.text)[0].strip(_MARKUP)) in FINNISH
        elif line.blank and _goes_on(lines, end + 1, depth, fields):
            pass
        elif current in fields and (
            _continues(lines, end, (current, fields[current]), width=width)
            or _is_between(lines, end, depth, fields)
        ):
            fields[current] = f"{fields[current]} {line.text.strip(_MARKUP)}".strip()
        else:
            break
        end += 1
    return Block(fields, end, depth, finnish) if fields else None


def _past_blanks(lines: Sequence[Line], at: int) -> int:
    end = min(len(lines), at + MOST_BLANKS)
    while at < end and lines[at].blank:
        at += 1
    return at


def _goes_on(lines: Sequence[Line], at: int, depth: int, fields: Mapping[Role, str]) -> bool:
    """Whether the header goes on after a blank line: with a header that was not there yet."""
    if at >= len(lines) or lines[at].depth != depth:
        return False
    found = labelled(lines[at].text)
    return found is not None and found[0] not in fields and len(fields) < ALL_ROLES


def _continues(
    lines: Sequence[Line], at: int, header: tuple[Role, str], *, width: int | None
) -> bool:
    """Whether a line that is no header belongs to the value of the header before it."""
    line, before = lines[at], lines[at - 1]
    if before.blank or line.blank or labelled(line.text):
        return False
    role, value = header
    column = len(before.text) + 2 * before.depth + 1
    if not value or (width and column + len(line.text.split(" ")[0]) > width):
        return True
    if role not in _PEOPLE or len(line.text) > LONGEST_PEOPLE:
        return False
    still_open = value.endswith((",", ";")) or value.count("<") > value.count(">")
    return still_open or bool(_ADDRESS_LIKE.match(line.text.strip()))


def _is_between(lines: Sequence[Line], at: int, depth: int, fields: Mapping[Role, str]) -> bool:
    """Whether a short line stands between two headers."""
    if lines[at].blank or lines[at - 1].blank or len(lines[at].text) > LONGEST_FOLD:
        return False
    following = lines[at + 1] if at + 1 < len(lines) else None
    after = labelled(following.text) if following and following.depth == depth else None
    return after is not None and after[0] not in fields
