"""`supportbot knowledge evaluate` in a terminal."""

import json
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from e2e.processes import environment, supportbot

METHODS = ["bm25", "dense", "weaviate hybrid", "hybrid", "hybrid + rerank"]
DOCUMENTS = {
    "wax": "Rub beeswax into the seams of leather shoes twice a year, and let it dry overnight.",
    "fee": "Courier collection costs £4.50 and is free for orders above £60.",
    "stove": "Never light a gas stove inside a tent: it gives off carbon monoxide.",
    "card": "A gift card is valid for five years and cannot be exchanged for cash.",
}
QUESTIONS: list[dict[str, Any]] = [
    {"id": "1", "text": "How do I look after leather shoes?", "answerable": True},
    {"id": "2", "text": "What does courier collection cost?", "answerable": True},
    {"id": "3", "text": "And inside a tent?", "previous": "May I light a stove?"},
    {"id": "4", "text": "Who won the chess championship in 1972?", "answerable": False},
    {"id": "5", "text": "How long is a gift card valid?", "answerable": True},
    {"id": "6", "text": "What is the capital of Mongolia?", "answerable": False},
]
RELEVANT = {"1": "wax", "2": "fee", "3": "stove", "5": "card"}
Run = Callable[..., CompletedProcess[str]]


def lines(path: Path, rows: list[Any]) -> str:
    shown = (one if isinstance(one, str) else json.dumps(one) for one in rows)
    path.write_text("".join(f"{one}\n" for one in shown), "utf-8")
    return str(path)


def options(folder: Path, *, own: bool = False, **files: list[Any]) -> list[str]:
    """The files of an evaluation, written; some with other lines."""
    rows: dict[str, list[Any]] = {
        "queries": QUESTIONS,
        "qrels": [{"query": one, "doc": doc} for one, doc in RELEVANT.items()],
        "corpus": [{"id": one, "title": one.title(), "text": text, "url": ""}
                   for one, text in DOCUMENTS.items()],
    }  # fmt: skip
    wanted = [name for name in rows if name != "corpus" or not own]
    rows |= files
    paths = {name: lines(folder / f"{name}.jsonl", rows[name]) for name in wanted}
    return [word for name, path in paths.items() for word in (f"--{name}", path)]


@pytest.fixture
def evaluate(tmp_path: Path) -> Run:
    def run(
        *arguments: str, home: Path = tmp_path / "home", **settings: str
    ) -> CompletedProcess[str]:
        env = environment(home, **settings)
        return supportbot("knowledge", "evaluate", *arguments, env=env, cwd=tmp_path, timeout=120)

    return run


def test_a_corpus_is_judged_in_one_table_beside_what_is_to_be_beaten(
    evaluate: Run, tmp_path: Path
) -> None:
    result = evaluate(*options(tmp_path))
    assert result.returncode == 0, result.stderr
    table = result.stdout
    assert table.startswith("4 of 6 questions are answered in 4 documents\n")
    assert [one for one in METHODS if f"\n{one} " in table] == METHODS
    for word in ("recall@1", "@3", "@5", "nDCG@10", "MRR", "p50 ms", "p95 ms", "AUROC", "risk"):
        assert word in table, word
    assert "3 answerable questions, 2 unanswerable" in table
    assert not (tmp_path / "home").exists(), "a corpus is not put among the desk's articles"


