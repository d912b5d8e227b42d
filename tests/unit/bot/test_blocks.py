import html
import re
from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from fakes import ADA, BOOTS, TODAY, FakeEmbedder, citation, inbound, passage
from hypothesis import assume, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from bot.messages import (
    AnswerReply,
    ChannelId,
    Effect,
    HandOff,
    KeepFeedback,
    Kind,
    NoteReply,
    Say,
    Sentiment,
    Ts,
    UserId,
    Whisper,
)
from bot.playground.validation import require_blocks
from bot.ports import Action, Outgoing
from bot.slack.blocks import answer_text, day, render
from bot.slack.text import escape
from knowledge.documents import Abstention, Answer, ArticleId, Citation, Outcome, Reason, Retrieval
from knowledge.grounding import ground

TRIAGE = ChannelId("C0TRIAGE")
MESSAGE = inbound()
NOTHING = Retrieval("question", (), (), FakeEmbedder().encode([""])[0], {})
EVIL = ["<!channel>", "<@U1>", "<https://evil.test|Reset>", "https://evil.test", "&", "&lt;", "|"]
WORDS = st.sampled_from(["word ", "A sentence. ", "\n\n", "\n- ", "x" * 3000, "&" * 999, *EVIL])
TEXTS = st.text(max_size=200) | st.lists(WORDS, max_size=40).map("".join)
SAID = TEXTS.filter(str.strip)
CITATIONS = st.lists(
    st.builds(
        Citation,
        n=st.integers(1, 99),
        article_id=st.just(ArticleId("a")),
        title=SAID,
        url=st.sampled_from(["https://help.test/a?b=1&c=2", "https://help.test/" + "&" * 900])
        | TEXTS.map("https://help.test/".__add__)
        | TEXTS,
        updated=st.dates(),
        score=st.floats(0, 1),
    ),
    max_size=15,
).map(tuple)
OUTCOMES = st.one_of(
    st.builds(Answer, SAID, CITATIONS, st.just("fake"), st.just(NOTHING)),
    st.builds(Abstention, st.sampled_from(Reason), CITATIONS, st.just("fake"), st.just(NOTHING)),
)


def rendered(*effects: Effect) -> list[Outgoing]:
    return render(effects, MESSAGE, triage_channel=TRIAGE)


def answered(outcome: Outcome) -> list[Outgoing]:
    return rendered(Say(AnswerReply(outcome, "ref00001")))


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from texts(one)


def tokens(one: Outgoing) -> set[str]:
    """What Slack would make a link, a mention or a broadcast of."""
    return {
        token for text in texts([one.text, *one.blocks]) for token in re.findall(r"<.*?>", text)
    }


def markdown(outgoing: Sequence[Outgoing]) -> str:
    blocks = [block for one in outgoing for block in one.blocks]
    return "".join(block["text"] for block in blocks if block["type"] == "markdown")


def without_space(text: str) -> str:
    return "".join(text.split())


def assert_slack_takes(outgoing: Outgoing) -> None:
    require_blocks(list(outgoing.blocks))
    assert 0 < len(outgoing.text) <= 6_000


@given(OUTCOMES)
def test_any_outcome_fits_into_messages_that_slack_takes(outcome: Outcome) -> None:
    for one in answered(outcome):
        assert_slack_takes(one)
        assert (one.action, one.channel, one.thread_ts) == (Action.POST, "C1", "1.0")
        assert one.is_reply


@given(OUTCOMES)
def test_no_word_of_an_outcome_is_lost(outcome: Outcome) -> None:
    shown = markdown(answered(outcome))
    assert without_space(shown) == without_space(escape(answer_text(outcome)))


@given(OUTCOMES)
def test_nothing_is_live_in_an_answer_but_the_links_of_its_sources(outcome: Outcome) -> None:
    sources = outcome.citations if isinstance(outcome, Answer) else outcome.nearest
    ours = {escape(one.url) for one in sources}
    for token in {token for one in answered(outcome) for token in tokens(one)}:
        assert token[1:-1].split("|")[0] in ours


LINKS = st.sampled_from(
    ["[1]", "[", "]", "(", ")", "[x](", "](", "https:", "//evil.test", "\\", "&#58;", "<", ">", "!",
     "[x]: ", "[x]", "www.evil.test", "HTTPS://evil.test", "mailto:a@evil.test", "\n", "\n\n",
     " ", "word", "/a(b)", "&colon;", "`", "javascript:alert(1)"]
)  # fmt: skip


@given(st.lists(LINKS, min_size=2, max_size=12).map("".join))
def test_no_link_of_a_generator_reaches_slack(written: str) -> None:
    grounded = ground(f"{BOOTS} [1]\n\n{BOOTS} {written} [1]", [passage()])
    assume(grounded is not None)
    assert grounded
    shown = html.unescape(
        markdown(answered(Answer(grounded.text, grounded.citations, "x", NOTHING)))
    )
    parsed = MarkdownIt("commonmark").parse(shown)
    inline = [child for token in parsed for child in token.children or []]
    targets = [str(one.attrs.get("href") or one.attrs.get("src")) for one in inline if one.attrs]
    assert not [one for one in targets if one.partition(":")[2]]
    assert not re.search(r"https?://\S|mailto:\S|\bwww\.\w", shown, re.IGNORECASE)


