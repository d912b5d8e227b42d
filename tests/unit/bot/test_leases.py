from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from fakes import FakeClock, FakeInbox, inbound

from bot.leases import LONGEST_SECONDS, Leases

if TYPE_CHECKING:
    from bot.ports import Claimed


class CountingInbox(FakeInbox):
    """An inbox that counts how often a lease was renewed."""

    renewed = 0

    def renew(self, claimed: Claimed) -> bool:
        self.renewed += 1
        return super().renew(claimed)


@pytest.fixture
def inbox() -> CountingInbox:
    return CountingInbox()


@pytest.fixture
def claimed(inbox: CountingInbox) -> Claimed:
    inbox.receive(inbound())
    found = inbox.claim()
    assert found
    return found


@pytest.fixture
def leases(inbox: CountingInbox, clock: FakeClock) -> Leases:
    return Leases(inbox, every_seconds=10, clock=clock)


def test_the_lease_of_a_message_at_work_is_renewed_now_and_then(
    leases: Leases, inbox: CountingInbox, claimed: Claimed, clock: FakeClock
) -> None:
    with leases.holding(claimed):
        for _ in range(6):
            leases.step()
            clock.advance(5)
    assert inbox.renewed == 2


def test_what_is_finished_is_not_renewed(
    leases: Leases, inbox: CountingInbox, claimed: Claimed, clock: FakeClock
) -> None:
    with leases.holding(claimed):
        pass
    clock.advance(60)
    leases.step()
    assert inbox.renewed == 0


def test_a_step_that_hangs_loses_its_lease_after_all(
    leases: Leases, inbox: CountingInbox, claimed: Claimed, clock: FakeClock
) -> None:
    with leases.holding(claimed):
        clock.advance(LONGEST_SECONDS + 1)
        leases.step()
    assert inbox.renewed == 0
