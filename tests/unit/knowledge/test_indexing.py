"""Index runs: only what has changed is encoded, what must vanish goes first, no good is lost."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest
from fakes import TODAY, FakeEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge.adapters.sqlite import SqliteStore
from knowledge.chunking import VERSION
from knowledge.documents import Article, ArticleId, Audience, Encoding, Passage, SourceName, Status
from knowledge.errors import ArticleInvalid, SourceUnavailable
from knowledge.indexing import SIDE_BY_SIDE, IndexReport, SourceReport, index
from knowledge.ports import Query

HELP, WIKI = SourceName("help"), SourceName("wiki")


def article(name: str, text: str = "", *, source: SourceName = HELP) -> Article:
    return Article(
        ArticleId(name),
        name,
        f"https://help.test/{name}",
        Status.PUBLISHED,
        Audience.PUBLIC,
        TODAY,
        text or f"All about {name}.\n",
        source,
    )


BOOTS, TENTS = article("boots"), article("tents")
MANY = [article(f"a{n}") for n in range(10)]
BROKEN = ArticleInvalid("tents.md: not UTF-8 text", article_id="tents")


class Source:
    """Yields what it is given, then fails if it is told to."""

    def __init__(
        self,
        *articles: Article | ArticleInvalid,
        name: SourceName = HELP,
        failure: SourceUnavailable | None = None,
    ) -> None:
        self.name = name
        self._articles = articles
        self._failure = failure

    def read(self) -> Iterator[Article | ArticleInvalid]:
        yield from self._articles
        if self._failure:
            raise self._failure


@dataclass
class WatchedEmbedder(FakeEmbedder):
    """Remembers what it encodes; `before` happens first."""

    encoded: list[str] = field(default_factory=list)
    calls: int = 0
    before: Callable[[], None] = lambda: None

    def encode(self, texts: Sequence[str]) -> list[Encoding]:
        self.before()
        self.calls += 1
        self.encoded += texts
        return super().encode(texts)


@dataclass
class Desk:
    """A store and the runs on it."""

    store: SqliteStore
    embedder: WatchedEmbedder = field(default_factory=WatchedEmbedder)

    def run(self, *sources: Source, accept_removals: bool = False) -> IndexReport:
        self.embedder.encoded = []
        return index(
            sources, store=self.store, embedder=self.embedder, accept_removals=accept_removals
        )

    def one(self, *articles: Article | ArticleInvalid, **options: bool) -> SourceReport:
        """The report on the only source."""
        [report] = self.run(Source(*articles), **options).sources
        return report

    def found(self, text: str, audience: Audience = Audience.PUBLIC) -> list[Passage]:
        query = Query(text, self.embedder.embed([text])[0], audience, limit=10, alpha=0.0)
        return self.store.search(query)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = SqliteStore(tmp_path / "store.sqlite", encoder="one")
    yield Desk(store)
    store.close()


def test_a_second_run_encodes_and_writes_nothing(desk: Desk) -> None:
    first = desk.run(Source(BOOTS, TENTS))
    assert (first.sources[0].added, first.chunks, first.embedded) == (2, 2, 2)
    epoch = desk.store._connections.get().execute("select n from epoch").fetchone()[0]
    second = desk.run(Source(BOOTS, TENTS))
    assert (second.sources[0].unchanged, second.chunks, second.embedded) == (2, 0, 0)
    assert desk.store._connections.get().execute("select n from epoch").fetchone()[0] == epoch


def test_only_the_changed_chunk_is_encoded(desk: Desk) -> None:
    old = article("boots", "Intro.\n\n## Laces\n\nTie.\n\n## Soles\n\nGlue.\n")
    desk.run(Source(old, TENTS))
    report = desk.run(Source(replace(old, text=old.text.replace("Tie", "Knot")), TENTS))
    assert (report.sources[0].changed, report.sources[0].unchanged) == (1, 1)
    assert (report.chunks, report.embedded) == (3, 1)
    assert desk.embedder.encoded == ["boots › Laces\nKnot."]
    assert [one.chunk.text for one in desk.found("knot")] == ["Knot."]
    assert desk.found("tie") == []


@pytest.mark.parametrize(
    "changes",
    [
        {"url": "https://help.test/new"},
        {"updated": date(2026, 10, 1)},
        {"audience": Audience.INTERNAL},
        {"source": WIKI},
        {"id": ArticleId("renamed")},
    ],
)
def test_what_the_encoder_does_not_read_makes_nothing_be_encoded(
    desk: Desk, changes: dict[str, object]
) -> None:
    others = Source(TENTS, name=SourceName("others"))
    desk.run(Source(BOOTS), others)
    changed = replace(BOOTS, **changes)  # type: ignore[arg-type]
    report = desk.run(others, Source(changed, name=changed.source))
    assert report.embedded == 0
    [only] = desk.found("boots", Audience.INTERNAL)
    assert (only.url, only.updated, only.chunk.article_id) == (
        changed.url,
        changed.updated,
        changed.id,
    )
    assert desk.store.held()[changed.id].source == changed.source


def test_a_text_that_many_articles_have_is_encoded_once(desk: Desk) -> None:
    report = desk.run(Source(*(replace(BOOTS, id=one.id) for one in MANY)))
    assert (report.chunks, report.embedded) == (10, 1)
    assert len(desk.found("boots")) == 10


def test_short_articles_are_encoded_side_by_side(desk: Desk) -> None:
    desk.run(Source(*(article(f"b{n}") for n in range(SIDE_BY_SIDE))))
    assert desk.embedder.calls == 2
    assert len(desk.store.held()) == SIDE_BY_SIDE


def test_an_article_that_was_cut_in_another_way_is_cut_anew(desk: Desk) -> None:
    desk.run(Source(BOOTS))
    way = f"{BOOTS.version} {VERSION}"
    assert desk.store.held()[BOOTS.id].version == hashlib.sha256(way.encode()).hexdigest()
    desk.store.replace(BOOTS, [], version="cut in another way")
    report = desk.run(Source(BOOTS))
    assert (report.sources[0].changed, report.embedded, len(desk.found("boots"))) == (1, 0, 1)


def test_an_article_that_is_gone_is_removed_whatever_else_is_broken(desk: Desk) -> None:
    desk.run(Source(BOOTS, TENTS))
    report = desk.one(BOOTS, ArticleInvalid("zz.md: the file is empty", article_id="zz"))
    assert (report.removed, report.skipped) == (1, ("zz.md: the file is empty",))
    assert set(desk.store.held()) == {"boots"}


def test_an_article_that_can_no_longer_be_read_keeps_its_last_good_version(desk: Desk) -> None:
    desk.run(Source(BOOTS, TENTS))
    report = desk.one(BOOTS, BROKEN)
    assert (report.removed, report.held_back) == (0, None)
    assert [one.title for one in desk.found("tents")] == ["tents"]


@pytest.mark.parametrize(
    "changes",
    [{"status": Status.DRAFT}, {"status": Status.ARCHIVED}, {"audience": Audience.INTERNAL}],
)
def test_what_the_public_may_not_read_any_more_goes_before_anything_is_encoded(
    desk: Desk, changes: dict[str, object]
) -> None:
    desk.run(Source(BOOTS, TENTS))
    seen: list[bool] = []
    desk.embedder.before = lambda: seen.append(bool(desk.found("boots tents")))
    withdrawn = replace(BOOTS, text="Now about boots and more.\n", **changes)  # type: ignore[arg-type]
    report = desk.one(article("new"), withdrawn)
    assert seen
    assert not any(seen)
    assert (report.changed, report.added, report.removed) == (1, 1, 1)
    assert (desk.found("boots"), desk.found("tents")) == ([], [])
    assert desk.store.held()[ArticleId("boots")].audience is withdrawn.audience


def test_staff_read_a_withdrawn_article_again_first(desk: Desk) -> None:
    desk.run(Source(BOOTS, TENTS))
    order: list[int] = []
    index(
        [Source(article("new"), replace(BOOTS, audience=Audience.INTERNAL), TENTS)],
        store=desk.store,
        embedder=desk.embedder,
        on_progress=lambda _done, _total: order.append(len(desk.found("boots", Audience.INTERNAL))),
    )
    assert order == [1, 1]


def test_an_article_that_becomes_public_stays_while_others_are_encoded(desk: Desk) -> None:
    desk.run(Source(replace(BOOTS, audience=Audience.INTERNAL)))
    seen: list[int] = []
    desk.embedder.before = lambda: seen.append(len(desk.found("boots", Audience.INTERNAL)))
    desk.run(Source(article("new"), BOOTS))
    assert seen == [1]
    assert len(desk.found("boots")) == 1


def test_a_draft_is_held_and_costs_nothing_until_it_is_published(desk: Desk) -> None:
    draft = replace(BOOTS, status=Status.DRAFT)
    assert desk.run(Source(draft)).embedded == 0
    assert desk.run(Source(draft)).sources[0].unchanged == 1
    assert desk.run(Source(BOOTS)).embedded == 1
    assert len(desk.found("boots")) == 1


@pytest.mark.parametrize("held", [[BOOTS], MANY])
def test_a_source_that_is_suddenly_empty_loses_nothing(desk: Desk, held: list[Article]) -> None:
    desk.run(Source(*held))
    report = desk.one()
    assert (report.removed, len(desk.store.held())) == (0, len(held))
    assert f"help yields 0 articles where {len(held)} are held" in str(report.held_back)
    assert "supportbot knowledge index --accept-removals" in str(report.held_back)


def test_a_source_that_yields_fewer_than_half_loses_nothing_and_is_still_updated(
    desk: Desk,
) -> None:
    desk.run(Source(*MANY))
    changed = replace(MANY[0], text="Changed.\n")
    report = desk.one(changed, *MANY[1:3], article("new"))
    assert (report.changed, report.added, report.removed) == (1, 1, 0)
    assert "yields 4 articles where 10 are held: 7 were not removed" in str(report.held_back)
    assert len(desk.store.held()) == 11
    assert len(desk.found("changed")) == 1


def test_removals_that_are_accepted_are_removed(desk: Desk) -> None:
    desk.run(Source(*MANY))
    report = desk.one(MANY[0], accept_removals=True)
    assert (report.removed, report.held_back) == (9, None)
    assert set(desk.store.held()) == {"a0"}


def test_half_of_a_source_may_go_and_so_may_most_of_a_small_one(desk: Desk) -> None:
    desk.run(Source(*MANY))
    assert desk.one(*MANY[:5]).removed == 5
    assert desk.one(*MANY[:4]).removed == 1
    assert desk.one(MANY[0]).removed == 3


def test_articles_that_cannot_be_read_are_there_nonetheless(desk: Desk) -> None:
    desk.run(Source(*MANY))
    broken = [ArticleInvalid(f"{one.id}: broken", article_id=one.id) for one in MANY[1:9]]
    report = desk.one(MANY[0], *broken)
    assert (report.removed, report.held_back) == (1, None)


def test_a_source_whose_articles_have_new_ids_loses_the_old_ones(desk: Desk) -> None:
    desk.run(Source(*MANY))
    report = desk.one(*(replace(one, id=ArticleId(f"new/{one.id}")) for one in MANY))
    assert (report.added, report.removed) == (10, 10)


def test_a_source_that_cannot_be_read_loses_nothing_and_others_go_on(desk: Desk) -> None:
    wiki = article("wiki-page", source=WIKI)
    desk.run(Source(BOOTS, TENTS), Source(wiki, name=WIKI))
    away = SourceUnavailable("help is not mounted")
    report = desk.run(
        Source(replace(BOOTS, text="New.\n"), failure=away), Source(name=WIKI), accept_removals=True
    )
    assert report.sources[0].held_back == "help is not mounted (2 articles of it stay)"
    assert (report.sources[0].changed, report.sources[1].removed) == (1, 1)
    assert set(desk.store.held()) == {"boots", "tents"}


def test_an_error_is_raised_where_nothing_can_be_read_and_nothing_is_held(desk: Desk) -> None:
    away = SourceUnavailable("help is not mounted")
    with pytest.raises(SourceUnavailable, match="not mounted"):
        desk.run(Source(failure=away), Source(name=WIKI, failure=away))
    desk.run(Source(BOOTS), Source(name=WIKI, failure=away))
    assert desk.run(Source(failure=away)).sources[0].held_back


def test_articles_of_a_source_that_is_no_longer_declared_are_removed(desk: Desk) -> None:
    desk.run(Source(BOOTS), Source(*(replace(one, source=WIKI) for one in MANY), name=WIKI))
    report = desk.run(Source(BOOTS))
    assert [(one.name, one.articles, one.removed) for one in report.sources] == [
        (HELP, 1, 0),
        (WIKI, 0, 10),
    ]
    assert set(desk.store.held()) == {"boots"}


@pytest.mark.parametrize("sources", [[], [Source(name=WIKI)]])
def test_nothing_is_removed_when_every_source_has_vanished(
    desk: Desk, sources: list[Source]
) -> None:
    desk.run(Source(BOOTS))
    report = desk.run(*sources)
    assert report.sources[-1].name == HELP
    assert "1 were not removed" in str(report.sources[-1].held_back)
    assert set(desk.store.held()) == {"boots"}


def test_of_two_articles_with_one_id_the_first_counts(desk: Desk) -> None:
    other = replace(BOOTS, text="Other boots.\n", source=WIKI)
    report = desk.run(Source(BOOTS), Source(other, name=WIKI))
    assert report.sources[1].skipped == ("boots (boots): there is one of this id in help",)
    again = desk.run(Source(BOOTS), Source(other, name=WIKI))
    assert (again.sources[0].unchanged, again.chunks) == (1, 0)


def test_an_article_that_moves_to_another_source_is_not_lost(desk: Desk) -> None:
    desk.run(Source(BOOTS, TENTS), Source(name=WIKI))
    moved = replace(BOOTS, source=WIKI)
    report = desk.run(Source(TENTS), Source(moved, name=WIKI))
    assert [one.removed for one in report.sources] == [0, 0]
    assert desk.store.held()[ArticleId("boots")].source == WIKI
    assert len(desk.found("boots")) == 1


def test_a_source_is_reported_with_the_day_of_its_latest_article(desk: Desk) -> None:
    old = replace(BOOTS, updated=date(2020, 1, 1))
    assert desk.one(old, TENTS).newest == TODAY
    assert desk.one(old, BROKEN).newest == date(2020, 1, 1)


def test_progress_is_told_article_by_article(desk: Desk) -> None:
    steps: list[tuple[int, int]] = []
    index(
        [Source(BOOTS), Source(TENTS, name=WIKI)],
        store=desk.store,
        embedder=FakeEmbedder(),
        on_progress=lambda done, total: steps.append((done, total)),
    )
    assert steps == [(1, 2), (2, 2)]


def test_a_generation_that_lacks_a_whole_source_or_all_does_not_serve(
    tmp_path: Path,
) -> None:
    path = tmp_path / "knowledge.sqlite"
    stores = [SqliteStore(path, encoder=encoder) for encoder in ("one", "two", "three")]
    wiki = Source(article("page", source=WIKI), name=WIKI)
    Desk(stores[0]).run(Source(BOOTS), wiki)
    serving = (tmp_path / "knowledge.serving").read_text("utf-8")
    away = Source(name=WIKI, failure=SourceUnavailable("no wiki today"))
    Desk(stores[1]).run(Source(BOOTS), away)
    Desk(stores[2]).run(Source(), Source(name=WIKI))
    assert (tmp_path / "knowledge.serving").read_text("utf-8") == serving
    Desk(stores[1]).run(Source(BOOTS), wiki)
    assert (tmp_path / "knowledge.serving").read_text("utf-8") != serving
    for store in stores:
        store.close()


STATES = st.lists(
    st.dictionaries(
        st.sampled_from(["a", "b", "c", "d"]),
        st.tuples(
            st.sampled_from(["One.\n", "Two.\n", "One.\n\n## S\n\nTwo.\n"]),
            st.sampled_from(list(Audience)),
            st.sampled_from(list(Status)),
        ),
        min_size=1,
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=25)
@given(STATES)
def test_after_any_history_the_store_is_as_if_it_were_indexed_anew(
    tmp_path_factory: pytest.TempPathFactory,
    states: list[dict[str, tuple[str, Audience, Status]]],
) -> None:
    folder = tmp_path_factory.mktemp("history")
    stores = [SqliteStore(folder / "knowledge.sqlite", encoder=one) for one in ("old", "new")]
    old, new = map(Desk, stores)
    for state in states:
        articles = [
            replace(article(name, text), audience=audience, status=status)
            for name, (text, audience, status) in sorted(state.items())
        ]
        old.run(Source(*articles))
    new.run(Source(*articles))
    assert old.store.held() == new.store.held()
    for audience in Audience:
        assert contents(old, audience) == contents(new, audience)
    for store in stores:
        store.close()


def contents(desk: Desk, audience: Audience) -> set[tuple[str, str, float]]:
    return {
        (one.chunk.article_id, one.chunk.text, one.score)
        for word in ("one", "two")
        for one in desk.found(word, audience)
    }
