"""What every passage store does."""

from __future__ import annotations

import math
import random
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Self

import numpy as np
import pytest
from contract.shelf import AXES, article, parts, put, search, texts, titles, towards
from fakes import TODAY

from knowledge.chunking import embedding_text
from knowledge.documents import ArticleId, Audience, Encoding, Held, Indexed, SourceName, Status
from knowledge.lexicon import index_words, query_words
from knowledge.ports import Query

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from contract.places import OpenStore

    from knowledge.ports import PassageStore

STAFF = Audience.INTERNAL


def test_an_empty_store_finds_nothing(store: PassageStore) -> None:
    assert search(store) == []
    assert store.held() == {}
    assert store.encodings(["unknown"]) == {}


def test_words_and_meaning_both_find(store: PassageStore) -> None:
    for name in AXES:
        put(store, article(name))
    assert titles(search(store, "xyzzy", axis="tents"))[0] == "Tents"
    assert titles(search(store, "stoves", axis="boots", alpha=0.0)) == ["Stoves"]
    assert titles(search(store, "stoves", axis="boots", alpha=1.0))[0] == "Boots"


@pytest.mark.parametrize(
    "word", ["resoling", "resoled", "RESOLE", "Möhre", "mohre", "get_item", "GetItem", "長靴", "x9"]
)
def test_words_are_found_by_their_stems(store: PassageStore, word: str) -> None:
    put(store, article(text="We resole a möhre with get_item, GetItem, 長靴 and X9.\n"))
    put(store, article("tents"))
    assert titles(search(store, word, alpha=0.0)) == ["Boots"]


def test_title_and_headings_are_found_as_the_text_is(store: PassageStore) -> None:
    put(store, article(text="## Laces\n\nTie them.\n"))
    put(store, article("tents", text="Pitch them.\n"))
    assert titles(search(store, "laces", alpha=0.0)) == ["Boots"]
    assert titles(search(store, "tents", alpha=0.0)) == ["Tents"]


def test_a_passage_tells_its_place_its_tokens_and_its_raw_cosine(store: PassageStore) -> None:
    one = article(text="Intro.\n\n## Laces\n\nTie your boots.\n")
    put(store, one)
    found = {passage.chunk.headings: passage for passage in search(store)}
    laces, stored = found["Laces",], parts(one, towards("boots"))[1]
    assert laces.cosine == pytest.approx(1.0, abs=1e-3)
    assert (laces.url, laces.updated) == ("https://help.test/boots", TODAY)
    assert laces.chunk == stored.chunk
    assert np.array_equal(laces.tokens, stored.encoding.tokens)
    assert laces.tokens.dtype == np.int8


def test_a_passage_that_words_alone_have_found_has_its_cosine_too(store: PassageStore) -> None:
    put(store, article())
    [only] = search(store, axis="tents", alpha=0.0)
    assert only.cosine == pytest.approx(float(towards("boots") @ towards("tents")), abs=1e-3)


@pytest.mark.parametrize("status", [Status.DRAFT, Status.ARCHIVED])
def test_only_published_articles_are_found(store: PassageStore, status: Status) -> None:
    put(store, article(status=status))
    assert search(store, audience=STAFF) == []
    assert store.held()[ArticleId("boots")].status is status


def test_articles_for_staff_are_found_by_staff_alone(store: PassageStore) -> None:
    put(store, article(audience=STAFF))
    put(store, article("tents"))
    assert titles(search(store)) == ["Tents"]
    assert titles(search(store, audience=STAFF)) == ["Boots", "Tents"]


def test_hidden_articles_take_no_place_from_others(store: PassageStore) -> None:
    for n in range(150):
        put(store, article(audience=STAFF, id=ArticleId(f"hidden-{n}")), axis="boots")
    put(store, article("tents", text="Old boots.\n"))
    assert titles(search(store, limit=3)) == ["Tents"]


def test_hidden_articles_do_not_shift_the_order_of_others(store: PassageStore) -> None:
    put(store, article("tents"))
    put(store, article("stoves"))
    before = titles(search(store, "laces", axis="tents"))
    put(store, article(text="laces " * 40, audience=STAFF), axis="tents")
    assert titles(search(store, "laces", axis="tents")) == before


def test_a_replaced_article_leaves_nothing_behind(store: PassageStore) -> None:
    put(store, article(text="Old boots.\n\n## Two\n\nOlder boots.\n"))
    put(store, article(text="New boots.\n"), version="2")
    assert texts(search(store)) == ["New boots."]
    assert store.held()[ArticleId("boots")].version == "2"
    assert search(store, "older", alpha=0.0) == []


def test_a_reclassified_article_is_gone_for_the_public_at_once(store: PassageStore) -> None:
    put(store, article())
    assert titles(search(store)) == ["Boots"]
    put(store, article(audience=STAFF))
    assert (search(store), titles(search(store, audience=STAFF))) == ([], ["Boots"])


def test_a_removed_article_is_gone_at_once(store: PassageStore) -> None:
    put(store, article())
    put(store, article("tents"))
    assert len(search(store)) == 2
    store.remove([ArticleId("boots"), ArticleId("never-there")])
    assert titles(search(store)) == ["Tents"]
    assert set(store.held()) == {"tents"}


