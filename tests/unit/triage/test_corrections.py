import json
from pathlib import Path

import pytest

from triage.corrections import PROVENANCE, Correction, merge, read_corrections
from triage.dataset import load
from triage.errors import ExamplesInvalid
from triage.schema import Labels

LABELS = {"intent": "order_status", "urgency": "normal", "sentiment": "neutral"}


def line(text: str, **labels: object) -> str:
    return json.dumps({"input": text, "output": LABELS | labels}) + "\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for split, text in (("train", "Where is it?"), ("validation", "held"), ("test", "kept")):
        (tmp_path / split).mkdir()
        (tmp_path / split / "ada.jsonl").write_text(line(text) + line(f"{split} two"))
    return tmp_path


def correction(text: str, **labels: object) -> Correction:
    output = Labels.model_validate(LABELS | labels)
    return Correction(input=text, output=output, corrected_by="UADA", corrected_at="2026-11-01")


def test_a_corrected_message_is_added_with_who_corrected_it(folder: Path) -> None:
    found = merge([correction("a new one", urgency="high")], folder)
    assert (found.added, found.replaced, found.unchanged, found.held_out) == (1, 0, 0, 0)
    added = [one for one in load(folder).train if one.voice == "corrections"]
    assert [(one.text, one.urgency) for one in added] == [("a new one", "high")]
    assert json.loads((folder / PROVENANCE).read_text())["corrected_by"] == "UADA"


def test_the_word_of_a_person_wins_over_an_older_label(folder: Path) -> None:
    found = merge([correction("WHERE is it", urgency="high")], folder)
    assert (found.added, found.replaced) == (0, 1)
    about = [one for one in load(folder).train if one.text.lower().startswith("where")]
    assert [one.urgency for one in about] == ["high"]


def test_what_judges_a_model_never_trains_it(folder: Path) -> None:
    found = merge([correction("Kept."), correction("held")], folder)
    assert (found.added, found.held_out) == (0, 2)
    assert not any(one.voice == "corrections" for one in load(folder).train)


def test_merging_twice_changes_nothing(folder: Path) -> None:
    both = [correction("one"), correction("two", urgency="low")]
    merge(both, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*.jsonl")}
    found = merge(both, folder)
    assert (found.added, found.replaced, found.unchanged) == (0, 0, 2)
    assert {path: path.read_bytes() for path in folder.rglob("*.jsonl")} == before


def test_the_last_word_on_a_message_counts(folder: Path) -> None:
    merge([correction("one"), correction("one", urgency="high")], folder)
    (found,) = [one for one in load(folder).train if one.voice == "corrections"]
    assert found.urgency == "high"


def test_a_wrong_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(line("ok") + line("x", urgency="soon"))
    with pytest.raises(ExamplesInvalid, match=r"c\.jsonl, line 2: output\.urgency"):
        read_corrections(path)