def test_an_answer_shows_its_words_its_sources_and_its_buttons() -> None:
    answer = Answer("Within 60 days [1].", (citation(),), "fake", NOTHING)
    (one,) = answered(answer)
    kinds = [block["type"] for block in one.blocks]
    assert kinds == ["markdown", "section", "context_actions", "actions", "context"]
    assert one.blocks[1]["text"]["text"] == (
        "*Sources*\n[1] <https://help.test/returns|Returns> · updated 14 September 2026"
    )
    assert one.blocks[-1]["elements"][0]["text"] == "Reference ref00001"
    assert one.text.startswith("Within 60 days [1].\n\n*Sources*\n[1] ")


def test_sources_and_buttons_close_the_last_part_of_a_long_answer() -> None:
    text = "\n\n".join(f"Paragraph {n} {'word ' * 200}[1]." for n in range(12))
    parts = answered(Answer(text, (citation(),), "fake", NOTHING))
    assert len(parts) == 2
    assert [len(one.blocks) for one in parts] == [1, 5]


@pytest.mark.parametrize("text", ["word " * 2_380, "x" * 7_999, "x" * 11_999, "&" * 9_000])
def test_a_long_answer_with_long_sources_stays_within_the_undocumented_limit(text: str) -> None:
    sources = tuple(citation(n, title="&" * 200) for n in range(10))
    for one in answered(Answer(text, sources, "fake", NOTHING)):
        assert_slack_takes(one)
        assert sum(map(len, texts(one.blocks))) <= 13_200


@pytest.mark.parametrize(
    ("nearest", "words"), [((), "I found nothing"), ((citation(),), "nearest articles are below")]
)
def test_an_abstention_says_so_and_names_what_is_near(
    nearest: tuple[Citation, ...], words: str
) -> None:
    (one,) = answered(Abstention(Reason.NOT_ANSWERED, nearest, "fake", NOTHING))
    assert words in one.blocks[0]["text"]
    assert ("Nearest articles" in str(one.blocks)) == bool(nearest)


def hand_off(**changes: Any) -> HandOff:
    fields = {
        "question": "Where is my order?\n\nIt is <late> & lost.",
        "asked_by": ADA,
        "permalink": "https://acme.slack.com/archives/C1/p1",
        "tried": ["Answered from: Returns"],
        "why": "The bot's answer was not enough.",
        "reference": "ref00001",
    }
    return HandOff(**fields | changes)


def test_a_colleague_gets_question_asker_link_and_what_was_tried() -> None:
    one, _ = rendered(hand_off())
    assert_slack_takes(one)
    assert (one.action, one.channel, one.thread_ts) == (Action.POST, TRIAGE, None)
    assert not one.is_reply
    shown = "\n".join(texts(one.blocks))
    assert "> Where is my order?\n> It is &lt;late&gt; &amp; lost." in shown
    assert tokens(one) == {"<@UADA>", "<https://acme.slack.com/archives/C1/p1|Open the thread>"}
    assert "• Answered from: Returns" in shown


@given(
    question=TEXTS,
    tried=st.lists(TEXTS, max_size=9),
    who=st.text(max_size=32),
    link=st.none() | TEXTS,
)
def test_any_hand_off_fits_and_only_mentions_the_asker(
    question: str, tried: list[str], who: str, link: str | None
) -> None:
    given_hand_off = hand_off(question=question, tried=tried, asked_by=UserId(who), permalink=link)
    one, _ = rendered(given_hand_off)
    assert_slack_takes(one)
    assert tokens(one) <= {f"<@{who}>", f"<{escape(link or '')}|Open the thread>"}


@pytest.mark.parametrize("question", ["x" * 20_000, "a\n" * 9_000, "<" * 9_000, "\n", ""])
def test_a_question_of_any_shape_can_be_handed_off(question: str) -> None:
    one, _ = rendered(hand_off(question=question, tried=["<" * 999] * 9))
    assert_slack_takes(one)


def test_the_thread_that_is_passed_on_gets_an_emoji_and_a_case_does_not() -> None:
    _, emoji = rendered(hand_off())
    assert (emoji.action, emoji.text) == (Action.REACT, "eyes")
    assert (emoji.channel, emoji.live_ts, emoji.thread_ts) == ("C1", "1.0", "1.0")
    shared = inbound("[]", kind=Kind.SHARED_MAIL)
    assert [one.action for one in render([hand_off()], shared, triage_channel=TRIAGE)] == [
        Action.POST
    ]


def test_a_whisper_is_for_one_person_in_the_thread() -> None:
    (one,) = rendered(Whisper(ADA, "Thank you <3"))
    assert_slack_takes(one)
    assert (one.action, one.user, one.thread_ts) == (Action.WHISPER, ADA, "1.0")
    assert one.text == "Thank you &lt;3"
    assert not one.is_reply


def test_a_note_is_shown_as_it_was_meant() -> None:
    (one,) = rendered(Say(NoteReply("What <do> you mean?")))
    assert_slack_takes(one)
    assert one.text == "What &lt;do&gt; you mean?"


def test_feedback_posts_nothing_and_effects_keep_their_order() -> None:
    kept = KeepFeedback(Ts("2.0"), ADA, Sentiment.UP)
    said = rendered(kept, Say(NoteReply("one")), hand_off(), Whisper(ADA, "two"))
    assert [one.channel for one in said] == ["C1", TRIAGE, "C1", "C1"]


def test_a_date_is_written_as_people_do() -> None:
    assert day(TODAY) == "14 September 2026"