def test_nothing_to_remove_is_no_error(store: PassageStore) -> None:
    put(store, article())
    store.remove([])
    assert set(store.held()) == {"boots"}


class Breaking(list[Indexed]):
    """Parts whose second cannot be had."""

    def __iter__(self: Self) -> Iterator[Indexed]:
        yield self[0]
        raise RuntimeError("no more")


def test_an_article_that_cannot_be_stored_changes_nothing(store: PassageStore) -> None:
    put(store, article())
    broken = article(text="One.\n\n## Two\n\nTwo.\n")
    with pytest.raises(RuntimeError, match="no more"):
        store.replace(broken, Breaking(parts(broken, towards("boots"))), version="2")
    assert store.held()[ArticleId("boots")].version == "1"
    assert texts(search(store)) == ["All about boots and their laces."]


def test_an_article_without_chunks_is_held_and_not_found(store: PassageStore) -> None:
    put(store, article())
    store.replace(article(status=Status.DRAFT), (), version="2")
    assert search(store, audience=STAFF) == []
    assert store.held()[ArticleId("boots")].chunks == 0


def test_held_tells_all_but_the_text(store: PassageStore) -> None:
    one = article(
        text="Intro.\n\n## Laces\n\nTie.\n",
        updated=date(2025, 1, 31),
        source=SourceName("wiki"),
        audience=STAFF,
    )
    put(store, one, version="7")
    assert store.held() == {
        "boots": Held(
            "7",
            SourceName("wiki"),
            "Boots",
            "https://help.test/boots",
            Status.PUBLISHED,
            STAFF,
            date(2025, 1, 31),
            2,
        )
    }


def test_more_than_a_page_of_articles_is_held(store: PassageStore) -> None:
    for n in range(230):
        put(store, article(id=ArticleId(f"a{n}")), axis="boots")
    assert set(store.held()) == {f"a{n}" for n in range(230)}
    assert all(one.chunks == 1 for one in store.held().values())


def test_encodings_come_back_by_the_digest_of_their_text(store: PassageStore) -> None:
    one = article(text="Intro.\n\n## Laces\n\nTie.\n")
    put(store, one)
    stored = {part.digest: part.encoding for part in parts(one, towards("boots"))}
    found = store.encodings([*stored, "unknown"])
    assert set(found) == set(stored)
    for digest, encoding in found.items():
        assert np.allclose(encoding.vector, stored[digest].vector)
        assert np.array_equal(encoding.tokens, stored[digest].tokens)


def test_a_text_that_two_articles_share_outlives_either(store: PassageStore) -> None:
    same = {"title": "Care", "text": "Wax it.\n"}
    put(store, article("boots", **same))
    put(store, article("tents", **same), axis="boots")
    store.remove([ArticleId("boots")])
    store.switch()
    assert texts(search(store)) == ["Wax it."]
    assert len(store.encodings([part.digest for part in parts(article(**same), towards("boots"))]))


def test_an_article_of_many_chunks_is_found_once_each(store: PassageStore) -> None:
    put(store, article(text="\n\n".join(f"## H{n}\n\nBoots {n}." for n in range(320))))
    assert store.held()[ArticleId("boots")].chunks == 320
    found = texts(search(store, "boots 319", limit=100, alpha=0.0))
    assert found[0] == "Boots 319."
    assert len(set(found)) == len(found) == 100


@pytest.mark.parametrize(
    "text", ['"', "boots AND", "NEAR(boots", "title:boots", "*", "-", "boots'; drop", "", "\0"]
)
def test_no_question_is_read_as_a_query_language(store: PassageStore, text: str) -> None:
    put(store, article())
    assert titles(search(store, text)) == ["Boots"]


def test_the_limit_holds(store: PassageStore) -> None:
    put(store, article(text="\n\n".join(f"## H{n}\n\nBoots {n}." for n in range(30))))
    assert len(search(store, limit=7)) == 7


def test_what_one_opening_writes_another_finds(open_store: OpenStore) -> None:
    writer, reader = open_store(), open_store()
    assert search(reader) == []
    put(writer, article())
    assert titles(search(reader)) == ["Boots"]
    writer.remove([ArticleId("boots")])
    assert search(reader) == []


def test_each_encoder_has_a_generation_of_its_own(open_store: OpenStore) -> None:
    one, two = open_store("one"), open_store("two")
    put(one, article())
    one.switch()
    assert (two.held(), search(two)) == ({}, [])
    put(two, article("tents"))
    assert titles(search(one)) == ["Boots"]
    assert titles(search(two)) == ["Tents"]
    digests = [part.digest for part in parts(article(), towards("boots"))]
    assert two.encodings(digests) == {}


def test_the_generation_that_served_before_stays_and_older_ones_go(open_store: OpenStore) -> None:
    for encoder in ("one", "two", "three"):
        store = open_store(encoder)
        put(store, article(), version=encoder)
        store.switch()
        store.close()
    held = {encoder: open_store(encoder).held() for encoder in ("one", "two", "three")}
    assert {encoder: bool(articles) for encoder, articles in held.items()} == {
        "one": False,
        "two": True,
        "three": True,
    }


