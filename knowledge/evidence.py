"""A passage as lines that can each bear out a claim (pure)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import groupby

from knowledge.documents import Chunk, Passage
from knowledge.quantities import Quantity, quantities
from knowledge.sentences import Form, Sentence, chunk_sentences
from knowledge.wording import Clause, clauses, stems

_LONGEST, _SHORT, _MOST_COUNTS = 1_000, 80, 50
_TYPOGRAPHY = str.maketrans(
    "\u2018\u2019\u201c\u201d\u201e\u00ab\u00bb\u2013\u2014\u2212", "''" + '"' * 5 + "---"
)
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*(?:\s[^()]*)?\)")
_MARKS = re.compile(r"\*+|`+|(?<!\w)_+|_+(?!\w)")
_LEANS = re.compile(
    r"(?:it|its|they|their|this|these|those|that|neither|both|either|one|such|for those|otherwise"
    r"|in that case|if so|then|there|he|she)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(r"(?:that|this|these|they|those|it) (?:also )?includes?\b", re.IGNORECASE)
_LISTS = re.compile(r"(?:what|which|who|where|when|not|no|never|items?|things)\b", re.IGNORECASE)
_YES_NO = re.compile(r"(yes|no)[.,:;!]\s*", re.IGNORECASE)
_NOTHING = frozenset[str]()


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence, row or point.

    `meant` reads it with what leads in; `subject` are the stems of the sentences that it leans on
    ("It …"), `around` those of others before it in its paragraph; `counts` are its quantities,
    `above` those of title, headings and date.
    """

    text: str
    meant: str
    clauses: tuple[Clause, ...]
    stems: frozenset[str]
    subject: frozenset[str]
    around: frozenset[str]
    counts: tuple[Quantity, ...]
    above: tuple[Quantity, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a passage says (`lines`), under which title and headings (`about`), in which words.

    `text` is all of it as quotations are compared, `quotable` each sentence as that.
    """

    lines: tuple[Line, ...]
    about: frozenset[str]
    stems: frozenset[str]
    words: frozenset[str]
    text: str
    quotable: frozenset[str]


def reading(passage: Passage) -> Reading:
    """What a passage says; kept, since every sentence of an answer asks for it again."""
    return _read(passage.title, passage.url, passage.updated, passage.chunk)


def bare(text: str) -> str:
    """Text without Markdown, typography, capitals and full stop, as quotations are compared."""
    return " ".join(mark_free(text).translate(_TYPOGRAPHY).casefold().split()).rstrip(".")


def mark_free(text: str) -> str:
    """Text without emphasis, code marks and the addresses of links."""
    return _MARKS.sub("", _LINK.sub(r"\1", text))


@lru_cache(maxsize=512)
def _read(title: str, url: str, updated: date, chunk: Chunk) -> Reading:
    above = (title, *chunk.headings)
    dated = quantities(f"{' / '.join(above)} / {updated} / {updated.year}")
    known = [one for one in dated if one.kind or one.value == updated.year]
    found = chunk_sentences(chunk)
    lines: list[Line] = []
    lead_in = ""
    for _, block in groupby(found, key=lambda one: one.block):
        run = list(block)
        lines += _lines(run, lead_in, above[-1])
        lead_in = run[-1].text if run[-1].text.endswith(":") else ""
    about = stems(". ".join(one for one in above if not one.endswith("?")))
    about |= stems(re.sub(r"\W", " ", url))
    everything = " ".join((*above, mark_free(chunk.text)))
    return Reading(
        lines=tuple(replace(one, above=tuple(known)) for one in lines),
        about=about,
        stems=about.union(*(one.stems for one in lines)),
        words=frozenset(re.findall(r"\w+", f"{everything} {url}")),
        text=bare(everything),
        quotable=frozenset(bare(one.text) for one in found),
    )


def _lines(block: Sequence[Sentence], lead_in: str, heading: str) -> Iterator[Line]:
    """The sentences of a block; the short points of a list one by one and all together."""
    in_list = block[0].form in {Form.POINT, Form.STEP}
    above = (lead_in or (heading if _LISTS.match(heading) else "")) if in_list else ""
    before: Line | None = None
    for n, sentence in enumerate(block):
        opens = block[0].form is not Form.PROSE and sentence.entry != block[n - 1].entry
        for one in _said(sentence.text, heading):
            before = _line(one, above, None if n == 0 or opens else before)
            yield before
    if in_list:
        short = "; ".join(one.text for one in block if len(one.text) <= _SHORT)
        yield _line(short, above, None)


def _said(text: str, heading: str) -> Iterator[str]:
    """A "No." says no to its heading, and then what follows is said."""
    answer = _YES_NO.match(text)
    if answer and heading:
        yield f"{heading.rstrip('?')} {answer[1].casefold()}"
    rest = text[answer.end() :] if answer else text
    if rest:
        yield rest


def _line(text: str, above: str, before: Line | None) -> Line:
    own = f"{above.rstrip(':')}: {text}" if above else text
    leans = before if _LEANS.match(text) else None
    goes_on = leans.clauses if leans and _GOES_ON.match(text) else ()
    said = (*goes_on, *clauses(own))
    counts = tuple(count for one in said for count in one.counts)
    return Line(
        text=text,
        meant=(f"{leans.meant} {own}" if leans else own)[-_LONGEST:],
        clauses=said,
        stems=_NOTHING.union(*(one.words for one in said)),
        subject=leans.subject | leans.stems if leans else _NOTHING,
        around=before.around | before.stems if before else _NOTHING,
        counts=((leans.counts if leans else ()) + counts)[-_MOST_COUNTS:],
        above=(),
    )
