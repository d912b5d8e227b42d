"""Mail by SMTP, from a real IMAP server and by webhooks, all into one inbox."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from e2e.dovecot import PASSWORD, Dovecot
from e2e.playground_page import TRIAGE, said
from e2e.processes import free_port, rows, until
from e2e.standins import absent
from pydantic import SecretStr
from unit.bot.mailroom.signing import mailgun_form

from bot.books.engine import open_books
from bot.books.mails import SqlMails
from bot.errors import BooksUnavailable, ConfigurationError
from bot.mailroom import imap as imap_module
from bot.mailroom.imap import Mailbox, check, imap_place
from bot.mailroom.intake import Mailroom
from bot.messages import ChannelId, TeamId

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from e2e.stage import Stage

MAILGUN_KEY = "key-of-mailgun"
LOGIN = ("desk", "s3cret")
ADDRESS = "support@desk.test"


def mail(number: str, words: str = "It has not come for two weeks.") -> bytes:
    lines = (
        "From: Kim <kim@shop.test>",
        f"To: {ADDRESS}",
        f"Subject: Where is order {number}?",
        f"Message-ID: <{number}@shop.test>",
        "Date: Mon, 23 Nov 2026 10:00:00 +0000",
        "",
        words,
        "",
    )
    return "\r\n".join(lines).encode()


def swaks(port: int, raw: bytes, folder: Path, *options: str) -> int:
    """Send a mail as an administrator would; swaks's exit code."""
    found = shutil.which("swaks")
    if found is None:
        absent("swaks is not installed: apt-get install swaks")
    file = folder / "mail.eml"
    file.write_bytes(raw)
    server = ["--server", f"127.0.0.1:{port}", "--from", "kim@shop.test"]
    command = [str(found), *server, "--data", f"@{file}", *(options or ("--to", ADDRESS))]
    return subprocess.run(command, capture_output=True, timeout=30, check=False).returncode


def mailgun(url: str, raw: bytes, *, key: str = MAILGUN_KEY) -> int:
    form = mailgun_form(raw, at=time.time(), key=key, token=f"t{time.monotonic_ns()}")
    files = {name: (None, value.encode("latin-1")) for name, value in form.items()}
    return post(f"{url}/mail/mailgun/mime", files=files)


def postmark(url: str, raw: bytes, login: tuple[str, str] = LOGIN) -> int:
    return post(f"{url}/mail/postmark", json={"RawEmail": raw.decode()}, auth=login)


def sendgrid(url: str, raw: bytes, login: tuple[str, str] = LOGIN) -> int:
    return post(f"{url}/mail/sendgrid", files={"email": (None, raw)}, auth=login)


def post(url: str, **request: Any) -> int:
    return httpx.post(url, trust_env=False, timeout=20, **request).status_code


@pytest.fixture
def dovecot() -> Iterator[Dovecot]:
    server = Dovecot()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.mark.standin
