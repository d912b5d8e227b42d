"""`supportbot triage` in a terminal: the life of a triage model, from examples to rollback."""

import importlib.util
import json
import os
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from e2e.processes import environment, supportbot

import triage

PACKAGE = Path(triage.__file__).parent
EXAMPLES = PACKAGE / "data"
LATE = "Hey, my order #4521 hasn't arrived and it's been 2 weeks. This is ridiculous."
Run = Callable[..., CompletedProcess[str]]


@pytest.fixture
def desk(tmp_path: Path) -> Run:
    """Run a command over a home of its own."""
    folder = tmp_path / "cwd"
    folder.mkdir()

    def run(*arguments: str, **settings: str) -> CompletedProcess[str]:
        home = tmp_path / "home"
        env = environment(home, **settings)
        return supportbot("triage", *arguments, env=env, cwd=folder, timeout=600)

    return run


def ok(result: CompletedProcess[str]) -> str:
    assert result.returncode == 0, result.stderr
    return result.stdout


def read(result: CompletedProcess[str]) -> Any:
    return json.loads(ok(result))


def lines(path: Path, rows: list[object]) -> Path:
    path.write_text(
        "".join((one if isinstance(one, str) else json.dumps(one)) + "\n" for one in rows)
    )
    return path


def some(split: str, count: int) -> list[dict[str, Any]]:
    """Examples of a split, from every voice."""
    files = sorted((EXAMPLES / split).glob("*.jsonl"))
    rows = [json.loads(line) for file in files for line in file.read_text("utf-8").splitlines()]
    return rows[:: max(1, len(rows) // count)][:count]


def other_model(folder: Path, **change: object) -> Path:
    """The shipped model under another version, perhaps with a change that makes it worse."""
    shutil.copytree(PACKAGE / "model", folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    (folder / "manifest.json").write_text(json.dumps(manifest | {"version": folder.name} | change))
    return folder


def test_a_message_is_labelled_as_the_contract_says(desk: Run) -> None:
    found = read(desk("predict", LATE, "--json"))
    assert found["intent"] == "order_status_complaint"
    assert found["urgency"] == "high"
    assert found["entities"] == {"order_id": "4521", "days_waiting": 14}
    assert set(found["confidence"]) == {
        "intent",
        "urgency",
        "sentiment",
        "order_id",
        "days_waiting",
    }
    shown = ok(desk("predict", LATE))
    assert "order_status_complaint" in shown
    assert "4521" in shown


def test_a_file_is_labelled_line_by_line_in_its_order_and_broken_lines_are_named(
    desk: Run, tmp_path: Path
) -> None:
    rows = [{"input": LATE}, "{broken", {"text": "no input"}, "", {"input": "hello there"}]
    result = desk("predict", "--file", str(lines(tmp_path / "in.jsonl", rows)))
    assert result.returncode == 1
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one.get("intent") for one in found] == [
        "order_status_complaint", None, None, "smalltalk",
    ]  # fmt: skip
    assert [one["line"] for one in found if "error" in one] == [2, 3]


def test_a_long_mail_is_read_from_both_ends(desk: Run) -> None:
    story = "We had a lovely summer in the hills with the whole family and the dog. " * 60
    wish = "Anyway: please cancel my order CW-20931-B before it ships."
    for text in (story + wish, wish + " " + story):
        found = read(desk("predict", text, "--json"))
        assert found["intent"] == "order_cancel"
        assert found["entities"]["order_id"] == "CW-20931-B"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["predict"], "give a message or --file"),
        (["predict", "  "], "empty"),
        (["predict", "--file", "absent.jsonl"], "absent.jsonl"),
        (["predict", "x", "--model", "absent"], "no triage model here"),
        (["evaluate", "absent"], "absent"),
        (["audit", "absent"], "absent"),
        (["promote", "absent"], "absent"),
        (["rollback"], "no model before"),
        (["drift", "absent.jsonl"], "absent.jsonl"),
        (["merge", "absent.jsonl", "absent"], "no folder"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(desk: Run, arguments: list[str], said: str) -> None:
    result = desk(*arguments)
    assert result.returncode in {1, 2}
    (line,) = result.stderr.strip().splitlines()
    assert line.startswith("supportbot: ")
    assert said in line


def test_the_schema_is_printed_for_other_programs(desk: Run) -> None:
    found = read(desk("schema"))
    assert "order_status" in found["labels"]["properties"]["intent"]["enum"]
    assert "confidence" in found["prediction"]["properties"]


def test_a_model_is_judged_beside_its_baselines(desk: Run, tmp_path: Path) -> None:
    judged = lines(tmp_path / "judged.jsonl", list(some("test", 60)))
    taught = lines(tmp_path / "taught.jsonl", list(some("train", 150)))
    foreign = lines(tmp_path / "foreign.jsonl", [{"text": "what is 2 + 2", "intent": "oos"}] * 3)
    report = tmp_path / "report.html"
    more = ["--train", str(taught), "--also", str(foreign), "--report", str(report)]
    found = read(desk("evaluate", str(judged), *more, "--json"))
    assert found["heads"]["intent"]["macro_f1"] > 0.8
    assert found["entities"]["f1"] > 0.8
    assert found["out_of_scope_auroc"] is not None
    assert "<svg" in report.read_text("utf-8")
    assert "TF-IDF" in ok(desk("evaluate", str(judged), *more))


def test_examples_are_audited(desk: Run, tmp_path: Path) -> None:
    rows = some("train", 300)
    path = lines(tmp_path / "few.jsonl", [*rows, rows[0]])
    shown = ok(desk("audit", str(path)))
    assert "under 100 examples" in shown
    assert read(desk("audit", str(path), "--json", "--fast"))


def test_a_model_is_promoted_only_if_it_is_no_worse_and_can_be_rolled_back(
    desk: Run, tmp_path: Path
) -> None:
    golden = ["--golden", str(lines(tmp_path / "golden.jsonl", list(some("test", 120))))]
    shipped = read(desk("predict", LATE, "--json"))["model"]
    heads = json.loads((PACKAGE / "model" / "manifest.json").read_text())["heads"]
    shuffled = heads | {"urgency": heads["urgency"][::-1]}
    refused = desk("promote", str(other_model(tmp_path / "worse", heads=shuffled)), *golden)
    assert refused.returncode == 1
    assert "not promoted: urgency falls" in refused.stderr
    assert read(desk("predict", LATE, "--json"))["model"] == shipped

    ok(desk("promote", str(other_model(tmp_path / "newer")), *golden))
    assert read(desk("predict", LATE, "--json"))["model"] == "triage/newer"
    assert "shipped" in ok(desk("rollback"))
    assert read(desk("predict", LATE, "--json"))["model"] == shipped


def test_drift_is_said_in_words(desk: Run, tmp_path: Path) -> None:
    usual = [{"input": one["input"]} for one in some("test", 120)]
    assert "No drift" in ok(desk("drift", str(lines(tmp_path / "usual.jsonl", list(usual)))))
    foreign = [{"input": f"def f{n}(x): return x ** {n} if x else None"} for n in range(60)]
    found = read(desk("drift", str(lines(tmp_path / "new.jsonl", list(foreign))), "--json"))
    assert found["retrain"]
    few = desk("drift", str(lines(tmp_path / "few.jsonl", list(foreign[:9]))))
    assert "too few" in few.stderr


def test_drift_is_measured_on_the_model_that_is_set(desk: Run, tmp_path: Path) -> None:
    few = str(lines(tmp_path / "few.jsonl", [{"input": LATE}]))
    absent = str(tmp_path / "absent")
    unknown = desk("drift", few, TRIAGE_MODEL=absent)
    assert f"{absent}: no triage model here" in unknown.stderr
    named = desk("drift", few, "--model", str(PACKAGE / "model"), TRIAGE_MODEL=absent)
    assert "too few" in named.stderr


def test_corrections_join_the_training_examples(desk: Run, tmp_path: Path) -> None:
    examples = tmp_path / "examples"
    (examples / "train").mkdir(parents=True)
    lines(examples / "train" / "ada.jsonl", list(some("train", 20)))
    wrong = some("train", 20)[0]
    right = wrong | {"output": wrong["output"] | {"urgency": "critical"}, "corrected_by": "UADA"}
    corrections = str(lines(tmp_path / "corrections.jsonl", [right]))
    assert read(desk("merge", corrections, str(examples), "--json"))["replaced"] == 1
    assert read(desk("merge", corrections, str(examples), "--json"))["unchanged"] == 1


def test_the_desk_has_no_messages_yet(desk: Run) -> None:
    assert ok(desk("messages")) == ""


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.skipif(
    importlib.util.find_spec("torch") is None and not os.environ.get("SUPPORTBOT_TRAINS"),
    reason="needs the extra [train]; its own step in CI",
)
def test_a_model_is_trained_and_works(desk: Run, tmp_path: Path) -> None:
    run = partial(desk, SUPPORTBOT_HOME=os.environ.get("SUPPORTBOT_TRAINS", str(tmp_path / "base")))
    out = tmp_path / "small"
    trained = run("train", str(EXAMPLES), "--out", str(out), "--epochs", "2", "--limit", "400")
    ok(trained)
    assert "gap" in trained.stderr
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["examples"]["train"] == 400
    assert 20e6 < (out / "model.onnx").stat().st_size < 26e6
    assert "macro-F1" in (out / "README.md").read_text()
    golden = lines(tmp_path / "golden.jsonl", list(some("test", 150)))
    found = read(desk("evaluate", str(golden), "--model", str(out), "--json"))
    assert found["heads"]["intent"]["accuracy"] > 0.3
    ok(run("calibrate", str(EXAMPLES), "--model", str(out)))
    again = json.loads((out / "manifest.json").read_text())
    assert again["version"] != manifest["version"]

    banking = [
        {"text": f"card {n} lost", "intent": "lost" if n % 2 else "found"} for n in range(60)
    ]
    public = lines(tmp_path / "public.jsonl", list(banking))
    ok(run("train", str(public), "--out", str(tmp_path / "public"), "--epochs", "1"))
    judged = read(desk("evaluate", str(public), "--model", str(tmp_path / "public"), "--json"))
    assert set(judged["heads"]) == {"intent"}
