"""`supportbot knowledge` over a help centre of one's own: two sources, kept level, looked into."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from e2e.playground_page import HELP_DESK, Page
from e2e.processes import SUPPORTBOT, Process, environment, supportbot, together

SOURCES = """\
sources:
  - name: help
    kind: folder
    path: help
    audience: public
    url: https://help.example.com/{id}
  - name: staff
    kind: jsonl
    path: staff.jsonl
    audience: internal
    url: https://staff.example.com/{id}
"""
HELP = {
    "kettles": "# Descaling a kettle\n\nFill the kettle with water and two spoons of citric acid, "
    "boil it once, wait twenty minutes, pour it away and rinse the kettle twice with cold water. "
    "Vinegar does as well, but it smells for days.\n",
    "delivery": "# Delivery to the islands\n\nA parcel to the islands takes five working days. It "
    "goes by ferry on Tuesdays and on Fridays, and costs nine pounds whatever its size may be. In "
    "a storm the ferry waits.\n",
    "toasters": "# Cleaning a toaster\n\nPull the plug, let it cool, slide the crumb tray out of "
    "the toaster and empty it. Wipe the outside with a damp cloth and never put it under water.\n",
    "returns": "# Returns\n\nSend back what you do not like within forty days, unused and in its "
    "box, and you get your money back on the same card within a week of its arrival at ours.\n",
    "warranty": "# Warranty\n\nEvery appliance is covered for three years from the day of purchase "
    "against faults of material and making, but not against scale, drops and power surges. Keep "
    "the receipt for as long.\n",
}
OLD = "---\nupdated: 2001-01-01\nstatus: published\n---\n"
STAFF = {"id": "vouchers", "title": "Vouchers for late parcels", "updated": "2026-11-01"}
VOUCHER = "For a parcel that is late by a week a colleague may give a voucher of ten pounds. "
SOURDOUGH = "how do I bake sourdough bread?"
BREAD = "which flour makes the best sourdough bread?"


@dataclass(frozen=True)
class Centre:
    """A help centre in a folder, with a home of its own."""

    folder: Path

    @property
    def env(self) -> dict[str, str]:
        return environment(
            self.folder / "home", KNOWLEDGE_SOURCES=str(self.folder / "sources.yaml")
        )

    def article(self, name: str) -> Path:
        return self.folder / "help" / f"{name}.md"

    def write(self, name: str, text: str) -> None:
        self.article(name).write_text(text, "utf-8")

    def staff(self, *lines: dict[str, str]) -> None:
        text = "".join(f"{json.dumps(one)}\n" for one in lines)
        (self.folder / "staff.jsonl").write_text(text, "utf-8")

    def run(self, *arguments: str) -> CompletedProcess[str]:
        return supportbot("knowledge", *arguments, env=self.env, cwd=self.folder)

    def values(self, *arguments: str) -> Any:
        """The JSON that a command prints."""
        result = self.run(*arguments, "--json")
        assert result.returncode == 0, result.stderr
        return json.loads(result.stdout)

    def sources(self, *arguments: str) -> dict[str, dict[str, Any]]:
        """What a command says of each source."""
        return {one["name"]: one for one in self.values(*arguments)["sources"]}


def opened(folder: Path) -> Centre:
    centre = Centre(folder)
    (folder / "help").mkdir()
    (folder / "sources.yaml").write_text(SOURCES, "utf-8")
    for name, text in HELP.items():
        centre.write(name, text)
    centre.staff({**STAFF, "text": VOUCHER * 3})
    return centre


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    return opened(tmp_path)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Centre:
    """A help centre that is indexed; nobody writes to it."""
    centre = opened(tmp_path_factory.mktemp("shared"))
    assert centre.run("index").returncode == 0
    return centre


def test_an_index_run_tells_of_each_source_and_then_of_all(centre: Centre) -> None:
    centre.write("broken", "---\nstatus: sometimes\n---\nText.\n")
    result = centre.run("index")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    counts = "0 changed, 0 removed, 0 unchanged"
    assert lines[0] == f"help   5 articles: 5 new, {counts}, 1 skipped"
    assert lines[1] == f"staff  1 articles: 1 new, {counts}, 0 skipped"
    assert re.search(r"6 new, .*\(6 chunks, 6 embedded, in \d+\.\d s\)", lines[2])
    assert "skipped help/broken.md: front matter: status" in result.stderr


def test_only_what_has_changed_is_embedded_again(centre: Centre) -> None:
    centre.run("index")
    centre.write("kettles", HELP["kettles"].replace("two spoons", "three spoons"))
    centre.article("returns").unlink()
    report = centre.values("index")
    [help_, staff] = report["sources"]
    assert (help_["changed"], help_["removed"], help_["unchanged"]) == (1, 1, 3)
    assert (staff["changed"], staff["unchanged"], staff["skipped"]) == (0, 1, [])
    assert (report["chunks"], report["embedded"], report["seconds"] >= 0) == (1, 1, True)
    assert {name: report[name] for name in ("added", "changed", "removed", "unchanged")} == {
        "added": 0,
        "changed": 1,
        "removed": 1,
        "unchanged": 4,
    }
    assert centre.values("index")["embedded"] == 0


def test_a_source_that_yields_far_less_is_held_back_until_that_is_accepted(
    centre: Centre,
) -> None:
    centre.run("index")
    for name in ("kettles", "delivery", "toasters", "returns"):
        centre.article(name).unlink()
    doubtful = centre.run("index")
    assert doubtful.returncode == 0
    assert "warning: help yields 1 articles where 5 are held" in doubtful.stderr
    assert "--accept-removals" in doubtful.stderr
    assert "held back" in doubtful.stdout
    assert centre.sources("status")["help"]["articles"] == 5
    accepted = centre.run("index", "--accept-removals")
    assert "4 removed" in accepted.stdout
    assert not accepted.stderr
    assert centre.sources("status")["help"]["articles"] == 1


def test_one_source_that_is_away_is_a_warning_and_all_of_them_an_error(centre: Centre) -> None:
    centre.run("index")
    (centre.folder / "staff.jsonl").rename(centre.folder / "staff.away")
    one = centre.run("index")
    assert one.returncode == 0
    assert "staff.jsonl" in one.stderr
    (centre.folder / "help").rename(centre.folder / "help.away")
    both = centre.run("index")
    assert both.returncode == 1
    assert len(both.stderr.splitlines()) == 2
    assert "Traceback" not in both.stderr
    assert {name: one["articles"] for name, one in centre.sources("status").items()} == {
        "help": 5,
        "staff": 1,
    }


def test_a_file_of_sources_that_is_wrong_is_one_line(centre: Centre) -> None:
    (centre.folder / "sources.yaml").write_text("sources:\n  - name: help\n", "utf-8")
    for command in (["index"], ["status"], ["audit"], ["watch"], ["search", "kettle"]):
        result = centre.run(*command)
        assert result.returncode == 1
        [line] = result.stderr.splitlines()
        assert "sources.yaml" in line


def test_status_says_what_is_indexed_and_indexes_nothing(centre: Centre) -> None:
    assert {name: one["articles"] for name, one in centre.sources("status").items()} == {
        "help": 0,
        "staff": 0,
    }
    centre.write("draft", "---\nstatus: draft\n---\nNot yet.\n")
    centre.write("old", f"{OLD}As it was.\n")
    centre.run("index")
    centre.write("more", "More.\n")
    told = centre.values("status")
    assert set(told) == {"store", "encoder", "sources"}
    assert Path(told["store"]).is_file()
    assert "MiniLM" in told["encoder"]
    [help_, staff] = told["sources"]
    assert help_ == {
        "name": "help",
        "articles": 7,
        "published": 6,
        "draft": 1,
        "archived": 0,
        "internal": 0,
        "chunks": 6,
        "newest": help_["newest"],
        "oldest": "2001-01-01",
    }
    assert help_["newest"] > "2026"
    assert (staff["internal"], staff["newest"], staff["oldest"]) == (1, "2026-11-01", "2026-11-01")
    shown = centre.run("status").stdout
    assert re.search(r"^help +7 +6 +1 +0 +0 +6 +\S+ +2001-01-01$", shown, re.MULTILINE)


def test_search_shows_what_answers_are_made_of(shared: Centre) -> None:
    found = shared.values("search", "how do I descale my kettle?")
    assert [set(one) for one in found] == [
        {"title", "url", "updated", "score", "cosine", "read", "chunk"}
    ] * len(found)
    assert found[0]["title"] == "Descaling a kettle"
    assert found[0]["url"] == "https://help.example.com/kettles"
    assert found[0]["read"] is True
    assert "citric acid" in found[0]["chunk"]["text"]
    assert found[-1]["read"] is False
    assert [one["score"] for one in found] == sorted((one["score"] for one in found), reverse=True)
    shown = shared.run("search", "how do I descale my kettle?", "--limit", "2").stdout
    assert shown.startswith("1. Descaling a kettle")
    assert ", not read)" not in shown.splitlines()[0]
    assert "3. " not in shown


def test_search_finds_for_colleagues_what_it_hides_from_the_public(shared: Centre) -> None:
    question = "voucher for a late parcel"
    public, internal = together(
        partial(shared.values, "search", question, "--audience", one)
        for one in ("public", "internal")
    )
    assert internal[0]["url"] == "https://staff.example.com/vouchers"
    assert "https://staff.example.com/vouchers" not in {one["url"] for one in public}


def test_an_audit_names_what_is_to_be_mended(centre: Centre) -> None:
    centre.write("old", f"{OLD}# Ordering by fax\n\n{'Send us a fax with your order. ' * 9}\n")
    centre.write("again", HELP["kettles"].replace("cold water", "warm water"))
    centre.write("stub", "# Ovens\n\nSoon.\n")
    centre.write("saga", f"# Saga\n\n{'A long story. ' * 900}\n")
    centre.write("broken", "")
    centre.staff(
        {**STAFF, "text": VOUCHER * 3}, {"id": "r", "title": "Returns", "text": VOUCHER * 4}
    )
    found = centre.values("audit")

    def ids(kind: str) -> list[str]:
        return [one["id"] for one in found[kind]]

    assert (found["articles"], found["published"], found["questions"]) == (11, 11, 0)
    assert [one["updated"] for one in found["stale"]] == ["2001-01-01"]
    assert (ids("stale"), ids("too_short"), ids("too_long")) == (
        ["help/old"],
        ["help/stub"],
        ["help/saga"],
    )
    assert found["too_long"][0]["words"] == 2_700
    pairs = [{one["id"] for one in like["articles"]} for like in found["duplicates"]]
    assert {"help/again", "help/kettles"} in pairs
    titles = [
        ({one["id"] for one in same["articles"]}, same["differ"]) for same in found["same_title"]
    ]
    assert ({"help/returns", "staff/r"}, ["audience", "source", "url"]) in titles
    assert found["broken"] == ["help/broken.md: the file is empty"]
    assert found["never_retrieved"] is None
    assert found["unanswered"] == []
    shown = centre.run("audit", "--stale", "20000").stdout
    assert "Stale" not in shown
    assert "help/saga: Saga, 2700 words" in shown
    assert "No questions yet" in shown


def test_an_audit_knows_what_was_asked_and_what_to_write_next(
    open_playground: Callable[..., tuple[Process, Page]], shared: Centre
) -> None:
    env = shared.env
    desk, page = open_playground(shared.folder / "home", KNOWLEDGE_SOURCES=env["KNOWLEDGE_SOURCES"])
    for question in (SOURDOUGH, BREAD, "how do I descale my kettle?"):
        page.reply(HELP_DESK, page.ask(HELP_DESK, question))
    assert desk.interrupt() == 0
    found = shared.values("audit")
    assert found["questions"] == 3
    [gap] = found["unanswered"]
    assert gap["times"] == 2
    assert set(gap["questions"]) == {SOURDOUGH, BREAD}
    assert gap["label"] in gap["questions"]
    unused = {one["id"] for one in found["never_retrieved"]}
    assert "help/kettles" not in unused
    assert "staff/vouchers" in unused
    shown = shared.run("audit").stdout
    assert "Nobody could answer: what to write next (1)" in shown
    assert f"2 × {gap['label']}" in shown


def test_a_saved_article_is_in_answers_while_the_watch_runs(
    centre: Centre, start: Callable[..., Process]
) -> None:
    watch = start("watch", SUPPORTBOT, "knowledge", "watch", env=centre.env)
    watch.says("Watching")
    centre.write("blenders", "# Sharpening a blender\n\nBlend ice cubes for a minute.\n")
    assert re.match(
        r"\d\d:\d\d:\d\d new help/blenders: Sharpening a blender$", watch.says("help/blenders")
    )
    assert centre.sources("status")["help"]["articles"] == 6
    found = centre.values("search", "how do I sharpen my blender?")
    assert found[0]["url"] == "https://help.example.com/blenders"

    centre.write("blenders", "---\ntitle: [half a save\n")
    watch.says("skipped help/blenders.md")
    assert centre.sources("status")["help"]["articles"] == 6

    centre.staff({**STAFF, "text": VOUCHER.replace("ten", "twenty")})
    watch.says("changed staff/vouchers")
    centre.article("blenders").unlink()
    watch.says("removed help/blenders")
    assert watch.interrupt() == 0
    assert watch.log().endswith("Ended.\n")
    assert watch.log().count("skipped help") == 1
    assert "Traceback" not in watch.log()


def test_a_watch_outlives_a_source_that_is_away(
    centre: Centre, start: Callable[..., Process]
) -> None:
    watch = start("watch", SUPPORTBOT, "knowledge", "watch", "--every", "1", env=centre.env)
    watch.says("Watching")
    away = (centre.folder / "help").rename(centre.folder / "away")
    watch.says("warning: ")
    away.rename(centre.folder / "help")
    centre.write("blenders", "# Sharpening a blender\n\nBlend ice cubes for a minute.\n")
    watch.says("new help/blenders")
    assert watch.terminate() == 0
    assert "removed" not in watch.log().partition("Watching")[2]


def test_every_command_teaches_by_an_example(shared: Centre) -> None:
    commands = ("index", "watch", "status", "search", "audit")
    results = together(partial(shared.run, one, "--help") for one in commands)
    for command, result in zip(commands, results, strict=True):
        explained = result.stdout.partition("Options")[0]
        assert f"supportbot knowledge {command}" in explained.partition("Example:")[2]
