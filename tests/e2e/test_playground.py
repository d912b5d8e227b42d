"""`supportbot run` and nothing else: the workspace on one's own machine, by HTTP."""

import json

import pytest
from e2e.playground_page import (
    ADA,
    BOOTS,
    BOT,
    HELP_DESK,
    MAIL,
    PRIYA,
    TEAM,
    TENT,
    TOMASZ,
    TRIAGE,
    Message,
    Playground,
    has_sources,
    said,
)
from e2e.processes import rows, until

SOURDOUGH = "how do I bake sourdough bread?"
GOODWILL = "what goodwill may I give for a late parcel?"
STAFF = "https://desk.cairnway.example/"


@pytest.fixture(params=["by_http", "by_socket"])
def desk(request: pytest.FixtureRequest) -> Playground:
    """Both ways that events come."""
    found: Playground = request.getfixturevalue(request.param)
    return found


def test_a_mention_is_answered_in_its_thread_with_sources(desk: Playground) -> None:
    asked = desk.page.ask(HELP_DESK, BOOTS)
    reply = desk.page.reply(HELP_DESK, asked)
    assert "30 days" in reply["text"]
    assert "[1]" in reply["text"]
    assert has_sources(reply)
    assert "https://help.cairnway.example/" in said(reply)
    trace = desk.page.trace(HELP_DESK, reply["ts"])
    assert trace["route"] == "answer"
    assert trace["passages"]
    assert trace["timings_ms"]
    assert len(desk.kept(asked)) == 1


def test_a_direct_message_needs_no_mention(desk: Playground) -> None:
    asked = desk.page.say("D0PRIYA", TENT, user=PRIYA)
    assert has_sources(desk.page.reply("D0PRIYA", asked))


def test_a_follow_up_without_a_mention_is_answered_from_the_thread(desk: Playground) -> None:
    asked = desk.page.ask(TRIAGE, "what does delivery to Norway cost?")
    desk.page.reply(TRIAGE, asked)
    more = desk.page.say(TRIAGE, "and how long does it take?", thread=asked)
    reply = desk.page.reply(TRIAGE, asked, n=2)
    assert "Norway" in said(reply)
    assert "Norway" in desk.page.trace(TRIAGE, more)["question"]


def test_chat_among_colleagues_is_left_alone(desk: Playground) -> None:
    since = desk.page.cursor()
    spoken = desk.page.say(HELP_DESK, "lunch at noon?")
    joined = desk.page.say(HELP_DESK, "how long is the warranty?", user=TOMASZ, thread=spoken)
    for ts in (spoken, joined):
        desk.page.acknowledged(ts, since=since)
        assert not desk.kept(ts)


def test_a_colleague_who_speaks_to_another_in_a_thread_of_the_bot_is_left_alone(
    desk: Playground,
) -> None:
    asked = desk.page.ask(TEAM, TENT)
    desk.page.reply(TEAM, asked)
    since = desk.page.cursor()
    spoken = desk.page.say(TEAM, f"<@{TOMASZ}> can you take this one?", thread=asked)
    desk.page.acknowledged(spoken, since=since)
    assert not desk.kept(spoken)


def test_an_edit_changes_the_same_reply(desk: Playground) -> None:
    asked = desk.page.ask(TRIAGE, BOOTS)
    before = desk.page.reply(TRIAGE, asked)
    desk.page.act("edit", channel=TRIAGE, user=ADA, ts=asked, text=f"<@{BOT}> {TENT}")
    until(lambda: desk.page.reply(TRIAGE, asked)["text"] != before["text"], "another answer")
    [after] = desk.page.replies(TRIAGE, asked)
    assert after["ts"] == before["ts"]
    assert "warranty" in after["text"]
    assert has_sources(after)


def test_a_mention_that_is_added_later_is_answered(desk: Playground) -> None:
    spoken = desk.page.say("C0TEAM", TENT, user=TOMASZ)
    desk.page.act("edit", channel=TEAM, user=TOMASZ, ts=spoken, text=f"<@{BOT}> {TENT}")
    assert has_sources(desk.page.reply(TEAM, spoken))


def test_a_deleted_question_takes_its_reply_with_it(desk: Playground) -> None:
    asked = desk.page.ask(TEAM, BOOTS)
    desk.page.reply(TEAM, asked)
    desk.page.act("delete", channel=TEAM, user=ADA, ts=asked)
    until(lambda: not desk.page.replies(TEAM, asked), "the reply is gone")
    assert desk.kept(asked)[0]["text"] == ""