@pytest.mark.slow
def test_a_mail_by_any_way_is_kept_once_and_told_once(
    stage: Stage, dovecot: Dovecot, tmp_path: Path
) -> None:
    port = free_port()
    stage.env.update(
        MAIL_LISTEN=f"127.0.0.1:{port}",
        MAIL_ADDRESSES=ADDRESS,
        IMAP_URL=dovecot.url,
        IMAP_PASSWORD=PASSWORD,
        MAILGUN_SIGNING_KEY=MAILGUN_KEY,
        POSTMARK_LOGIN=":".join(LOGIN),
        SENDGRID_LOGIN=":".join(LOGIN),
    )
    url = f"http://127.0.0.1:{stage.port}"
    dovecot.deliver(mail("waiting"))
    desk = stage.run()
    until(lambda: kept(stage.home) == {"waiting": 1}, "the mail that was waiting")

    assert swaks(port, mail("smtp"), tmp_path) == 0
    assert swaks(port, mail("no"), tmp_path, "--to", "boss@desk.test") != 0
    assert mailgun(url, mail("mailgun")) == 200
    assert mailgun(url, mail("no"), key="wrong") == 406
    assert postmark(url, mail("postmark")) == 200
    assert postmark(url, mail("no"), login=("desk", "wrong")) == 403
    assert sendgrid(url, mail("sendgrid")) == 200
    assert sendgrid(url, mail("no"), login=("desk", "wrong")) == 401
    dovecot.deliver(mail("imap"))

    everything = ("waiting", "smtp", "mailgun", "postmark", "sendgrid", "imap")
    for number in everything:
        assert swaks(port, mail(number), tmp_path) == 0
        assert mailgun(url, mail(number)) == 200
        assert postmark(url, mail(number)) == 200
        assert sendgrid(url, mail(number)) == 200
    dovecot.deliver(mail("smtp"))
    until(lambda: dovecot.unseen() == 0, "all is seen")
    once = dict.fromkeys(everything, 1)
    until(lambda: cards(stage, everything) == once, "a card for each")
    until(stage.settled, "nothing is left to do")
    assert cards(stage, everything) == once
    assert kept(stage.home) == once
    ways = rows(stage.home, "select via, message_id from mail order by id")
    assert {one["via"] for one in ways} == {"smtp", "imap", "mailgun", "postmark", "sendgrid"}
    log = desk.log()
    for secret in (MAILGUN_KEY, LOGIN[1], PASSWORD, "two weeks"):
        assert secret not in log
    assert desk.interrupt() == 0


def cards(stage: Stage, numbers: Iterable[str]) -> dict[str, int]:
    """How many cards stand in the triage channel for each mail."""
    shown = [said(one) for one in stage.page.messages(TRIAGE)]
    taken = [one for one in shown if "case_take" in one]
    return {n: sum(f"Where is order {n}?" in one for one in taken) for n in numbers}


def kept(home: Path) -> dict[str, int]:
    """How many messages in the inbox each mail has made, by the number in its Message-ID."""
    query = (
        "select mail.message_id, count(inbox.id) as messages from mail "
        "left join inbox on inbox.kind = 'email' and inbox.value = cast(mail.id as text) "
        "and inbox.thread_ts = mail.conversation group by mail.id"
    )
    found = rows(home, query) if (home / "desk.sqlite").exists() else []
    return {one["message_id"].strip("<>").partition("@")[0]: one["messages"] for one in found}


