"""Chunks are whole blocks, lose nothing, and lead back to their article."""

import re
import sys
from itertools import pairwise

import pytest
from fakes import TODAY
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import LONGEST_TOKENS, TARGET_TOKENS, chunk, embedding_text
from knowledge.documents import Article, ArticleId, Audience, Chunk, Status

PARAGRAPH = st.text("abcde .,!?", min_size=1, max_size=300).map(
    lambda text: f"Words {' '.join(text.split())} end."
)
PARAGRAPHS = st.lists(PARAGRAPH, min_size=1, max_size=4)
HEADING = st.one_of(
    PARAGRAPH.map(lambda text: f"## {text[:40].strip()}"),
    PARAGRAPH.map(lambda text: f"{text[:40].strip()}\n---"),
)
BLOCK = st.one_of(
    PARAGRAPH,
    PARAGRAPHS.map(lambda lines: "\n".join(f"- {line}" for line in lines)),
    PARAGRAPHS.map(lambda lines: "\n\n".join(f"1. {line}\n\n   more" for line in lines)),
    PARAGRAPH.map(lambda text: f"```\n{text}\n\n# {text}\n```"),
    PARAGRAPH.map(lambda text: f"~~~ sh\n{text}\n```\n- {text}\n~~~"),
    PARAGRAPH.map(lambda text: f"| a | b |\n|---|---|\n| {text} | 2 |"),
    PARAGRAPHS.map(lambda lines: "\n>\n".join(f"> {line}" for line in lines)),
    PARAGRAPH.map(lambda text: f"<div>\n<b>{text}</b>\n# {text}\n</div>"),
    PARAGRAPH.map(lambda text: f"<!-- {text}\n\n{text} -->"),
    PARAGRAPH.map(lambda text: f'[a]: https://x.test "{text}"'),
    PARAGRAPH.map(lambda text: f"{text}:"),
    st.just("***"),
)
LINES = st.lists(
    st.one_of(
        st.text(max_size=40),
        st.sampled_from(
            "# h\n===\n---\n- a\n  - b\n1) c\n> q\n>\n```\n~~~\n<div>\n<!--\n-->\n[a]: /b\n|a|b|\n"
            "|-|-|\n\tcode\n    code\na:\n\n \n\u00a0".splitlines()
        ),
    ),
    max_size=40,
)


def article(text: str) -> Article:
    return Article(
        ArticleId("a"), "Title", "https://x.test", Status.PUBLISHED, Audience.PUBLIC, TODAY, text
    )


def chunks(text: str) -> list[Chunk]:
    return chunk(article(text))


def read(part: Chunk) -> str:
    return embedding_text(article(""), part)


@given(st.lists(st.one_of(BLOCK, HEADING.map(lambda text: f"{text}\n\nBody.")), max_size=25))
def test_no_block_is_split_and_no_word_is_lost(blocks: list[str]) -> None:
    found = chunks("\n\n".join(blocks) + "\n")
    for block in blocks:
        text = block.removesuffix("\n\nBody.")
        if text == block:
            assert any(block in one.text for one in found)
        else:
            title = re.sub(r"^## |\n---$", "", text)
            assert any(" ".join(title.split()) in one.headings for one in found)


