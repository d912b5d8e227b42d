from __future__ import annotations

import base64
import json
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playground.errors import PageError
from bot.playground.mail import read_mail

if TYPE_CHECKING:
    from unit.playground.conftest import Desk


CHANNEL = "C0TRIAGE"
# /work/shared/reference/slack_email_event.json, the event as Slack sends it: its field names.
FILE_FIELDS = [
    "id",
    "created",
    "timestamp",
    "name",
    "title",
    "mimetype",
    "filetype",
    "pretty_type",
    "user",
    "user_team",
    "editable",
    "size",
    "mode",
    "is_external",
    "external_type",
    "is_public",
    "public_url_shared",
    "display_as_bot",
    "username",
    "url_private",
    "url_private_download",
    "permalink",
    "permalink_public",
    "subject",
    "to",
    "from",
    "cc",
    "attachments",
    "original_attachment_count",
    "plain_text",
    "preview",
    "preview_plain_text",
    "headers",
    "has_more",
    "sent_to_self",
    "bot_id",
    "has_rich_preview",
    "file_access",
]
EVENT_FIELDS = [
    "type",
    "text",
    "files",
    "upload",
    "user",
    "display_as_bot",
    "bot_id",
    "ts",
    "channel",
    "subtype",
    "event_ts",
    "channel_type",
]


def letter() -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "Größe falsch"
    mail["From"] = "Jürgen Müller <juergen@kunde.example>"
    mail["To"] = "Support <support@cairnway.example>, second@cairnway.example"
    mail["Cc"] = "boss@kunde.example"
    mail["Date"] = "Fri, 16 Dec 2022 18:58:30 +0000"
    mail["Message-ID"] = "<one@kunde.example>"
    mail["In-Reply-To"] = "<zero@cairnway.example>"
    mail["Reply-To"] = "Jürgen <privat@kunde.example>"
    mail.set_content("Die Stiefel sind zu klein.\n")
    mail.add_alternative("<p>Die Stiefel sind <b>zu klein</b>.</p>", subtype="html")
    mail.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="Schuh ü.png")
    return mail


def test_a_mail_arrives_as_slacks_email_event(desk: Desk) -> None:
    encoded = base64.b64encode(letter().as_bytes()).decode()
    ts = desk.page("email", channel=CHANNEL, user="U0ADA", eml_b64=encoded)["ts"]
    [event] = desk.events
    assert set(EVENT_FIELDS) <= set(event)
    assert (event["user"], event["text"], event["subtype"]) == ("USLACKBOT", "", "file_share")
    assert (event["ts"], event["event_ts"]) == (ts, ts)
    assert event["display_as_bot"] is event["upload"] is True
    [file] = event["files"]
    assert set(file) == set(FILE_FIELDS)
    assert event["bot_id"] == file["bot_id"] != "B0SUPPORT"
    assert (file["mode"], file["mimetype"], file["filetype"]) == ("email", "text/html", "email")
    assert file["subject"] == file["title"] == "Größe falsch"
    assert file["from"] == [
        {
            "address": "juergen@kunde.example",
            "name": "Jürgen Müller",
            "original": "Jürgen Müller <juergen@kunde.example>",
        }
    ]
    assert [to["address"] for to in file["to"]] == [
        "support@cairnway.example",
        "second@cairnway.example",
    ]
    assert file["cc"] == [
        {"address": "boss@kunde.example", "name": "", "original": "boss@kunde.example"}
    ]
    assert file["plain_text"] == "Die Stiefel sind zu klein."
    assert file["headers"] == {
        "date": "Fri, 16 Dec 2022 18:58:30 +0000",
        "in_reply_to": "<zero@cairnway.example>",
        "reply_to": "Jürgen <privat@kunde.example>",
        "message_id": "<one@kunde.example>",
    }
    [attachment] = file["attachments"]
    assert attachment | {"url": ""} == {
        "filename": "Schuh ü.png",
        "size": 4,
        "mimetype": "image/png",
        "url": "",
        "metadata": None,
    }
    token = {"Authorization": "Bearer xoxb-test"}
    body = desk.http.get(file["url_private_download"], headers=token)
    assert "<b>zu klein</b>" in body.text
    assert body.headers["content-type"].startswith("text/html")
    assert "Sign in" in desk.http.get(file["url_private_download"]).text
    assert desk.http.get(attachment["url"], headers=token).content == b"\x89PNG"
    assert desk.api("files.info", file=file["id"])["file"]["subject"] == "Größe falsch"
    assert json.dumps(desk.messages(CHANNEL))


def test_the_field_names_are_those_of_the_reference() -> None:
    reference = Path("/work/shared/reference/slack_email_event.json")
    if not reference.exists():
        pytest.skip("the reference is not part of the repository")
    event = json.loads(reference.read_text())["event"]
    assert set(event) == set(EVENT_FIELDS)
    assert set(event["files"][0]) == set(FILE_FIELDS)


