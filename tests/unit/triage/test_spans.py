import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from triage.schema import ENTITIES
from triage.spans import TAGS, UNTAGGED, decode, locate, tagged
from triage.windows import Window

TEXT = "Order 4521: the Ridgeline 2 tent, waiting a fortnight, 119,00 paid (€)"


def by_words(text: str) -> Window:
    """One token a word, [CLS] and [SEP] around."""
    offsets, start = [(0, 0)], 0
    for word in text.split(" "):
        offsets.append((start, start + len(word)))
        start += len(word) + 1
    return Window(tuple(range(len(offsets) + 1)), (*offsets, (0, 0)))


def sure(tags: list[int]) -> np.ndarray:
    """Probabilities of a model that believes in these tags."""
    rows = np.full((len(tags), len(TAGS)), 0.001, dtype=np.float32)
    for row, tag in zip(rows, tags, strict=True):
        row[max(tag, 0)] = 0.98
    return rows


def test_every_value_is_found_where_it_stands() -> None:
    spans = locate(TEXT, {"order_id": "4521", "product": "Ridgeline 2 tent", "days_waiting": 14})
    assert [TEXT[one.start : one.end] for one in spans] == [
        "4521",
        "Ridgeline 2 tent",
        "a fortnight",
    ]


def test_a_value_is_found_over_line_breaks_and_in_any_case() -> None:
    (span,) = locate("my FELL\nboots broke", {"product": "fell boots"})
    assert (span.start, span.end) == (3, 13)


def test_a_number_inside_another_word_is_not_the_value() -> None:
    assert locate("order 45219", {"order_id": "4521"}) == []


def test_tags_begin_and_go_on_and_leave_out_the_special_tokens() -> None:
    tags = tagged(by_words(TEXT), locate(TEXT, {"product": "Ridgeline 2 tent"}))
    begin, inside = TAGS.index("B-product"), TAGS.index("I-product")
    assert tags[0] == tags[-1] == UNTAGGED
    assert tags[4:7] == [begin, inside, inside]


def test_what_was_tagged_is_read_back() -> None:
    wanted = {"order_id": "4521", "product": "Ridgeline 2 tent", "days_waiting": 14}
    window = by_words(TEXT)
    found = decode(TEXT, window, sure(tagged(window, locate(TEXT, wanted))))
    assert {key: one.value for key, one in found.items()} == wanted
    assert all(0.9 < one.probability <= 1 for one in found.values())


def test_a_sum_without_a_currency_takes_the_only_one_named() -> None:
    text = "paid 20 € instead, I want 10 back"
    window = by_words(text)
    tags = [UNTAGGED, 0, 0, 0, 0, 0, 0, TAGS.index("B-amount"), 0, UNTAGGED]
    assert decode(text, window, sure(tags))["amount"].value == "10 EUR"


def test_the_surer_of_two_places_wins() -> None:
    text = "order 1111 or order 2222"
    window = by_words(text)
    tags = [UNTAGGED, 0, TAGS.index("B-order_id"), 0, 0, TAGS.index("B-order_id"), UNTAGGED]
    rows = sure(tags)
    rows[2, TAGS.index("B-order_id")] = 0.6
    assert decode(text, window, rows)["order_id"].value == "2222"


def test_nothing_tagged_is_nothing_found() -> None:
    window = by_words(TEXT)
    assert decode(TEXT, window, sure([0] * len(window.ids))) == {}


@given(text=st.text(max_size=80), seed=st.integers(0, 1000))
def test_no_text_and_no_tags_break_the_decoder(text: str, seed: int) -> None:
    window = by_words(text)
    unsure = dict.fromkeys(ENTITIES, 0.1)
    rows = np.random.default_rng(seed).random((len(window.ids), len(TAGS))).astype(np.float32)
    for key, one in decode(
        text,
        window,
        rows / rows.sum(axis=1, keepdims=True),
        thresholds=unsure,
    ).items():
        assert key in ENTITIES
        assert 0 <= one.probability <= 1
