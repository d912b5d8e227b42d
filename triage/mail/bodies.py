"""The text of a mail: which of its parts are words of the writer, and in which form."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from triage.mail.flowed import unflowed
from triage.mail.markup import text_of_html
from triage.mail.mime import MESSAGES, Part

TEXTS = {"text/plain", "text/html", "text/enriched", "text/richtext"}
_STUB_WORDS, _SHARED, _LONGER = 80, 0.5, 2
_WORD = re.compile(r"\w+")
_APOLOGY = re.compile(r"html|browser|navigat|webmail|multi-?part|mime", re.IGNORECASE)
_NAMED_BODY = {"attachment"}


@dataclass(frozen=True, slots=True)
class Text:
    """A text in the form that is read, and in the form nearest to its HTML."""

    read: str = ""
    marked: str = ""


def text_of(whole: Part) -> Text:
    """The words of a mail: plain text unless it is empty or only says that there is HTML."""
    return _text(whole, next(_leaves(whole), None))


def is_body(part: Part, first: Part | None) -> bool:
    """Whether a part is text of the mail itself and no file."""
    if part.kind not in TEXTS or part.disposition in _NAMED_BODY:
        return False
    named = "name" in part.parameters or "filename" in (
        part.headers.raw("content-disposition") or ""
    )
    return part is first or not named


def first_text(whole: Part) -> Part | None:
    """The first part that can be the body."""
    return next(_leaves(whole), None)


def _leaves(whole: Part) -> Iterator[Part]:
    return (
        part
        for part in whole.walk()
        if not part.parts and part.kind in TEXTS and part.disposition not in _NAMED_BODY
    )


def _text(part: Part, first: Part | None) -> Text:
    if part.kind in MESSAGES or not (part.parts or is_body(part, first)):
        return Text()
    if not part.parts:
        return _leaf(part)
    if part.kind == "multipart/alternative":
        return _chosen([(one, _text(one, first)) for one in part.parts])
    inside = [_text(one, first) for one in part.parts]
    return Text(_below([one.read for one in inside]), _below([one.marked for one in inside]))


def _leaf(part: Part) -> Text:
    if part.kind == "text/plain":
        text = part.text
        if part.parameters.get("format", "").lower() == "flowed":
            deletes = part.parameters.get("delsp", "").lower() == "yes"
            text = unflowed(text, deletes_space=deletes)
    else:
        text = text_of_html(part.text)
    return Text(text, text)


def _chosen(forms: Sequence[tuple[Part, Text]]) -> Text:
    """One of several forms of the same words."""
    plain = [text.read for part, text in forms if part.kind == "text/plain" and text.read.strip()]
    marked = [text for part, text in forms if part.kind != "text/plain" and text.read.strip()]
    if not plain:
        return marked[-1] if marked else Text()
    if not marked:
        return Text(plain[0], plain[0])
    rich = marked[-1]
    return rich if is_stub(plain[0], rich.read) else Text(plain[0], rich.marked)


def is_stub(plain: str, marked: str) -> bool:
    """Whether a plain text is not what the HTML says but an apology for not saying it."""
    words = _WORD.findall(plain[:4_000].casefold())
    if len(words) > _STUB_WORDS:
        return False
    seen = set(_WORD.findall(marked.casefold()))
    shared = sum(word in seen for word in words)
    if not seen or shared > len(words) * _SHARED:
        return False
    return bool(_APOLOGY.search(plain)) or len(seen) > len(words) * _LONGER


def _below(texts: Sequence[str]) -> str:
    """Texts one below the other."""
    shown = [one.strip("\n") if at else one.rstrip("\n") for at, one in enumerate(texts)]
    return "\n\n".join(one for one in shown if one.strip())
