"""What the Weaviate adapter sends, what it makes of failures, and what a killed run leaves."""

import itertools
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from threading import Thread
from typing import Any

import grpc
import numpy as np
import pytest
from fakes import TODAY
from pydantic import SecretStr
from weaviate_wire import WeaviateWire

from knowledge.adapters.weaviate import WeaviateStore
from knowledge.adapters.weaviate_connection import Timeouts, WeaviateServer
from knowledge.documents import Article, ArticleId, Audience, Chunk, Encoding, Indexed, Status
from knowledge.errors import StoreUnavailable
from knowledge.ports import Query, Vectors

OLD, NEW = ("one a", "one b", "one c"), ("two a", "two b")
KEY = "sesame-1234"


@pytest.fixture
def wire() -> Iterator[WeaviateWire]:
    with WeaviateWire() as started:
        yield started


@pytest.fixture
def opened(wire: WeaviateWire) -> Iterator[Callable[..., WeaviateStore]]:
    """Opens stores on the wire, and closes them."""
    stores = []

    def opening(encoder: str = "one", **settings: Any) -> WeaviateStore:
        stores.append(WeaviateStore(server(wire), encoder=encoder, **settings))
        return stores[-1]

    yield opening
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[..., WeaviateStore]) -> WeaviateStore:
    return opened()


@contextmanager
def open_on(wire: WeaviateWire, **changes: Any) -> Iterator[WeaviateStore]:
    store = WeaviateStore(server(wire, **changes), encoder="one")
    try:
        yield store
    finally:
        store.close()


def server(wire: WeaviateWire, **changes: Any) -> WeaviateServer:
    return replace(WeaviateServer(wire.url, grpc_port=wire.grpc_port), **changes)


def article(name: str = "boots", **changes: Any) -> Article:
    plain = Article(
        id=ArticleId(name),
        title=name.title(),
        url=f"https://help.test/{name}",
        status=Status.PUBLISHED,
        audience=Audience.PUBLIC,
        updated=TODAY,
        text="",
    )
    return replace(plain, **changes)


def towards(*numbers: float) -> Vectors:
    vector = np.array(numbers, dtype=np.float32)
    unit: Vectors = vector / np.linalg.norm(vector)
    return unit


def part(text: str, position: int = 0, *, vector: Vectors | None = None) -> Indexed:
    tokens = np.arange(-64, 64, dtype=np.int8).reshape(2, 64)
    return Indexed(
        Chunk(ArticleId("boots"), position, ("Care", "Laces"), text, 3, 3 + len(text)),
        f"digest of {text}",
        Encoding(towards(1, 1 + position) if vector is None else vector, tokens),
    )


def put(store: WeaviateStore, texts: tuple[str, ...], one: Article | None = None) -> None:
    one = one or article()
    parts = [part(text, position) for position, text in enumerate(texts)]
    store.replace(replace(one, text="\n".join(texts)), parts, version="/".join(texts))


def query(text: str = "a b c", **changes: Any) -> Query:
    return replace(Query(text, towards(1, 1), Audience.PUBLIC, limit=10, alpha=0.5), **changes)


def shown(store: WeaviateStore) -> tuple[str, ...]:
    return tuple(sorted(one.chunk.text for one in store.search(query())))


def kept(wire: WeaviateWire) -> list[Any]:
    """Every object on the wire but the epoch."""
    return [
        one
        for collection in wire.engine.collections.values()
        for objects in collection.tenants.values()
        for one in objects.values()
        if one.properties["article_id"]
    ]


def test_a_search_sends_words_vector_filter_and_tenant(
    wire: WeaviateWire, opened: Callable[..., WeaviateStore]
) -> None:
    put(opened(tenant="T1"), ("one a",))
    opened(tenant="T1").search(query("How do I lace the boots?", alpha=0.25, limit=7))
    sent = next(one for one in wire.sent("Search") if one.HasField("hybrid_search"))
    hybrid = sent.hybrid_search
    assert (sent.collection[:11], sent.tenant, sent.limit) == ("Supportbot_", "T1", 7)
    assert (hybrid.query, list(hybrid.properties)) == ("lace boot", ["words"])
    assert hybrid.fusion_type == hybrid.FUSION_TYPE_RELATIVE_SCORE
    assert hybrid.alpha == 0.25
    assert np.frombuffer(hybrid.vector_bytes, dtype="<f4") == pytest.approx(towards(1, 1))
    status, audience = sent.filters.filters
    assert sent.filters.operator == sent.filters.OPERATOR_AND
    assert (status.target.property, status.value_text) == ("status", "published")
    assert status.operator == sent.filters.OPERATOR_EQUAL
    assert audience.target.property == "audience"
    assert audience.operator == sent.filters.OPERATOR_CONTAINS_ANY
    assert list(audience.value_text_array.values) == ["public"]


