"""Chosen quotes as Markdown, each with its marker (pure)."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from knowledge.adapters.extractive_quotes import Quote
from knowledge.sentences import Form


def written(chosen: Sequence[int], quotes: Sequence[Quote]) -> str:
    """Paragraphs and lists whose every sentence has its [n].

    The passages in the order in which they were chosen from, of each the sentences in their order.
    """
    passages = dict.fromkeys(quotes[n].passage for n in chosen)
    by_passage = (
        [quotes[n] for n in sorted(chosen) if quotes[n].passage == number] for number in passages
    )
    return "\n\n".join(block for found in by_passage for block in _blocks(found))


def _blocks(found: Sequence[Quote]) -> Iterator[str]:
    """Paragraphs and lists of one passage; neighbouring paragraphs become one."""
    groups = [list(run) for _, run in groupby(found, key=lambda one: one.place)]
    for is_list, together in groupby(groups, key=_is_list):
        if is_list:
            yield from (_list(one) for one in together)
        else:
            yield " ".join(_paragraph(one) for one in together)


def _is_list(group: Sequence[Quote]) -> bool:
    """Points lose their sense outside of a list, above all under a heading like "Do not"."""
    return group[0].form is Form.POINT or len({one.entry for one in group}) > 1


def _paragraph(group: Sequence[Quote]) -> str:
    """Under its heading where it takes its subject, or the question, from there."""
    first = group[0]
    lead = ""
    if first.replies or (first.leans and first.heading.endswith("?")):
        lead = f"{first.heading} "
    elif first.leans:
        lead = f"{first.heading}: "
    return lead + _cited(group)


def _list(group: Sequence[Quote]) -> str:
    """Rows speak for themselves; other lists have their lead-in, or else their heading, above."""
    entries = groupby((one for one in group if not one.announces), key=lambda one: one.entry)
    runs = [list(run) for _, run in entries]
    # Numbers with gaps would look like steps that were lost.
    numbered = len(runs) > 1 and runs[-1][0].entry - runs[0][0].entry == len(runs) - 1
    lines = [_entry(run, numbered=numbered) for run in runs]
    if group[0].announces:
        lines.insert(0, group[0].text)
    elif group[0].form is not Form.ROW:
        lines.insert(0, f"{group[0].heading.rstrip('?:.')}:")
    return "\n".join(lines)


def _entry(run: Sequence[Quote], *, numbered: bool) -> str:
    bullet = f"{run[0].entry + 1}." if numbered and run[0].form is Form.STEP else "-"
    return f"{bullet} {_cited(run)}"


def _cited(run: Sequence[Quote]) -> str:
    return " ".join(f"{_ended(one.text)} [{one.passage}]" for one in run)


def _ended(text: str) -> str:
    return text if text[-1] in '.!?:;)"”' else f"{text}."
