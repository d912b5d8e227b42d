"""Forwards unwrapped: the mail inside, and what the forwarder wrote above it (pure, linear)."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.mail.attributions import Attribution, read_attribution
from triage.mail.blocks import Block, labelled, read_block, unglued
from triage.mail.letter import Original
from triage.mail.lines import Line, dequoted, joined, normalised, parted, wrap_width
from triage.mail.phrases import (
    FORWARD_PREFIXES,
    RULE,
    forwarding,
    inline_mark,
    marked,
    original,
    prefixes,
)
from triage.mail.words import Role

LONGEST_GLUED = 2_000
MOST_GLUED = 3
MOST_LINES = 1_000
_FIRST = frozenset({Role.FROM, Role.SUBJECT, Role.DATE, Role.TO})


@dataclass(frozen=True, slots=True)
class Unwrapped:
    """The outermost forward of a text: the mail inside, and what the forwarder wrote above it."""

    original: Original | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Anchor:
    """Where an earlier mail begins: at line `at`; its own text at line `body`."""

    at: int
    body: int
    depth: int
    announced: bool
    block: Block | None = None
    attribution: Attribution | None = None


def unwrap(subject: str | None, text: str) -> Unwrapped:
    """Find the outermost forward in a text; inner ones stay in its body.

    What stands first decides: an announced forward, a header block, or the line above a quote;
    where only the subject can tell a forward from a reply, its prefix does.
    """
    lines, anchor = find_anchor(parted(normalised(text)), width=wrap_width(text))
    subject = normalised(subject or "")
    if anchor is None or not _is_forward(subject, lines, anchor):
        return Unwrapped(None, None)
    body, below = _body(lines, anchor)
    note = "\n\n".join(one for one in (joined(lines[: anchor.at]), below) if one)
    return Unwrapped(_original(subject, anchor, body), note or None)


def find_anchor(
    lines: Sequence[Line], *, width: int | None = None
) -> tuple[Sequence[Line], Anchor | None]:
    """Where the first earlier mail begins; lines that were run together come back apart.

    Nobody writes thousands of lines above one: it is looked for in the first `MOST_LINES`.
    """
    at = read = 0
    while at < min(len(lines), MOST_LINES):
        if lines[at].blank:
            at += 1
            continue
        lines = _apart(lines, at, width)
        anchor = _announced(lines, at, width)
        if anchor is None and at >= read:
            anchor, read = _header_block(lines, at, width)
        anchor = anchor or _attributed(lines, at)
        if anchor:
            return lines, anchor
        at += 1
    return lines, None


def _announced(lines: Sequence[Line], at: int, width: int | None) -> Anchor | None:
    """What stands below a separator such as `---- Forwarded message ----`."""
    line = lines[at]
    announced = forwarding(line.text)
    if not announced and not original(line.text):
        return None
    block = read_block(lines, at + 1, width=width)
    if block and (Role.FROM in block.fields or len(block.fields) > 1):
        return Anchor(at, _past_separator(lines, block.end), block.depth, announced, block)
    attribution = _attribution(lines, at + 1)
    if attribution:
        return Anchor(at, attribution.end, line.depth, announced, attribution=attribution)
    dashed = line.text.strip(" *")[:1] in "-_\u2013\u2014="
    return Anchor(at, at + 1, line.depth, announced) if dashed else None


def _past_separator(lines: Sequence[Line], at: int) -> int:
    """Some programs close the header with the separator that opened it."""
    while at < len(lines) and lines[at].blank:
        at += 1
    return at + 1 if at < len(lines) and forwarding(lines[at].text) else at


def _header_block(lines: Sequence[Line], at: int, width: int | None) -> tuple[Anchor | None, int]:
    """A header block that nothing announces; else the line up to which there is none."""
    found = labelled(lines[at].text)
    if found is None or found[0] not in _FIRST:
        return None, at
    block = read_block(lines, at, width=width)
    if block is None or not block.telling:
        followed = block and block.end < len(lines) and labelled(lines[block.end].text)
        return None, at if block is None or followed else block.end
    start = _rule_above(lines, at)
    return Anchor(start, block.end, block.depth, announced=False, block=block), at


def _attributed(lines: Sequence[Line], at: int) -> Anchor | None:
    """What stands below `On Monday, Ada wrote:`."""
    attribution = read_attribution(lines, at)
    if attribution is None:
        return None
    depth = lines[at].depth
    return Anchor(at, attribution.end, depth, announced=False, attribution=attribution)


def _attribution(lines: Sequence[Line], at: int) -> Attribution | None:
    while at < len(lines) and lines[at].blank:
        at += 1
    return read_attribution(lines, at) if at < len(lines) else None


def _rule_above(lines: Sequence[Line], at: int) -> int:
    """The line of underscores that Outlook draws above a header block belongs to it."""
    above = at - 1
    while above >= 0 and lines[above].blank:
        above -= 1
    return above if above >= 0 and RULE.match(lines[above].text) else at


def _apart(lines: Sequence[Line], at: int, width: int | None) -> Sequence[Line]:
    """Lines with a header block that was run together, or set behind a separator, set apart."""
    text, depth = lines[at].text, lines[at].depth
    after = inline_mark(text)
    if after and text[after:].strip():
        rest, end = _run(lines, at, width)
        block = [Line(one, depth) for one in unglued(rest[after:].strip())]
        return [*lines[:at], Line(text[:after].strip(), depth), *block, *lines[end:]]
    found = labelled(text)
    if found is None or found[0] is not Role.FROM:
        return lines
    rest, end = _run(lines, at, width)
    pieces = unglued(rest.strip()) if len(rest) <= LONGEST_GLUED else []
    roles = {found[0] for one in pieces if (found := labelled(one))}
    if len(pieces) < MOST_GLUED or Role.SUBJECT not in roles:
        return lines
    return [*lines[:at], *(Line(one, depth) for one in pieces), *lines[end:]]


def _run(lines: Sequence[Line], at: int, width: int | None) -> tuple[str, int]:
    """A line and those that were wrapped out of it, and the line after them."""
    text = last = lines[at].text
    end = at + 1
    while width and end < len(lines):
        following = lines[end].text
        word = following.split(" ")[0]
        if not word or len(last) + 1 + len(word) <= width:
            break
        text, last, end = f"{text} {following}", following, end + 1
    return text, end


def _is_forward(subject: str, lines: Sequence[Line], anchor: Anchor) -> bool:
    if anchor.announced:
        return True
    found, _ = prefixes(subject)
    first = found[0] if found else None
    if first in FORWARD_PREFIXES and not (first == "vs" and anchor.block and anchor.block.finnish):
        return True
    if first:
        return False
    return anchor.attribution is None or _only_quotes(lines, anchor)


def _only_quotes(lines: Sequence[Line], anchor: Anchor) -> bool:
    """Nothing but a quote, indented or marked: nobody has replied to it."""
    said = [line for line in lines[anchor.body :] if not line.blank]
    quoted = all(line.depth > anchor.depth or line.text.startswith("  ") for line in said)
    return bool(said) and quoted and all(line.blank for line in lines[: anchor.at])


def _body(lines: Sequence[Line], anchor: Anchor) -> tuple[str, str]:
    """The text of the mail inside, and what the forwarder wrote below it."""
    inside = _without_end(lines[anchor.body :])
    depth = anchor.depth or _deeper(inside)
    if not depth:
        text = "\n".join("> " * line.depth + line.text for line in inside)
        return _outdented(text), ""
    end = max((n for n, line in enumerate(inside, 1) if line.depth >= depth), default=0)
    while end < len(inside) and not inside[end].blank:
        end += 1
    return dequoted(inside[:end], depth), joined(inside[end:])


def _without_end(inside: Sequence[Line]) -> Sequence[Line]:
    """Lines without the last one where it says that the forwarded mail ends."""
    end = len(inside)
    while end and inside[end - 1].blank:
        end -= 1
    closes = end and (marked(inside[end - 1].text) or "").startswith("end")
    return inside[: end - 1] if closes and forwarding(inside[end - 1].text) else inside


def _deeper(inside: Sequence[Line]) -> int:
    """1 where a program quotes the whole text below a header that it does not quote."""
    said = [n for n, line in enumerate(inside) if not line.blank]
    if not said or not inside[said[0]].depth:
        return 0
    return int(all(inside[n].depth or not inside[n - 1].blank or inside[n - 1].depth for n in said))


def _outdented(text: str) -> str:
    """Text without the indentation that all its lines share."""
    said = [line for line in text.split("\n") if line.strip()]
    margin = min((len(line) - len(line.lstrip(" ")) for line in said), default=0)
    return "\n".join(line[margin:] for line in text.split("\n")).strip()


def _original(subject: str, anchor: Anchor, body: str) -> Original:
    _, bare = prefixes(subject)
    block, attribution = anchor.block, anchor.attribution
    if block is None:
        sender = attribution.sender if attribution else None
        date = attribution.date if attribution else None
        return Original(sender, (), (), bare or None, date, body)
    return Original(
        sender=block.sender,
        to=block.to,
        cc=block.cc,
        subject=block.fields.get(Role.SUBJECT) or bare or None,
        date=block.fields.get(Role.DATE) or None,
        body=body,
    )