def test_only_the_stemmed_words_are_searched_and_only_what_is_filtered_is_indexed(
    wire: WeaviateWire, store: WeaviateStore
) -> None:
    store.held()
    chunks, articles = (one for [*_, one] in wire.sent("POST schema") if "class" in one)
    assert chunks["invertedIndexConfig"]["bm25"] == {"k1": 1.2, "b": 0.75}
    assert chunks["invertedIndexConfig"]["stopwords"]["preset"] == "none"
    assert chunks["multiTenancyConfig"]["enabled"]
    assert articles["multiTenancyConfig"]["enabled"]
    assert chunks["vectorConfig"]["default"]["vectorIndexConfig"]["distance"] == "cosine"
    index = {one["name"]: one for one in chunks["properties"]}
    assert [name for name, one in index.items() if one["indexSearchable"]] == ["words"]
    assert index["words"]["tokenization"] == "whitespace"
    filtered = {name: one["tokenization"] for name, one in index.items() if one["indexFilterable"]}
    names = ("article_id", "version", "status", "audience", "digest")
    assert filtered == dict.fromkeys(names, "field")


def test_a_chunk_is_sent_with_stems_of_title_headings_and_text(
    wire: WeaviateWire, store: WeaviateStore
) -> None:
    put(store, ("tying laces",))
    [chunk] = [one for one in kept(wire) if "words" in one.properties]
    assert chunk.properties["words"] == "boot care lace tie lace"


def test_the_same_chunk_has_the_same_identity_and_another_in_each_workspace(
    wire: WeaviateWire, opened: Callable[..., WeaviateStore]
) -> None:
    put(opened(tenant="T1"), OLD)
    first = {one.uuid for one in kept(wire)}
    put(opened(tenant="T1"), OLD)
    assert {one.uuid for one in kept(wire)} == first
    put(opened(tenant="T2"), OLD)
    assert len({one.uuid for one in kept(wire)}) == 2 * len(first)


def test_batches_are_bounded(wire: WeaviateWire, store: WeaviateStore) -> None:
    put(store, tuple(f"text {n}" for n in range(450)))
    sent = [len(one.objects) for one in wire.sent("BatchObjects")]
    live, epoch, whole = 1, 1, 1
    assert sent == [1, 200, 200, 50, live, epoch, whole]
    assert store.held()[ArticleId("boots")].chunks == 450


def test_a_passage_comes_back_as_it_went_in_with_its_raw_cosine(store: WeaviateStore) -> None:
    put(store, OLD)
    [best, *_] = store.search(query("one c", vector=towards(1, 0), alpha=0.0))
    assert best.chunk == part("one c", 2).chunk
    assert (best.title, best.url, best.updated) == ("Boots", "https://help.test/boots", TODAY)
    assert best.score == pytest.approx(1.0)
    assert best.cosine == pytest.approx(float(towards(1, 3)[0]))
    assert best.tokens.tolist() == part("").encoding.tokens.tolist()


def test_a_question_without_words_is_searched_by_meaning_with_its_weight(
    store: WeaviateStore,
) -> None:
    put(store, OLD)
    found = store.search(query("?!", alpha=0.5))
    assert found[0].chunk.text == "one a"
    assert found[0].score == pytest.approx(0.5)
    assert store.search(query("?!", alpha=0.0)) == []


def test_encodings_are_found_where_one_text_stands_in_many_articles(
    store: WeaviateStore,
) -> None:
    put(store, ("the same",) * 600)
    others = tuple(f"other {n}" for n in range(5))
    put(store, others, article("tents"))
    wanted = {f"digest of {text}" for text in ("the same", *others)}
    found = store.encodings(wanted | {"digest of nothing"})
    assert set(found) == wanted
    assert found["digest of other 2"].vector == pytest.approx(towards(1, 3))
    assert found["digest of other 2"].tokens.shape == (2, 64)


def test_held_reads_more_articles_than_fit_on_a_page(
    wire: WeaviateWire, store: WeaviateStore
) -> None:
    put(store, ())
    [marker] = kept(wire)
    there = wire.engine.collections[next(one for one in wire.engine.collections if "Art" in one)]
    for n in range(450):
        uuid = f"00000000-0000-0000-0000-{n:012}"
        named = {**marker.properties, "article_id": f"copy {n}"}
        there.put("default", replace(marker, uuid=uuid, properties=named))
    assert len(store.held()) == 451


