import os
from pathlib import Path

import pytest
from fakes import inbound, thread_at

from bot.errors import ConfigurationError
from bot.policy import Policy, PolicyFile, load
from knowledge.documents import Audience
from triage.schema import Urgency

GOOD = 'triage_channel = "C0TRIAGE"\n'


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "desk.toml"
    path.write_text(GOOD, "utf-8")
    return path


def rewrite(file: Path, content: bytes) -> None:
    """Written now, and surely seen: file systems may stamp two quick writes alike."""
    file.write_bytes(content)
    stamp = file.stat().st_mtime_ns + 1_000_000_000
    os.utime(file, ns=(stamp, stamp))


def test_a_policy_that_changes_is_read_again(file: Path) -> None:
    policy = PolicyFile(file)
    assert policy.current().allowed_bots == frozenset()
    rewrite(file, (GOOD + 'allowed_bots = ["B1"]').encode())
    assert policy.current().allowed_bots == {"B1"}


@pytest.mark.parametrize(
    "broken",
    [b"triage_channel = ", b'triage_channel = "general"', b"unknown = 1", b"\xff\xfe", b""],
)
def test_a_broken_policy_is_not_taken_over_until_it_is_mended(file: Path, broken: bytes) -> None:
    policy = PolicyFile(file)
    rewrite(file, broken)
    assert policy.current().triage_channel == "C0TRIAGE"
    assert policy.current().triage_channel == "C0TRIAGE"
    file.unlink()
    assert policy.current().triage_channel == "C0TRIAGE"
    rewrite(file, b'triage_channel = "C0OTHER"')
    assert policy.current().triage_channel == "C0OTHER"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"", "triage_channel"),
        (b'triage_channel = "#help"', "triage_channel"),
        (GOOD.encode() + b'direct_messages = "secret"', "direct_messages"),
        (GOOD.encode() + b"colour = 1", "colour"),
        (b"triage_channel =", "end of document"),
        (b"\xff", "utf-8"),
    ],
)
def test_a_broken_policy_at_the_start_names_file_and_place(
    file: Path, content: bytes, named: str
) -> None:
    file.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        load(file)
    assert str(file) in str(refused.value)
    assert named in str(refused.value)


def test_a_missing_policy_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="gone"):
        PolicyFile(tmp_path / "gone.toml")


@pytest.mark.parametrize(
    ("channel", "audience"),
    [
        ("C0TRIAGE", Audience.INTERNAL),
        ("C0TEAM", Audience.INTERNAL),
        ("C0HELP", Audience.PUBLIC),
        ("G0GROUP", Audience.PUBLIC),
        ("D0ADA", Audience.PUBLIC),
    ],
)
def test_the_place_decides_who_may_read(channel: str, audience: Audience) -> None:
    policy = Policy(triage_channel="C0TRIAGE", internal_channels=frozenset({"C0TEAM"}))
    assert policy.audience(inbound(thread=thread_at(channel=channel))) is audience


def test_direct_messages_may_be_for_colleagues() -> None:
    policy = Policy(triage_channel="C0TRIAGE", direct_messages=Audience.INTERNAL)
    assert policy.audience(inbound(thread=thread_at(channel="D1"))) is Audience.INTERNAL
    assert policy.audience(inbound(thread=thread_at(channel="C1"))) is Audience.PUBLIC


def test_the_example_policy_can_be_read() -> None:
    assert load(Path(__file__).parents[3] / "desk.example.toml").allowed_bots == frozenset()


def test_the_mail_of_a_policy_has_its_defaults() -> None:
    mail = Policy(triage_channel="C0TRIAGE").mail
    assert mail.on_call is None
    assert mail.seconds_until_due(Urgency.CRITICAL) == 3600
    assert not mail.may_pass_on("ada@example.com")


def test_a_policy_says_who_may_speak_for_a_customer_and_how_soon_one_answers(
    tmp_path: Path,
) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(
        'triage_channel = "C0TRIAGE"\n[mail]\nown_domains = ["Example.com"]\n'
        'forwarders = ["Eve@other.test"]\non_call = "S0ONCALL"\n'
        "[mail.service_hours]\nhigh = 0.5\n"
    )
    mail = load(path).mail
    assert mail.may_pass_on("ADA@example.com")
    assert mail.may_pass_on("eve@other.test")
    assert not mail.may_pass_on("bob@other.test")
    assert not mail.may_pass_on(None)
    assert (mail.seconds_until_due(Urgency.HIGH), mail.seconds_until_due(Urgency.LOW)) == (
        1800, 259_200,
    )  # fmt: skip


@pytest.mark.parametrize(
    "wrong", ['on_call = "<!channel>"', "service_hours = {high = 0}", 'urgent = ["at once"]']
)
def test_a_wrong_mail_policy_is_not_taken_over(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "desk.toml"
    path.write_text(f'triage_channel = "C0TRIAGE"\n[mail]\n{wrong}\n')
    with pytest.raises(ConfigurationError, match="mail"):
        load(path)


def test_a_budget_of_money_needs_prices(file: Path) -> None:
    rewrite(file, (GOOD + "[budgets.user]\nmoney = 1.5\n").encode())
    with pytest.raises(ConfigurationError, match=r"budgets: .*\[budgets\.prices\]"):
        load(file)
