import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from fakes import ADA, a_case, inbound
from hypothesis import given
from hypothesis import strategies as st

from bot.cases import (
    Card,
    Case,
    CaseLabels,
    CaseState,
    Customer,
    Letter,
    Source,
    Suggestion,
)
from bot.messages import ChannelId, KeepCase, Kind, SendLetter, TellCase, Ts, Whisper
from bot.playground.validation import require_blocks, require_view
from bot.policy import MailPolicy
from bot.ports import Action, CardPlace, Mailed, Outgoing
from bot.slack.blocks import render
from bot.slack.modals import (
    Place,
    chosen_labels,
    draft_view,
    labels_view,
    remembered,
    written_reply,
)
from triage.schema import Labels

TRIAGE = ChannelId("C0TRIAGE")
PLACE = Place("C0TRIAGE", "50.0", "50.0")
POLICY = MailPolicy(signature="Kind regards\nThe desk")
EVIL = ["<!channel>", "<@U1>", "<https://evil.test|Reset>", "<!subteam^S1>", "&lt;", "&", "|", "`"]
WORDS = st.sampled_from(["word ", "A sentence. ", "\n\n", "\n- ", "x" * 3000, "&" * 999, *EVIL])
TEXTS = st.text(max_size=100) | st.lists(WORDS, max_size=20).map("".join)
ENTITIES = st.dictionaries(st.sampled_from(["order_id", "product", "email", "phone"]), TEXTS)
LABELS = st.builds(
    CaseLabels,
    intent=TEXTS | st.none(),
    urgency=st.sampled_from(["critical", "high", "normal", "low", None]),
    sentiment=st.sampled_from(["angry", "neutral", None]),
    entities=ENTITIES,
    confidence=st.just({"intent": 0.93}),
    uncertain=st.booleans(),
    corrected_by=st.sampled_from([None, "UADA"]),
)
CUSTOMERS = st.builds(
    Customer, TEXTS | st.none(), TEXTS | st.none(), st.booleans(), TEXTS | st.none()
)
SOURCES = st.builds(Source, st.integers(1, 99), TEXTS, TEXTS, TEXTS)
SUGGESTIONS = st.builds(Suggestion, TEXTS, st.lists(SOURCES, max_size=6).map(tuple))
CASES = st.builds(
    Case,
    reference=st.just("case0001"),
    team=st.just("T1"),
    conversation=st.just("conversation-1"),
    mail_id=st.just(1),
    customer=CUSTOMERS,
    subject=TEXTS,
    gist=TEXTS,
    words=TEXTS,
    labels=LABELS,
    warnings=st.lists(TEXTS, max_size=8).map(tuple),
    suggestion=st.none() | SUGGESTIONS,
    state=st.sampled_from([one for one in CaseState if one is not CaseState.FILED]),
    taken_by=st.sampled_from([None, "UADA"]),
    changed_by=st.sampled_from([None, "UBOB"]),
    changed_at=st.none() | st.just(1_700_000_000.0),
    due_at=st.none() | st.just(1_700_000_000.0),
)
SHOWN = Card(7, "C0TRIAGE", None)


def rendered(*effects: Any, kind: Kind = Kind.EMAIL) -> list[Outgoing]:
    return render(effects, inbound("", kind=kind), triage_channel=TRIAGE)


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if value.get("type") == "plain_text":
            return
        value = list(value.values())
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one)


def live(value: Any) -> set[str]:
    """What Slack would make a link, a mention or a broadcast of."""
    return {token for text in texts(value) for token in re.findall(r"<.*?>", text)}


def assert_ours(tokens: set[str], case: Case) -> None:
    sources = case.suggestion.sources if case.suggestion else ()
    for token in tokens:
        target = token[1:-1].split("|")[0]
        ours = target in {"@UADA", "@UBOB", "!subteam^S0ONCALL"} or target.startswith("!date^1")
        assert ours or target.replace("&amp;", "&") in {one.url for one in sources}, token


@given(CASES)
def test_any_case_fits_on_a_card_that_slack_takes_and_nothing_of_it_is_live(case: Case) -> None:
    (one,) = rendered(KeepCase(case, alert="S0ONCALL"))
    require_blocks(list(one.blocks))
    assert 0 < len(one.text) <= 3_000
    assert sum(map(len, json.dumps(one.blocks, ensure_ascii=False).split())) <= 15_000
    assert_ours(live([one.text, list(one.blocks)]), case)


