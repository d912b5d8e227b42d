"""Chunks are whole blocks, and lead back to their article."""

from itertools import pairwise

from fakes import TODAY
from hypothesis import given
from hypothesis import strategies as st

from knowledge.chunking import TARGET_TOKENS, chunk, embedding_text
from knowledge.documents import Article, ArticleId, Audience, Chunk, Status

PARAGRAPH = st.text("abcde .,!?", min_size=1, max_size=300).map(
    lambda text: f"Words {' '.join(text.split())} end."
)
BLOCK = st.one_of(
    PARAGRAPH,
    PARAGRAPH.map(lambda text: f"## {text[:40].strip()}"),
    st.lists(PARAGRAPH, min_size=1, max_size=4).map(
        lambda lines: "\n".join(f"- {line}" for line in lines)
    ),
    PARAGRAPH.map(lambda text: f"```\n{text}\n\n{text}\n```"),
    PARAGRAPH.map(lambda text: f"| a | b |\n|---|---|\n| {text} | 2 |"),
    PARAGRAPH.map(lambda text: f"> {text}"),
)


def article(text: str) -> Article:
    return Article(
        ArticleId("a"), "Title", "https://x.test", Status.PUBLISHED, Audience.PUBLIC, TODAY, text
    )


def chunks(text: str) -> list[Chunk]:
    return chunk(article(text))


@given(st.lists(BLOCK, min_size=1, max_size=25))
def test_no_block_is_split_and_no_word_is_lost(blocks: list[str]) -> None:
    found = chunks("\n\n".join(blocks) + "\n")
    for block in blocks:
        if not block.startswith("#"):
            assert any(block in one.text for one in found)


@given(st.text(max_size=3_000))
def test_offsets_lead_back_to_the_article_whatever_the_text(text: str) -> None:
    found = chunks(text)
    assert all(text[one.start : one.end] == one.text for one in found)
    assert [one.position for one in found] == list(range(len(found)))
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_a_chunk_carries_the_path_of_its_headings() -> None:
    found = chunks("Intro.\n\n## Returns\n\nText.\n\n### Boots\n\nMore.\n\n## Care\n\nWash.\n")
    assert [one.headings for one in found] == [(), ("Returns",), ("Returns", "Boots"), ("Care",)]


def test_title_and_headings_stand_in_front_of_what_is_embedded() -> None:
    [only] = chunks("## Boots\n\nThirty days.\n")
    assert embedding_text(article(""), only) == "Title › Boots\nThirty days."


def test_paragraphs_of_a_section_are_packed_to_about_the_target() -> None:
    words = "word " * 60
    found = chunks("\n\n".join([words.strip()] * 7))
    assert [one.text.count("\n\n") + 1 for one in found] == [3, 3, 1]


def test_a_block_over_the_target_stays_whole() -> None:
    long = "word " * (3 * TARGET_TOKENS)
    assert len(chunks(long)) == 1


def test_a_lead_in_stays_with_its_list() -> None:
    lead, listed = "word " * 190 + "bring:", "- boots and more words here\n" * 20
    [only] = chunks(f"{lead}\n\n{listed}")
    assert only.text.startswith("word")
    assert only.text.endswith("here")


def test_an_article_of_headings_alone_has_no_chunk() -> None:
    assert chunks("## One\n\n## Two\n") == []