@dataclass
class Watched:
    """A mailbox that is watched by a mailroom whose books can be away."""

    mailroom: Mailroom
    away: bool = False
    poison: bytes | None = None
    received: list[bytes] = field(default_factory=list)
    headers: list[tuple[bytes, str]] = field(default_factory=list)
    changed: threading.Event = field(default_factory=threading.Event)

    def receive(self, raw: bytes) -> None:
        if self.away:
            raise BooksUnavailable("away")
        if self.poison and self.poison in raw:
            raise RuntimeError("poison")
        self.mailroom.receive(raw, via="imap")
        self.received.append(raw)

    def unreadable(self, raw: bytes, why: str) -> None:
        self.mailroom.unreadable(raw, via="imap", trouble=why)
        self.headers.append((raw, why))

    def watch(self, server: Dovecot, password: str = PASSWORD) -> Mailbox:
        place = imap_place(server.url, SecretStr(password))
        return Mailbox(place, receive=self.receive, unreadable=self.unreadable)

    def has(self, *mails: bytes) -> None:
        until(lambda: self.received == list(mails), f"{len(mails)} mails", seconds=15)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    books = open_books(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    books.migrate()
    room = Mailroom(
        SqlMails(books),
        team=lambda: TeamId("T1"),
        channel=lambda: ChannelId("C1"),
        on_received=lambda: None,
    )
    yield Watched(room)
    books.engine.dispose()


@pytest.fixture
def mailbox(watched: Watched, dovecot: Dovecot) -> Iterator[Mailbox]:
    box = watched.watch(dovecot)
    yield box
    box.stop()


@pytest.mark.standin
def test_mail_that_waits_and_mail_that_comes_later_are_kept_in_order(
    watched: Watched, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    dovecot.deliver(mail("one"))
    dovecot.deliver(mail("two"))
    mailbox.start()
    watched.has(mail("one"), mail("two"))
    began = time.monotonic()
    dovecot.deliver(mail("three"))
    watched.has(mail("one"), mail("two"), mail("three"))
    assert time.monotonic() - began < 5, "IDLE wakes at once"
    until(lambda: dovecot.unseen() == 0, "all is seen", seconds=5)


@pytest.mark.standin
def test_nothing_is_marked_as_seen_before_it_is_kept(
    watched: Watched, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    watched.away = True
    dovecot.deliver(mail("one"))
    mailbox.start()
    time.sleep(0.5)
    assert dovecot.unseen() == 1
    watched.away = False
    watched.has(mail("one"))
    until(lambda: dovecot.unseen() == 0, "it is seen", seconds=5)


@pytest.mark.standin
def test_a_mail_that_breaks_us_holds_up_no_other(
    watched: Watched, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    watched.poison = b"<poison@"
    for number in ("one", "poison", "two"):
        dovecot.deliver(mail(number))
    mailbox.start()
    watched.has(mail("one"), mail("two"))
    dovecot.deliver(mail("three"))
    watched.has(mail("one"), mail("two"), mail("three"))
    assert dovecot.unseen() == 1, "it stays for a person to find"


@pytest.mark.standin
def test_a_server_that_goes_away_is_found_again(
    watched: Watched, mailbox: Mailbox, dovecot: Dovecot
) -> None:
    mailbox.start()
    dovecot.deliver(mail("one"))
    watched.has(mail("one"))
    dovecot.stop()
    time.sleep(0.3)
    dovecot.start()
    dovecot.deliver(mail("two"))
    watched.has(mail("one"), mail("two"))


@pytest.mark.standin
def test_a_mail_that_is_too_large_stays_there_and_a_person_is_told(
    watched: Watched, mailbox: Mailbox, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_module, "LARGEST_MAIL", 10_000)
    dovecot.deliver(mail("large", "x" * 70 + ("\r\n" + "x" * 70) * 200))
    mailbox.start()
    until(lambda: watched.headers, "a person is told", seconds=15)
    ((header, why),) = watched.headers
    assert b"Message-ID: <large@shop.test>" in header
    assert len(header) < 1_000
    assert "INBOX of kim" in why


@pytest.mark.standin
def test_a_server_without_idle_is_looked_at_often(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imap_module, "POLL_SECONDS", 0.2)
    server = Dovecot(idle=False)
    try:
        server.start()
        box = watched.watch(server)
        assert "a look every" in check(imap_place(server.url, SecretStr(PASSWORD)))
        box.start()
        time.sleep(0.3)
        server.deliver(mail("one"))
        watched.has(mail("one"))
        box.stop()
    finally:
        server.remove()


@pytest.mark.standin
def test_the_doctor_says_what_is_wrong_with_a_mailbox_and_not_the_password(
    dovecot: Dovecot,
) -> None:
    assert "by IDLE" in check(imap_place(dovecot.url, SecretStr(PASSWORD)))
    for url, password in ((dovecot.url, "wr0ng"), (dovecot.url + "none", PASSWORD)):
        with pytest.raises(ConfigurationError, match="IMAP") as wrong:
            check(imap_place(url, SecretStr(password)))
        assert password not in str(wrong.value)


def test_what_names_no_mailbox_is_a_mistake() -> None:
    for url in ("mail.test", "https://kim@mail.test", "imaps://mail.test", "imaps://k@m:port"):
        with pytest.raises(ConfigurationError, match="IMAP_URL"):
            imap_place(url, SecretStr("x"))
    with pytest.raises(ConfigurationError, match="IMAP_PASSWORD"):
        imap_place("imaps://kim@mail.test", None)
    with pytest.raises(ConfigurationError, match="IMAP_PASSWORD") as wrong:
        imap_place("imaps://kim:s3cret@mail.test", None)
    assert "s3cret" not in str(wrong.value)
    place = imap_place("imaps://support%40desk.test@mail.test/Support%20desk", SecretStr("x"))
    assert (place.user, place.port, place.folder) == ("support@desk.test", 993, "Support desk")
    assert imap_place("imap://kim@mail.test", SecretStr("x")).port == 143
