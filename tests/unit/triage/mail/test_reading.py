# ruff: noqa: RUF005  # short lists, two lines each

import base64
import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import MailRefused
from triage.mail.letter import Address, Mail
from triage.mail.reading import fingerprint_of, read_mail, read_parts, read_text

INSIDE = (
    "From: Jane Doe <jane@acme.test>\nTo: shop@cairnway.test\nCc: Bob <bob@acme.test>\n"
    "Subject: =?utf-8?Q?Torn_tent?=\nDate: Mon, 1 Jun 2026 10:00:00 +0000\n\nIt has a hole.\n"
)


def alternative(plain: str, html: str) -> Mail:
    return read_mail(
        (
            "From: jane@acme.test\nContent-Type: multipart/alternative; boundary=b\n\n"
            f"--b\nContent-Type: text/plain; charset=utf-8\n\n{plain}\n"
            f"--b\nContent-Type: text/html; charset=utf-8\n\n{html}\n--b--\n"
        ).encode()
    )


def mixed(*parts: str, subject: str = "x") -> Mail:
    inside = "".join(f"--b\n{part}\n" for part in parts)
    head = f"From: sam@cairnway.test\nSubject: {subject}\nContent-Type: multipart/mixed; boundary=b"
    return read_mail(f"{head}\n\n{inside}--b--\n".encode())


@pytest.mark.parametrize(
    ("plain", "html", "text"),
    [
        ("My tent is torn", "<p>My tent is <b>torn</b></p>", "My tent is torn"),
        ("", "<p>My tent is torn</p>", "My tent is torn"),
        ("Your mail client does not show HTML.", "<p>My tent is torn</p>", "My tent is torn"),
        ("Ihr Programm zeigt kein HTML", "<p>Mein Zelt hat Loch</p>", "Mein Zelt hat Loch"),
        ("Only words", "<p></p>", "Only words"),
        ("Is HTML fine? Thanks", "<p>Is HTML fine? <b>Thanks</b></p>", "Is HTML fine? Thanks"),
    ],
)  # fmt: skip
def test_the_form_is_read_that_holds_the_words(plain: str, html: str, text: str) -> None:
    assert alternative(plain, html).body.strip() == text


def test_texts_of_a_mail_stand_one_below_the_other() -> None:
    read = mixed(
        "Content-Type: text/plain\n\nabove",
        "Content-Type: image/png\nContent-Disposition: inline; filename=a.png\n\nx",
        "Content-Type: text/html\n\n<p>below</p>",
    )
    assert read.body.split() == ["above", "below"]


@pytest.mark.parametrize("encoding", ["7bit", "base64", ""])
@pytest.mark.parametrize("kind", ["message/rfc822", 'application/octet-stream; name="a.eml"'])
def test_a_mail_attached_is_the_original_and_the_text_the_note(encoding: str, kind: str) -> None:
    inner = INSIDE if encoding != "base64" else base64.encodebytes(INSIDE.encode()).decode()
    read = mixed(
        "Content-Type: text/plain\n\nPlease have a look.",
        f"Content-Type: {kind}\nContent-Transfer-Encoding: {encoding}\n\n{inner}",
    )
    assert read.original is not None
    assert read.original.sender == Address("Jane Doe", "jane@acme.test")
    assert [one.address for one in read.original.to] == ["shop@cairnway.test"]
    assert [one.name for one in read.original.cc] == ["Bob"]
    assert (read.original.subject, read.original.body) == ("Torn tent", "It has a hole.")
    assert read.original.date == "Mon, 1 Jun 2026 10:00:00 +0000"
    assert (read.note, read.sender) == ("Please have a look.", Address(None, "sam@cairnway.test"))
    assert read.attachments == ()


def test_a_mail_attached_as_base64_against_all_words_is_opened() -> None:
    inner = base64.encodebytes(INSIDE.encode()).decode()
    read = mixed(f"Content-Type: message/rfc822\n\n{inner}")
    assert read.original is not None
    assert read.original.subject == "Torn tent"


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('filename="bill.pdf"', "bill.pdf"),
        ("filename*=utf-8''B%C3%A4r.pdf", "Bär.pdf"),
        ('filename="=?utf-8?B?QsOkci5wZGY=?="', "Bär.pdf"),
        ('filename="../../etc/passwd"', "passwd"),
        (r'filename="C:\\\\temp\\\\x.pdf"', "x.pdf"),
        ('filename="a\u202efdp.exe"', "afdp.exe"),
        ('filename="a\x07b\tc.pdf"', "ab c.pdf"),
        ('filename=".."', "attachment-1"),
        ("", "attachment-1"),
    ],
)
def test_the_name_of_a_file_is_safe_to_show(disposition: str, name: str) -> None:
    head = f"Content-Type: application/pdf\nContent-Disposition: attachment; {disposition}"
    (file,) = mixed(f"{head}\n\nabc").attachments
    assert (file.name, file.mimetype, file.size) == (name, "application/pdf", 3)


