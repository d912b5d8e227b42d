# ruff: noqa: S106  tokens of nobody
from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import SecretStr
from slack_sdk.errors import SlackApiError

from bot.access import real_slack
from bot.errors import BooksUnavailable, ConfigurationError
from bot.installing import IN_TIME_SECONDS, REMEMBERED_SECONDS, Installation, Installed
from bot.messages import TeamId
from bot.settings import Settings
from bot.slack.client import InstalledClient, web_client
from bot.slack.manifest import manifest
from bot.slack.oauth import OAuthApp, renewer

if TYPE_CHECKING:
    from fakes import FakeClock
    from unit.bot.conftest import SlackApi

NOW = 1_700_000_000.0
KEPT = Installation(TeamId("T1"), "Acme", "xoxb-1", NOW)
ENDING = replace(KEPT, refresh_token="xoxe-1", expires_at=NOW + IN_TIME_SECONDS)
RENEWED = replace(ENDING, token="xoxb-2", refresh_token="xoxe-2", expires_at=NOW + 43_200)
APP = OAuthApp("4711.0815", SecretStr("app-s3cret"), "http://desk/slack/install")


@dataclass
class FakeInstallations:
    """One installation; it is another process that renews it where `claimed` is set."""

    kept: Installation | None = None
    claimed: bool = False
    away: bool = False
    reads: int = 0
    renewals: list[Installation] = field(default_factory=list)

    def found(self) -> Installation | None:
        self.reads += 1
        if self.away:
            raise BooksUnavailable("away")
        return self.kept

    def keep(self, installation: Installation) -> None:
        self.kept = installation

    def remove(self, team: TeamId, *, until: float) -> bool:
        there = self.kept is not None and self.kept.team == team and until > 0
        self.kept = None if there else self.kept
        return there

    def claim_rotation(self, installation: Installation, *, seconds: float) -> bool:
        assert installation == self.kept
        claimed, self.claimed = self.claimed, seconds > 0
        return not claimed

    def rotate(self, before: Installation, after: Installation) -> bool:
        if self.kept != before:
            return False
        self.kept = after
        return True

    def renew(self, installation: Installation) -> Installation | None:
        self.renewals.append(installation)
        return RENEWED


@pytest.fixture
def books() -> FakeInstallations:
    return FakeInstallations(KEPT)


@pytest.fixture
def installed(books: FakeInstallations, clock: FakeClock) -> Installed:
    return Installed(books, renew=books.renew, now=clock)


def test_the_books_are_read_every_few_seconds(
    installed: Installed, books: FakeInstallations, clock: FakeClock
) -> None:
    assert [installed.token() for _ in range(3)] == ["xoxb-1"] * 3
    assert books.reads == 1
    clock.advance(REMEMBERED_SECONDS)
    books.kept = None
    assert installed.token() is None


def test_what_this_process_changes_it_sees_at_once(
    installed: Installed, books: FakeInstallations
) -> None:
    assert installed.token() == "xoxb-1"
    installed.remove(TeamId("T2"), until=NOW)
    assert installed.token() == "xoxb-1"
    installed.remove(TeamId("T1"), until=NOW)
    assert installed.token() is None
    installed.keep(replace(KEPT, token="xoxb-9"))
    assert installed.token() == "xoxb-9"
    assert books.reads == 4


def test_while_the_books_are_away_the_last_token_stays(
    installed: Installed, books: FakeInstallations, clock: FakeClock
) -> None:
    installed.current()
    books.away = True
    clock.advance(REMEMBERED_SECONDS)
    assert installed.token() == "xoxb-1"


def test_a_token_is_renewed_before_it_ends(
    installed: Installed, books: FakeInstallations, clock: FakeClock
) -> None:
    books.kept = ENDING
    assert installed.token() == "xoxb-2"
    clock.advance(REMEMBERED_SECONDS)
    assert installed.token() == "xoxb-2"
    assert books.renewals == [ENDING]


def test_a_token_that_has_time_left_is_not_renewed(
    installed: Installed, books: FakeInstallations
) -> None:
    books.kept = replace(ENDING, expires_at=NOW + IN_TIME_SECONDS + 1)
    assert installed.token() == "xoxb-1"
    assert not books.renewals


