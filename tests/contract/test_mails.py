from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from fakes import CHANNEL, TEAM
from sqlalchemy import func, select

from bot.books.inbox import SqlInbox
from bot.books.mails import SqlMails
from bot.books.tables import inbox as inbox_rows
from bot.books.tables import mail as mail_rows
from bot.errors import BooksUnavailable
from bot.messages import ChannelId, Kind, TeamId, Ts
from bot.ports import Receipt, Settlement

if TYPE_CHECKING:
    from bot.books.engine import Books
    from bot.case_ports import MailShelf
    from bot.ports import Claimed, Inbox

RAW = b"From: kim@shop.test\r\n\r\nWhere is my order\xff\x00?\r\n"


@pytest.fixture
def mails(books: Books) -> MailShelf:
    return SqlMails(books)


def receive(
    mails: MailShelf, message_id: str | None = "<one@shop.test>", **changes: Any
) -> Receipt:
    team = changes.pop("team", TEAM)
    plain = {
        "raw": RAW,
        "stub": None,
        "message_id": message_id,
        "fingerprint": "f" * 64,
        "conversation": "conversation-1",
        "via": "smtp",
        "trouble": None,
        "posted": None,
    }
    return mails.receive(team, CHANNEL, **{**plain, **changes})


def claim(inbox: Inbox) -> Claimed:
    claimed = inbox.claim()
    assert claimed
    return claimed


def counted(books: Books) -> tuple[int, int]:
    """(mails, messages in the inbox)."""
    with books.reading() as connection:
        return (
            connection.execute(select(func.count()).select_from(mail_rows)).scalar_one(),
            connection.execute(select(func.count()).select_from(inbox_rows)).scalar_one(),
        )


def test_a_mail_is_kept_byte_for_byte_with_a_message_that_names_it(
    mails: MailShelf, inbox: Inbox, books: Books
) -> None:
    assert receive(mails) is Receipt.NEW
    message = claim(inbox).message
    assert (message.kind, message.thread.team, message.thread.channel, message.thread.ts) == (
        Kind.EMAIL, TEAM, CHANNEL, "conversation-1",
    )  # fmt: skip
    assert (message.user, message.text, message.ts) == ("mail", "", f"mail:{message.value}")
    kept = mails.mail(int(message.value or ""))
    assert (kept.raw, kept.stub, kept.via, kept.trouble) == (RAW, None, "smtp", None)
    assert (kept.conversation, kept.received_at, kept.posted) == (
        "conversation-1", books.now(), None,
    )  # fmt: skip


def test_the_same_mail_by_another_way_folds_and_adds_only_what_was_missing(
    mails: MailShelf, inbox: Inbox, books: Books
) -> None:
    stub = {"subject": "Where is my order?", "headers": {"date": None}}
    posted = (ChannelId("C9"), Ts("10.0"))
    assert receive(mails, raw=None, stub=stub, via="slack", posted=posted) is Receipt.NEW
    assert receive(mails, conversation="another", via="imap") is Receipt.FOLDED
    assert receive(mails, raw=b"third", posted=(ChannelId("C8"), Ts("9.0"))) is Receipt.FOLDED
    assert counted(books) == (1, 1)
    message = claim(inbox).message
    kept = mails.mail(int(message.value or ""))
    assert (kept.raw, kept.stub, kept.posted, kept.via) == (RAW, stub, posted, "slack")
    assert (kept.conversation, message.about) == ("conversation-1", "10.0")


@pytest.mark.parametrize(
    "changes",
    [
        {"fingerprint": "e" * 64},
        {"message_id": "<two@shop.test>"},
        {"message_id": None},
        {"team": TeamId("T2")},
    ],
)
def test_another_text_another_id_and_another_team_are_other_mails(
    mails: MailShelf, books: Books, changes: dict[str, Any]
) -> None:
    receive(mails)
    assert receive(mails, **changes) is Receipt.NEW
    assert counted(books) == (2, 2)