def test_two_workspaces_do_not_see_each_other(opened: Callable[..., WeaviateStore]) -> None:
    ada, bob = opened(tenant="T1"), opened(tenant="T2")
    put(ada, OLD)
    put(bob, NEW)
    assert (shown(ada), shown(bob)) == (OLD, NEW)
    bob.remove([ArticleId("boots")])
    assert (shown(ada), shown(bob)) == (OLD, ())
    assert bob.held() == {}


def test_threads_share_a_store_from_its_first_use(store: WeaviateStore) -> None:
    threads = [
        Thread(target=put, args=(store, (name,), article(name)))
        for name in ("boots", "tents", "stoves", "packs")
    ]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(store.held()) == 4


def test_a_closed_store_opens_again(store: WeaviateStore) -> None:
    put(store, OLD)
    store.close()
    store.close()
    assert shown(store) == OLD


# -- killed runs ---------------------------------------------------------------------------


def kill_at_each_call(
    before: Callable[[WeaviateStore], None],
    run: Callable[[WeaviateStore], None],
    check: Callable[[WeaviateWire, WeaviateStore], None],
    *,
    within: bool,
) -> None:
    """Check the server as each killed run leaves it, and as the run that survives does."""
    survived = False
    for calls in itertools.count():
        with WeaviateWire() as wire, open_on(wire) as writer, open_on(wire) as reader:
            before(writer)
            writer.held()
            wire.die_after(calls, within=within)
            with suppress(StoreUnavailable):
                run(writer)
                survived = True
            wire.revive()
            check(wire, reader)
        if survived:
            return


@pytest.mark.parametrize("within", [False, True])
def test_a_run_killed_at_any_call_shows_the_old_article_or_the_new(*, within: bool) -> None:
    seen = []

    def check(wire: WeaviateWire, reader: WeaviateStore) -> None:
        seen.append(shown(reader))
        assert seen[-1] in {OLD, NEW}
        if reader.held()[ArticleId("boots")].version == "/".join(NEW):
            assert seen[-1] == NEW
        put(reader, NEW)
        assert shown(reader) == NEW
        assert len(kept(wire)) == 1 + len(NEW)

    kill_at_each_call(
        lambda store: put(store, OLD), lambda store: put(store, NEW), check, within=within
    )
    assert len(seen) > 6
    assert seen == sorted(seen)
    assert {seen[0], seen[-1]} == {OLD, NEW}


@pytest.mark.parametrize("within", [False, True])
def test_a_first_run_killed_at_any_call_shows_nothing_and_can_be_removed(*, within: bool) -> None:
    def check(wire: WeaviateWire, reader: WeaviateStore) -> None:
        assert shown(reader) in {(), NEW}
        reader.remove(list(reader.held()))
        assert kept(wire) == []

    kill_at_each_call(lambda _: None, lambda store: put(store, NEW), check, within=within)


@pytest.mark.parametrize("within", [False, True])
def test_a_removal_killed_at_any_call_is_seen_and_completed(*, within: bool) -> None:
    def check(wire: WeaviateWire, reader: WeaviateStore) -> None:
        assert shown(reader) in {(), OLD}
        assert reader.held() or not kept(wire)
        reader.remove(list(reader.held()))
        assert kept(wire) == []

    kill_at_each_call(
        lambda store: put(store, OLD),
        lambda store: store.remove([ArticleId("boots"), ArticleId("unknown")]),
        check,
        within=within,
    )


def test_a_search_between_any_two_calls_finds_the_old_article_or_the_new(
    wire: WeaviateWire, opened: Callable[..., WeaviateStore]
) -> None:
    writer, reader = opened(), opened()
    put(writer, OLD)
    seen = [shown(reader)]
    searching = []

    def search_once(_: str) -> None:
        if not searching:
            searching.append(True)
            seen.append(shown(reader))
            searching.clear()

    wire.before_each = search_once
    put(writer, NEW)
    assert len(seen) > 6
    assert set(seen) == {OLD, NEW}
    assert seen == sorted(seen)


def test_a_search_that_a_writer_overtakes_looks_again(
    wire: WeaviateWire, opened: Callable[..., WeaviateStore]
) -> None:
    writer, reader = opened(), opened()
    put(writer, OLD)
    reader.held()
    order = iter(("hybrid", "markers"))

    def overtake(_: str) -> None:
        if next(order, "") == "markers":
            put(writer, NEW)

    wire.before_each = overtake
    assert shown(reader) == NEW


def test_a_version_that_was_put_twice_with_other_chunks_is_not_mixed(
    wire: WeaviateWire, store: WeaviateStore
) -> None:
    for texts in (OLD, NEW):
        store.replace(article(), [part(text, n) for n, text in enumerate(texts)], version="1")
    assert shown(store) == NEW
    assert len(kept(wire)) == 1 + len(NEW)


