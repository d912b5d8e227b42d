from __future__ import annotations

import pytest
from pydantic import ValidationError

from bot.settings import Settings
from bot.slack.client import TIMEOUT_SECONDS
from bot.worker import SETTLE_SECONDS


def of(seconds: float) -> Settings:
    return Settings(_env_file=None, sending_seconds=seconds)


def test_what_nobody_sets_is_what_the_parts_take_by_themselves() -> None:
    assert of(90).slack_timeout_seconds == TIMEOUT_SECONDS
    assert of(90).settle_seconds == SETTLE_SECONDS


@pytest.mark.parametrize("seconds", [15, 18, 90, 600])
def test_what_is_posted_at_the_last_moment_has_settled_when_another_looks(seconds: float) -> None:
    settings = of(seconds)
    posted = seconds / 2 + settings.slack_timeout_seconds
    assert posted + settings.settle_seconds < seconds


def test_a_time_too_short_for_slack_is_refused() -> None:
    with pytest.raises(ValidationError):
        of(5)
