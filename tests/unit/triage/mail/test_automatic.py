# whole mails in tables, subjects in every script

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.mail.absences import is_absence
from triage.mail.letter import Bounce, Mail
from triage.mail.reading import read_mail, read_text

PERSON = "From: Jane Doe <jane@acme.test>"


def mail(*headers: str, subject: str = "Where is my order?", body: str = "Hello") -> Mail:
    return read_mail("\n".join([*headers, f"Subject: {subject}", "", body]).encode())


@pytest.mark.parametrize(
    "headers",
    [
        [PERSON, "Auto-Submitted: auto-replied"],
        [PERSON, "Auto-Submitted: auto-generated; owner=x"],
        [PERSON, "X-Autoreply: yes"],
        [PERSON, "X-Autorespond: vacation"],
        [PERSON, "X-Loop: help@acme.test"],
        [PERSON, "Precedence: auto_reply"],
        [PERSON, "Precedence: bulk", "List-Unsubscribe: <mailto:u@acme.test>"],
        [PERSON, "Precedence: list", "List-Id: <tents.lists.acme.test>"],
        [PERSON, "Precedence: junk", "Feedback-ID: 1:acme"],
        [PERSON, "List-Unsubscribe: <https://a.test>",
         "List-Unsubscribe-Post: List-Unsubscribe=One-Click"],
        [PERSON, "X-Auto-Response-Suppress: All"],
        ["From: Jira <jira@acme.test>", "Precedence: bulk", "Auto-Submitted: auto-generated"],
        ["From: Acme Desk <help@acme.test>", "X-Mailer: Zendesk Mailer",
         "X-Auto-Response-Suppress: All", "Auto-Submitted: auto-generated"],
        ["From: MAILER-DAEMON (Mail Delivery System)"],
        ["From: postmaster@acme.test"],
        ["From: Acme <no-reply@acme.test>"],
        ["From: Acme <orders-noreply@acme.test>"],
        ["From: Acme <do.not.reply+22@acme.test>"],
        ["From: Acme <bitte-nicht-antworten@acme.test>"],
        ["From: Acme <ne-pas-repondre@acme.test>"],
        ["From: Acme <nie-odpowiadaj@acme.test>"],
        ["From: Acme <news@noreply.acme.test>"],
        ["From: Acme <noreply@acme.test>", "Reply-To: noreply@acme.test"],
    ],
)  # fmt: skip
def test_what_a_machine_writes_is_automatic(headers: list[str]) -> None:
    assert mail(*headers).auto_generated


@pytest.mark.parametrize(
    "headers",
    [
        [PERSON],
        [PERSON, "Auto-Submitted: no"],
        [PERSON, "X-Autoreply: no"],
        [PERSON, "X-Auto-Response-Suppress: DR, OOF, AutoReply"],
        [PERSON, "X-Auto-Response-Suppress: OOF"],
        [PERSON, "Precedence: normal"],
        ["From: Norma Reply <norma.reply@acme.test>"],
        ["From: Shop <noreply@forms.test>", "Reply-To: Jane <jane@acme.test>"],
        ["From: jane@postmasters.test"],
        [PERSON, "Return-Path: <jane@acme.test>"],
    ],
)
def test_what_a_person_writes_is_not(headers: list[str]) -> None:
    read = mail(*headers)
    assert not read.auto_generated
    assert read.bounce is None


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: Your order", "Out of Office: Your order", "Out of office AutoReply: x",
        "Jane Doe is out of the office (returning 4 July)", "[Auto-Reply] Re: Your order",
        "AUTO: Jane Doe ist nicht im Büro (Rückkehr am 4.7.)", "Automatische Antwort: Bestellung",
        "Abwesenheitsnotiz: Bestellung", "Réponse automatique : commande",
        "Absence du bureau",
        "Respuesta automática: pedido", "Fuera de la oficina", "Risposta automatica: ordine",
        "Automatisch antwoord: bestelling", "Afwezigheidsbericht: x", "Resposta automática: x",
        "Odpowiedź automatyczna: zamówienie", "Automatyczna odpowiedź: x", "Autosvar: order",
        "Frånvaro", "Automatisk svar: ordre", "Automaattinen vastaus: tilaus",
        "Automatická odpověď: x", "Automatická odpoveď: x", "Automatikus válasz: x",
        "Răspuns automat: x", "Automatski odgovor: x", "Автоматична відповідь: x",
        "Автоматический ответ: заказ", "Otomatik yanıt: sipariş", "Automaatne vastus: x",
        "自動返信：ご注文", "自动回复: 订单", "자동 회신: 주문", "Urlaub bis 5.8.",
        "Vacation reply",
    ],
)  # fmt: skip
def test_the_subject_of_somebody_away_is_automatic(subject: str) -> None:
    assert mail(PERSON, subject=subject).auto_generated