def test_the_words_of_files_are_bounded_and_pdfs_read_by_the_callers_reader() -> None:
    raw = (
        "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhi\n"
        "--b\nContent-Type: text/plain; name=log.txt\n\n" + "word " * 9_000 + "\n"
        "--b\nContent-Type: text/html; name=a.html\n\n<p>seen</p><p hidden>not</p>\n"
        "--b\nContent-Type: application/octet-stream; name=a.PDF\n\n%PDF\n--b--"
    )
    text, page, pdf = read_mail(raw.encode(), read_pdf=lambda raw: f"{len(raw)} bytes").attachments
    assert (len(text.text), page.text, pdf.text) == (20_000, "seen", "4 bytes")


def test_small_pictures_of_the_text_and_signatures_are_no_files() -> None:
    read = mixed(
        "Content-Type: text/plain\n\nhi",
        "Content-Type: image/png\nContent-ID: <a>\n\n" + "x" * 900,
        "Content-Type: application/pgp-signature; name=signature.asc\n\nx",
        "Content-Type: image/jpeg; name=big.jpg\nContent-ID: <b>\n\n" + "x" * 11_000,
    )
    assert [one.name for one in read.attachments] == ["big.jpg"]


def test_two_copies_of_a_text_have_one_fingerprint() -> None:
    html = "<p>My <b>tent</b> is torn, see <a href='http://x.test'>x.test</a></p>"
    raw = alternative("My tent is torn,\nsee x.test", html)
    slack = read_parts(subject="Tent", html=html, sender=Address("Jane", "j@acme.test"))
    assert raw.fingerprint == slack.fingerprint == fingerprint_of("MY tent is torn see x.test")
    assert raw.fingerprint != read_text("Tent", "My boot is torn").fingerprint


def test_parts_that_a_service_kept_are_read() -> None:
    read = read_parts(
        subject="Automatic reply:  x",
        html="<p>Hello</p><p style='display:none'>hidden</p>",
        sender=Address(None, "jane@acme.test"),
        reply_to=Address("Office", "office@acme.test"),
        message_id="<a@b.test>",
        in_reply_to="<c@d.test>",
        date="Monday",
    )
    assert (read.body, read.subject, read.date) == ("Hello", "Automatic reply: x", "Monday")
    assert read.sender == Address("Office", "office@acme.test")
    assert read.author == Address(None, "jane@acme.test")
    assert (read.message_id, read.in_reply_to) == ("<a@b.test>", "<c@d.test>")
    assert read.auto_generated


def readable(raw: bytes) -> None:
    """It is read or refused; nothing else happens, and what is read can be written."""
    try:
        read = read_mail(raw, authserv_id="mx.test")
    except MailRefused:
        return
    json.dumps([read.body, read.subject, read.reply, read.note]).encode()
    for text in (read.body, read.subject, read.date, read.reply, read.note):
        assert "\x00" not in (text or "").encode().decode()


@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    readable(raw)


HEADERS = st.sampled_from(
    ["From", "To", "Subject", "Content-Type", "Content-Transfer-Encoding", "References", "Sender"]
    + ["Content-Disposition", "Reply-To", "Date", "Return-Path", "List-Id", "X-Original-Sender"]
    + ["Authentication-Results", "Auto-Submitted", "X-Failed-Recipients", "Message-ID"]
)
VALUES = st.sampled_from(
    ["multipart/mixed; boundary=b", 'multipart/report; boundary="b', "message/rfc822", "base64"]
    + ["text/html; charset=utf-7", "=?utf-8?Q?=?=", "a@b <c@d>", '"', "<>", "(", "x via y <a@b>"]
    + ["attachment; filename*0*=''%", "mx.test; dmarc=pass", "text/plain; format=flowed", "é", ""]
    + ["message/delivery-status", "multipart/alternative; boundary=b", "x-uuencode", "\n x"]
) | st.text(max_size=30)  # fmt: skip


@given(
    st.lists(
        st.tuples(HEADERS, VALUES).map(lambda pair: f"{pair[0]}: {pair[1]}\n")
        | st.sampled_from(["\n", "--b\n", "--b--\n", "words\n", "<p>x", "begin 644 x\n"]),
        max_size=25,
    )
)
def test_any_soup_of_headers_is_read_or_refused(lines: list[str]) -> None:
    readable("".join(lines).encode("utf-8", "replace"))


def bench() -> list[bytes]:
    folder = Path(os.environ.get("MAIL_CORPORA", "/nowhere")) / "inbound"
    rows = [
        line for file in folder.glob("*.jsonl") for line in file.read_text("utf-8").splitlines()
    ]
    if not rows:
        pytest.skip("MAIL_CORPORA names no folder of mails")
    return [base64.b64decode(json.loads(row)["eml_b64"]) for row in rows]


@pytest.mark.slow
def test_mutated_mails_are_read_or_refused() -> None:
    chance = random.Random(5)  # noqa: S311  # no secret
    for raw in bench():
        for _ in range(40):
            mutated = bytearray(raw)
            for _ in range(chance.randint(1, 30)):
                at, kind = chance.randrange(len(mutated) or 1), chance.randrange(3)
                if kind == 0:
                    mutated[at : at + 1] = bytes([chance.randrange(256)])
                elif kind == 1:
                    del mutated[at : at + chance.randint(1, 40)]
                else:
                    mutated[at:at] = chance.choice([b"\n", b"--", b'"', b"=?", b"<", b"\x00", b";"])
            readable(bytes(mutated))
