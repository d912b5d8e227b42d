"""A report holds every figure, escapes what it is given and needs nothing beside it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from unit.triage.scores import BASELINES, evaluation, head_score, manifest

from triage import charts
from triage.calibration import Bin
from triage.report import as_json, html, text

VOID = {"meta", "br", "link", "img"}
UNPAIRED = {"path", "rect", "circle"}


class Tags(HTMLParser):
    """Checks that what is opened is closed, and keeps what is said."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.names: set[str] = set()
        self.said = ""
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag: str, _attributes: object) -> None:
        self.names.add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, _attributes: object) -> None:
        assert tag in UNPAIRED
        self.names.add(tag)

    def handle_data(self, data: str) -> None:
        self.said += f" {data}"


@pytest.fixture(scope="module")
def page() -> str:
    return html(evaluation(), BASELINES, manifest())


def test_the_page_is_well_formed_and_stands_alone(page: str) -> None:
    assert "svg" in Tags(page).names
    assert not Tags(page).names & {"script", "link", "img", "iframe"}
    assert not re.search(r"https?://|url\(|@import|\bNaN\b|\bnan\b|\binf\b", page)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_the_page_names_every_label_baseline_and_entity(page: str) -> None:
    said = Tags(page).said
    for name in (
        "warranty_claim",
        "critical",
        "frustrated",
        "days_waiting",
        "TF-IDF",
        "this model",
    ):
        assert name in said
    for figure in ("0.921", "5.2 ms", "0.872", "0.043 → "):
        assert figure in said


def test_names_from_outside_are_escaped() -> None:
    evil = "<script>alert('x')</script>"
    intents = (evil, "b", "c")
    shown = html(
        evaluation(intents, count=90),
        [replace(BASELINES[0], name=evil)],
        manifest(name=evil),
    )
    assert "script" not in Tags(shown).names
    assert evil in Tags(shown).said


def test_a_model_of_intents_alone_has_a_report_too() -> None:
    whole = evaluation()
    bare = replace(
        whole,
        heads={"intent": whole.heads["intent"]},
        entities=None,
        out_of_scope=0,
        out_of_scope_auroc=None,
    )
    said = Tags(html(bare, [], manifest().model_copy(update={"recipe": {}}))).said
    assert "Urgency" not in said
    assert "AUROC" not in said
    assert "AUROC" not in text(bare, [])
    assert as_json(bare, [])["urgent_recall"] is None


def test_of_many_labels_the_most_confused_are_drawn() -> None:
    score = head_score(tuple(f"intent-{n}" for n in range(77)), count=900)
    shown = charts.most_confused(score)
    wrong = (
        score.confusion.sum(axis=0) + score.confusion.sum(axis=1) - 2 * score.confusion.diagonal()
    )
    left_out = [n for n in range(77) if n not in shown]
    assert len(shown) == 25
    assert min(wrong[shown]) >= max(wrong[left_out])
    assert charts.heat_map(score).count('class="name"') == 50


def test_the_text_fits_a_terminal_and_says_how_the_model_compares() -> None:
    said = text(evaluation(), BASELINES)
    assert max(map(len, said.splitlines())) <= 110
    assert "TF-IDF + logistic regression  0.861 / 0.857" in said
    assert "Urgent messages (critical or high) seen as urgent" in said


def test_json_has_every_figure() -> None:
    found = json.loads(json.dumps(as_json(evaluation(), BASELINES), allow_nan=False))
    assert len(found["heads"]["intent"]["confusion"]) == 25
    assert found["heads"]["urgency"]["by_label"][0]["label"] == "critical"
    assert [one["name"] for one in found["baselines"]] == [one.name for one in BASELINES]
    assert found["latency_p95_ms"] == 21.7


SHARE = st.floats(0, 1)


@given(st.lists(st.builds(Bin, SHARE, SHARE, SHARE), max_size=15))
def test_any_reliability_can_be_drawn(bins: list[Bin]) -> None:
    assert not re.search(r"nan|inf", charts.reliability_chart(bins))


@given(st.lists(st.tuples(SHARE, SHARE), max_size=60), SHARE)
def test_any_risk_can_be_drawn_inside_its_frame(
    curve: list[tuple[float, float]], covered: float
) -> None:
    drawn = charts.risk_chart(curve, covered)
    points = re.findall(r"[ML](-?[\d.]+),(-?[\d.]+)", drawn)
    assert all(0 <= float(x) <= 520 and 0 <= float(y) <= 300 for x, y in points)


@given(st.lists(st.text(min_size=1, max_size=60), min_size=2, max_size=5, unique=True))
@settings(max_examples=25, deadline=None)
def test_labels_of_any_name_can_be_shown(labels: list[str]) -> None:
    score = head_score(tuple(labels), count=60)
    assert Tags(charts.heat_map(score)).names >= {"svg", "rect", "title"}


def test_a_label_that_never_occurs_is_shown_last_and_empty() -> None:
    score = head_score(("a", "b"), count=50)
    confusion = np.pad(score.confusion, (0, 1))
    shown = charts.heat_map(replace(score, labels=("a", "b", "never"), confusion=confusion))
    assert "never → never: 0 of 0" in shown
