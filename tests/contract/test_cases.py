from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from fakes import CHANNEL, TEAM, a_case, inbound

from bot.books.cases import SqlCases, corrected
from bot.books.keys import own_key
from bot.books.mails import SqlMails
from bot.cases import Case, CaseLabels, CaseState, Correction, Letter, Source, Suggestion
from bot.errors import CaseMoved
from bot.messages import Kind, Ts
from bot.ports import Action, CardPlace, Mailed, Outgoing, Receipt, Settlement
from triage.corrections import read_corrections

if TYPE_CHECKING:
    from pathlib import Path

    from contract.conftest import Counter

    from bot.books.engine import Books
    from bot.case_ports import CaseBook

TRIAGE = "C0TRIAGE"
POST = Outgoing(Action.POST, TRIAGE, "the card", card=CardPlace.MAIN)
LETTER = Letter("conversation-1", "mira@shop.test", "Re: Boots", "Two years.", "<1@x>", ["<1@x>"])


@pytest.fixture
def cases(books: Books) -> CaseBook:
    return SqlCases(books)


@pytest.fixture
def mail_id(books: Books, counter: Counter) -> int:
    """A mail on the shelf; its message in the inbox is handled."""
    receipt = SqlMails(books).receive(
        TEAM, CHANNEL, raw=b"x", stub=None, message_id="<1@x>", fingerprint="f",
        conversation="conversation-1", via="smtp",
    )  # fmt: skip
    assert receipt is Receipt.NEW
    taken = counter.claim()
    assert taken.message.kind is Kind.EMAIL
    counter.inbox.settle(taken, Settlement(()))
    return int(taken.message.value or 0)


def settle(counter: Counter, ts: str, **changes: Any) -> None:
    counter.inbox.receive(inbound("", ts=ts, kind=Kind.CASE))
    counter.inbox.settle(counter.claim(), Settlement(**{"outgoing": (), **changes}))


def found(cases: CaseBook) -> Case:
    case = cases.of(TEAM, "conversation-1")
    assert case
    return case


def test_a_case_is_what_was_kept(cases: CaseBook, counter: Counter, mail_id: int) -> None:
    source = Source(1, "Returns", "https://help.test/returns", "14 September 2026")
    case = a_case(
        mail_id=mail_id,
        labels=CaseLabels("refund", "high", "angry", {"days_waiting": 5}, {"intent": 0.5}),
        warnings=("beware",),
        suggestion=Suggestion("Grüße [1].", (source,)),
        posted=("C1", "1.0"),
        following=("<0@x>",),
        due_at=5.5,
    )
    settle(counter, "2.0", case=case, outgoing=[POST])
    kept = found(cases)
    card = kept.card
    assert card
    assert (card.channel, card.thread_ts) == (TRIAGE, None)
    assert kept == replace(case, id=kept.id, version=1, card=card)
    assert cases.case(case.reference) == kept
    assert cases.case("nothing") is None
    assert cases.of(TEAM, "another") is None


def test_a_case_is_changed_once_by_whoever_read_it_last(
    cases: CaseBook, counter: Counter, mail_id: int
) -> None:
    settle(counter, "2.0", case=a_case(mail_id=mail_id))
    read = found(cases)
    settle(counter, "3.0", case=replace(read, state=CaseState.TAKEN, taken_by="UADA"))
    late = replace(read, state=CaseState.RESOLVED)
    counter.inbox.receive(inbound("", ts="4.0", kind=Kind.CASE))
    message = counter.claim()
    with pytest.raises(CaseMoved):
        counter.inbox.settle(message, Settlement([POST], case=late))
    assert found(cases).state is CaseState.TAKEN
    assert counter.outbox.claim() is None
    counter.inbox.settle(message, Settlement((), case=replace(found(cases), state=late.state)))
    assert (found(cases).state, found(cases).version) == (CaseState.RESOLVED, 3)


