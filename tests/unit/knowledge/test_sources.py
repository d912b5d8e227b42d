"""sources.yaml: every kind is read under its terms, and a mistake is told in a line."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge.documents import Article, Audience, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.ports import ArticleSource
from knowledge.sources.declared import read_sources, watched_paths
from knowledge.sources.rules import Rule, Terms

ROOT = Path(__file__).parents[3]


def declare(folder: Path, text: str) -> list[ArticleSource]:
    (folder / "sources.yaml").write_text(text)
    return read_sources(folder / "sources.yaml")


def articles_of(source: ArticleSource) -> dict[str, Article]:
    found = list(source.read())
    assert not [str(one) for one in found if isinstance(one, ArticleInvalid)]
    return {one.id: one for one in found if isinstance(one, Article)}


def test_the_example_declares_a_source_of_every_kind() -> None:
    found = read_sources(ROOT / "sources.example.yaml")
    assert [one.name for one in found] == ["help", "faq", "web", "wiki"]


def test_sources_are_read_relative_to_the_file_and_under_their_names(tmp_path: Path) -> None:
    (tmp_path / "docs" / "staff").mkdir(parents=True)
    (tmp_path / "docs" / "returns & more.md").write_text("# Returns\n\nThirty days.\n")
    (tmp_path / "docs" / "staff" / "own.md").write_text("---\nurl: https://x.test/o\n---\nText.\n")
    (tmp_path / "faq.jsonl").write_text('{"id": 7, "title": "Fees", "text": "Three."}\n')
    folder, lines = declare(
        tmp_path,
        """
sources:
  - {name: help, kind: folder, path: docs, audience: public, url: "https://help.test/{id}",
     rules: [{match: "staff/*", audience: internal, status: draft}]}
  - {name: faq, kind: jsonl, path: faq.jsonl, audience: internal, status: archived}
