from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.mint import Mint, is_ts, ts_key
from bot.playground.slack_text import as_sent, mentions


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("a < b & c > d", "a &lt; b &amp; c &gt; d"),
        ("already &lt;ok&gt; &amp;", "already &lt;ok&gt; &amp;"),
        ("<@U0SUPPORT> hi", "<@U0SUPPORT> hi"),
        ("<#C0TEAM|support-team> <!here>", "<#C0TEAM|support-team> <!here>"),
        ("see https://a.example/x?y=1&z=2.", "see <https://a.example/x?y=1&amp;z=2>."),
        ("<https://a.example|label>", "<https://a.example|label>"),
        ("<script>", "&lt;script&gt;"),
        ("> quoted", "&gt; quoted"),
        ("(https://a.example/x)", "(<https://a.example/x>)"),
        ("https://a.example/<b", "<https://a.example/>&lt;b"),
    ],
)
def test_typed_text_is_sent_as_slack_sends_it(typed: str, sent: str) -> None:
    assert as_sent(typed) == sent


def test_the_bots_typed_name_becomes_a_mention() -> None:
    sent = as_sent("hey @support bot, mail x@Support Bot", bot_name="Support Bot", bot_user_id="U1")
    assert sent == "hey <@U1>, mail x@Support Bot"


@given(st.text(alphabet="ab<>&;@#!|:/.htpslgm U0", max_size=60))
def test_sending_twice_changes_nothing(text: str) -> None:
    once = as_sent(text)
    assert as_sent(once) == once


def test_mentions_are_whole_ids() -> None:
    assert mentions("<@U0SUPPORT|bot> x", "U0SUPPORT")
    assert not mentions("<@U0SUPPORTER>", "U0SUPPORT")


def test_timestamps_rise_when_the_clock_stands_still_or_goes_back() -> None:
    readings = iter([10.0, 10.0, 9.0, 11.0])
    mint = Mint(lambda: next(readings))
    stamps = [mint.ts() for _ in range(4)]
    assert stamps == ["10.000000", "10.000001", "10.000002", "11.000000"]
    assert all(map(is_ts, stamps))


def test_ids_never_repeat() -> None:
    mint = Mint(lambda: 1.0)
    assert len({mint.id("Ev") for _ in range(100)}) == 100


def test_timestamps_sort_by_number_not_by_letter() -> None:
    assert ts_key("9.5") == (9, 500_000)
    assert ts_key("10") > ts_key("9.999999")
    assert not is_ts("10")
