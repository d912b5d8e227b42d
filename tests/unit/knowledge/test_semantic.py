"""Questions that are only alike: served, checked, ended, forgotten."""

import pytest
from unit.knowledge.test_caching import ASKED, Library

from knowledge.cache_keys import CacheKeys, Makers
from knowledge.documents import Answer, Audience
from knowledge.ports import Checks, Lookup
from knowledge.semantic import Semantic

ALIKE = "how do I return the boots?"
OTHER = "why do I return the boots?"


class Chance:
    """What is drawn: nothing is checked, until it is told to."""

    value = 0.5

    def __call__(self) -> float:
        return self.value


def keys(prompt: str = "") -> CacheKeys:
    return CacheKeys(Makers("fake", "one", prompt=prompt), secret=lambda: "secret")


@pytest.fixture
def chance() -> Chance:
    return Chance()


@pytest.fixture
def checked() -> list[bool]:
    return []


@pytest.fixture
def library(chance: Chance, checked: list[bool], monkeypatch: pytest.MonkeyPatch) -> Library:
    for bound in ("MINIMUM_COSINE", "MINIMUM_MATCH"):  # vectors are bags of words here
        monkeypatch.setattr(f"knowledge.alike.{bound}", 0.8)
    return Library(semantic=Semantic(keys(), chance, checked.append))


def text(library: Library, question: str = ALIKE) -> str:
    outcome = library.ask(question)
    assert isinstance(outcome, Answer)
    return outcome.text


def test_an_alike_question_gets_the_same_answer_without_a_word_generated(
    library: Library,
) -> None:
    first = text(library, ASKED)
    again = library.ask(ALIKE)
    assert isinstance(again, Answer)
    assert (again.text, again.cached, library.generated) == (first, True, 1)
    assert again.retrieval.query == ALIKE
    assert library.lookups == [Lookup.MISS, Lookup.ALIKE]


def test_without_the_layer_questions_must_be_the_same() -> None:
    library = Library()
    library.ask(ASKED)
    library.ask(ALIKE)
    assert library.generated == 2
    assert not library.cache.alike


def test_other_words_other_audience_and_other_passages_are_no_likeness(library: Library) -> None:
    library.ask(ASKED)
    library.ask(OTHER)
    library.ask(ALIKE, audience=Audience.INTERNAL)
    assert library.generated == 3
    library.store.add("worn", "How boots return: I do return the boots to the shop by post.")
    library.ask("how do we return boots?")
    assert library.generated == 4
    assert Lookup.ALIKE not in library.lookups


def test_an_article_that_has_changed_ends_it(library: Library) -> None:
    library.ask(ASKED)
    library.store.add("returns", "Return the boots within 90 days.")
    assert "90" in text(library)


def test_what_only_one_person_has_is_never_alike(library: Library) -> None:
    library.ask("how do I return boots of order 4521?")
    library.ask("how do I return the boots of order 4521?")
    assert library.generated == 2
    assert not library.cache.alike


def test_one_that_is_checked_is_worked_out_anew(
    library: Library, chance: Chance, checked: list[bool]
) -> None:
    library.ask(ASKED)
    chance.value = 0.0
    outcome = library.ask(ALIKE)
    assert (outcome.cached, library.generated, checked) == (False, 2, [True])
    assert library.cache.checked == {keys().scope: Checks(right=1)}


def test_a_wrong_one_ends_the_layer_for_all_until_it_is_cleared(
    library: Library, chance: Chance, checked: list[bool], caplog: pytest.LogCaptureFixture
) -> None:
    library.ask(ASKED)
    library.generator.says = "NO_ANSWER"
    chance.value = 0.0
    assert not isinstance(library.ask(ALIKE), Answer)
    assert checked == [False]
    assert "from now on questions must be the same" in caplog.text
    library.generator.says = None
    chance.value = 0.5
    library.ask("how do we return boots?")
    assert library.lookups[-1] is Lookup.MISS
    library.cache.clear()
    library.ask(ASKED)
    library.ask(ALIKE)
    assert library.lookups[-1] is Lookup.ALIKE


def test_another_prompt_is_judged_anew(library: Library) -> None:
    library.cache.checked[keys("an older prompt").scope] = Checks(wrong=9)
    library.ask(ASKED)
    library.ask(ALIKE)
    assert library.lookups[-1] is Lookup.ALIKE


@pytest.mark.parametrize(
    ("checks", "failed"),
    [
        (Checks(), False),
        (Checks(right=10_000), False),
        (Checks(wrong=1), True),
        (Checks(right=198, wrong=1), True),
        (Checks(right=199, wrong=1), False),
        (Checks(right=397, wrong=2), True),
    ],
)
def test_more_than_one_in_two_hundred_are_too_many(checks: Checks, *, failed: bool) -> None:
    assert checks.failed is failed


def test_a_thumbs_down_on_an_alike_answer_forgets_the_first_one(library: Library) -> None:
    library.ask(ASKED)
    library.ask(ALIKE)
    assert library.answerer.forget(ALIKE, Audience.PUBLIC)
    library.ask(ASKED)
    assert library.generated == 2
    assert not library.answerer.forget("what is a tent?", Audience.PUBLIC)


def test_a_cache_that_goes_away_midway_costs_nothing_but_time(library: Library) -> None:
    library.ask(ASKED)
    library.cache.away = True
    assert isinstance(library.ask(ALIKE), Answer)
    assert not library.answerer.forget(ALIKE, Audience.PUBLIC)