def test_a_conversation_has_one_case(counter: Counter, mail_id: int) -> None:
    settle(counter, "2.0", case=a_case(mail_id=mail_id))
    counter.inbox.receive(inbound("", ts="3.0", kind=Kind.CASE))
    with pytest.raises(CaseMoved):
        counter.inbox.settle(
            counter.claim(), Settlement((), case=a_case(mail_id=mail_id, reference="other"))
        )


def test_a_card_is_updated_in_place_and_its_thread_waits_for_it(
    cases: CaseBook, counter: Counter, mail_id: int
) -> None:
    settle(counter, "2.0", case=a_case(mail_id=mail_id), outgoing=[POST])
    card = found(cases).card
    assert card
    below = Outgoing(Action.POST, TRIAGE, "below", under=card.id)
    again = Outgoing(Action.UPDATE, TRIAGE, "the card, taken", target=card.id)
    settle(counter, "3.0", outgoing=[again, below])
    first = counter.parcel()
    assert counter.outbox.claim() is None
    counter.outbox.sent(first, Ts("50.0"))
    updated = counter.send()
    assert (updated.outgoing.action, updated.target_ts) == (Action.UPDATE, "50.0")
    said = counter.send()
    assert (said.outgoing.text, said.outgoing.thread_ts) == ("below", "50.0")


@pytest.mark.parametrize("outcome", list(Mailed))
def test_a_letter_is_settled_once_and_its_thread_is_told(
    counter: Counter, books: Books, outcome: Mailed, mail_id: int
) -> None:
    settle(counter, "2.0", case=a_case(mail_id=mail_id), outgoing=[POST])
    card = SqlCases(books).of(TEAM, "conversation-1")
    assert card
    assert card.card
    counter.send()
    told = {one: Outgoing(Action.POST, TRIAGE, one, under=card.card.id) for one in Mailed}
    mail = Outgoing(Action.MAIL, "mail:r", LETTER.text, letter=LETTER, told=told)
    settle(counter, "3.0", outgoing=[mail])
    parcel = counter.parcel()
    assert parcel.outgoing.letter == LETTER
    counter.outbox.mailed(parcel, outcome, error=None)
    counter.outbox.mailed(parcel, outcome, error=None)
    [(_, _, text)] = [one for one in counter.send_all() if one[2] == outcome]
    assert text == outcome
    counter.clock.advance(10_000)
    assert counter.outbox.claim() is None


def test_a_letter_that_a_dead_sender_left_is_doubtful(counter: Counter, mail_id: int) -> None:
    settle(counter, "2.0", case=a_case(mail_id=mail_id))
    mail = Outgoing(Action.MAIL, "mail:r", LETTER.text, letter=LETTER)
    settle(counter, "3.0", outgoing=[mail])
    assert not counter.parcel().doubtful
    counter.clock.advance(1_000)
    assert counter.parcel().doubtful


def test_corrections_are_what_a_merge_reads(
    cases: CaseBook, counter: Counter, books: Books, mail_id: int, tmp_path: Path
) -> None:
    settle(counter, "2.0", case=a_case(mail_id=mail_id))
    labels = {"intent": "refund_status", "urgency": "high", "sentiment": "angry"}
    case_id = found(cases).id
    assert case_id
    given = Correction(case_id, "Where is my money?", labels, {"intent": "other"}, "UADA")
    settle(counter, "3.0", correction=given)
    file = tmp_path / "corrections.jsonl"
    file.write_text("".join(json.dumps(one) + "\n" for one in corrected(books)))
    [read] = read_corrections(file)
    assert (read.input, read.output.intent, read.corrected_by) == (
        "Where is my money?", "refund_status", "UADA",
    )  # fmt: skip
    assert read.predicted == {"intent": "other"}
    assert read.reference == found(cases).reference
    assert read.corrected_at.endswith("+00:00")


def test_a_key_is_made_once(books: Books) -> None:
    first = own_key(books, "mail")
    assert own_key(books, "mail") == first
    assert own_key(books, "other") != first
    assert len(first) == 64
