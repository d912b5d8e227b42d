"""A text is cut into sentences at the same places however it arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.draft import LONGEST, Draft, Piece

ODD = [
    "Boots",
    "boots",
    ". ",
    "! ",
    "[1]",
    " [2]",
    "\n",
    "\n\n",
    "\n- ",
    "\n2. ",
    "e.g. ",
    "1.",
    '" ',
]
ODD += ["[x](y) ", "x" * 400, " " * 30, "**", "…", "\r\n", ":", "[", "# "]
TEXTS = st.lists(st.sampled_from(ODD) | st.text(max_size=8), max_size=40).map("".join)


def pieces(text: str) -> list[Piece]:
    return list(Draft().write(text, final=True))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Thirty days [1]. It is free [2].", ["Thirty days [1].", "It is free [2]."]),
        ("Thirty days. [1] It is free. [2]", ["Thirty days. [1]", "It is free. [2]"]),
        ("print it. [1] pack it. [1]", ["print it. [1]", "pack it. [1]"]),
        ("Bring e.g. Boots. Thanks.", ["Bring e.g. Boots.", "Thanks."]),
        ("It costs £3.95 [1]! Really? Yes.", ["It costs £3.95 [1]!", "Really?", "Yes."]),
        ("Read this. [Here](u) it is.", ["Read this.", "[Here](u) it is."]),
        ("He said “stop.” Then he went.", ["He said “stop.”", "Then he went."]),
        ("version 2.5 is out. no more", ["version 2.5 is out. no more"]),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, cut: list[str]) -> None:
    assert [one.text for one in pieces(text)] == cut


def test_points_and_paragraphs_are_told_apart() -> None:
    found = pieces("You need:\n- a box. Or two.\n2. tape\n\nThat is all.")
    assert [(one.point, one.text, one.paragraph) for one in found] == [
        ("", "You need:", 0),
        ("-", "a box.", 0),
        ("", "Or two.", 0),
        ("2.", "tape", 0),
        ("", "That is all.", 1),
    ]
    assert [one.entry for one in found] == [0, 1, 1, 2, 3]


def test_a_sentence_is_handed_on_when_the_next_one_begins() -> None:
    draft = Draft()
    assert [one.text for one in draft.write("Thirty days [1]. ")] == []
    assert [one.text for one in draft.write("It")] == ["Thirty days [1]."]
    assert [one.text for one in draft.write(" is.", final=True)] == ["It is."]


@given(TEXTS, st.integers(1, 50))
def test_a_text_that_arrives_in_parts_is_cut_as_the_whole_is(text: str, size: int) -> None:
    draft = Draft()
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    found = [one for part in parts for one in draft.write(part)]
    assert [*found, *draft.write("", final=True)] == pieces(text)


@given(TEXTS)
def test_nothing_is_lost_but_space_and_no_sentence_is_endless(text: str) -> None:
    found = pieces(text)
    kept = "".join(f"{one.point}{one.text}" for one in found)
    assert "".join(kept.split()) == "".join(text.split())
    assert all(len(one.text) <= LONGEST for one in found)