def test_while_another_process_renews_the_token_the_old_one_is_used(
    installed: Installed, books: FakeInstallations
) -> None:
    books.kept, books.claimed = ENDING, True
    assert installed.token() == "xoxb-1"
    assert not books.renewals


def test_the_secrets_of_an_installation_are_not_printed() -> None:
    assert "xoxb" not in repr(RENEWED)
    assert "xoxe" not in repr(RENEWED)


def test_a_refused_token_is_looked_up_again(
    slack: SlackApi, books: FakeInstallations, installed: Installed
) -> None:
    client = InstalledClient(installed, slack.url, timeout_seconds=5)
    installed.current()
    books.kept = replace(KEPT, token="xoxb-9")
    slack.answers("auth.test", {"ok": False, "error": "token_revoked"}, {"ok": True})
    assert client.auth_test()["ok"]
    assert installed.token() == "xoxb-9"


def test_a_refused_token_without_another_is_an_error(slack: SlackApi, installed: Installed) -> None:
    client = InstalledClient(installed, slack.url, timeout_seconds=5)
    slack.answers("auth.test", {"ok": False, "error": "invalid_auth"})
    with pytest.raises(SlackApiError):
        client.auth_test()


def test_slack_renews_a_token(slack: SlackApi, clock: FakeClock) -> None:
    granted = {
        "ok": True,
        "token_type": "bot",
        "access_token": "xoxb-2",
        "refresh_token": "xoxe-2",
        "expires_in": 43_200,
    }
    slack.answers("oauth.v2.access", granted)
    renewed = renewer(APP, web_client(None, slack.url))(replace(ENDING, expires_at=clock()))
    assert renewed
    assert (renewed.token, renewed.refresh_token) == ("xoxb-2", "xoxe-2")
    assert renewed.team == ENDING.team


def test_a_renewal_that_slack_refuses_tells_no_secret(
    slack: SlackApi, capsys: pytest.CaptureFixture[str]
) -> None:
    slack.answers("oauth.v2.access", {"ok": False, "error": "invalid_refresh_token"})
    assert renewer(APP, web_client(None, slack.url))(ENDING) is None
    told = "".join(capsys.readouterr())
    assert "invalid_refresh_token" in told
    assert "xoxe" not in told
    assert "app-s3cret" not in told


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({}, "SLACK_CLIENT_ID"),
        ({"slack_client_id": "4711"}, "SLACK_CLIENT_SECRET"),
        ({"slack_client_secret": "s"}, "SLACK_CLIENT_ID"),
        ({"slack_client_id": "4711", "slack_client_secret": "s"}, "SLACK_SIGNING_SECRET"),
        ({"slack_bot_token": "xoxb", "slack_client_id": "4711"}, "unset one"),
    ],
)
def test_a_half_set_way_to_slack_is_named(fields: dict[str, Any], named: str) -> None:
    settings = Settings(_env_file=None, **fields)
    with pytest.raises(ConfigurationError, match=named):
        real_slack(settings, socket_mode=False, signed=True)


def test_a_desk_that_is_installed_takes_no_events_by_socket() -> None:
    settings = Settings(_env_file=None, slack_client_id="1", slack_client_secret="s")
    with pytest.raises(ConfigurationError, match="Socket Mode"):
        real_slack(settings, socket_mode=True, signed=True)


def test_the_public_address_is_where_to_install_and_where_slack_comes_back() -> None:
    settings = Settings(
        _env_file=None,
        slack_client_id="1",
        slack_client_secret="s",
        slack_signing_secret="t",
        public_url="https://desk.example/",
    )
    app = real_slack(settings, socket_mode=False, signed=True).app
    assert app
    assert app.install_url == "https://desk.example/slack/install"
    assert app.redirect_url == "https://desk.example/slack/oauth_redirect"


def test_the_manifest_hears_of_leaving_and_says_where_slack_comes_back() -> None:
    made = manifest(name="Desk", url="https://desk.example/")
    events = made["settings"]["event_subscriptions"]["bot_events"]
    assert {"app_uninstalled", "tokens_revoked"} <= set(events)
    redirects = made["oauth_config"]["redirect_urls"]
    assert redirects == ["https://desk.example/slack/oauth_redirect"]
    assert "redirect_urls" not in manifest(name="Desk", url=None)["oauth_config"]
