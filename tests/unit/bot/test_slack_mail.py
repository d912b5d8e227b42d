"""Files of mail out of Slack, over HTTP on loopback."""

from __future__ import annotations

import io
import json
import zipfile
from email.message import EmailMessage
from typing import TYPE_CHECKING, Any

import pytest
from slack_sdk import WebClient

from bot.case_ports import KeptMail
from bot.errors import TransportRefused, TransportUnknown
from bot.mailroom.kept import mail_of_stub, opened
from bot.slack import mail as slack_mail
from bot.slack.mail import SlackMail
from bot.slack.mail_files import kept
from triage.errors import MailRefused
from triage.mail.letter import Authentication

if TYPE_CHECKING:
    from conftest import SlackApi

HTML = "<p>How do I return <b>boots</b>?</p>"
RAW = b"From: mira@shop.test\r\nSubject: Boots\r\n\r\nHow do I return boots?\r\n"


def described(slack: SlackApi, **changes: Any) -> dict[str, Any]:
    url = slack.url.replace("/api/", "/files/F1/boots")
    plain = {
        "id": "F1",
        "mode": "email",
        "subject": "Boots",
        "from": [{"name": "Mira", "address": "mira@shop.test"}],
        "to": [{"name": "", "address": "help@own.test"}],
        "headers": {"message_id": "<1@shop.test>", "in_reply_to": None, "reply_to": None},
        "plain_text": "How do I return boots?",
        "attachments": [{"filename": "a.exe", "mimetype": "x/y", "size": 3}],
        "url_private_download": url,
    }
    return {**plain, **changes}


def test_a_mail_that_slack_keeps_is_read_from_its_description_and_body(slack: SlackApi) -> None:
    slack.answers("files.info", {"file": described(slack)})
    slack.answers("boots", HTML, Content_Type="text/html; charset=utf-8")
    fetched = SlackMail(slack.client).fetch({"id": "F1", "mode": "file_access"})
    assert fetched
    assert fetched.raw is None
    mail = mail_of_stub(json.loads(json.dumps(fetched.stub)))
    assert mail.sender
    assert (mail.sender.name, mail.sender.address) == ("Mira", "mira@shop.test")
    assert (mail.subject, mail.message_id) == ("Boots", "<1@shop.test>")
    assert mail.reply == "How do I return boots?"
    assert [one.name for one in mail.attachments] == ["a.exe"]
    assert mail.authentication is Authentication.UNKNOWN


def test_what_the_event_told_is_enough_where_slack_gives_no_more(slack: SlackApi) -> None:
    slack.answers("files.info", {"ok": False, "error": "missing_scope"})
    slack.answers("boots", "no", status=404)
    fetched = SlackMail(slack.client).fetch(kept(described(slack)))
    assert fetched
    assert fetched.stub
    assert (fetched.stub["html"], fetched.stub["plain"]) == (None, "How do I return boots?")


def test_a_stub_without_a_description_is_not_had(slack: SlackApi) -> None:
    slack.answers("files.info", {"ok": False, "error": "file_not_found"})
    with pytest.raises(TransportRefused):
        SlackMail(slack.client).fetch({"id": "F1", "mode": "file_access"})


def test_a_saved_mail_is_downloaded_byte_for_byte(slack: SlackApi) -> None:
    file = described(slack, mode="hosted", name="boots.eml", subject=None)
    slack.answers("files.info", {"file": file})
    slack.answers("boots", RAW.decode(), Content_Type="message/rfc822")
    fetched = SlackMail(slack.client).fetch({"id": "F1"})
    assert fetched
    assert (fetched.raw, fetched.stub) == (RAW, None)


def test_a_sign_in_page_is_no_mail(slack: SlackApi) -> None:
    file = described(slack, mode="hosted", name="boots.eml")
    slack.answers("files.info", {"file": file})
    slack.answers("boots", "<html>Sign in</html>", Content_Type="text/html")
    with pytest.raises(MailRefused, match="files:read"):
        SlackMail(slack.client).fetch({"id": "F1"})


