"""The ways in that the settings name."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from bot.errors import ConfigurationError
from bot.mailroom.imap import Mailbox, check, imap_place
from bot.mailroom.intake import Mailroom
from bot.mailroom.mailgun import Mailgun
from bot.mailroom.postmark import Postmark
from bot.mailroom.provider import Provider
from bot.mailroom.sendgrid import SendGrid
from bot.mailroom.smtp import Door, MailListener, door
from bot.settings import Settings

LOOPBACK_DOOR = "127.0.0.1:2525"
OFF = "off"


class Way(Protocol):
    """A way in that runs until it is stopped."""

    @property
    def where(self) -> str:
        """What to tell the engineer."""

    def start(self) -> None:
        """Begin to take mail."""

    def stop(self) -> None:
        """End; what is in hand is finished."""


def open_ways(settings: Settings, mailroom: Mailroom, *, by_default: bool = False) -> list[Way]:
    """The listener and the mailbox, not started yet.

    `by_default` opens a listener on the loopback where MAIL_LISTEN says nothing.

    Raises:
        ConfigurationError: a setting is wrong, or the port that it names is taken.
    """
    ways: list[Way] = []
    if settings.imap_url:
        ways.append(
            Mailbox(
                imap_place(settings.imap_url, settings.imap_password),
                receive=lambda raw: mailroom.receive(raw, via="imap"),
                unreadable=lambda raw, why: mailroom.unreadable(raw, via="imap", trouble=why),
            )
        )
    listening = settings.mail_listen or (LOOPBACK_DOOR if by_default else OFF)
    if listening != OFF:
        ways.append(_listener(settings, mailroom, door=_door(settings, listening)))
    return ways


def providers(settings: Settings) -> list[Provider]:
    """The providers whose secret is set.

    Raises:
        ConfigurationError: a secret has the wrong form.
    """
    found: list[Provider] = []
    if settings.mailgun_signing_key:
        found.append(Mailgun(settings.mailgun_signing_key))
    for name, login, kind in (
        ("POSTMARK_LOGIN", settings.postmark_login, Postmark),
        ("SENDGRID_LOGIN", settings.sendgrid_login, SendGrid),
    ):
        if login:
            if not all(login.get_secret_value().partition(":")):
                raise ConfigurationError(f"{name} must be user:password")
            found.append(kind(login))
    if settings.ses_topic:
        from bot.mailroom.ses import Ses  # noqa: PLC0415  60 ms to import

        found.append(Ses(settings.ses_topic))
    return found


def described(settings: Settings) -> str:
    """The ways in, tried where they can be, for `supportbot doctor`.

    Raises:
        ConfigurationError: one of them does not work; says which.
    """
    return "; ".join(_described(settings)) or "by Slack alone (docs/mail.md: the other ways)"


def _described(settings: Settings) -> Iterator[str]:
    if settings.mail_listen and settings.mail_listen != OFF:
        yield f"listens at {_door(settings, settings.mail_listen).where}"
    if settings.imap_url:
        yield check(imap_place(settings.imap_url, settings.imap_password))
    for one in providers(settings):
        yield f"webhook /mail/{one.name}"


def _door(settings: Settings, where: str) -> Door:
    login = settings.mail_login.get_secret_value() if settings.mail_login else None
    return door(where, addresses=_addresses(settings), login=login)


def _listener(settings: Settings, mailroom: Mailroom, *, door: Door) -> MailListener:
    def receive(raw: bytes) -> object:
        return mailroom.receive(raw, via="lmtp" if door.lmtp else "smtp")

    try:
        return MailListener(door, receive)
    except ConfigurationError:
        if settings.mail_listen:
            raise
        return MailListener(door.with_port(0), receive)  # nobody chose that port


def _addresses(settings: Settings) -> Sequence[str]:
    return [one for one in settings.mail_addresses.replace(",", " ").split() if one]