""",
    )
    own, returns = (articles_of(folder)[one] for one in ("help/staff/own", "help/returns & more"))
    assert (own.audience, own.status) == (Audience.INTERNAL, Status.DRAFT)
    assert (own.url, own.source) == ("https://x.test/o", "help")
    assert (returns.audience, returns.status) == (Audience.PUBLIC, Status.PUBLISHED)
    assert (returns.title, returns.url) == ("Returns", "https://help.test/returns%20%26%20more")
    [fees] = articles_of(lines).values()
    assert (fees.id, fees.source) == ("faq/7", "faq")
    assert (fees.audience, fees.status) == (Audience.INTERNAL, Status.ARCHIVED)


FOLDER = "name: help, kind: folder, path: docs, audience: public"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "SourcesFile"),
        ("sources: []", "sources: Tuple should have at least 1"),
        ("sources: [x]", "source 1: Input should be"),
        ("source: []", "sources: Field required"),
        ("sources: [{name: help}]", "source help: kind: one of folder, jsonl, site, loader"),
        ("sources: [{name: help, kind: ftp}]", "source help: kind: one of folder"),
        ("sources: [{name: help, kind: folder, path: docs}]", "source help: audience: Field"),
        (f"sources: [{{{FOLDER}, pth: x}}]", "source help: pth: Extra inputs"),
        (f"sources: [{{{FOLDER}, url: 'https://x.test/'}}]", "source help: url: String should"),
        (f"sources: [{{{FOLDER}, status: live}}]", "source help: status: Input should"),
        (f"sources: [{{{FOLDER}, rules: [{{match: x}}]}}]", "rules.0: a rule sets audience"),
        (f"sources: [{{{FOLDER}, rules: [{{audience: public}}]}}]", "rules.0.match: Field"),
        (f"sources: [{{{FOLDER}}}, {{{FOLDER}}}]", "sources: two sources are named help"),
        ("sources: [{kind: folder, path: docs, audience: public}]", "source 1: name: Field"),
        ("sources: [{name: a/b, kind: folder, path: x, audience: public}]", "name: String should"),
        (
            "sources: [{name: w, kind: site, audience: public, sitemap: 'https://me:pw@x.test/s'}]",
            "sitemap: String should",
        ),
        (
            "sources: [{name: w, kind: loader, audience: public, loader: Loader}]",
            "loader: String should",
        ),
        ("sources:\n  - {name: [", "line 2: "),
        ("a: !!python/name:os.system x", "line 1: "),
        ("[" * 3_000, "no YAML"),
    ],
)
def test_a_mistake_is_told_in_one_line_with_its_key(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SourceUnavailable) as caught:
        declare(tmp_path, text)
    said = str(caught.value)
    assert said.startswith(f"{tmp_path / 'sources.yaml'}: ")
    assert why in said
    assert "\n" not in said
    assert "me:pw" not in said


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"sources.yaml: No such file"):
        read_sources(tmp_path / "sources.yaml")


def test_folders_and_files_are_watched_where_they_are(tmp_path: Path) -> None:
    shutil.copy(ROOT / "sources.example.yaml", tmp_path / "sources.yaml")
    assert watched_paths(tmp_path / "sources.yaml") == {
        "help": tmp_path / "help-centre",
        "faq": tmp_path / "exports" / "faq.jsonl",
    }


def test_what_cannot_be_watched_is_told_as_what_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable, match=r"sources.yaml: No such file"):
        watched_paths(tmp_path / "sources.yaml")
    (tmp_path / "sources.yaml").write_text("sources: [")
    with pytest.raises(SourceUnavailable, match=r"sources.yaml: line 1: "):
        watched_paths(tmp_path / "sources.yaml")


def test_a_source_that_is_gone_does_not_keep_others_from_being_declared(tmp_path: Path) -> None:
    [gone] = declare(tmp_path, f"sources: [{{{FOLDER}}}]")
    with pytest.raises(SourceUnavailable, match="docs is not a folder"):
        list(gone.read())


def test_each_word_is_set_by_the_first_rule_that_has_one() -> None:
    rules = (
        Rule(match="*-2024", status=Status.ARCHIVED),
        Rule(match="staff/*", audience=Audience.INTERNAL, status=Status.DRAFT),
        Rule(match="staff/open*", audience=Audience.PUBLIC),
    )
    terms = Terms(rules=rules)
    assert terms.status_of("staff/fees-2024", None) is Status.ARCHIVED
    assert terms.audience_of("staff/fees-2024", None) is Audience.INTERNAL
    assert terms.audience_of("staff/open", None) is Audience.INTERNAL
    assert terms.audience_of("Staff/fees", None) is Audience.PUBLIC


def test_a_rule_may_open_what_is_internal_by_default() -> None:
    rules = (Rule(match="open/*", audience=Audience.PUBLIC, status=Status.PUBLISHED),)
    terms = Terms(Audience.INTERNAL, Status.DRAFT, rules)
    assert terms.audience_of("open/a", None) is Audience.PUBLIC
    assert terms.status_of("open/a", None) is Status.PUBLISHED
    assert terms.audience_of("a", None) is Audience.INTERNAL


@given(
    st.sampled_from(Audience),
    st.none() | st.sampled_from(Audience),
    st.none() | st.sampled_from(Audience),
)
def test_whoever_says_internal_is_heard(
    default: Audience, ruled: Audience | None, said: Audience | None
) -> None:
    rules = (Rule(match="*", audience=ruled),) if ruled else ()
    found = Terms(default, rules=rules).audience_of("a", said)
    assert (found is Audience.INTERNAL) == (Audience.INTERNAL in {ruled or default, said})


@given(
    st.sampled_from(Status),
    st.none() | st.sampled_from(Status),
    st.none() | st.sampled_from(Status),
)
def test_what_is_published_is_so_by_everyones_word(
    default: Status, ruled: Status | None, said: Status | None
) -> None:
    rules = (Rule(match="*", status=ruled),) if ruled else ()
    found = Terms(status=default, rules=rules).status_of("a", said)
    declared = ruled or default
    assert (found is Status.PUBLISHED) == ({declared, said or declared} == {Status.PUBLISHED})
