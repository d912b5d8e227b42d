"""The SMTP and LMTP listener: 250 only once the mail is kept."""

import asyncio
import contextlib
import functools
import hmac
import ipaddress
import socket
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from bot.errors import BooksUnavailable, ConfigurationError, TransportError

LARGEST_MAIL = 25 * 1024 * 1024
LONGEST_LINE = 1024 * 1024
MOST_SESSIONS = 50
IDLE_SECONDS = 120.0
_STARTED_SECONDS = _ENDED_SECONDS = 5.0
Receive = Callable[[bytes], object]
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Door:
    """Where mail is handed in, and by whom: `login` is "user:password" where one is asked for.

    Without `addresses` mail to anybody is taken, which only a loopback address may do.
    """

    host: str
    port: int
    lmtp: bool = False
    addresses: frozenset[str] = frozenset()
    login: str | None = None

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(self.host).is_loopback
        return self.host == "localhost"

    @property
    def where(self) -> str:
        """Scheme, host and port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'lmtp' if self.lmtp else 'smtp'}://{host}:{self.port}"

    def with_port(self, port: int) -> "Door":
        """The same at another port; 0 for any that is free."""
        return replace(self, port=port)


def door(where: str, *, addresses: Iterable[str] = (), login: str | None = None) -> Door:
    """Read MAIL_LISTEN: host:port, or lmtp://host:port.

    Raises:
        ConfigurationError: it is neither, or would take anybody's mail for anybody.
    """
    try:
        parts = urlsplit(where if "://" in where else f"smtp://{where}")
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.scheme not in {"smtp", "lmtp"}:
        raise ConfigurationError(
            "MAIL_LISTEN must be host:port or lmtp://host:port, like 127.0.0.1:2525"
        )
    if login is not None and not all(login.partition(":")):
        raise ConfigurationError("MAIL_LOGIN must be user:password")
    lowered = frozenset(one.lower() for one in addresses)
    made = Door(host, port, lmtp=parts.scheme == "lmtp", addresses=lowered, login=login)
    if not made.local and not made.addresses:
        raise ConfigurationError(
            f"MAIL_LISTEN is open to other machines ({host}): name the desk's addresses in "
            "MAIL_ADDRESSES"
        )
    return made


class MailListener:
    """An SMTP or LMTP server in a thread of its own; the port is taken when it is made."""

    def __init__(self, door: Door, receive: Receive) -> None:
        """Take the port.

        Raises:
            ConfigurationError: it is taken already, or not ours.
        """
        self._door = door
        self._handler = _Handler(door, receive)
        self._socket = _bound(door)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping = asyncio.Event()
        self._started = threading.Event()
        self._thread = threading.Thread(target=self._run, name="mail-listener", daemon=True)

    @property
    def where(self) -> str:
        """Scheme, host and port."""
        return self._door.with_port(self._socket.getsockname()[1]).where

    def start(self) -> None:
        """Return once mail is taken."""
        self._thread.start()
        if not self._started.wait(_STARTED_SECONDS):
            raise ConfigurationError(f"the mail listener at {self.where} did not start")

    def stop(self) -> None:
        """Finish the mails in hand, at most a few seconds."""
        if self._loop and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._stopping.set)
            self._thread.join(timeout=2 * _ENDED_SECONDS)
        self._socket.close()

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        server = await self._loop.create_server(self._session, sock=self._socket)
        self._started.set()
        await self._stopping.wait()
        server.close()
        await self._handler.finished(_ENDED_SECONDS)

    def _session(self) -> SMTP:
        kind = _Lmtp if self._door.lmtp else _Smtp
        return kind(
            self._handler,
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            hostname="localhost" if self._door.local else socket.getfqdn(),
            ident="supportbot",
            timeout=IDLE_SECONDS,
            auth_require_tls=self._door.login is None,  # there is no TLS: AUTH is not offered
            authenticator=self._handler.authenticated,
            loop=self._loop,
        )


class _Bounded(SMTP):
    """Long lines are taken, too many sessions are not."""

    line_length_limit = LONGEST_LINE

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.event_handler.sessions += 1
        super().connection_made(transport)
        if self.event_handler.sessions > MOST_SESSIONS and isinstance(
            transport, asyncio.WriteTransport
        ):
            transport.write(b"421 4.3.2 Too many connections\r\n")
            transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        self.event_handler.sessions -= 1
        super().connection_lost(error)


class _Smtp(_Bounded):
    """RFC 5321."""


class _Lmtp(_Bounded, LMTP):
    """RFC 2033."""


class _Handler:
    """What is said to each command; aiosmtpd finds the methods by their names."""

    def __init__(self, door: Door, receive: Receive) -> None:
        self.sessions = 0
        self._door = door
        self._receive = receive
        self._in_hand: set[asyncio.Task[str]] = set()

    async def handle_MAIL(  # noqa: N802  aiosmtpd's name
        self, _smtp: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._door.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802  aiosmtpd's name
        self, _smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self._door.addresses and address.lower() not in self._door.addresses:
            return "550 5.1.1 No such address here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        task = asyncio.ensure_future(self._kept(envelope.original_content or b""))
        self._in_hand.add(task)
        try:
            said = await asyncio.shield(task)
        finally:
            task.add_done_callback(self._in_hand.discard)
        # LMTP answers for each recipient (RFC 2033, 4.2).
        return "\r\n".join([said] * (len(envelope.rcpt_tos) if self._door.lmtp else 1))

    async def handle_exception(self, error: Exception) -> str:
        _log.error("mail session", error=type(error).__name__)
        return "451 4.3.0 Try again later"

    def authenticated(
        self, _smtp: SMTP, _session: Session, _envelope: Envelope, _how: str, given: LoginPassword
    ) -> AuthResult:
        """Whether a login is the one that is set."""
        expected = (self._door.login or "").encode()
        right = bool(expected) and hmac.compare_digest(
            expected, b":".join((given.login, given.password))
        )
        return AuthResult(success=right, handled=False)

    async def finished(self, seconds: float) -> None:
        """Wait for the mails in hand, and for what is said of them."""
        if self._in_hand:
            await asyncio.wait(self._in_hand, timeout=seconds)
            await asyncio.sleep(0.05)

    async def _kept(self, raw: bytes) -> str:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, functools.partial(self._receive, raw))
        except (BooksUnavailable, TransportError) as error:
            _log.error("a mail was not kept", error=type(error).__name__)
            return "451 4.3.0 Not kept: try again later"
        return "250 2.0.0 Kept"


def _bound(door: Door) -> socket.socket:
    family = socket.AF_INET6 if ":" in door.host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((door.host, door.port))
        taken.listen(64)
        taken.setblocking(False)  # noqa: FBT003  a socket's own method
    except OSError as error:
        taken.close()
        raise ConfigurationError(
            f"MAIL_LISTEN: cannot listen on {door.host}:{door.port}: {error.strerror}"
        ) from error
    return taken