# -- generations ---------------------------------------------------------------------------


def test_the_alias_names_the_serving_generation_and_the_one_before_stays(
    wire: WeaviateWire, opened: Callable[..., WeaviateStore]
) -> None:
    stores = [opened(encoder) for encoder in ("one", "two", "three")]
    for store in stores:
        put(store, OLD)
        store.switch()
        store.switch()
    one, two, three = (store._generation.chunks for store in stores)
    assert wire.engine.aliases == {
        "Supportbot": three,
        "Supportbot_Before": two,
        f"{two}_Served": two,
        f"{three}_Served": three,
    }
    assert set(wire.engine.collections) == {two, f"{two}_Articles", three, f"{three}_Articles"}
    assert shown(stores[1]) == OLD
    with pytest.raises(StoreUnavailable, match=f"could not find class {one}"):
        shown(stores[0])


def test_a_generation_goes_when_its_last_workspace_has_left(
    wire: WeaviateWire, opened: Callable[..., WeaviateStore]
) -> None:
    ada = [opened(encoder, tenant="T1") for encoder in ("one", "two", "three")]
    bob = [opened(encoder, tenant="T2") for encoder in ("one", "two", "three")]
    put(bob[0], OLD)
    for store in ada:
        put(store, OLD)
        store.switch()
    first = ada[0]._generation.chunks
    assert shown(bob[0]) == OLD
    assert set(wire.engine.collections[first].tenants) == {"T2"}
    put(bob[2], NEW)
    bob[2].switch()
    assert not [one for one in (*wire.engine.collections, *wire.engine.aliases) if first in one]
    assert shown(ada[2]) == OLD


def test_a_switch_that_was_killed_is_completed_by_the_next() -> None:
    for calls in itertools.count():
        with WeaviateWire() as wire:
            stores = [WeaviateStore(server(wire), encoder=one) for one in ("one", "two", "three")]
            for store in stores:
                put(store, OLD)
            stores[0].switch()
            stores[1].switch()
            wire.die_after(calls)
            with suppress(StoreUnavailable):
                stores[2].switch()
            survived = wire.lives is not None and wire.lives >= 0
            wire.revive()
            assert shown(stores[2]) == OLD
            stores[2].switch()
            two, three = (store._generation.chunks for store in stores[1:])
            assert wire.engine.aliases["Supportbot"] == three
            assert wire.engine.aliases["Supportbot_Before"] == two
            assert len(wire.engine.collections) == len(wire.engine.aliases) == 4
            for store in stores:
                store.close()
        if survived:
            return


def test_a_generation_in_the_making_is_left_alone(
    opened: Callable[..., WeaviateStore],
) -> None:
    making = opened("four")
    put(making, NEW)
    for encoder in ("one", "two", "three"):
        opened(encoder).switch()
    assert shown(making) == NEW


def test_another_prefix_is_another_house(
    wire: WeaviateWire, opened: Callable[..., WeaviateStore]
) -> None:
    guest = opened("one", prefix="Supportbot_Test")
    put(guest, OLD)
    for encoder in ("one", "two", "three"):
        opened(encoder).switch()
    assert shown(guest) == OLD
    assert "Supportbot_Test" not in wire.engine.aliases


# -- failures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (grpc.StatusCode.UNAUTHENTICATED, "check WEAVIATE_API_KEY"),
        (grpc.StatusCode.PERMISSION_DENIED, "check WEAVIATE_API_KEY"),
        (grpc.StatusCode.DEADLINE_EXCEEDED, "did not answer in time"),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "says: .*resource_exhausted"),
    ],
)
@pytest.mark.parametrize("doing", ["search", "replace", "remove", "held", "encodings"])
def test_a_failed_call_says_what_to_check(
    wire: WeaviateWire, store: WeaviateStore, code: grpc.StatusCode, advice: str, doing: str
) -> None:
    put(store, OLD)
    wire.fail_next(code)
    calls: dict[str, Callable[[], object]] = {
        "search": lambda: store.search(query()),
        "replace": lambda: put(store, NEW),
        "remove": lambda: store.remove([ArticleId("boots")]),
        "held": store.held,
        "encodings": lambda: store.encodings(["digest"]),
    }
    with pytest.raises(StoreUnavailable, match=rf"127\.0\.0\.1.*{advice}"):
        calls[doing]()
    assert shown(store) == OLD


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "check WEAVIATE_API_KEY"),
        (grpc.StatusCode.INTERNAL, "says: .*500.*internal"),
    ],
)
def test_a_failed_switch_says_what_to_check(
    wire: WeaviateWire, store: WeaviateStore, code: grpc.StatusCode, advice: str
) -> None:
    store.held()
    wire.fail_next(code)
    with pytest.raises(StoreUnavailable, match=advice):
        store.switch()
    store.switch()
    assert "Supportbot" in wire.engine.aliases


