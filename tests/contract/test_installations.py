# ruff: noqa: S106  tokens of nobody
from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from bot.books.installations import STATE_SECONDS, SqlInstallations, SqlStates
from bot.errors import AnotherWorkspace
from bot.installing import Installation
from bot.messages import TeamId

if TYPE_CHECKING:
    from fakes import FakeClock

    from bot.books.engine import Books

ACME, OTHER = TeamId("T1"), TeamId("T2")
FIRST = Installation(
    team=ACME,
    team_name="Acme",
    token="xoxe.xoxb-1",
    installed_at=100.0,
    refresh_token="xoxe-1",
    expires_at=50_000.0,
)
ANEW = replace(FIRST, token="xoxb-2", installed_at=200.0, refresh_token=None, expires_at=None)


@pytest.fixture
def kept(books: Books) -> SqlInstallations:
    return SqlInstallations(books)


def test_nothing_is_found_before_it_is_installed(kept: SqlInstallations) -> None:
    assert kept.found() is None
    assert not kept.remove(ACME, until=1e9)


def test_an_installation_is_found_as_it_was_kept(kept: SqlInstallations) -> None:
    kept.keep(FIRST)
    assert kept.found() == FIRST


def test_a_new_installation_takes_the_place_of_the_old_one(kept: SqlInstallations) -> None:
    kept.keep(FIRST)
    kept.keep(ANEW)
    assert kept.found() == ANEW


def test_a_second_workspace_is_refused_even_after_the_first_has_left(
    kept: SqlInstallations,
) -> None:
    kept.keep(FIRST)
    for _ in range(2):
        with pytest.raises(AnotherWorkspace):
            kept.keep(replace(ANEW, team=OTHER))
        kept.remove(ACME, until=100.0)
    assert kept.found() is None


def test_only_the_workspace_that_has_it_removes_it(kept: SqlInstallations) -> None:
    kept.keep(FIRST)
    assert not kept.remove(OTHER, until=1e9)
    assert kept.found() == FIRST


def test_an_uninstallation_that_comes_late_leaves_what_was_installed_since(
    kept: SqlInstallations,
) -> None:
    kept.keep(ANEW)
    assert not kept.remove(ACME, until=150.0)
    assert kept.found() == ANEW


def test_one_process_renews_a_token_until_its_time_is_over(
    kept: SqlInstallations, clock: FakeClock
) -> None:
    kept.keep(FIRST)
    assert kept.claim_rotation(FIRST, seconds=60)
    assert not kept.claim_rotation(FIRST, seconds=60)
    clock.advance(61)
    assert kept.claim_rotation(FIRST, seconds=60)


def test_a_renewed_token_is_kept_once(kept: SqlInstallations) -> None:
    kept.keep(FIRST)
    renewed = replace(FIRST, token="xoxe.xoxb-2", refresh_token="xoxe-2")
    assert kept.rotate(FIRST, renewed)
    assert not kept.rotate(FIRST, replace(renewed, token="xoxe.xoxb-3"))
    assert kept.found() == renewed
    assert kept.claim_rotation(renewed, seconds=60)


def test_a_token_that_was_renewed_too_late_does_not_bring_an_installation_back(
    kept: SqlInstallations,
) -> None:
    kept.keep(FIRST)
    kept.remove(ACME, until=100.0)
    assert not kept.rotate(FIRST, replace(FIRST, token="xoxe.xoxb-2"))
    assert kept.found() is None


def test_of_two_workspaces_that_install_at_once_one_is_refused(kept: SqlInstallations) -> None:
    refused: list[TeamId] = []
    start = threading.Barrier(2)

    def install(team: TeamId) -> None:
        start.wait()
        try:
            kept.keep(replace(FIRST, team=team))
        except AnotherWorkspace:
            refused.append(team)

    threads = [threading.Thread(target=install, args=(team,)) for team in (ACME, OTHER)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = kept.found()
    assert found
    assert [found.team, *refused] in ([ACME, OTHER], [OTHER, ACME])


def test_a_state_is_good_once(books: Books) -> None:
    states = SqlStates(books)
    state = states.issue()
    assert not states.consume("another")
    assert states.consume(state)
    assert not states.consume(state)


def test_a_state_ends(books: Books, clock: FakeClock) -> None:
    states = SqlStates(books)
    state = states.issue()
    clock.advance(STATE_SECONDS)
    assert not states.consume(state)


def test_a_state_is_good_once_where_many_ask_at_once(books: Books) -> None:
    states = SqlStates(books)
    state = states.issue()
    good: list[bool] = []
    threads = [threading.Thread(target=lambda: good.append(states.consume(state))) for _ in "1234"]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(good) == [False, False, False, True]
