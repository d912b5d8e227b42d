"""Questions in other words: which mean the same, and which only look as if they did."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.knowledge.alike_pairs import DIFFERENT, SAME, pairs

from knowledge import encoder
from knowledge.adapters.encoder import OnnxEncoder
from knowledge.alike import agree, skeleton

LEAST_FOUND = 24
"""Of 60 pairs that mean the same; most others say it in words of their own."""


@pytest.fixture(scope="module")
def embedder() -> OnnxEncoder:
    return OnnxEncoder(Path(encoder.__file__).parent)


def is_found(embedder: OnnxEncoder, one: str, other: str) -> bool:
    bones = skeleton(one)
    return bones is not None and bones == skeleton(other) and agree(*embedder.encode([one, other]))


def test_many_that_mean_the_same_are_found(embedder: OnnxEncoder) -> None:
    found = [pair for pair in pairs(SAME) if is_found(embedder, *pair)]
    assert len(pairs(SAME)) >= 60
    assert len(found) >= LEAST_FOUND


@pytest.mark.parametrize(("one", "other"), pairs(DIFFERENT))
def test_words_alone_tell_those_apart_that_mean_something_else(one: str, other: str) -> None:
    assert skeleton(one) != skeleton(other)


def test_vectors_alone_would_not(embedder: OnnxEncoder) -> None:
    fooled = [pair for pair in pairs(DIFFERENT) if agree(*embedder.encode(pair))]
    assert len(fooled) > len(pairs(DIFFERENT)) / 4


def test_a_text_in_capitals_may_mean_the_us_or_us() -> None:
    assert skeleton("DO YOU SHIP TO US?") is None
    assert skeleton("ship to US") != skeleton("ship to us")


@given(st.text(max_size=200))
def test_any_text_has_one_meaning_or_none(text: str) -> None:
    assert skeleton(text) == skeleton(f"  {text}  ")


def test_vectors_of_another_shape_never_agree(embedder: OnnxEncoder) -> None:
    [one] = embedder.encode(["Do gift cards expire?"])
    assert agree(one, one)
    assert not agree(one, replace(one, vector=np.ones(3, np.float32)))
    assert not agree(one, replace(one, tokens=np.ones((2, 3), np.int8)))
    assert not agree(one, replace(one, tokens=one.tokens[:0]))
