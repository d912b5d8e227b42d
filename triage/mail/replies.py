"""Replies parted from signature and quote (pure, linear)."""

from collections.abc import Sequence
from dataclasses import dataclass

from triage.mail.closings import signature_start
from triage.mail.forwards import MOST_LINES, Anchor, find_anchor
from triage.mail.lines import Line, joined, normalised, parted, wrap_width
from triage.mail.phrases import sent_from

MOST_TURNS = 20


@dataclass(frozen=True, slots=True)
class Split:
    """A text in its parts; None where there is no such part."""

    reply: str
    signature: str | None
    quoted: str | None


def split(text: str) -> Split:
    """Part what somebody wrote from signature and quote.

    What is written between and below quoted lines is theirs too; what follows a quote that is not
    marked line by line cannot be told from it.
    """
    lines, width = parted(normalised(text)), wrap_width(text)
    own, quoted = _unquoted(lines, width)
    start = signature_start(own)
    reply, signature = joined(own[:start]), joined(own[start:])
    if not reply and signature:
        reply, signature = signature, ""
    return Split(reply, signature or None, _shown(quoted) or None)


def _unquoted(lines: Sequence[Line], width: int | None) -> tuple[list[Line], list[Line]]:
    """The lines that the writer wrote, and those of others."""
    own, quoted = list[Line](), list[Line]()
    rest = lines
    for _ in range(MOST_TURNS):
        rest, anchor = find_anchor(rest, width=width)
        above = rest[: anchor.at] if anchor else rest
        cut = _after_sign_off(above)
        own.extend(_visible(above[:cut], quoted, width))
        if anchor is None or cut < len(above):
            quoted.extend(rest[cut:])
            return own, quoted
        quoted.extend(rest[anchor.at : anchor.body])
        below = rest[anchor.body :]
        if not _is_marked(below, anchor.depth) and not _nothing_said(own, anchor):
            quoted.extend(below)
            return own, quoted
        rest = _without_quote(below, quoted, width)
        own.append(Line("", 0))
    quoted.extend(rest)
    return own, quoted


def _nothing_said(own: Sequence[Line], anchor: Anchor) -> bool:
    """A text that begins with a header block: what follows is all there is to read."""
    return anchor.block is not None and all(line.blank for line in own)


def _is_marked(below: Sequence[Line], depth: int) -> bool:
    first = next((line for line in below if not line.blank), None)
    return first is not None and (first.depth > depth or depth > 0)


def _without_quote(below: Sequence[Line], quoted: list[Line], width: int | None) -> Sequence[Line]:
    """What follows the first quote; a line that was wrapped out of it belongs to it."""
    end = 0
    while end < len(below) and (below[end].depth or below[end].blank or _spilt(below, end, width)):
        quoted.append(below[end])
        end += 1
    return below[end:]


def _spilt(lines: Sequence[Line], at: int, width: int | None) -> bool:
    """Whether a line without a mark was wrapped out of the quoted one above it."""
    before, line = lines[at - 1] if at else Line("", 0), lines[at]
    if not before.depth or before.blank or line.blank:
        return False
    word = line.text.split(" ")[0]
    return width is not None and len(before.text) + 2 * before.depth + 1 + len(word) > width


def _visible(lines: Sequence[Line], quoted: list[Line], width: int | None) -> list[Line]:
    """Lines without those that are quoted without anybody being named."""
    own = list[Line]()
    for at, line in enumerate(lines):
        if line.depth or _spilt(lines, at, width):
            quoted.append(line)
        else:
            own.append(line)
    return own


def _after_sign_off(lines: Sequence[Line]) -> int:
    """Where a telephone has signed, what stands below is what it quotes without saying so."""
    for at, line in enumerate(lines[:MOST_LINES]):
        if line.blank or line.depth or not at or not lines[at - 1].blank:
            continue
        if sent_from(line.text):
            following = [one for one in lines[at + 1 :] if not one.blank]
            return at + 1 if following else len(lines)
    return len(lines)


def _shown(quoted: Sequence[Line]) -> str:
    return "\n".join("> " * line.depth + line.text for line in quoted).strip()
