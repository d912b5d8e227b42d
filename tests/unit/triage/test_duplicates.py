"""Repeated texts are found, and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.counting import Place
from triage.dataset import Example
from triage.duplicates import groups, links, repeats

TEXTS = st.lists(
    st.one_of(
        st.text(min_size=1, max_size=30),
        st.lists(
            st.sampled_from(["where", "is", "my", "order", "4521", "please", "!!"]), max_size=12
        ).map(" ".join),
    ),
    max_size=12,
)
LATE = "Subject: Parcel\n\nI ordered a tent three weeks ago and nobody answers my mails about it."


def place(text: str, intent: str = "order_status", *, split: str = "train") -> Place:
    return Place(split, Example(text=text, intent=intent))


@given(TEXTS)
def test_links_are_sorted_pairs_of_like_texts(texts: list[str]) -> None:
    for one in links(texts):
        assert 0 <= one.first < one.second < len(texts)
        assert 0.6 <= one.alike <= 1


@given(TEXTS)
def test_a_text_written_twice_is_always_found(texts: list[str]) -> None:
    linked = {one.second for one in links(texts + texts) if one.exact}
    assert set(range(len(texts), 2 * len(texts))) <= linked


@given(TEXTS)
def test_nobody_is_in_two_groups(texts: list[str]) -> None:
    members = [n for group in groups(links(texts)) for n in group]
    assert len(members) == len(set(members))


def test_case_and_punctuation_make_no_other_text_and_a_number_a_near_one() -> None:
    exact, near = links(["Cancel order 4521!", "cancel ORDER 4521", "cancel order 999"])
    assert (exact.first, exact.second, exact.exact) == (0, 1, True)
    assert (near.first, near.second, near.exact, near.alike) == (0, 2, False, 1.0)


def test_signs_without_words_are_told_apart() -> None:
    assert links(["👍", "👎", "???"]) == []


def test_one_word_more_is_a_near_duplicate_and_another_question_is_none() -> None:
    assert [one.second for one in links([LATE, LATE + " Hello?", "where is my parcel"])] == [1]


def test_a_leak_is_counted_for_the_later_split_and_surplus_within_one() -> None:
    found = repeats([place(LATE), place(LATE), place("hi"), place(LATE, split="test")])
    assert [(one.split, one.other, one.exact, one.near) for one in found.twins] == [
        ("train", "train", 1, 0),
        ("test", "train", 1, 0),
    ]
    assert [(one.first.split, one.second.split) for one in found.leaks] == [("train", "test")]


def test_like_texts_with_unlike_labels_are_conflicts() -> None:
    found = repeats([place(LATE), place(LATE + " Please!", "order_status_complaint")])
    assert [one.differ for one in found.conflicts] == [("intent",)]


@pytest.mark.slow
def test_fifteen_thousand_texts_of_one_template_hang_together_and_take_seconds() -> None:
    template = (
        "hello I want to know where my parcel is, the name on the label is {} and thanks a lot"
    )
    texts = [template.format("".join(chr(97 + int(one)) for one in str(n))) for n in range(15_000)]
    began = time.process_time()
    (group,) = groups(links(texts))
    assert len(group) == len(texts)
    assert time.process_time() - began < 30
