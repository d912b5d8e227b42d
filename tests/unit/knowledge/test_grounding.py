"""Nothing is said that a given passage does not say."""

import re
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from fakes import passage
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Passage
from knowledge.draft import Draft
from knowledge.grounding import Grounded, GroundedStream, ground, markers
from knowledge.marking import claim_of

BOOTS = "Boots can be returned within 60 days. They must be clean."
TENTS = """A tent can be pitched once. A tent must be dry.

Please pack these:

- the poles
- the pegs"""
LABELS = "A return label costs £3.95. Boots travel with a return label."
PASSAGES = [
    passage(BOOTS, article="boots"),
    passage(TENTS, article="tents"),
    passage(LABELS, article="boots"),
]
LOGIN = "Log in here and open your account."
EVIL = ["[x](https://evil.test)", "https://evil.test/a", "<!channel>", "www.evil.test", "![x](y)"]
SAID = [
    "Boots can be returned within 60 days",
    "A tent must be dry",
    "Boots can be returned within 30 days",
    "The poles",
    "Yes",
    "Pack:",
    "[our page](https://help.test/boots)",
]
MARKS = ["[1]", "[2]", "[3]", "[4]", "[0]", "[1, 2]", "[2](https://evil.test)", "[", "](", "1."]
GAPS = ["\n\n", "\n- ", "\n1. ", ". ", " ", "!", "…", " e.g. "]
WRITTEN = st.lists(
    st.one_of(st.sampled_from([*SAID, *MARKS, *GAPS, *EVIL]), st.text(max_size=12)), max_size=40
).map("".join)


def grounded_text(text: str, passages: list[Passage] = PASSAGES) -> str:
    found = ground(text, passages)
    assert found is not None
    return found.text


def bare(sentence: str) -> str:
    return "".join(re.findall(r"\w", claim_of(sentence)))


