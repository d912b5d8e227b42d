"""Who wrote a mail, and whom to answer: what mailing lists rewrote is undone."""

import re
from dataclasses import dataclass

from triage.mail.headers import Headers
from triage.mail.letter import Address, Authentication
from triage.mail.mailboxes import mailboxes

_VIA = re.compile(
    r"^(.{1,200}?)\s+(?:via|\u00fcber|durch|por|par|tramite|przez|\u0447\u0435\u0440\u0435\u0437"
    r"|\u7d4c\u7531|\u901a\u8fc7)\s+\S.{0,200}$",
    re.IGNORECASE,
)
_LISTS = ("list-id", "list-post", "x-beenthere", "x-google-group-id", "mailing-list")
_ORIGINALS = ("x-original-sender", "x-original-from")
_MAILTO = re.compile(r"mailto:([^>?\s]{1,300})", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*+\)")
_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*+\"?", re.DOTALL)
_RESULT = re.compile(r"\s*dmarc\s*+=\s*+(\w+)", re.IGNORECASE)
_VERDICTS = {"pass": Authentication.PASSED, "fail": Authentication.FAILED}
_DEEPEST_COMMENT = 5


@dataclass(frozen=True, slots=True)
class Senders:
    """`author` is who wrote it, `sender` whom to answer; `relayed` where a list passed it on."""

    author: Address | None
    sender: Address | None
    relayed: bool = False


def senders(headers: Headers) -> Senders:
    """The author of a mail, and the sender: Reply-To, X-Original-Sender, From, in this order."""
    said = _first(headers, "from") or _first(headers, "sender")
    own = _list_addresses(headers)
    answers = [one for one in people(headers, "reply-to") if one.address]
    answer = next((one for one in answers if _key(one) not in own), None)
    original = next((one for name in _ORIGINALS if (one := _first(headers, name))), None)
    relayed = original is not None or _is_rewritten(headers, said, own)
    if not relayed:
        return Senders(said, _named(answer, said) or said)
    behind = original if original and original.address else answer
    author = _unwritten(said, behind) if _is_rewritten(headers, said, own) else said
    sender = _named(answer, author) or _named(behind, author) or author
    return Senders(author, sender, relayed=True)


def people(headers: Headers, name: str) -> list[Address]:
    """Everybody in the fields of that name."""
    return [one for written in headers.every(name) for one in mailboxes(written)]


def authentication(headers: Headers, authserv_id: str | None) -> Authentication:
    """What the server of that id says of DMARC.

    Only the topmost field of that id counts: the server itself put it there, on top of all that
    came with the mail.
    """
    wanted = (authserv_id or "").strip().lower()
    for written in headers.every("authentication-results") if wanted else ():
        said, _, results = _uncommented(written).partition(";")
        if said.lower().split()[:1] == [wanted]:
            found = (_RESULT.match(one) for one in results.split(";"))
            verdict = next((one[1].lower() for one in found if one), "")
            return _VERDICTS.get(verdict, Authentication.UNKNOWN)
    return Authentication.UNKNOWN


def _uncommented(written: str) -> str:
    text = _QUOTED.sub("", written)
    for _ in range(_DEEPEST_COMMENT):
        text = _COMMENT.sub(" ", text)
    return text


def _first(headers: Headers, name: str) -> Address | None:
    return next(iter(people(headers, name)), None)


def _list_addresses(headers: Headers) -> set[str]:
    """The addresses of the list that passed the mail on."""
    found = {one.lower() for post in headers.every("list-post") for one in _MAILTO.findall(post)}
    known = {_key(one) for name in ("x-beenthere", "mailing-list") for one in people(headers, name)}
    return (found | known) - {""}


def _is_rewritten(headers: Headers, said: Address | None, own: set[str]) -> bool:
    """Whether From shows the list in place of the author."""
    if said is None or not any(name in headers for name in (*_LISTS, *_ORIGINALS)):
        return False
    return _key(said) in own or bool(_VIA.match(said.name or ""))


def _unwritten(said: Address | None, behind: Address | None) -> Address | None:
    """The author behind "Jane via Support <support@groups…>"; as it stands where nobody says."""
    if said is None or behind is None or not behind.address:
        return said
    found = _VIA.match(said.name or "")
    name = found[1].strip("'\" ") if found else behind.name
    return Address(None if name and "@" in name else name or behind.name, behind.address)


def _named(behind: Address | None, author: Address | None) -> Address | None:
    """An address with its name, where the author is the same one and has it."""
    if behind is None or not behind.address:
        return None
    same = author is not None and _key(author) == _key(behind)
    return Address(behind.name or (author.name if author and same else None), behind.address)


def _key(one: Address) -> str:
    return (one.address or "").lower()
