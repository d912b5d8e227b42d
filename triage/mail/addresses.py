"""Address lists as people see them in a mail's text → addresses (pure, total, linear)."""

import re
from collections.abc import Sequence

from triage.mail.letter import Address

LONGEST_LIST = 20_000
_ASIDE = ("behalf", "auftrag", "part de", "namens", "nome di", "nombre de", "imieniu")
_QUOTES = " \t'\"\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb*`"
_PART = r"[^\s<>\[\]()@,;:\"\u201c\u201d\u201e\u00ab\u00bb]"
_MAILTO = re.compile(r"\s?[<\[(]\s?mailto:[^<>\[\]()\s]{0,320}\s?[>\])]", re.IGNORECASE)
_BARE = re.compile(rf"{_PART}{{1,100}}@{_PART}{{1,200}}")
_BRACKETED = re.compile(rf"[\[(]\s?(?:mailto:\s?)?({_BARE.pattern})\s?[\])]", re.IGNORECASE)
_ANGLE = re.compile(r"<{1,2}\s?(?:mailto:)?([^<>\n]{0,320}?)\s?>{1,2}", re.IGNORECASE)
_NESTED = re.compile(r"<([^<>\s]{1,320})\s?<mailto:[^<>]{0,320}>\s?>", re.IGNORECASE)


def addresses(text: str) -> list[Address]:
    """Every address of a list, in order; names that stand alone are addresses without one."""
    text = _plain(text[:LONGEST_LIST])
    found: list[Address] = []
    at = 0
    for match in _ANGLE.finditer(text):
        found.extend(_before(text[at : match.start()], match[1].strip()))
        at = match.end()
    rest = text[at:].strip(" ,;")
    if rest and not (found and _aside(rest)):
        found.extend(_listed(rest))
    return found


def address(text: str) -> Address | None:
    """The first address of a text; a lone name counts."""
    return next(iter(addresses(text)), None)


def _plain(text: str) -> str:
    """One form for what programs write around an address."""
    text = _NESTED.sub(r"<\1>", " ".join(text.split()))
    bracketed = _BRACKETED.sub(r"<\1>", text) if "<" not in _MAILTO.sub("", text) else text
    return _MAILTO.sub("", bracketed)


def _aside(rest: str) -> bool:
    """What follows an address and names nobody else: `on behalf of …`, `(via …)`."""
    named = _BARE.search(rest.partition(",")[0]) or rest[0].isupper()
    return not named or any(word in rest.casefold() for word in _ASIDE)


def _before(text: str, inside: str) -> Sequence[Address]:
    """The entries before a bracket, and the one that the bracket closes."""
    entries = [one for one in _entries(text) if one]
    name = entries.pop() if entries and not text.rstrip().endswith((",", ";")) else ""
    others = [one for entry in entries for one in _listed(entry)]
    if "@" not in inside:
        whole = f"{name} {inside}".strip()
        return [*others, *([Address(_name(whole), None)] if _name(whole) else [])]
    return [*others, Address(_name(name, inside), inside)]


def _entries(text: str) -> list[str]:
    """Entries parted at semicolons, and at commas after what is an address already."""
    entries: list[str] = []
    for part in text.split(";"):
        pieces = part.split(",")
        while pieces and (_BARE.fullmatch(pieces[0].strip(_QUOTES)) or not pieces[0].strip()):
            entries.append(pieces.pop(0).strip())
        rest = ",".join(pieces).strip()
        if rest:
            entries.append(rest)
    return entries


def _listed(text: str) -> list[Address]:
    """Addresses and names without brackets."""
    parts = text.split(";")
    if len(parts) == 1:
        pieces = [one.strip() for one in text.split(",") if one.strip()]
        whole = all("@" in one or " " in one for one in pieces)
        parts = pieces if whole else [text]
    found = []
    for part in parts:
        bare = _BARE.search(part)
        name = _name(part.replace(bare[0], " "), bare[0]) if bare else _name(part)
        if bare or name:
            found.append(Address(name, bare[0].rstrip(".") if bare else None))
    return found


def _name(text: str, inside: str = "") -> str | None:
    """A name without its quotes; None where it only repeats the address."""
    name = " ".join(text.split()).strip(_QUOTES + ",;").strip()
    if name.startswith("(") and name.endswith(")"):
        name = name[1:-1].strip()
    return None if not name or name.casefold() == inside.casefold() else name
