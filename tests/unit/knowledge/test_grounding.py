"""Nothing is said that does not cite a passage that was given."""

import re

import pytest
from fakes import passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.grounding import GroundedStream, ground, markers

PASSAGES = [passage(article="boots"), passage(article="tents"), passage(article="boots")]
WRITTEN = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "[1]",
                "[2]",
                "[3]",
                "[4]",
                "[0]",
                "[1, 2]",
                "\n\n",
                "\n- ",
                ". ",
                "Yes",
                "Here:",
                "[x](https://evil.test)",
                "https://evil.test/a",
                "<!channel>",
                "www.evil.test",
                "1.",
            ]
        ),
        st.text(max_size=12),
    ),
    max_size=30,
).map("".join)


def grounded_text(text: str) -> str:
    found = ground(text, PASSAGES)
    assert found is not None
    return found.text


@given(WRITTEN)
def test_only_given_passages_are_cited_and_sources_match_markers(text: str) -> None:
    found = ground(text, PASSAGES)
    if found is None:
        return
    numbers = [one.n for one in found.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(markers(found.text)) == set(numbers)
    assert {one.article_id for one in found.citations} <= {"boots", "tents"}


@given(WRITTEN)
def test_no_address_survives(text: str) -> None:
    found = ground(text, PASSAGES)
    assert found is None or not re.search(r"https?://|www\.", found.text)


@given(WRITTEN)
def test_what_streams_is_the_beginning_of_what_is_grounded_in_the_end(text: str) -> None:
    shown: list[str] = []
    stream = GroundedStream(PASSAGES, shown.append)
    for letter in text:
        stream.write(letter)
    found = ground(text, PASSAGES)
    assert all(shown)
    assert not shown or found is not None


def test_markers_count_articles_in_the_order_they_appear() -> None:
    assert grounded_text("Tents first [2]. Boots then [3], and again [1].") == (
        "Tents first [1]. Boots then [2], and again [2]."
    )


def test_a_paragraph_without_a_citation_is_not_said() -> None:
    assert grounded_text("I made this up.\n\nThirty days [1].\n\nTrust me!") == "Thirty days [1]."


def test_a_marker_of_a_passage_that_was_not_given_is_taken_out() -> None:
    assert grounded_text("Thirty days [1][9].") == "Thirty days [1]."
    assert ground("Thirty days [9].", PASSAGES) is None


def test_a_lead_in_stays_with_the_items_that_cite() -> None:
    text = "You need:\n- a label [1]\n- luck\n- a box [1]"
    assert grounded_text(text) == "You need:\n- a label [1]\n- a box [1]"


def test_the_words_of_a_link_stay_and_its_address_goes() -> None:
    text = "Log in [here](https://evil.test/x) [1]."
    assert grounded_text(text) == "Log in here [1]."


@pytest.mark.parametrize("text", ["", "   ", "No idea.", "[1"])
def test_what_cites_nothing_is_withheld(text: str) -> None:
    assert ground(text, PASSAGES) is None


def test_sentences_stream_as_soon_as_they_cite() -> None:
    shown: list[str] = []
    stream = GroundedStream(PASSAGES, shown.append)
    for part in ("Thirty ", "days [1]. It must", " be clean [2]. Bye"):
        stream.write(part)
    assert shown == ["Thirty days [1].", " It must be clean [2]."]