def test_names_with_commas_stay_one_address() -> None:
    raw = b'From: =?utf-8?q?M=C3=BCller=2C_J=C3=BCrgen?= <j@k.example>, "Doe, Jo" <d@k.example>\n\n'
    names = [(entry["name"], entry["address"]) for entry in read_mail(raw).sender]
    assert names == [("Müller, Jürgen", "j@k.example"), ("Doe, Jo", "d@k.example")]


def test_html_alone_becomes_text_and_text_alone_becomes_html() -> None:
    marked = b"From: a@b.c\nContent-Type: text/html\n\n<style>x</style><p>A &amp; B</p><p>C</p>"
    assert read_mail(marked).text == "A & B\nC"
    plain = b"From: a@b.c\n\n1 < 2"
    assert read_mail(plain).html == "<pre>1 &lt; 2</pre>"


def test_pasted_mail_may_begin_with_blank_lines() -> None:
    assert read_mail(b"\n\n  \nSubject: x\n\nbody").subject == "x"


@pytest.mark.parametrize(
    ("raw", "field", "value"),
    [
        (b"Subject: =?utf-8?B?R3LDtsOfZQ==?=\n\n", "subject", "Größe"),
        (b"Subject: =?nonsense?B?R3I=?=\n\n", "subject", "Gr"),
        ("Subject: Größe\n\n".encode(), "subject", "Größe"),
        ("Subject: Größe\n\n".encode("latin-1"), "subject", "Größe"),
        (
            b"From: broken <<a@@\n\n",
            "sender",
            ({"address": "", "name": "broken <<a@@", "original": "broken <<a@@"},),
        ),
        (b"From: \nTo: x@y.z\n\n", "sender", ()),
        (b"Subject: a\n b\n\n", "subject", "a b"),
        (b"From: x\nContent-Type: text/plain; charset=nonsense\n\n\xe9", "text", "é"),
        (b"From: x\nContent-Type: text/plain; charset=utf-8\n\n\xe9", "text", "é"),
        (b"From: x\nContent-Type: multipart/mixed\n\nloose", "text", ""),
        (b"From: x\nMessage-ID: <<<@\n\n", "message_id", "<<<@"),
    ],
)
def test_malformed_mail_is_read_as_far_as_it_goes(raw: bytes, field: str, value: object) -> None:
    assert getattr(read_mail(raw), field) == value


def test_a_mail_inside_the_mail_is_an_attachment() -> None:
    mail = EmailMessage()
    mail["Subject"] = "Fwd"
    mail.set_content("see below")
    mail.add_attachment(letter())
    mail.add_attachment("notes", filename="notes.txt")
    read = read_mail(mail.as_bytes())
    assert read.text == "see below"
    kinds = [(a.filename, a.mimetype) for a in read.attachments]
    assert kinds == [("attachment-2", "message/rfc822"), ("notes.txt", "text/plain")]
    assert b"juergen@kunde.example" in read.attachments[0].content


@pytest.mark.parametrize("raw", [b"", b"hello", b"hello: world\n\nx", b"\x00\xff"])
def test_what_is_no_mail_is_refused_in_words(raw: bytes) -> None:
    with pytest.raises(PageError, match="This is no e-mail"):
        read_mail(raw)


def test_endless_nesting_is_refused_in_words() -> None:
    layers = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    )
    with pytest.raises(PageError, match="too many parts"):
        read_mail(b"Subject: x\n" + layers)


HEADERS = st.sampled_from(
    ["Subject", "From", "To", "Content-Type", "Content-Disposition", "Content-Transfer-Encoding",
     "MIME-Version", "Message-ID", "Date"]
)  # fmt: skip
VALUES = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [b"multipart/mixed; boundary=x", b"message/rfc822", b"text/html; charset=\xff",
         b"=?utf-8?q?=ff?= <a@b", b"attachment; filename*=x'y'%ff", b"base64", b"quoted-printable",
         b"x-uuencode", b"text/plain; charset=utf-7", b"multipart/alternative",
         b"=?utf-16?b?YQ==?=", b"text/plain; charset*=x''%ff", b"text/plain; charset=idna",
         b"attachment; filename*0*=''%41; filename*1=b"]
    ),
)  # fmt: skip


@given(st.lists(st.tuples(HEADERS, VALUES), max_size=8), st.binary(max_size=200))
def test_reading_never_raises_on_anything_with_a_subject(
    headers: list[tuple[str, bytes]], body: bytes
) -> None:
    lines = [name.encode() + b": " + value for name, value in headers]
    raw = b"\r\n".join([b"Subject: x", *lines, b"", b"--x", b"", body, b"--x--"])
    mail = read_mail(raw)
    for text in (mail.subject, mail.text, mail.html, *(a.filename for a in mail.attachments)):
        text.encode()