@given(CASES, st.booleans())
def test_any_case_fits_into_its_dialogs_and_nothing_of_it_is_live(case: Case, sends: bool) -> None:  # noqa: FBT001
    for view in (labels_view(case, PLACE), draft_view(case, PLACE, POLICY, sends=sends)):
        require_view(view, "modal")
        assert remembered(view).case == "case0001"
        blocks = [one for one in view["blocks"] if one["type"] == "section"]
        assert_ours(live(blocks), case)


@given(CASES, TEXTS, TEXTS)
def test_anything_can_be_said_in_the_thread_of_a_case(case: Case, text: str, quoted: str) -> None:
    known = replace(case, card=SHOWN)
    letter = Letter("conversation-1", quoted, text, text)
    (told,) = rendered(TellCase(known, text, quoted=quoted, by="UADA"))
    (mail,) = rendered(SendLetter(known, letter, ADA))
    for one in (told, *mail.told.values()):
        require_blocks(list(one.blocks))
        assert live([one.text, list(one.blocks)]) <= {"<@UADA>"}
        assert one.under == SHOWN.id


def test_a_new_case_is_shown_in_the_triage_channel_and_where_its_mail_was_posted() -> None:
    main, copy = rendered(KeepCase(a_case(posted=("C0HELP", "1.0"))))
    assert (main.channel, main.thread_ts, main.card) == (TRIAGE, None, CardPlace.MAIN)
    assert (copy.channel, copy.thread_ts, copy.card) == ("C0HELP", "1.0", CardPlace.COPY)


def test_a_mail_posted_in_the_triage_channel_has_one_card_in_its_thread() -> None:
    (one,) = rendered(KeepCase(a_case(posted=("C0TRIAGE", "1.0"))))
    assert (one.channel, one.thread_ts, one.card) == (TRIAGE, "1.0", CardPlace.MAIN)


def test_cards_that_are_there_are_updated() -> None:
    copy = Card(8, "C0HELP", "1.0")
    main, other = rendered(KeepCase(a_case(card=SHOWN, copy=copy)))
    assert (main.action, main.target, main.card) == (Action.UPDATE, 7, None)
    assert (other.action, other.target, other.thread_ts) == (Action.UPDATE, 8, "1.0")


def test_what_is_filed_is_not_shown() -> None:
    assert rendered(KeepCase(a_case(state=CaseState.FILED))) == []


LABELLED = CaseLabels("refund_status", "critical", "angry", {"order_id": "A1"}, {"intent": 0.9})


def test_a_card_says_what_an_agent_needs() -> None:
    case = a_case(
        customer=Customer("Mira", "mira@shop.test", claimed=True, sender="bob@own.test"),
        labels=LABELLED,
        warnings=("DMARC failed",),
        suggestion=Suggestion("Two years [1].", (Source(1, "Warranty", "https://h.test", "now"),)),
        due_at=1_700_000_000.0,
    )  # fmt: skip
    (one,) = rendered(KeepCase(case, alert="S0ONCALL"))
    shown = "\n".join(texts(list(one.blocks)))
    for words in (
        "<!subteam^S0ONCALL>", "*Mira* mira@shop.test", "_claimed by_ bob@own.test",
        "*Intent* refund status 90 %", "*Urgency* critical", "*order id* A1", ":warning: DMARC",
        "Two years [1].", "[1] <https://h.test|Warranty>", "answer due <!date^1700000000",
        "> How do I return boots?", "Case case0001",
    ):  # fmt: skip
        assert words in shown
    assert one.text.startswith("<!subteam^S0ONCALL> Boots – Mira")


@pytest.mark.parametrize(
    ("state", "offered"),
    [
        (CaseState.OPEN, ["Take", "Fix labels", "Draft reply", "Resolve", "Not for us"]),
        (CaseState.TAKEN, ["Take", "Fix labels", "Draft reply", "Resolve", "Not for us"]),
        (CaseState.RESOLVED, ["Reopen", "Fix labels", "Draft reply"]),
    ],
)
def test_a_card_offers_what_can_be_done(state: CaseState, offered: list[str]) -> None:
    (one,) = rendered(KeepCase(a_case(state=state, card=SHOWN)))
    [buttons] = [block for block in one.blocks if block["type"] == "actions"]
    assert [button["text"]["text"] for button in buttons["elements"]] == offered
    assert {button["value"] for button in buttons["elements"]} == {"case0001"}