@pytest.mark.parametrize(
    "subject",
    [
        "Out of office chairs?", "Re: Automatic reply: my order", "Fwd: Out of office: Jane",
        "Automatic reply not working", "Auto parts missing", "Vacation tent rental",
        "Urlaubsreise und Zelt", "Absence de remboursement", "Absender unbekannt", "Auto: x",
        "Automatic replyer", "", "Semester discount",
    ],
)  # fmt: skip
def test_a_persons_subject_is_not(subject: str) -> None:
    assert not is_absence(subject)


@given(st.text(max_size=200))
def test_any_subject_is_judged(subject: str) -> None:
    assert is_absence(subject) in {True, False}


REPORT = """Return-Path: <>
From: {sender}
To: desk@cairnway.test
Subject: {subject}
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.
--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.cairnway.test

{fields}
--b
Content-Type: message/rfc822

From: desk@cairnway.test
Subject: Your order

Hello
--b--
"""


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            "Final-Recipient: rfc822; jane@acme.test\nOriginal-Recipient: rfc822;j@acme.test\n"
            "Action: failed\nStatus: 5.1.1\n\n"
            "Final-Recipient: rfc822; two@acme.test\nAction: delayed\nStatus: 4.0.0",
            Bounce("failed", "5.1.1", "jane@acme.test"),
        ),
        (
            "Original-Recipient: rfc822;jane@acme.test\nAction: delayed (still trying)\n"
            "Status: 4.4.1 (connection)",
            Bounce("delayed", "4.4.1", "jane@acme.test"),
        ),
        (
            "Final-Recipient: RFC822; <jane@acme.test>\nAction: RELAYED\nStatus: 2.0.0",
            Bounce("relayed", "2.0.0", "jane@acme.test"),
        ),
    ],
)
def test_a_delivery_report_says_what_of_whom(fields: str, expected: Bounce) -> None:
    raw = REPORT.format(sender="MAILER-DAEMON@mx.test", subject="Undelivered", fields=fields)
    read = read_mail(raw.encode())
    assert read.bounce == expected
    assert read.auto_generated
    assert (read.original, read.attachments) == (None, ())