def test_mails_without_an_id_fold_by_their_fingerprint(mails: MailShelf) -> None:
    assert receive(mails, None) is Receipt.NEW
    assert receive(mails, "") is Receipt.FOLDED


def test_a_mail_that_comes_by_many_ways_at_once_is_kept_once(
    mails: MailShelf, books: Books
) -> None:
    with ThreadPoolExecutor(8) as pool:
        receipts = list(pool.map(lambda _: receive(mails), range(8)))
    assert receipts.count(Receipt.NEW) == 1
    assert receipts.count(Receipt.FOLDED) == 7
    assert counted(books) == (1, 1)


def test_mails_of_a_conversation_are_handled_in_order(mails: MailShelf, inbox: Inbox) -> None:
    receive(mails, "<one@shop.test>")
    receive(mails, "<two@shop.test>")
    receive(mails, "<three@shop.test>", conversation="conversation-2")
    first, other = claim(inbox), claim(inbox)
    assert (first.message.thread.ts, other.message.thread.ts) == (
        "conversation-1", "conversation-2",
    )  # fmt: skip
    assert inbox.claim() is None
    inbox.settle(first, Settlement(()))
    assert claim(inbox).message.thread.ts == "conversation-1"


def test_the_conversation_is_that_of_the_first_id_that_is_held(mails: MailShelf) -> None:
    receive(mails, "<one@shop.test>")
    receive(mails, "<two@shop.test>", conversation="conversation-2")
    found = mails.conversation_of(TEAM, ["", "<no@x>", "<two@shop.test>", "<one@shop.test>"])
    assert found == "conversation-2"
    assert mails.conversation_of(TEAM, ["<no@x>"]) is None
    assert mails.conversation_of(TEAM, []) is None
    assert mails.conversation_of(TeamId("T2"), ["<one@shop.test>"]) is None


def test_mails_without_an_id_are_no_answer_to_each_other(mails: MailShelf) -> None:
    receive(mails, None)
    assert mails.conversation_of(TEAM, [""]) is None


@pytest.mark.parametrize(
    "strange", ["<" + "x" * 900 + "@y>", "<nul\0@x>", "<half\ud800@x>", "<grüße@x>"]
)
def test_strange_ids_are_kept_and_found_again(mails: MailShelf, strange: str) -> None:
    assert receive(mails, strange) is Receipt.NEW
    assert receive(mails, strange) is Receipt.FOLDED
    assert mails.conversation_of(TEAM, [strange]) == "conversation-1"


def test_a_large_mail_that_could_not_be_read_is_kept_whole(mails: MailShelf, inbox: Inbox) -> None:
    raw = bytes(range(256)) * 4_000
    receive(mails, None, raw=raw, trouble="it has more than 200 parts")
    kept = mails.mail(int(claim(inbox).message.value or ""))
    assert kept.raw == raw
    assert kept.trouble == "it has more than 200 parts"


def test_a_withdrawn_message_leaves_the_mail_on_the_shelf(mails: MailShelf, inbox: Inbox) -> None:
    receive(mails)
    message = claim(inbox).message
    assert inbox.withdraw(TEAM, CHANNEL, message.ts)
    assert mails.mail(int(message.value or "")).raw == RAW


def test_what_cannot_be_kept_whole_is_not_kept_at_all(mails: MailShelf, books: Books) -> None:
    with pytest.raises(BooksUnavailable):
        receive(mails, fingerprint=None)
    assert counted(books) == (0, 0)


def test_a_mail_that_is_not_there_cannot_be_read(mails: MailShelf) -> None:
    with pytest.raises(BooksUnavailable):
        mails.mail(99)


def test_books_that_are_away_keep_nothing(empty: Books) -> None:
    with pytest.raises(BooksUnavailable):
        receive(SqlMails(empty))
    empty.migrate()
    assert SqlInbox(empty).claim() is None