def test_a_letter_tells_the_thread_what_became_of_it() -> None:
    case = a_case(card=SHOWN)
    letter = Letter("conversation-1", "mira@shop.test", "Re: Boots", "Within 60 days.")
    (mail,) = rendered(SendLetter(case, letter, ADA))
    assert (mail.action, mail.letter) == (Action.MAIL, letter)
    assert mail.channel not in {TRIAGE, "C1"}
    assert set(mail.told) == set(Mailed)
    sent = "\n".join(texts(list(mail.told[Mailed.SENT].blocks)))
    assert "<@UADA> has sent this reply to mira@shop.test" in sent
    assert "> Within 60 days." in sent
    assert "not sent again" in mail.told[Mailed.DOUBTFUL].text


@pytest.mark.parametrize(("about", "thread"), [("1.0", None), ("2.0", "1.0")])
def test_a_whisper_stands_beside_the_card_that_was_clicked(about: str, thread: str | None) -> None:
    clicked = inbound("", kind=Kind.CASE, about=Ts(about))
    (one,) = render([Whisper(ADA, "Taken already.", by="UBOB")], clicked, triage_channel=TRIAGE)
    assert (one.thread_ts, one.text) == (thread, "Taken already. (<@UBOB>)")


def entered(name: str, value: Any) -> dict[str, Any]:
    if name in {"intent", "urgency", "sentiment"}:
        return {"selected_option": {"value": value}}
    return {"selected_options": value} if isinstance(value, list) else {"value": value}


def filled(view: dict[str, Any], **values: Any) -> dict[str, Any]:
    fields = {name: {name: entered(name, value)} for name, value in values.items()}
    return {**view, "state": {"values": fields}}


def test_labels_come_back_as_examples_have_them() -> None:
    view = filled(
        labels_view(a_case(), PLACE), intent="refund_status", urgency="high", sentiment="angry",
        order_id=" A1 ", days_waiting="5", amount="49.90 EUR", product=None,
    )  # fmt: skip
    labels, wrong = chosen_labels(view)
    assert not wrong
    assert labels == {
        "intent": "refund_status", "urgency": "high", "sentiment": "angry",
        "order_id": "A1", "days_waiting": 5, "amount": "49.90 EUR",
    }  # fmt: skip
    assert Labels.model_validate(labels)


@pytest.mark.parametrize(("name", "value"), [("days_waiting", "many"), ("amount", "a lot")])
def test_what_no_example_can_hold_is_refused_beside_its_field(name: str, value: str) -> None:
    view = filled(
        labels_view(a_case(), PLACE), intent="other", urgency="low", sentiment="neutral",
        **{name: value},
    )  # fmt: skip
    labels, wrong = chosen_labels(view)
    assert not labels
    assert set(wrong) == {name}


CLAIMED = Customer("Mira", "mira@shop.test", claimed=True, sender="bob@own.test")


@pytest.mark.parametrize(
    ("case", "values", "wrong"),
    [
        (a_case(), {"reply": "Yes."}, set()),
        (a_case(), {"reply": "  "}, {"reply"}),
        (a_case(), {"reply": "x" * 3_001}, {"reply"}),
        (a_case(customer=CLAIMED), {"reply": "Yes."}, {"confirm"}),
        (a_case(customer=CLAIMED), {"reply": "Yes.", "confirm": []}, {"confirm"}),
        (a_case(customer=CLAIMED), {"reply": "Yes.", "confirm": [{"value": "confirmed"}]}, set()),
    ],
)
def test_a_reply_is_sent_only_as_its_sender_means_it(
    case: Case, values: dict[str, Any], wrong: set[str]
) -> None:
    view = filled(draft_view(case, PLACE, POLICY, sends=True), **values)
    written, found = written_reply(view, case)
    assert set(found) == wrong
    assert written["to"] == "mira@shop.test"


@pytest.mark.parametrize("now", [None, a_case(mail_id=2), a_case(customer=CLAIMED)])
def test_a_reply_to_a_case_that_has_moved_on_is_held_back(now: Case | None) -> None:
    view = filled(draft_view(a_case(), PLACE, POLICY, sends=True), reply="Yes.")
    _, wrong = written_reply(view, now)
    assert set(wrong) == {"reply"}


def test_without_a_mail_server_a_reply_is_there_to_be_copied() -> None:
    view = draft_view(a_case(), PLACE, POLICY, sends=False)
    assert "submit" not in view
    assert "SMTP_URL" in str(view)
    assert "Hello Mira Holt," in str(view)