@pytest.mark.parametrize(
    ("headers", "subject", "body", "status"),
    [
        (
            ["From: Mail Delivery Subsystem <mailer-daemon@googlemail.com>"],
            "Delivery Status Notification (Failure)",
            "Address not found\n\nYour message wasn't delivered to jane@acme.test because the "
            "address couldn't be found.\n\nThe response was:\n\n550 5.1.1 The email account that "
            "you tried to reach does not exist.\n\n----- Original message -----\n\nTo: x@y.test",
            "5.1.1",
        ),
        (
            ["From: MAILER-DAEMON@mx.acme.test"],
            "failure notice",
            "Hi. This is the qmail-send program at mx.acme.test.\nI'm afraid I wasn't able to "
            "deliver your message to the following addresses.\n\n<jane@acme.test>:\n"
            "192.0.2.10 does not like recipient.\nRemote host said: 550 sorry, no mailbox here\n\n"
            "--- Below this line is a copy of the message.\n\nReturn-Path: <desk@cairnway.test>",
            "550",
        ),
        (
            ["From: Mail Delivery System <Mailer-Daemon@mx.acme.test>",
             "X-Failed-Recipients: jane@acme.test", "Auto-Submitted: auto-replied"],
            "Mail delivery failed: returning message to sender",
            "This message was created automatically by mail delivery software.\n\nA message that "
            "you sent could not be delivered to one or more of its\nrecipients. This is a "
            "permanent error. The following address(es) failed:\n\n  jane@acme.test\n"
            "    SMTP error from remote mail server after RCPT TO:<jane@acme.test>:\n"
            "    550 5.7.1 relaying denied",
            "5.7.1",
        ),
        (
            ["From: MAILER-DAEMON@mx.acme.test (Mail Delivery System)"],
            "Undelivered Mail Returned to Sender",
            "This is the mail system at host mx.acme.test.\n\n<jane@acme.test>: host "
            "in.acme.test[192.0.2.4] said: 552 5.2.2 Mailbox full (in reply to RCPT TO command)",
            "5.2.2",
        ),
        (
            ["From: System Administrator <postmaster@acme.test>"],
            "Undeliverable: Your order",
            "Your message did not reach some or all of the intended recipients.\n\nThe following "
            "recipient(s) could not be reached:\n\n      jane@acme.test on 1/2/2026 10:00\n"
            "            <mx.acme.test #5.1.1 smtp;550 5.1.1 User unknown>",
            "5.1.1",
        ),
        (
            ["From: Microsoft Outlook <MicrosoftExchange329e@cairnway.test>"],
            "Undeliverable: Your order",
            "Your message to jane@acme.test couldn't be delivered.\n\njane wasn't found at "
            "acme.test.\n\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'",
            "5.1.10",
        ),
        (
            ["From: MAILER-DAEMON@mail.acme.test (Mail Delivery System)", "Return-Path: <>"],
            "Unzustellbar: Bestellung",
            "Ihre Nachricht an jane@acme.test konnte nicht zugestellt werden (5.4.1).",
            "5.4.1",
        ),
    ],
    ids=["Gmail", "qmail", "Exim", "Postfix", "Exchange", "Office 365", "Zimbra"],
)  # fmt: skip
def test_a_bounce_without_mime_is_read(
    headers: list[str], subject: str, body: str, status: str
) -> None:
    read = mail(*headers, "To: desk@cairnway.test", subject=subject, body=body)
    assert read.bounce == Bounce(None, status, "jane@acme.test")
    assert read.auto_generated


def test_a_delay_is_no_failure_but_automatic() -> None:
    read = mail(
        "From: Mail Delivery System <Mailer-Daemon@mx.acme.test>",
        subject="Warning: message 1abc delayed 24 hours",
        body="A message that you sent has not yet been delivered to\n  jane@acme.test\n"
        "Delivery attempts will continue to be made.",
    )
    assert read.bounce == Bounce("delayed", None, "jane@acme.test")
    assert read.auto_generated


def test_an_answer_of_a_vacation_program_is_no_bounce() -> None:
    read = mail("Return-Path: <>", PERSON, "Auto-Submitted: auto-replied", subject="Away")
    assert (read.bounce, read.auto_generated) == (None, True)
    assert mail("Return-Path: <>", PERSON, subject="Out of office: x").bounce is None


def test_mail_without_an_envelope_sender_is_a_bounce() -> None:
    assert mail("Return-Path: <>", "From: mail@acme.test", subject="Problem").bounce


def test_a_read_receipt_is_automatic_and_no_bounce() -> None:
    raw = (
        f"{PERSON}\nSubject: Read: Your order\nContent-Type: multipart/report; boundary=b;\n"
        " report-type=disposition-notification\n\n--b\n\nIt was read.\n--b\n"
        "Content-Type: message/disposition-notification\n\nDisposition: manual-action\n--b--\n"
    )
    read = read_mail(raw.encode())
    assert (read.bounce, read.auto_generated) == (None, True)


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Delivery failed again!", "My parcel was not delivered, order 550 1234. Help!"),
        ("Returned mail order", "I returned the tent; the address does not exist, you say?"),
        ("Fwd: Undeliverable: x", "I get this: 550 5.1.1 user unknown"),
    ],
)
def test_a_customer_whose_parcel_failed_is_no_bounce(subject: str, body: str) -> None:
    assert read_text(subject, body).bounce is None
