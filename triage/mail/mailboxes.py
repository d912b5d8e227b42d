"""Address headers → people (RFC 5322, and what is written against it; total, linear time).

Words are decoded after parsing: an encoded word may hold a name, never an address.
"""

import re
from collections.abc import Iterator, Sequence

from triage.mail.charsets import one_line, unspoofed
from triage.mail.encoded_words import ENCODED_WORD, words_decoded
from triage.mail.letter import Address

_PIECES = (
    rf"(?P<word>{ENCODED_WORD})|(?P<angle><[^<>]*+>?)|(?P<open>\()|(?P<mark>[,;:])|(?P<space>\s++)"
    r"|(?P<atom>(?:(?!=\?)[^\s\"(<,;:])++|.)"
)
_TOKEN = re.compile(rf"(?P<quoted>\"(?:[^\"\\]|\\.)*+\")|{_PIECES}", re.DOTALL)
_UNQUOTED = re.compile(_PIECES, re.DOTALL)
_PARENTHESIS = re.compile(r"\\.|[()]", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CHARACTER = r"[^\s@<>\"(),;:\\\[\]]"
_ADDRESS = re.compile(
    rf"(?<!{_CHARACTER}){_CHARACTER}++@{_CHARACTER}++|\"[^\"@]{{1,64}}\"@{_CHARACTER}++"
)
_LOCAL = re.compile(r"<[^\s<>:;,]{1,200}>?")
_SAYS_MAIL = {"mailto", "mailto:", ":"}
_WRAPPED = "\"'`\u201c\u201d\u2018\u2019 "
MOST_ADDRESSES, MOST_ANGLES = 500, 20


def mailboxes(written: str) -> list[Address]:
    """The people of an address header, members of groups among them, as far as they are named.

    Of `name@here <other@there>` only the second is an address; the first is what somebody calls
    himself.
    """
    found: list[Address] = []
    for pieces in _entries(written):
        found += _people(pieces)
        if len(found) >= MOST_ADDRESSES:
            break
    return found[:MOST_ADDRESSES]


def _entries(written: str) -> Iterator[list[tuple[str, str]]]:
    """The pieces of each entry: kind and text."""
    pieces: list[tuple[str, str]] = []
    at, pattern = 0, _TOKEN
    while at < len(written) and (token := pattern.match(written, at)):
        kind, text = str(token.lastgroup), token[0]
        at = token.end()
        if text == '"':  # never closed, so that what follows is no quote
            end = written.find("<", at)
            at, start = end if end > 0 else len(written), at - 1
            kind, text, pattern = "quoted", written[start:at], _UNQUOTED
        if kind == "open":
            end = _comment_end(written, at)
            pieces.append(("comment", written[at : end - 1]))
            at = end
        elif kind == "mark" and (text != ":" or _names_group(pieces)):
            if text != ":":
                yield pieces
            pieces = []
        else:
            pieces.append((kind, text))
    yield pieces


def _comment_end(written: str, at: int) -> int:
    depth = 1
    for found in _PARENTHESIS.finditer(written, at):
        depth += {"(": 1, ")": -1}.get(found[0], 0)
        if not depth:
            return found.end()
    return len(written) + 1


def _names_group(pieces: Sequence[tuple[str, str]]) -> bool:
    """Whether a colon behind these pieces ends the name of a group (and is no `mailto:`)."""
    return not any(kind == "angle" or text.lower() == "mailto" for kind, text in pieces)


def _people(pieces: Sequence[tuple[str, str]]) -> list[Address]:
    angles = [at for at, (kind, _) in enumerate(pieces) if kind == "angle"]
    if not angles:
        return _bare(pieces)
    found, start = [], 0
    for at in angles[:MOST_ANGLES]:
        address = _address(pieces[at][1].strip("<> \t"))
        after = pieces[at + 1 :] if at == angles[-1] else ()
        comments = [one for one in after if one[0] == "comment"]
        name = _name(pieces[start:at]) or _name(comments, comments=True)
        if not address and not name and _LOCAL.fullmatch(pieces[at][1]):
            name = unspoofed(pieces[at][1].strip("<>"))
        found += _person(name, address)
        start = at + 1
    return found


def _bare(pieces: Sequence[tuple[str, str]]) -> list[Address]:
    """An address without angle brackets, its name in a comment or beside it."""
    shown = "".join(_addressing(pieces))
    found = _ADDRESS.search(shown)
    address = _address(shown) or (found[0] if found else None)
    comments = [one for one in pieces if one[0] == "comment"]
    beside = [one for one in pieces if not _is_within(one[1], address)]
    if address:
        return _person(_name(comments, comments=True) or _name(beside), address)
    return _person(_name(beside) or _name(comments, comments=True), None)


def _addressing(pieces: Sequence[tuple[str, str]]) -> Iterator[str]:
    """The texts that may be of an address: a name in quotes only before an @."""
    following = [*(text for _, text in pieces), ""][1:]
    for (kind, text), after in zip(pieces, following, strict=True):
        if kind == "word" or (kind == "quoted" and not after.startswith("@")):
            yield " "
        elif kind != "comment":
            yield text


def _is_within(text: str, address: str | None) -> bool:
    """Whether a piece is of the address itself, or only says that one follows."""
    said = text.strip().lower()
    return bool(address and said and (text in address or address in text or said in _SAYS_MAIL))


def _person(name: str | None, address: str | None) -> list[Address]:
    if name and address and name.lower() == address.lower():
        name = None
    return [Address(name, address)] if name or address else []


def _name(pieces: Sequence[tuple[str, str]], *, comments: bool = False) -> str | None:
    shown = []
    for kind, text in pieces:
        if kind == "quoted":
            shown.append(_ESCAPED.sub(r"\1", text.strip('"')))
        elif kind != "comment" or comments:
            shown.append(text)
    name = unspoofed(words_decoded("".join(shown)))
    return name.strip(_WRAPPED) or None


def _address(written: str) -> str | None:
    """An address in its only readable form; None for everything else."""
    bare = one_line(written)
    bare = bare.rpartition(":")[2] if bare.startswith("@") else bare
    bare = bare[len("mailto:") :] if bare.lower().startswith("mailto:") else bare
    bare = bare.strip("'`;, ").removesuffix(".")
    return unspoofed(bare) if _ADDRESS.fullmatch(bare) or _is_literal(bare) else None


def _is_literal(written: str) -> bool:
    local, _, host = written.partition("@")
    return bool(local) and host.startswith("[") and host.endswith("]") and " " not in written