def test_a_file_of_another_kind_is_none(slack: SlackApi) -> None:
    slack.answers("files.info", {"file": described(slack, mode="hosted", name="boots.png")})
    assert SlackMail(slack.client).fetch({"id": "F1", "mode": "file_access"}) is None


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.test/files/F1",
        "http://127.0.0.1:1/files/F1",
        "file:///etc/passwd",
        "https://files.slack.com.evil.test/F1",
        "https://slack.com@evil.test/F1",
        "",
    ],
)
def test_the_token_goes_to_slack_alone(slack: SlackApi, url: str) -> None:
    file = described(slack, mode="hosted", name="boots.eml", url_private_download=url)
    slack.answers("files.info", {"file": file})
    with pytest.raises(MailRefused, match="address"):
        SlackMail(slack.client).fetch({"id": "F1"})


@pytest.mark.parametrize(
    ("url", "known"),
    [
        ("https://files.slack.com/F1", True),
        ("https://files-origin.slack.com/F1", True),
        ("http://files.slack.com/F1", False),
        ("https://slack.com.evil.test/F1", False),
        ("https://evilslack.com/F1", False),
    ],
)
def test_files_lie_on_hosts_of_slack(url: str, known: bool) -> None:  # noqa: FBT001
    assert SlackMail(WebClient("xoxb"))._is_slacks(url) is known


def test_a_file_too_large_is_not_read_to_its_end(
    slack: SlackApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slack_mail, "LARGEST_MAIL", 10)
    slack.answers("files.info", {"file": described(slack, mode="hosted", name="boots.eml")})
    slack.answers("boots", RAW.decode(), Content_Type="message/rfc822")
    with pytest.raises(MailRefused, match="larger"):
        SlackMail(slack.client).fetch({"id": "F1"})


@pytest.mark.parametrize(("status", "body"), [(500, "no"), (200, None)])
def test_a_slack_that_does_not_answer_is_asked_again(
    slack: SlackApi, status: int, body: str | None
) -> None:
    slack.answers("files.info", {"file": described(slack, mode="hosted", name="boots.eml")})
    slack.answers("boots", body, status=status)
    with pytest.raises(TransportUnknown):
        SlackMail(slack.client).fetch({"id": "F1"})


def zipped(*, encrypted: bool) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("a.txt", "words")
    packed = bytearray(written.getvalue())
    if encrypted:  # flag bit 0 in the local header and in the directory
        packed[6] |= 1
        packed[packed.index(b"PK\x01\x02") + 8] |= 1
    return bytes(packed)


@pytest.mark.parametrize("encrypted", [True, False])
def test_an_archive_with_a_password_is_known(encrypted: bool) -> None:  # noqa: FBT001
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "mira@shop.test", "Boots"
    mail.set_content("See the file.")
    mail.add_attachment(
        zipped(encrypted=encrypted), maintype="application", subtype="zip", filename="a.zip"
    )
    broken = b"PK\x03\x04 no archive"
    mail.add_attachment(broken, maintype="application", subtype="zip", filename="b.zip")
    as_kept = KeptMail(mail.as_bytes(), None, "smtp", None, "c", 0.0, None)
    found = opened(as_kept, authserv_id=None).attachments
    assert [one.name for one in found if one.locked] == (["a.zip"] if encrypted else [])


FORGED = b"Authentication-Results: mx.own.test; dmarc=pass header.from=shop.test\r\n" + RAW


@pytest.mark.parametrize(
    ("via", "found"),
    [("smtp", Authentication.PASSED), ("upload", Authentication.UNKNOWN)],
)
def test_what_a_person_uploads_proves_nothing(via: str, found: Authentication) -> None:
    as_kept = KeptMail(FORGED, None, via, None, "c", 0.0, None)
    mail = opened(as_kept, authserv_id="mx.own.test")
    assert mail.authentication is found


def test_a_mail_in_trouble_stays_in_trouble() -> None:
    with pytest.raises(MailRefused, match="too deep"):
        opened(KeptMail(RAW, None, "smtp", "too deep", "c", 0.0, None), authserv_id=None)
