import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.slack.text import LONGEST_URL, escape, grouped, link, pieces, shortened

FRAGMENTS = st.sampled_from(
    ["word ", "A sentence. ", "A line\n", "\n\n", "\n \n", "1. ", "- ", "&", "<", ">", " " * 40]
)
TEXTS = st.text(max_size=300) | st.lists(FRAGMENTS, max_size=60).map("".join)
BROKEN_ENTITY = re.compile(r"&(?!amp;|lt;|gt;)")


def without_space(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize(
    "token", ["<!channel>", "<!here>", "<@U1>", "<#C1>", "<https://evil.test|Reset>", "a & b"]
)
def test_nothing_live_survives_escaping(token: str) -> None:
    assert not set("<>") & set(escape(token))
    assert html.unescape(escape(token)) == token


def test_a_link_shows_its_label() -> None:
    assert link("https://x.test/?a=1&b=2", "A <b> | c") == (
        "<https://x.test/?a=1&amp;b=2|A &lt;b&gt; ¦ c>"
    )


@pytest.mark.parametrize(
    "url",
    [
        "",
        "javascript:alert(1)",
        "mailto:a@x.test",
        "https://x.test/a b",
        "https://x.test|y",
        "https://x.test/><!channel>",
        "https://x.test/" + "a" * LONGEST_URL,
    ],
)
def test_an_address_that_is_not_plain_is_left_out(url: str) -> None:
    assert link(url, "<Label>") == "&lt;Label&gt;"


@given(url=st.text(max_size=30).map("https://".__add__), label=TEXTS)
def test_a_link_is_one_token_on_one_line_or_none(url: str, label: str) -> None:
    linked = link(url, label)
    assert re.fullmatch(r"<https://[^<>|\s]*\|[^<>|\n]+>|[^<>\n]*", linked)


@pytest.mark.parametrize(
    ("text", "longest", "shown"),
    [
        ("short", 5, "short"),
        ("one two three", 9, "one two…"),
        ("onetwothree", 6, "onetw…"),
        ("a &lt;b&gt;", 8, "a &lt;b…"),
        ("aaaa&amp;b", 8, "aaaa…"),
    ],
)
def test_what_is_too_long_is_cut_at_a_word(text: str, longest: int, shown: str) -> None:
    assert shortened(text, longest) == shown


@given(text=TEXTS, longest=st.integers(10, 60))
def test_a_shortened_text_fits_and_breaks_no_escape(text: str, longest: int) -> None:
    short = shortened(escape(text), longest)
    assert len(short) <= longest
    assert not BROKEN_ENTITY.search(short)


@given(text=TEXTS, longest=st.integers(10, 60))
def test_pieces_fit_lose_nothing_but_space_and_break_no_escape(text: str, longest: int) -> None:
    parts = pieces(escape(text), longest)
    assert all(0 < len(part) <= longest and part.strip() for part in parts)
    assert without_space("".join(parts)) == without_space(escape(text))
    assert not any(BROKEN_ENTITY.search(part) for part in parts)


def test_the_lines_of_a_list_stay_lines_when_it_is_cut() -> None:
    steps = "\n".join(f"{n}. Do this." for n in range(1, 30))
    assert "\n".join(pieces(steps, 100)).count("\n") == 28


def test_paragraphs_stay_together_while_they_fit() -> None:
    assert pieces("one\n\ntwo\n\nthree", 10) == ["one\n\ntwo", "three"]


@given(lines=st.lists(st.text(min_size=1, max_size=20), max_size=20))
def test_grouped_lines_are_never_cut(lines: list[str]) -> None:
    groups = list(grouped(lines, 40))
    assert [line for group in groups for line in group] == lines
    assert all(len("\n".join(group)) <= 40 for group in groups)