@given(LINES)
def test_every_line_but_a_heading_is_in_exactly_one_chunk(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = chunks(text)
    assert all(one.end <= other.start for one, other in pairwise(found))
    edges = [0, *(edge for one in found for edge in (one.start, one.end)), len(text)]
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        assert is_blank_but_for_headings(text[start:end])


def is_blank_but_for_headings(gap: str) -> bool:
    """Whether a stretch between chunks is lines that begin with # or stand above === or ---."""
    lines = re.split(r"\r\n|\r|\n", gap)
    underlined = False
    for line in reversed(lines):
        if not line.strip(" \t"):
            underlined = False
        elif not line.strip():
            continue  # other white space: Markdown takes it for text, a reader for nothing
        elif re.fullmatch(r" {0,3}(=+|-+)[ \t]*", line):
            underlined = True
        elif re.match(r" {0,3}#{1,6}(\s|$)", line):
            underlined = False
        elif not underlined:
            return False
    return True


def test_the_judge_of_gaps_tells_text_from_headings() -> None:
    assert is_blank_but_for_headings("\n# One\n\nTwo\nlines\n===\n \n")
    assert not is_blank_but_for_headings("\n# One\nlost\n")
    assert not is_blank_but_for_headings("lost\n\n===\n")


@given(st.one_of(st.text(max_size=3_000), LINES.map("\n".join)))
def test_offsets_lead_back_to_the_article_whatever_the_text(text: str) -> None:
    found = chunks(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert [one.position for one in found] == list(range(len(found)))
    assert all(one.text.strip() for one in found)


def test_a_chunk_carries_the_path_of_its_headings() -> None:
    found = chunks("Intro.\n\n## Returns\n\nText.\n\n### Boots\n\nMore.\n\n## Care\n\nWash.\n")
    assert [one.headings for one in found] == [(), ("Returns",), ("Returns", "Boots"), ("Care",)]


def test_a_heading_without_text_is_in_the_path_of_those_below_it() -> None:
    [only] = chunks("# Returns\n\nBoots\nworn\n---\n\nThirty days.\n")
    assert only.headings == ("Returns", "Boots worn")


def test_title_and_headings_stand_in_front_of_what_is_embedded() -> None:
    [only] = chunks("## Boots\n\nThirty days.\n")
    assert read(only) == "Title › Boots\nThirty days."


def test_paragraphs_of_a_section_are_packed_to_about_the_target() -> None:
    words = "word " * 60
    found = chunks("\n\n".join([words.strip()] * 7))
    assert [one.text.count("\n\n") + 1 for one in found] == [3, 3, 1]


@pytest.mark.parametrize("block", ["{}", "> {}", "```\n{}\n\n{}\n```", "<div>\n{}\n</div>"])
def test_a_block_over_the_target_stays_whole(block: str) -> None:
    long = "word " * (3 * TARGET_TOKENS)
    assert len(chunks(block.format(long, long))) == 1


def test_a_lead_in_stays_with_its_list() -> None:
    lead, listed = "word " * 190 + "bring:", "- boots and more words here\n" * 20
    [only] = chunks(f"{lead}\n\n{listed}")
    assert only.text.startswith("word")
    assert only.text.endswith("here")


def test_a_lead_in_takes_nothing_along_that_fits_elsewhere() -> None:
    text, listed = "word " * 120, "- boots and more words here\n" * 20
    before, after = chunks(f"{text}\n\nBring these:\n\n{listed}")
    assert before.text == text.strip()
    assert after.text.startswith("Bring these:")


def test_a_list_or_table_over_the_target_stays_whole() -> None:
    assert len(chunks("- boots and more words here\n" * (TARGET_TOKENS // 4))) == 1
    assert len(chunks("| a | b |\n|---|---|\n" + "| 1 | 2 |\n" * (TARGET_TOKENS // 5))) == 1


def test_a_very_long_list_is_cut_between_its_entries() -> None:
    below = "\n".join("    - and below it nine more words of any kind" for _ in range(5))
    entries = [f"{n}. entry {n}:\n\n    more of it\n{below}" for n in range(1, 40)]
    found = chunks("\n\n".join(entries))
    assert len(found) > 3
    assert all(any(entry in one.text for one in found) for entry in entries)
    assert all(re.match(r"\d+\. entry", one.text) for one in found)


def test_a_part_of_a_very_long_table_is_read_under_its_header() -> None:
    rows = [f"| {n} | {n + 33} |" for n in range(LONGEST_TOKENS)]
    head = "| UK | EU |\n|---|---|\n"
    first, *others = chunks("## Sizes\n\n" + head + "\n".join(rows))
    assert first.text.startswith(head)
    assert read(others[0]).startswith("Title › Sizes › UK | EU\n| ")
    assert "\n".join([first.text, *(one.text for one in others)]) == head + "\n".join(rows)


def test_a_header_stays_with_the_first_row_of_a_very_long_table() -> None:
    lead, head = "word " * (TARGET_TOKENS - 15), "| UK | EU |\n|---|---|"
    rows = "\n".join(f"| {n} | {n + 33} |" for n in range(LONGEST_TOKENS))
    before, first, *_ = chunks(f"{lead}\n\n{head}\n{rows}")
    assert before.text == lead.strip()
    assert first.text.startswith(f"{head}\n| 0 | 33 |")


def test_an_article_of_headings_alone_has_no_chunk() -> None:
    assert chunks("## One\n\n## Two\n") == []


def calls_to_cut(text: str) -> int:
    """How many calls of functions it takes, which is work that no slow machine can change."""
    calls = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    sys.setprofile(count)
    try:
        chunks(text)
    finally:
        sys.setprofile(None)
    return calls


@pytest.mark.parametrize(
    "line", ["# H\n\n", "## H\n\ntext\n\n", "- a\n", "a:\n\n", "> a\n\n", "<p>\n\n", "|a|\n|-|\n\n"]
)
def test_the_work_grows_with_the_text_and_no_faster(line: str) -> None:
    assert calls_to_cut(line * 1_000) < 2.2 * calls_to_cut(line * 500)


def test_ten_thousand_headings_are_ten_thousand_chunks() -> None:
    found = chunks("".join(f"## H{n}\n\nText {n}.\n\n" for n in range(10_000)))
    assert [one.headings for one in found] == [(f"H{n}",) for n in range(10_000)]
