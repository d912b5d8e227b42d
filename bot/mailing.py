"""Settings to everything that works on cases: reading mails, sending letters."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

from slack_sdk import WebClient

from bot.books.cases import SqlCases
from bot.books.engine import Books
from bot.books.keys import own_key
from bot.books.mails import SqlMails
from bot.case_ports import Fetched
from bot.casemaking import UPLOADED
from bot.casework import Casework
from bot.errors import ConfigurationError
from bot.mailroom.intake import Mailroom
from bot.mailroom.kept import mail_of_stub, opened
from bot.mailroom.postbox import SmtpPostbox
from bot.messages import ChannelId, Ts
from bot.policy import PolicyFile
from bot.ports import Receipt
from bot.settings import Settings
from bot.slack.mail import SlackMail
from knowledge.ports import Answering
from triage.ports import TriageModel

BY_SLACK = "slack"
MAIL_KEY = "mail"


@dataclass(frozen=True, slots=True)
class Around:
    """What a casework shares with the desk that it belongs to."""

    books: Books
    client: WebClient
    mailroom: Mailroom
    policy: PolicyFile


def open_casework(
    settings: Settings, around: Around, *, answerer: Answering, triage: TriageModel
) -> Casework:
    """The work on cases over the desk's books and its Slack."""
    return Casework(
        cases=SqlCases(around.books),
        shelf=SqlMails(around.books),
        shared=SlackMail(around.client),
        open_mail=partial(opened, authserv_id=settings.mail_authserv_id),
        take_in=_intake(around.mailroom),
        answerer=answerer,
        policy=around.policy,
        triage=triage,
        now=time.time,
    )


def mail_secret(settings: Settings, books: Books) -> Callable[[], str]:
    """What our Message-IDs are signed with: a setting, or a key that the books keep, read once."""

    @cache
    def secret() -> str:
        if settings.mail_secret is not None:
            return settings.mail_secret.get_secret_value()
        return own_key(books, MAIL_KEY)

    return secret


def open_postbox(settings: Settings, books: Books) -> SmtpPostbox | None:
    """Mail out; None where no server is named.

    Raises:
        ConfigurationError: the server's address or the sender's is wrong or missing.
    """
    if settings.smtp_url is None:
        return None
    if settings.mail_from is None:
        raise ConfigurationError("SMTP_URL needs MAIL_FROM, as in Help <help@example.com>")
    return SmtpPostbox(
        settings.smtp_url,
        password=settings.smtp_password,
        sender=settings.mail_from,
        secret=mail_secret(settings, books),
    )


def _intake(mailroom: Mailroom) -> Callable[[Fetched, tuple[ChannelId, Ts]], Receipt]:
    def take_in(fetched: Fetched, posted: tuple[ChannelId, Ts]) -> Receipt:
        raw, stub = fetched.raw, fetched.stub
        if raw is None:
            mail = mail_of_stub(stub or {})
            return mailroom.keep(mail, via=BY_SLACK, raw=None, stub=stub, posted=posted)
        return mailroom.receive(raw, via=UPLOADED, posted=posted)

    return take_in