def test_a_wrong_key_is_refused_and_never_told() -> None:
    with WeaviateWire(api_key="another") as wire, open_on(wire, api_key=SecretStr(KEY)) as store:
        with pytest.raises(StoreUnavailable, match="WEAVIATE_API_KEY") as refused:
            store.held()
        assert KEY not in str(refused.value)
        assert KEY not in repr(store._server)


def test_the_right_key_opens_both_ends() -> None:
    with WeaviateWire(api_key=KEY) as wire, open_on(wire, api_key=SecretStr(KEY)) as store:
        put(store, OLD)
        assert shown(store) == OLD


def test_a_server_that_is_not_there_is_named_and_used_as_soon_as_it_is(
    wire: WeaviateWire,
) -> None:
    with WeaviateWire() as gone:
        away = server(gone)
    with open_on(wire) as store:
        there, store._server = store._server, away
        with pytest.raises(StoreUnavailable, match="cannot be reached: start it"):
            store.held()
        store._server = there
        assert store.held() == {}


def test_a_server_that_says_nothing_is_a_time_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        silence = WeaviateServer(url, timeouts=Timeouts(query=0.2))
        with pytest.raises(StoreUnavailable, match="did not answer in time"):
            WeaviateStore(silence, encoder="one").held()


def test_a_closed_grpc_port_is_a_time_out_that_names_the_port(wire: WeaviateWire) -> None:
    with WeaviateWire() as gone:
        port = gone.grpc_port
    with (
        open_on(wire, grpc_port=port, timeouts=Timeouts(query=0.2)) as store,
        pytest.raises(StoreUnavailable, match=f"gRPC 127.0.0.1:{port}.*did not answer in time"),
    ):
        store.held()


@pytest.mark.parametrize(("version", "calls"), [("1.26.9", "held"), ("1.31.0", "switch")])
def test_an_old_server_is_told_apart(version: str, calls: str) -> None:
    with (
        WeaviateWire(version=version) as wire,
        open_on(wire) as store,
        pytest.raises(StoreUnavailable, match=r"too old: run Weaviate 1\.32 or newer"),
    ):
        getattr(store, calls)()


@pytest.mark.parametrize("url", ["", "localhost:8080", "ftp://host", "http://", "http://h:port"])
def test_a_url_that_is_none_is_shown_one(url: str) -> None:
    with pytest.raises(StoreUnavailable, match="WEAVIATE_URL must look like"):
        WeaviateStore(WeaviateServer(url), encoder="one").held()


def test_the_cloud_has_its_grpc_at_a_host_of_its_own() -> None:
    ends = WeaviateServer("https://abc.c0.europe-west3.gcp.weaviate.cloud").addresses()
    assert (ends.http.port, ends.http.secure) == (443, True)
    assert ends.grpc.host == "grpc-abc.c0.europe-west3.gcp.weaviate.cloud"
    assert (ends.grpc.port, ends.grpc.secure) == (443, True)


def test_a_server_of_ones_own_has_its_grpc_beside_it_unless_told() -> None:
    ends = WeaviateServer("http://kb.test:8080").addresses()
    assert (ends.http.host, ends.http.port, ends.http.secure) == ("kb.test", 8080, False)
    assert (ends.grpc.host, ends.grpc.port, ends.grpc.secure) == ("kb.test", 50051, False)
    told = WeaviateServer("https://kb.test", grpc_host="rpc.test", grpc_port=444).addresses()
    assert (told.grpc.host, told.grpc.port, told.grpc.secure) == ("rpc.test", 444, True)


def test_a_batch_of_which_some_is_refused_names_the_first_error(store: WeaviateStore) -> None:
    put(store, OLD)
    odd = part("odd", 1, vector=towards(1, 2, 3))
    with pytest.raises(StoreUnavailable, match=r"kept 1 of 2 objects: vector lengths don't match"):
        store.replace(article(), [part("fine"), odd], version="2")
    assert shown(store) == OLD


def test_a_batch_that_is_refused_whole_says_why(store: WeaviateStore) -> None:
    put(store, OLD)
    odd = part("odd", vector=towards(1, 2, 3))
    with pytest.raises(StoreUnavailable, match="vector lengths don't match"):
        store.replace(article(), [odd], version="2")
    assert shown(store) == OLD
