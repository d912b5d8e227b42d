import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cases import Customer
from bot.correspondence import (
    LONGEST_LINE,
    LONGEST_QUESTION,
    customer_of,
    gist_of,
    question_of,
    subject_of,
    thread_of,
    warnings_of,
    words_of,
)
from bot.policy import MailPolicy
from triage.mail.letter import Address, Attachment, Authentication, Mail, Original

MIRA, BOB = Address("Mira", "mira@shop.test"), Address("Bob", "Bob@Own.test")
POLICY = MailPolicy(own_domains=frozenset({"own.test"}), forwarders=frozenset({"@partner.test"}))
INSIDE = Original(MIRA, (), (), "Broken zip", None, "My zip is broken since today.\n\n-- \nMira")


def mail(sender: Address = MIRA, **changes: object) -> Mail:
    plain = {"sender": sender, "author": sender, "subject": "Boots", "reply": "Hi", "body": "Hi"}
    return Mail(**{**plain, **changes})


def forward(sender: Address = BOB, **changes: object) -> Mail:
    return mail(sender, original=INSIDE, subject="Fwd: Broken zip", **changes)


def test_a_mail_is_from_its_sender() -> None:
    found = customer_of(mail(), POLICY)
    assert found == Customer("Mira", "mira@shop.test", sender="mira@shop.test")
    assert not found.doubtful


@pytest.mark.parametrize("address", ["bob@own.test", "BOB@OWN.TEST", "eve@partner.test"])
def test_who_is_on_the_list_stands_for_a_customer_and_that_is_a_claim(address: str) -> None:
    given_mail = forward(Address(None, address))
    found = customer_of(given_mail, POLICY)
    assert (found.address, found.claimed, found.sender) == ("mira@shop.test", True, address)
    assert found.doubtful
    assert subject_of(given_mail, found) == "Broken zip"
    assert "zip is broken" in words_of(given_mail, found)
    assert thread_of(given_mail, found) == (None, ())
    assert any("claimed" in one for one in warnings_of(given_mail, found))


@pytest.mark.parametrize(
    "stranger",
    [
        forward(Address(None, "eve@evil.test")),
        forward(Address(None, "eve@own.test.evil.test")),
        forward(Address("bob@own.test", "eve@evil.test")),
        forward(Address(None, "eve@notown.test")),
        forward(authentication=Authentication.FAILED),
    ],
)
def test_who_is_not_on_the_list_is_answered_themselves(stranger: Mail) -> None:
    found = customer_of(stranger, POLICY)
    assert not found.claimed
    assert stranger.sender
    assert found.address == stranger.sender.address


def test_a_mail_that_a_colleague_uploads_is_a_claim_whatever_it_says() -> None:
    found = customer_of(mail(authentication=Authentication.PASSED), POLICY, uploaded=True)
    assert (found.claimed, found.authentication) == (True, "unknown")


def test_an_answer_that_is_to_go_elsewhere_is_doubtful() -> None:
    found = customer_of(mail(sender=Address(None, "x@evil.test"), author=MIRA), POLICY)
    assert found.doubtful
    assert any("another address" in one for one in warnings_of(mail(), found))


@pytest.mark.parametrize(
    "name",
    ["a.exe", "b.JS", "c.html", "d.docm", "e.iso", "f.pdf.exe", "g.exe. ", "h\u202efdp.txt",
     "i.7z", "j.svg"],
)  # fmt: skip
def test_files_that_could_harm_are_warned_of(name: str) -> None:
    given_mail = mail(attachments=[Attachment(name, "application/octet-stream", 1)])
    (warning,) = warnings_of(given_mail, customer_of(given_mail, POLICY))
    assert warning.startswith("Attachment “")
    assert "\u202e" not in warning


def test_files_that_could_not_are_not() -> None:
    given_mail = mail(attachments=[Attachment("a.pdf", "application/pdf", 1)])
    assert warnings_of(given_mail, customer_of(given_mail, POLICY)) == ()


def test_locked_archives_and_failed_checks_are_warned_of() -> None:
    archive = Attachment("a.zip", "application/zip", 1, locked=True)
    given_mail = mail(authentication=Authentication.FAILED, attachments=[archive])
    found = warnings_of(given_mail, customer_of(given_mail, POLICY))
    assert "DMARC" in found[0]
    assert "password" in found[1]


WROTE = (
    "Hello team,\n\nI hope this finds you well. My order A1 has not arrived yet.\n"
    "Can you tell me where it is? I need it on Friday.\n\nKind regards, Mira"
)


def test_the_gist_is_two_telling_sentences_of_the_customer() -> None:
    assert gist_of(WROTE) == "My order A1 has not arrived yet.\nCan you tell me where it is?"
    assert question_of("Order", WROTE).endswith("I need it on Friday.")
    assert gist_of("Help!") == "Help!"
    assert question_of("Order", "") == "Order"


@given(st.text(max_size=3_000))
def test_a_gist_of_anything_is_two_bounded_lines(words: str) -> None:
    lines = gist_of(words).split("\n")
    assert len(lines) <= 2
    assert all(len(one) <= LONGEST_LINE for one in lines)
    assert len(question_of("subject", words)) <= LONGEST_QUESTION
