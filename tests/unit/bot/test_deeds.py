from dataclasses import replace
from typing import Any

import pytest
from fakes import ADA, a_case

from bot.cases import Case, CaseLabels, CaseState, Customer, Suggestion
from bot.deeds import Click, done
from bot.drafts import LONGEST_DRAFT, draft, letter, plain
from bot.messages import (
    Effect,
    KeepCase,
    KeepCorrection,
    SendLetter,
    TellCase,
    UserId,
    Whisper,
)
from bot.policy import MailPolicy, Policy

POLICY = Policy(triage_channel="C0TRIAGE")
BOB = UserId("UBOB")
NOW = 1_700_000_000.0
LABELS = {"intent": "refund_status", "urgency": "high", "sentiment": "angry", "order_id": "A1"}
REPLY = {"text": "Within 60 days.", "to": "mira@shop.test", "mail": 1, "confirmed": False}
CLAIMED = Customer("Mira", "mira@shop.test", claimed=True, sender="bob@own.test")
TAKEN = a_case(id=1, state=CaseState.TAKEN, taken_by=ADA, changed_by=ADA)


def does(deed: str, case: Case, user: str = ADA, **written: Any) -> list[Effect]:
    return list(done(case, Click(deed, UserId(user), written, NOW), POLICY))


def kept(effects: list[Effect]) -> Case:
    (case,) = [one.case for one in effects if isinstance(one, KeepCase)]
    return case


def test_a_case_is_taken_by_who_clicks_first() -> None:
    case = kept(does("take", a_case()))
    assert (case.state, case.taken_by, case.changed_at) == (CaseState.TAKEN, ADA, NOW)


@pytest.mark.parametrize(("user", "by"), [(ADA, None), (BOB, ADA)])
def test_a_second_click_changes_nothing_and_is_whispered_about(user: str, by: str | None) -> None:
    (whisper,) = does("take", TAKEN, user)
    assert isinstance(whisper, Whisper)
    assert (whisper.user, whisper.by) == (user, by)
    assert "taken" in whisper.text


@pytest.mark.parametrize(
    ("deed", "state"), [("resolve", CaseState.RESOLVED), ("not_for_us", CaseState.NOT_FOR_US)]
)
def test_a_case_is_closed_once(deed: str, state: CaseState) -> None:
    closed = kept(does(deed, TAKEN, BOB))
    assert (closed.state, closed.changed_by, closed.taken_by) == (state, BOB, ADA)
    (whisper,) = does(deed, closed)
    assert isinstance(whisper, Whisper)


def test_a_closed_case_is_open_again_for_who_takes_it() -> None:
    case = kept(does("take", a_case(state=CaseState.RESOLVED), BOB))
    assert (case.state, case.taken_by) == (CaseState.TAKEN, BOB)


def test_corrected_labels_are_kept_as_an_example() -> None:
    before = a_case(id=1, labels=CaseLabels("other", "low", "neutral", {}, {"intent": 0.4}))
    effects = does("label", before, **LABELS)
    case = kept(effects)
    assert (case.labels.intent, case.labels.corrected_by) == ("refund_status", ADA)
    assert case.labels.confidence == {}
    assert case.due_at == NOW + 4 * 3600
    (correction,) = [one.correction for one in effects if isinstance(one, KeepCorrection)]
    assert correction.labels == LABELS
    assert correction.predicted == {"intent": "other", "urgency": "low", "sentiment": "neutral"}
    assert correction.text == "Boots\n\nHow do I return boots?"
    assert [one.by for one in effects if isinstance(one, TellCase)] == [ADA]


def test_labels_that_stay_as_they_were_are_no_example() -> None:
    same = a_case(id=1, labels=CaseLabels("refund_status", "high", "angry", {"order_id": "A1"}))
    (whisper,) = does("label", same, **LABELS)
    assert isinstance(whisper, Whisper)


@pytest.mark.parametrize("written", [{}, {**LABELS, "urgency": "at once"}, {**LABELS, "x": 1}])
def test_labels_of_no_use_change_nothing(written: dict[str, Any]) -> None:
    (whisper,) = does("label", a_case(id=1), **written)
    assert isinstance(whisper, Whisper)


def test_a_reply_goes_to_the_customer_and_the_case_to_who_sent_it() -> None:
    effects = does("send", a_case(following=("<0@shop.test>",)), **REPLY)
    assert kept(effects).taken_by == ADA
    (sent,) = [one for one in effects if isinstance(one, SendLetter)]
    assert sent.by == ADA
    assert (sent.letter.to, sent.letter.subject) == ("mira@shop.test", "Re: Boots")
    assert sent.letter.in_reply_to == "<1@shop.test>"
    assert list(sent.letter.references) == ["<0@shop.test>", "<1@shop.test>"]


def test_a_reply_leaves_a_case_with_who_has_taken_it() -> None:
    assert kept(does("send", TAKEN, BOB, **REPLY)).taken_by == ADA


@pytest.mark.parametrize(
    ("case", "changes"),
    [
        (a_case(), {"to": "eve@evil.test"}),
        (a_case(), {"mail": 2}),
        (a_case(), {"text": " "}),
        (a_case(), {"text": "x" * (LONGEST_DRAFT + 1)}),
        (a_case(customer=Customer(None, None)), {"to": None}),
        (a_case(customer=CLAIMED), {}),
        (a_case(customer=CLAIMED), {"confirmed": "yes"}),
        (a_case(customer=replace(CLAIMED, claimed=False)), {}),
        (
            a_case(customer=replace(a_case().customer, authentication="failed")),
            {},
        ),
    ],
)
def test_a_reply_in_doubt_is_not_sent(case: Case, changes: dict[str, Any]) -> None:
    (whisper,) = does("send", case, **{**REPLY, **changes})
    assert isinstance(whisper, Whisper)
    assert "Nothing was sent." in whisper.text


def test_a_claimed_customer_is_written_to_after_a_second_word() -> None:
    effects = does("send", a_case(customer=CLAIMED), **{**REPLY, "confirmed": True})
    assert any(isinstance(one, SendLetter) for one in effects)


def test_a_deed_that_nobody_knows_does_nothing() -> None:
    (whisper,) = does("explode", a_case())
    assert isinstance(whisper, Whisper)


SAID = Suggestion("**Two** years [1], see [Warranty](https://h.test/w) [1, 2].\n\n# Next\n", ())


def test_a_draft_has_no_markers_and_is_framed_by_the_policy() -> None:
    policy = MailPolicy(greeting="Dear {name}!", signature="The desk")
    assert draft(a_case(suggestion=SAID), policy) == (
        "Dear Mira Holt!\n\nTwo years, see Warranty (https://h.test/w).\n\nNext\n\nThe desk"
    )
    assert draft(a_case(customer=Customer(None, "a@b.c")), MailPolicy()).startswith("Hello,\n\n")
    assert plain("costs [12, 3] nothing") == "costs nothing"


def test_a_draft_is_never_longer_than_its_field() -> None:
    policy = MailPolicy(signature="x" * 500)
    long = a_case(suggestion=Suggestion("word " * 2_000, ()))
    assert len(draft(long, policy)) <= LONGEST_DRAFT
    assert draft(long, policy).endswith("x" * 500)
    odd = a_case(customer=Customer("{name}" * 1_000, "a@b.c"))
    assert len(draft(odd, policy)) <= LONGEST_DRAFT


def test_a_subject_is_answered_once() -> None:
    assert letter(a_case(subject="AW: Boots"), "x").subject == "AW: Boots"
    assert len(letter(a_case(following=[f"<{n}@x>" for n in range(9)]), "x").references) == 5
