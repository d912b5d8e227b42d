"""Letters by SMTP, against a real server on loopback that answers as it is told."""

import email
import email.policy
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from fakes import CHANNEL, FakeClock, FakeOutbox
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.cases import Letter
from bot.errors import (
    ConfigurationError,
    TransportBusy,
    TransportError,
    TransportRefused,
    TransportUnknown,
)
from bot.letters import MOST_SENDS, Postman
from bot.mailroom.naming import case_of, own_message_id
from bot.mailroom.postbox import SmtpPostbox, server
from bot.metrics import Metrics
from bot.ports import Action, Mailed, Outgoing

SECRET = "s" * 32
LETTER = Letter(
    "conversation-1", "mira@shop.test", "Re: Bööts", "Grüße,\n.\nyours\n", "<1@shop.test>",
    ["<0@shop.test>", "<1@shop.test>"],
)  # fmt: skip


@dataclass
class Office:
    """What the server says at each step, and the mails it has taken."""

    mail: str = "250 ok"
    rcpt: str = "250 ok"
    data: str = "250 ok"
    mails: list[EmailMessage] = field(default_factory=list)
    port: int = 0

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        envelope.mail_from = address
        return self.mail

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(  # noqa: N802  aiosmtpd's name
        self, server: Any, _session: Any, envelope: Any
    ) -> str:
        if not self.data:
            server.transport.abort()
            return "250 nobody hears this"
        if self.data.startswith("250"):
            parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
            self.mails.append(parsed)
        return self.data


@pytest.fixture
def office() -> Iterator[Office]:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    office = Office(port=port)
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    yield office
    controller.stop()


def postbox(office: Office, **changes: Any) -> SmtpPostbox:
    plain = {"password": None, "sender": "Help <help@own.test>", "secret": lambda: SECRET}
    return SmtpPostbox(f"smtp://127.0.0.1:{office.port}", **{**plain, **changes})


def test_a_letter_arrives_as_it_was_written_and_names_what_it_answers(office: Office) -> None:
    postbox(office).send(LETTER, part="7")
    (mail,) = office.mails
    assert (mail["From"], mail["To"]) == ("Help <help@own.test>", "mira@shop.test")
    assert mail["Subject"] == "Re: Bööts"
    assert mail["In-Reply-To"] == "<1@shop.test>"
    assert mail["References"] == "<0@shop.test> <1@shop.test>"
    assert mail.get_content().replace("\r\n", "\n") == LETTER.text
    assert case_of(mail["Message-ID"], SECRET) == "conversation-1"
    assert mail["Message-ID"].endswith("@own.test>")


@pytest.mark.parametrize(
    ("answers", "error"),
    [
        ({"mail": "451 later"}, TransportBusy),
        ({"rcpt": "450 greylisted"}, TransportBusy),
        ({"rcpt": "550 no such user"}, TransportRefused),
        ({"data": "552 too large"}, TransportRefused),
        ({"data": "451 later"}, TransportBusy),
        ({"data": ""}, TransportUnknown),
    ],
)
def test_what_became_of_a_letter_is_known_or_in_doubt(
    office: Office, answers: dict[str, str], error: type[TransportError]
) -> None:
    for step, answer in answers.items():
        setattr(office, step, answer)
    with pytest.raises(error):
        postbox(office).send(LETTER, part="7")
    assert not office.mails


def test_a_server_that_is_away_is_tried_later() -> None:
    with pytest.raises(TransportBusy):
        postbox(Office(port=1)).send(LETTER, part="7")


@pytest.mark.parametrize(
    "changes",
    [
        {"to": "no address"},
        {"to": "a@b.test, c@d.test"},
        {"to": "a@b.test>\r\nRCPT TO:<c@d.test"},
        {"to": ""},
        {"to": "mürü@shop.test"},
    ],
)
def test_a_letter_goes_to_one_address_or_nowhere(office: Office, changes: Any) -> None:
    with pytest.raises(TransportRefused):
        postbox(office).send(replace(LETTER, **changes), part="7")
    assert not office.mails


