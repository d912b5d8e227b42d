"""Mail out, by SMTP. Sends what it is given, once; whether to is decided by people elsewhere."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, getaddresses
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot.cases import Letter
from bot.errors import ConfigurationError, TransportBusy, TransportRefused, TransportUnknown
from bot.mailroom.naming import own_message_id

TIMEOUT_SECONDS = 20.0
LATER_SECONDS = 60.0
MOST_REFERENCES = 5
_PORTS = {"smtp": 587, "smtps": 465}
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,255}")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})
_GOOD, _START, _LATER = 250, 354, range(400, 500)


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed over."""

    host: str
    port: int
    encrypted: bool
    user: str | None


def server(url: str) -> Server:
    """The server of smtp[s]://user@host:port.

    Raises:
        ConfigurationError: it is no such address.
    """
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigurationError("SMTP_URL: the port is no number") from error
    if parts.scheme not in _PORTS or not parts.hostname or parts.password is not None:
        raise ConfigurationError(
            "SMTP_URL must be smtp://user@host:port or smtps://…; the password is SMTP_PASSWORD"
        )
    user = unquote(parts.username) if parts.username else None
    found = port or _PORTS[parts.scheme]
    return Server(parts.hostname, found, encrypted=parts.scheme == "smtps", user=user)


class SmtpPostbox:
    """Letters through one SMTP server, each with a signed Message-ID of its conversation."""

    def __init__(
        self, url: str, *, password: SecretStr | None, sender: str, secret: Callable[[], str]
    ) -> None:
        self._server = server(url)
        self._password = password
        self._secret = secret
        self._sender = sender
        found = [address for _, address in getaddresses([sender])]
        self._address = found[0] if len(found) == 1 else ""
        if not _ADDRESS.fullmatch(self._address):
            raise ConfigurationError("MAIL_FROM must be an address, as in Help <help@example.com>")
        if self._server.user and password is None:
            raise ConfigurationError("SMTP_URL names a user: set SMTP_PASSWORD")

    def send(self, letter: Letter, *, part: str) -> None:
        """Hand one letter over; from the moment its text is on its way, it may have been sent."""
        message = self._message(letter, part)
        with self._connected() as smtp:
            handed = False
            try:
                _accepted(smtp.mail(self._address), {_GOOD})
                _accepted(smtp.rcpt(letter.to), {_GOOD, 251})
                handed = True
                code, said = smtp.data(message.as_bytes(policy=SMTP.clone(max_line_length=998)))
            except smtplib.SMTPDataError as error:  # the server did not want the text
                _accepted((error.smtp_code, error.smtp_error), {_START})
            except (smtplib.SMTPServerDisconnected, OSError) as error:
                if handed:
                    raise TransportUnknown(f"the mail server went away: {error}") from error
                raise TransportBusy(LATER_SECONDS) from error
            else:
                _accepted((code, said), {_GOOD})

    def _message(self, letter: Letter, part: str) -> EmailMessage:
        if not (letter.to.isascii() and _ADDRESS.fullmatch(letter.to)):
            raise TransportRefused("no_such_address")
        host = self._address.rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        try:
            message["From"] = self._sender
            message["To"] = letter.to
            message["Subject"] = " ".join(letter.subject.split())
            message["Date"] = formatdate(localtime=False)
            message["Message-ID"] = own_message_id(
                letter.conversation, self._secret(), part=part, host=host
            )
            answered = [one for one in letter.references if _MESSAGE_ID.fullmatch(one)]
            if letter.in_reply_to and _MESSAGE_ID.fullmatch(letter.in_reply_to):
                message["In-Reply-To"] = letter.in_reply_to
            if answered:
                message["References"] = " ".join(answered[-MOST_REFERENCES:])
            message.set_content(letter.text, cte="quoted-printable")
        except (ValueError, MessageError, UnicodeError) as error:
            raise TransportRefused("cannot_be_written") from error
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        """A session, logged in; whatever fails before is certain not to have sent anything."""
        try:
            smtp = self._open()
        except smtplib.SMTPAuthenticationError as error:
            raise TransportRefused("login_refused") from error
        except ssl.SSLCertVerificationError as error:
            raise TransportRefused("certificate_not_trusted") from error
        except (smtplib.SMTPException, OSError) as error:
            raise TransportBusy(LATER_SECONDS) from error
        try:
            yield smtp
        finally:
            _leave(smtp)

    def _open(self) -> smtplib.SMTP:
        found, context = self._server, ssl.create_default_context()
        smtp: smtplib.SMTP
        if found.encrypted:
            smtp = smtplib.SMTP_SSL(
                found.host, found.port, timeout=TIMEOUT_SECONDS, context=context
            )
        else:
            smtp = smtplib.SMTP(found.host, found.port, timeout=TIMEOUT_SECONDS)
        try:
            self._begin(smtp, context)
        except BaseException:
            _leave(smtp)
            raise
        return smtp

    def _begin(self, smtp: smtplib.SMTP, context: ssl.SSLContext) -> None:
        """Encrypt where the server offers it, log in where a user is named."""
        found = self._server
        smtp.ehlo_or_helo_if_needed()
        encrypted = found.encrypted
        if not encrypted and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
            encrypted = True
        if found.user and self._password:
            if not encrypted and found.host not in _LOCAL:
                raise TransportRefused("no_encryption")  # a password is not said aloud
            smtp.login(found.user, self._password.get_secret_value())


def _accepted(answer: tuple[int, bytes | str], wanted: set[int]) -> None:
    code, said = answer
    if code in wanted:
        return
    if code in _LATER:
        raise TransportBusy(LATER_SECONDS)
    words = said if isinstance(said, str) else said.decode("utf-8", "replace")
    shown = " ".join(words.split())[:200]
    raise TransportRefused(f"{code} {shown}")


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (smtplib.SMTPException, OSError):
        smtp.close()
