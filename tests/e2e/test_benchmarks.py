"""`python -m benchmarks`: the part that measures the triage model."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks import triage
from knowledge.settings import KnowledgeSettings

ROOT = Path(__file__).parent.parent.parent


def benchmarks(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_triage_model_is_measured_beside_the_frozen_encoder() -> None:
    result = benchmarks("triage", "--quick", "--json")
    assert result.returncode == 0, result.stderr
    reports = json.loads(result.stdout)["benchmarks"]["triage"]
    assert [one["unit"] for one in reports] == ["ms", "messages/s", "MB", "MB"]
    assert triage.WITHOUT_FP32 in reports[0]["notes"]
    rows = {row["name"]: row for one in reports for row in one["rows"]}
    for group in ("20 tokens", "64 tokens", "256 tokens", "one thread", "two threads"):
        ours = rows[f"{group}: {triage.OURS}"]
        assert ours["baseline"] == f"{group}: {triage.BASELINE}"
        assert 0 < ours["p50"] <= ours["p99"]
        assert ours["ratio"] > 0
    assert rows[triage.IMPORTS]["p50"] < rows[triage.OURS]["p50"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--model", "nowhere"], "nowhere: no triage model here"),
        (["--fp32", "nowhere.onnx"], "nowhere.onnx: there is no such file"),
    ],
)
def test_what_is_missing_is_told_before_anything_is_measured(options: list[str], told: str) -> None:
    result = benchmarks("triage", *options)
    assert result.returncode == 2
    assert told in result.stderr
    assert not result.stdout


def test_the_network_in_fp32_stands_in_a_folder_of_its_own(tmp_path: Path) -> None:
    model, fp32 = tmp_path / "model", tmp_path / "elsewhere.onnx"
    model.mkdir()
    for name in ("model.onnx", "tokenizer.json", "manifest.json"):
        (model / name).write_text(f"int8 {name}")
    fp32.write_text("fp32")
    with triage.contenders_of(model, fp32) as found:
        assert [one.name for one in found] == [triage.BASELINE, triage.FP32, triage.OURS]
        read = {path.name: path.read_text() for path in found[1].folder.iterdir()}
    assert read == {
        "model.onnx": "fp32",
        "tokenizer.json": "int8 tokenizer.json",
        "manifest.json": "int8 manifest.json",
    }
    with triage.contenders_of(model, None) as found:
        assert [one.name for one in found] == [triage.BASELINE, triage.OURS]


def test_the_first_is_the_baseline_and_the_model_stands_beside_fp32_too() -> None:
    samples = {triage.BASELINE: [4.0], triage.FP32: [10.0], triage.OURS: [5.0]}
    rows = triage.compared("20 tokens", samples)
    assert [row.ratio for row in rows] == [None, 2.5, 1.25]
    assert [row.note for row in rows] == ["", "", "0.50 × fp32"]


@pytest.mark.parametrize("tokens", triage.LENGTHS)
def test_messages_are_cut_or_joined_to_the_tokens_wanted(tokens: int) -> None:
    tokenizer = triage.read_tokenizer(KnowledgeSettings().encoder)
    texts = triage.messages()[:100]
    cut = triage.of_length(texts, tokens, tokenizer)
    assert {len(tokenizer.encode(text).ids) for text in cut} == {tokens}
    assert all(one[:10] == text[:10] for one, text in zip(cut, texts, strict=True))