def test_no_header_comes_out_of_a_mail_that_is_answered(office: Office) -> None:
    odd = replace(
        LETTER,
        subject="Re: x\r\nBcc: eve@evil.test",
        in_reply_to="<1@x>\r\nBcc: eve@evil.test",
        references=["<0@x>\r\nBcc: eve@evil.test", "<2@x>"],
    )
    postbox(office).send(odd, part="7")
    (mail,) = office.mails
    assert mail["Bcc"] is None
    assert mail["In-Reply-To"] is None
    assert mail["References"] == "<2@x>"


@pytest.mark.parametrize(
    "url",
    ["http://x", "smtp://", "smtp://user:secret@x", "smtp://x:port", "mail.example.com:25", ""],
)
def test_an_address_of_no_server_is_a_mistake_of_configuration(url: str) -> None:
    with pytest.raises(ConfigurationError, match="SMTP_URL"):
        server(url)


@pytest.mark.parametrize("sender", ["", "Help", "a@b, c@d"])
def test_a_sender_is_needed(sender: str) -> None:
    with pytest.raises(ConfigurationError, match="MAIL_FROM"):
        postbox(Office(), sender=sender)


def test_a_server_has_its_usual_port_and_its_user() -> None:
    assert (server("smtps://me%40x.test@mail.test").port, server("smtp://mail.test").port) == (
        465, 587,
    )  # fmt: skip
    assert server("smtps://me%40x.test@mail.test").user == "me@x.test"


def test_a_password_that_is_refused_sends_nothing(office: Office) -> None:
    known = SmtpPostbox(
        f"smtp://me@127.0.0.1:{office.port}",
        password=SecretStr("secret"),
        sender="help@own.test",
        secret=lambda: SECRET,
    )
    with pytest.raises((TransportRefused, TransportBusy)):
        known.send(LETTER, part="7")
    assert not office.mails


@given(st.text(min_size=1, max_size=32), st.integers(1, 10**9))
def test_a_message_id_of_ours_brings_its_conversation_back(named: str, part: int) -> None:
    made = own_message_id(named.encode("utf-8", "replace").decode(), SECRET, part=str(part))
    assert case_of(made, SECRET) == named.encode("utf-8", "replace").decode()
    assert case_of(made, "another") is None
    assert case_of(made.replace(f".{part}.", f".{part + 1}."), SECRET) is None


@given(st.text(max_size=200))
def test_a_message_id_of_others_brings_nothing(written: str) -> None:
    assert case_of(written, SECRET) is None


@dataclass
class Box:
    """A postbox that fails as it is told."""

    errors: list[Exception] = field(default_factory=list)
    sent: list[str] = field(default_factory=list)

    def send(self, letter: Letter, *, part: str) -> None:
        assert letter == LETTER
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(part)


def deliver(box: Box | None, *, attempts: int = 0, doubtful: bool = False) -> tuple[str, str]:
    """(state of the row, error) after one delivery."""
    outbox = FakeOutbox(FakeClock())
    outbox.put(Outgoing(Action.MAIL, CHANNEL, "x", letter=LETTER))
    parcel = outbox.claim()
    assert parcel
    given_parcel = replace(parcel, doubtful=doubtful, attempts=1 + attempts)
    Postman(outbox, box, Metrics(), lambda: 0.0).deliver(given_parcel)
    return outbox.rows[0].state, outbox.rows[0].error or ""


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (None, Mailed.SENT),
        (TransportRefused("550"), Mailed.REFUSED),
        (TransportUnknown("gone"), Mailed.DOUBTFUL),
        (TransportBusy(5.0), "ready"),
    ],
)
def test_a_letter_is_settled_by_what_the_server_said(error: Exception | None, state: str) -> None:
    assert deliver(Box([error] if error else []))[0] == state


def test_a_letter_that_may_have_been_sent_is_never_sent_again() -> None:
    box = Box()
    assert deliver(box, doubtful=True)[0] == Mailed.DOUBTFUL
    assert not box.sent


def test_a_server_that_stays_away_is_given_up_on() -> None:
    assert deliver(Box([TransportBusy(5.0)]), attempts=MOST_SENDS)[0] == Mailed.REFUSED


def test_without_a_mail_server_nothing_is_sent() -> None:
    assert deliver(None) == (Mailed.REFUSED, "Slack refused: no_mail_server")