@given(WRITTEN)
def test_only_given_passages_are_cited_and_sources_match_markers(text: str) -> None:
    found = ground(text, PASSAGES)
    if found is None:
        return
    numbers = [one.n for one in found.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert set(markers(found.text)) == set(numbers)
    assert list(dict.fromkeys(markers(found.text))) == numbers
    assert {one.article_id for one in found.citations} <= {"boots", "tents"}


@given(WRITTEN)
def test_what_is_said_was_written_sentence_by_sentence(text: str) -> None:
    found = ground(text, PASSAGES)
    written = {bare(one.text) for one in Draft().write(text, final=True)}
    said = Draft().write(found.text, final=True) if found else ()
    assert {bare(one.text) for one in said} <= written


@given(WRITTEN)
def test_every_sentence_that_is_said_cites(text: str) -> None:
    found = ground(text, PASSAGES)
    for one in Draft().write(found.text, final=True) if found else ():
        assert markers(one.text) or one.text.endswith(":")


@given(WRITTEN)
def test_no_address_survives_but_that_of_a_cited_article(text: str) -> None:
    found = ground(text, PASSAGES)
    addresses = re.findall(r"https?://[^\s)]+|www\.\S+", found.text if found else "")
    assert set(addresses) <= {one.url for one in found.citations} if found else not addresses


@given(WRITTEN, st.integers(1, 9))
def test_what_streams_is_the_beginning_of_what_is_grounded_in_the_end(text: str, size: int) -> None:
    heard: list[str] = []
    stream = GroundedStream(PASSAGES, heard.append)
    for start in range(0, len(text), size):
        stream.write(text[start : start + size])
    found = ground(text, PASSAGES)
    assert all(heard)
    assert "".join(heard) == stream.shown
    assert found is None or found.text.startswith(stream.shown)


@given(WRITTEN)
def test_grounding_what_is_grounded_changes_nothing(text: str) -> None:
    found = ground(text, [PASSAGES[0]])
    assert found is None or ground(found.text, [PASSAGES[0]]) == found


def test_markers_count_articles_in_the_order_they_appear() -> None:
    text = "A tent must be dry [2]. A label costs £3.95 [3], and a tent can be pitched once [2]."
    assert grounded_text(text) == (
        "A tent must be dry [1]. A label costs £3.95 [2], and a tent can be pitched once [1]."
    )


@pytest.mark.parametrize(
    "written", ["I made this up.", "Boots can be returned within 60 days.", "Boots sell well [1]."]
)
def test_what_cites_nothing_or_is_not_borne_out_is_not_said(written: str) -> None:
    assert grounded_text(f"{written}\n\nA tent must be dry [2].") == "A tent must be dry [1]."


def test_a_wrong_number_a_turned_denial_and_a_made_up_name_are_not_said() -> None:
    good = (
        "Boots can be returned within 60 days [1]. They must be clean [1]. A tent must be dry [2]."
    )
    for bad in (
        "Boots can be returned within 90 days",
        "Boots cannot be returned",
        "Ask Decathlon",
    ):
        assert grounded_text(f"{good} {bad} [1].") == good


def test_an_answer_of_which_more_than_half_is_dropped_is_withheld() -> None:
    good, bad = "A tent must be dry [2].", "A tent must be red [2]."
    assert ground(f"{good} {bad}", PASSAGES) is not None
    assert ground(f"{good} {bad} {bad}", PASSAGES) is None


def test_a_sentence_that_leans_on_a_dropped_one_falls_with_it() -> None:
    good = "A tent must be dry [2].\n\nA tent can be pitched once [2]."
    found = grounded_text(f"{good} Coats are free [1]. They must be clean [1].")
    assert found == "A tent must be dry [1].\n\nA tent can be pitched once [1]."


def test_the_marker_of_a_paragraphs_last_sentence_speaks_for_those_that_it_bears_out() -> None:
    text = "Boots can be returned within 60 days. Boots are red. Boots must be clean [1]."
    assert grounded_text(text) == (
        "Boots can be returned within 60 days [1]. Boots must be clean [1]."
    )
    assert grounded_text("A tent must be dry. A tent can be pitched once. [2]") == (
        "A tent must be dry [1]. A tent can be pitched once. [1]"
    )


def test_a_marker_of_a_passage_that_does_not_say_it_is_corrected() -> None:
    assert grounded_text("A tent must be dry [1].") == "A tent must be dry [1]."
    found = ground("A tent must be dry [1].", PASSAGES)
    assert found is not None
    assert [one.article_id for one in found.citations] == ["tents"]
    assert grounded_text("A tent must be dry [9].") == "A tent must be dry [1]."


def test_a_marker_that_bears_nothing_out_is_taken_out() -> None:
    assert grounded_text("Boots can be returned within 60 days [1][2][9].") == (
        "Boots can be returned within 60 days [1]."
    )


def test_two_passages_may_bear_a_sentence_out_together() -> None:
    text = "Boots can be returned within 60 days, and a tent must be dry [1][2]."
    assert grounded_text(text) == text
    assert (
        ground("Boots can be returned within 60 days, and a tent must be red [1][2].", PASSAGES)
        is None
    )


def test_a_lead_in_is_said_with_the_points_that_it_is_true_of() -> None:
    text = "Pack:\n\n- the poles [2]\n- luck [2]\n- the pegs [2]"
    assert grounded_text(text) == "Pack:\n\n- the poles [1]\n- the pegs [1]"
    assert ground("Do not pack:\n- the poles [2]\n- the pegs [2]", PASSAGES) is None


def test_the_marker_of_a_lead_in_speaks_for_its_points() -> None:
    assert grounded_text("Pack [2]:\n- the poles\n- the pegs") == (
        "Pack:\n- the poles [1]\n- the pegs [1]"
    )


def test_the_words_of_a_link_stay_and_its_address_goes() -> None:
    login = [passage(LOGIN, article="account")]
    assert grounded_text("Log in [here](https://evil.test/x) [1].", login) == "Log in here [1]."
    assert grounded_text("Log in here: https://evil.test [1].", login) == "Log in here: [1]."


def test_a_link_to_a_cited_article_stays() -> None:
    login = [passage(LOGIN, article="account"), passage(BOOTS, article="boots")]
    text = "Log in [here](https://help.test/account) [1]."
    assert grounded_text(text, login) == text
    other = "Log in [here](https://help.test/boots) [1]."
    assert grounded_text(other, login) == "Log in here [1]."


def test_a_marker_written_as_a_link_is_a_marker() -> None:
    assert grounded_text("A tent must be dry [2](https://evil.test).") == "A tent must be dry [1]."


@pytest.mark.parametrize("text", ["", "   ", "No idea.", "[1", "[1]", "[1].", "Thanks [1]!"])
def test_what_states_nothing_is_withheld(text: str) -> None:
    assert ground(text, PASSAGES) is None


def test_sentences_stream_as_soon_as_they_are_verified() -> None:
    heard: list[str] = []
    stream = GroundedStream(PASSAGES, heard.append)
    for part in (
        "Boots can be returned ",
        "within 60 days [1]. A tent is",
        " red [2]. A tent must",
        " be dry [2]. Bye",
    ):
        stream.write(part)
    assert heard == ["Boots can be returned within 60 days [1].", " A tent must be dry [2]."]


def test_a_stream_tells_what_it_showed_of_an_answer_that_is_withheld_in_the_end() -> None:
    stream = GroundedStream(PASSAGES, lambda _: None)
    text = "A tent must be dry [2]. Tents are red [2]. Tents are free [2]. Bye [2]."
    stream.write(text)
    assert ground(text, PASSAGES) is None
    assert stream.shown == "A tent must be dry [1]."


def test_similarity_speaks_for_a_sentence_in_other_words() -> None:
    text = "Footwear can be returned within 60 days [1]."
    assert ground(text, PASSAGES) is None
    assert ground(text, PASSAGES, similarity=lambda *_: 1.0) is not None


OLD = replace(
    passage("Boots can be returned within 30 days.", article="old"), updated=date(2024, 2, 3)
)


def grounded(text: str, passages: list[Passage]) -> Grounded:
    found = ground(text, passages)
    assert found is not None
    return found


@pytest.mark.parametrize("text", ["Boots can be returned within 60 days [2]."])
def test_articles_that_disagree_with_what_is_said_are_shown_newest_first(text: str) -> None:
    found = grounded(text, [OLD, PASSAGES[0]])
    assert found.text == (
        "Boots can be returned within 60 days [1].\n\nTwo articles disagree: Boots (updated "
        "14 September 2026) says 60 days [1]; Old (updated 3 February 2024) says 30 days [2]."
    )
    assert [one.article_id for one in found.citations] == ["boots", "old"]
    assert len(found.contradictions) == 1


def test_articles_that_disagree_about_something_else_are_not_shown() -> None:
    found = grounded("Boots must be clean [2].", [OLD, PASSAGES[0]])
    assert found.text == "Boots must be clean [1]."
    assert found.contradictions == ()


def test_a_title_brings_no_marker_and_no_link_into_the_text() -> None:
    evil = replace(OLD, title="Old [7] <!here>")
    found = grounded("Boots can be returned within 60 days [2].", [evil, PASSAGES[0]])
    assert markers(found.text) == [1, 1, 2]
    assert "<" not in found.text


def calls_of(work: Callable[[], object]) -> int:
    """How many calls a piece of work makes: it tells growth where a clock cannot."""
    count = 0

    def counted(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.mark.parametrize(
    "unit",
    ["A. ", "A [1]. ", "[", "[1", "[1] ", ".", "a\n", "\n- a [1]", ", and we can ", '"', "<https://x>",
     "[x](", "not ", "A tent must be dry [2]. ", "5 days [1]. ", "a:\n- b [1]\n\n", ".)", " "]
)  # fmt: skip
def test_work_grows_with_the_length_of_the_text_and_not_with_its_square(unit: str) -> None:
    once, twice = (unit * (length // len(unit)) for length in (5_000, 10_000))
    ground(twice, PASSAGES)
    fewer, more = (calls_of(lambda text=text: ground(text, PASSAGES)) for text in (once, twice))
    assert more <= 2.5 * fewer + 2_000


@pytest.mark.parametrize("unit", ["[1", "A [1]. ", "a " * 60, "[", "\n", ". "])
def test_a_hundred_kilobytes_are_read_to_the_end(unit: str) -> None:
    end = "\n\nA tent must be dry [2]."
    text = unit * (100_000 // len(unit)) + end
    stream = GroundedStream(PASSAGES, lambda _: None)
    for start in range(0, len(text), 1_000):
        stream.write(text[start : start + 1_000])
    found = ground(text, PASSAGES)
    assert found is None or found.text.endswith("A tent must be dry [1].")