def test_the_bot_answers_neither_itself_nor_another_bot(by_http: Playground) -> None:
    since = by_http.page.cursor()
    foreign = by_http.page.say(HELP_DESK, f"<@{BOT}> {BOOTS}", bot=True)
    asked = by_http.page.say("D0TOMASZ", TENT, user=TOMASZ)
    reply = by_http.page.reply("D0TOMASZ", asked)
    for ts in (foreign, reply["ts"]):
        by_http.page.acknowledged(ts, since=since)
        assert not by_http.kept(ts)


def test_what_the_help_centre_does_not_say_the_bot_does_not_know(by_http: Playground) -> None:
    asked = by_http.page.say("D0ADA", SOURDOUGH)
    reply = by_http.page.reply("D0ADA", asked)
    assert "I don't know" in reply["text"]
    assert "*Nearest articles*" in said(reply)
    assert "Ask a person" in said(reply)
    assert by_http.page.trace("D0ADA", asked)["abstained"] is True


def test_feedback_is_kept_and_the_last_word_counts(desk: Playground) -> None:
    asked = desk.page.say("D0PRIYA", TENT, user=PRIYA)
    reply = desk.page.reply("D0PRIYA", asked)
    query = "select sentiment, user from feedback where reply_ts = ?"
    for value in ("up", "down"):
        desk.page.click(reply, "feedback", value, user=PRIYA)
        wanted = [{"sentiment": value, "user": PRIYA}]
        until(lambda wanted=wanted: rows(desk.home, query, reply["ts"]) == wanted, f"kept {value}")
    thanks = until(lambda: desk.page.whispers("D0PRIYA", PRIYA), "thanks")
    assert "Thank you" in thanks[0]


def test_ask_a_person_hands_the_thread_over_once(desk: Playground) -> None:
    page = desk.page
    asked = page.ask(HELP_DESK, BOOTS)
    reply = page.reply(HELP_DESK, asked)
    page.click(reply, "ask_person", "ask")
    assert "I have asked the team" in page.reply(HELP_DESK, asked, n=2)["text"]
    link = f"/archives/{HELP_DESK}/p{asked.replace('.', '')}"

    def handed() -> list[Message]:
        return [one for one in page.messages(TRIAGE) if link in said(one)]

    [post] = until(handed, "the hand-off is in #triage")
    assert BOOTS in said(post)
    assert f"<@{ADA}>" in said(post)
    assert "*What was tried*" in said(post)
    assert "Cited: " in said(post)
    page.click(reply, "ask_person", "ask", user=TOMASZ)
    [whisper] = until(lambda: page.whispers(HELP_DESK, TOMASZ), "the second click is answered")
    assert "already" in whisper
    assert len(handed()) == 1
    since = page.cursor()
    later = page.say(HELP_DESK, "thanks, I will wait", thread=asked)
    page.acknowledged(later, since=since)
    assert not desk.kept(later)


def test_an_e_mail_becomes_a_case_in_its_thread(desk: Playground) -> None:
    posted = str(desk.page.act("email", channel=TRIAGE, eml=MAIL)["ts"])
    card = desk.page.reply(TRIAGE, posted)
    assert "mira@customer.example" in said(card)
    assert "Suggested answer" in said(card)
    assert has_sources(card)
    assert len(desk.kept(posted)) == 1


def test_a_forwarded_slack_message_is_answered_by_its_content(desk: Playground) -> None:
    original = desk.page.say(HELP_DESK, TENT, user=PRIYA)
    forward = {"channel": HELP_DESK, "ts": original}
    shared = desk.page.say("D0ADA", "", attachments={"forward": forward})
    reply = desk.page.reply("D0ADA", shared)
    assert "warranty" in reply["text"]
    assert has_sources(reply)


def test_articles_for_staff_stay_in_the_channels_of_staff(by_http: Playground) -> None:
    page = by_http.page
    inside, outside = page.ask(TEAM, GOODWILL), page.ask(HELP_DESK, GOODWILL)
    private = page.say("D0ADA", GOODWILL)
    assert STAFF in said(page.reply(TEAM, inside))
    assert STAFF not in said(page.reply(HELP_DESK, outside))
    assert STAFF not in said(page.reply("D0ADA", private))
    assert STAFF not in json.dumps(page.trace(HELP_DESK, outside))
