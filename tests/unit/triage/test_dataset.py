import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.dataset import Example, digest, hold_out, load, parse, read
from triage.errors import ExamplesInvalid

LINE: dict[str, object] = {
    "input": "Where is #4521?",
    "output": {
        "intent": "order_status",
        "urgency": "normal",
        "sentiment": "neutral",
        "order_id": "4521",
    },
}


def example(n: int, *, voice: str = "a", intent: str = "x") -> Example:
    return Example(f"text {n}", intent, voice=voice)


def test_a_line_of_the_guide_is_read_with_its_labels() -> None:
    found = parse(json.dumps(LINE), voice="ada")
    assert (found.intent, found.urgency, found.sentiment) == ("order_status", "normal", "neutral")
    assert found.entities == {"order_id": "4521"}
    assert parse(found.as_line(), voice="ada") == found


def test_a_line_that_labels_the_intent_alone_is_read_too() -> None:
    found = parse('{"text": "hi", "intent": "card_arrival?"}')
    assert found == Example("hi", "card_arrival?")
    assert parse(found.as_line()) == found


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"urgency": "soon"}, "urgency"),
        ({"sentiment": None}, "sentiment"),
        ({"amount": "twenty"}, "amount"),
        ({"days_waiting": "many"}, "days_waiting"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_label_is_named_with_file_and_line(
    tmp_path: Path, change: dict[str, object], named: str
) -> None:
    path = tmp_path / "ada.jsonl"
    wrong = LINE | {"output": dict(LINE["output"]) | change}
    path.write_text(json.dumps(LINE) + "\n\n" + json.dumps(wrong) + "\n")
    with pytest.raises(ExamplesInvalid, match=rf"ada\.jsonl, line 3: {named}"):
        read(path)


@given(st.text(max_size=60))
def test_no_line_does_more_than_be_refused(line: str) -> None:
    with contextlib.suppress(ExamplesInvalid):
        parse(line)


def test_a_folder_holds_its_splits_as_files_or_as_folders_of_voices(tmp_path: Path) -> None:
    (tmp_path / "train").mkdir()
    for voice in ("ada", "bo"):
        (tmp_path / "train" / f"{voice}.jsonl").write_text(json.dumps(LINE) + "\n")
    (tmp_path / "val.jsonl").write_text(json.dumps(LINE) + "\n")
    found = load(tmp_path)
    assert [one.voice for one in found.train] == ["ada", "bo"]
    assert (len(found.validation), len(found.test)) == (1, 0)


@pytest.mark.parametrize("content", [None, "", "\n\n"])
def test_nothing_is_no_set_of_examples(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "train.jsonl").write_text(content)
    with pytest.raises(ExamplesInvalid):
        load(tmp_path)


def test_whole_voices_are_held_out_where_there_are_enough() -> None:
    examples = [example(n, voice=f"v{n % 20}") for n in range(200)]
    found = hold_out(examples, share=0.1, seed=1)
    assert len(found.validation) == 20
    assert not {one.voice for one in found.train} & {one.voice for one in found.validation}


def test_a_share_of_every_intent_is_held_out_of_one_voice() -> None:
    examples = [example(n, intent=f"i{n % 4}") for n in range(200)]
    found = hold_out(examples, share=0.1, seed=1)
    assert {one.intent for one in found.validation} == {"i0", "i1", "i2", "i3"}
    assert (len(found.train), len(found.validation)) == (180, 20)
    assert found == hold_out(examples, share=0.1, seed=1)


def test_the_hash_does_not_depend_on_the_order() -> None:
    one, other = example(1), example(2)
    assert digest([one, other]) == digest([other, one]) != digest([one, one])