def test_the_index_of_a_corpus_can_be_kept_and_takes_another_corpus(
    evaluate: Run, tmp_path: Path
) -> None:
    kept = ["--json", "--index", str(tmp_path / "kept")]
    first, second = (evaluate(*options(tmp_path), *kept) for _ in range(2))
    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert "4 chunks, 4 embedded" in first.stderr
    assert second.stderr == ""
    found = json.loads(second.stdout)
    assert list(found["methods"]) == METHODS
    best = found["methods"]["hybrid + rerank"]
    assert (best["recall_at_3"], best["ndcg_at_10"], best["mrr"]) == (1, 1, 1)
    assert best["p50_ms"] > 0
    assert found["methods"]["weaviate hybrid"]["p50_ms"] is None
    assert (found["questions"], found["judged"], found["documents"]) == (6, 4, 4)
    assert found["abstention"]["judge"]["auroc"] == 1
    assert found["abstention"]["unanswerable_answered"] == 0
    other = options(
        tmp_path,
        corpus=[{"id": "wax", "title": "Wax", "text": DOCUMENTS["wax"]}],
        qrels=[{"query": "1", "doc": "wax"}],
    )
    assert json.loads(evaluate(*other, *kept).stdout)["documents"] == 1


def test_the_articles_of_the_desk_are_judged_where_no_corpus_is_given(
    evaluate: Run, home: Path, tmp_path: Path
) -> None:
    questions = [
        {"id": "worn", "text": "how long do I have to return boots I already wore outside?"},
        {"id": "swiss", "text": "do you deliver to Zurich?"},
    ]
    relevant = [{"query": "swiss", "doc": "shipping-switzerland-norway-iceland"}]
    given = options(tmp_path, own=True, queries=questions, qrels=relevant)
    result = evaluate(*given, "--json", home=home, OPENAI_API_KEY="sk-of-nobody")
    assert result.returncode == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["methods"]["hybrid + rerank"]["recall_at_3"] == 1
    assert found["abstention"] is None
    assert found["documents"] >= 50


def test_some_of_the_questions_are_spread_over_the_file(evaluate: Run, tmp_path: Path) -> None:
    found = json.loads(evaluate(*options(tmp_path), "--limit", "2", "--json").stdout)
    assert (found["questions"], found["judged"]) == (2, 1)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"queries": []}, "queries.jsonl: the file is empty"),
        ({"qrels": [" ", ""]}, "qrels.jsonl: the file is empty"),
        ({"corpus": []}, "corpus.jsonl: no article"),
        ({"queries": [*QUESTIONS, "{broken"]}, "queries.jsonl line 7: Invalid JSON"),
        ({"queries": [{"id": "1", "text": " "}]}, "queries.jsonl line 1: text: "),
        ({"queries": QUESTIONS[:1] * 2}, "queries.jsonl line 2: there is a question '1' already"),
        ({"qrels": [{"query": "1", "doc": "x"}]}, "qrels.jsonl line 1: there is no document 'x'"),
        ({"qrels": ["", {"query": "9", "doc": "wax"}]}, "qrels.jsonl line 2: there is no question"),
        ({"qrels": [{"query": "1"}]}, "qrels.jsonl line 1: doc: "),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(
    evaluate: Run, tmp_path: Path, files: dict[str, list[Any]], said: str
) -> None:
    result = evaluate(*options(tmp_path, **files), "--index", str(tmp_path / "kept"))
    assert result.returncode == 2
    assert said in result.stderr.splitlines()[-1], result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout == ""


def test_a_file_that_is_not_there_is_named(evaluate: Run, tmp_path: Path) -> None:
    absent = str(tmp_path / "absent.jsonl")
    for option in ("--queries", "--qrels", "--corpus"):
        result = evaluate(*options(tmp_path), option, absent)
        assert result.returncode != 0
        assert absent in result.stderr.splitlines()[-1], result.stderr
        assert "Traceback" not in result.stderr


def test_an_index_is_kept_of_a_corpus_alone(evaluate: Run, tmp_path: Path) -> None:
    result = evaluate(*options(tmp_path, own=True), "--index", str(tmp_path))
    assert result.returncode == 2
    assert "give --corpus too" in result.stderr


def test_the_help_shows_an_example(evaluate: Run) -> None:
    shown = " ".join(evaluate("--help").stdout.split())
    assert "Example: supportbot knowledge evaluate --queries queries.jsonl" in shown