def test_a_switch_of_what_serves_leaves_a_generation_in_the_making(open_store: OpenStore) -> None:
    serving, making = open_store("one"), open_store("two")
    put(serving, article())
    serving.switch()
    put(making, article())
    serving.switch()
    making.close()
    assert set(open_store("two").held()) == {"boots"}


def test_one_may_switch_back_without_a_new_index(open_store: OpenStore) -> None:
    for encoder in ("one", "two", "one"):
        store = open_store(encoder)
        if encoder not in (one.version for one in store.held().values()):
            put(store, article(), version=encoder)
        store.switch()
    assert titles(search(open_store("one"))) == ["Boots"]
    assert titles(search(open_store("two"))) == ["Boots"]


# The formulas as they are published, over a small corpus
Key = tuple[str, int]
VOCABULARY = "boot tent stove lace gas peg zip sole wax heel pole tarp fuel hook".split()  # noqa: SIM905
RARITY = range(len(VOCABULARY), 0, -1)


def corpus(random_: random.Random) -> Iterator[tuple[Status, Audience, list[Indexed], str]]:
    """Articles of one to four short chunks, some for staff, some not published."""
    for n in range(24):
        sections = [
            " ".join(
                random_.choices(VOCABULARY, weights=range(14, 0, -1), k=random_.randint(3, 30))
            )
            for _ in range(random_.randint(1, 4))
        ]
        one = article(f"a{n}", text="\n\n".join(f"## S{k}\n\n{s}" for k, s in enumerate(sections)))
        encoded = [
            replace(part, encoding=Encoding(_unit(random_), part.encoding.tokens))
            for part in parts(one, towards("boots"))
        ]
        status = Status.DRAFT if n % 8 == 7 else Status.PUBLISHED
        yield status, STAFF if n % 6 == 5 else Audience.PUBLIC, encoded, str(one.id)


def _unit(random_: random.Random) -> np.ndarray:
    vector = np.array([random_.gauss(0, 1) for _ in range(8)], dtype=np.float32)
    return vector / np.linalg.norm(vector)


def bm25(words: list[str], documents: Mapping[Key, list[str]]) -> dict[Key, float]:
    """k1 1.2, b .75; ln(1 + (N - n + .5) / (n + .5)) for how rare a word is."""
    average = sum(map(len, documents.values())) / len(documents)
    scores: Counter[Key] = Counter()
    for word in words:
        having = [key for key, text in documents.items() if word in text]
        rarity = math.log(1 + (len(documents) - len(having) + 0.5) / (len(having) + 0.5))
        for key in having:
            count, length = documents[key].count(word), len(documents[key])
            scores[key] += rarity * count / (count + 1.2 * (1 - 0.75 + 0.75 * length / average))
    return scores


def relative(scores: Mapping[Key, float], weight: float) -> dict[Key, float]:
    low, high = min(scores.values()), max(scores.values())
    return {key: weight * (score - low) / (high - low) for key, score in scores.items()}


@pytest.mark.parametrize("alpha", [0.0, 0.3, 0.5, 0.75, 1.0])
@pytest.mark.parametrize("question", ["Which lace for boots?", "gas hook", "tent tent peg fuel"])
def test_scores_are_those_of_the_published_formulas(
    store: PassageStore, question: str, alpha: float
) -> None:
    random_ = random.Random(7)  # noqa: S311  a corpus, no secret
    documents: dict[Key, list[str]] = {}
    vectors: dict[Key, np.ndarray] = {}
    readable: set[Key] = set()
    for status, audience, encoded, name in corpus(random_):
        one = article(name, status=status, audience=audience)
        store.replace(one, encoded, version="1")
        for part in encoded:
            key = (name, part.chunk.position)
            documents[key] = index_words(embedding_text(one, part.chunk))
            vectors[key] = part.encoding.vector
            if status is Status.PUBLISHED and audience is Audience.PUBLIC:
                readable.add(key)
    asked = _unit(random_)
    by_words = {
        key: score
        for key, score in bm25(query_words(question), documents).items()
        if key in readable
    }
    by_meaning = {key: float(vectors[key] @ asked) for key in readable}
    expected: Counter[Key] = Counter()
    if alpha < 1:
        expected.update(relative(by_words, 1 - alpha))
    if alpha > 0:
        expected.update(relative(by_meaning, alpha))
    found = store.search(Query(question, asked, Audience.PUBLIC, limit=100, alpha=alpha))
    seen = {(one.chunk.article_id, one.chunk.position): one for one in found}
    assert len(found) == len(seen) == len(expected)
    for key, passage in seen.items():
        assert passage.score == pytest.approx(expected[key], abs=2e-4)
        assert passage.cosine == pytest.approx(by_meaning[key], abs=2e-4)
    in_order = [expected[one.chunk.article_id, one.chunk.position] for one in found]
    assert all(high >= low - 2e-4 for high, low in pairwise(in_order))
