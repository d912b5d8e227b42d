"""An IMAP mailbox: new mail is fetched, kept, and only then marked as seen."""

import contextlib
import imaplib
import random
import re
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import structlog
from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.consts import MailMessageFlags
from imap_tools.errors import ImapToolsError
from pydantic import SecretStr

from bot.errors import ConfigurationError, SupportbotError

LARGEST_MAIL = 25 * 1024 * 1024
LARGEST_HEADER = 64 * 1024
WAIT_SECONDS = 60.0
POLL_SECONDS = 30.0
SLICE_SECONDS = 1.0
NETWORK_SECONDS = 60.0
LONGEST_BACKOFF_SECONDS = 300.0
_SECURE_PORT, _PLAIN_PORT = 993, 143
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_GONE = (OSError, imaplib.IMAP4.abort)
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ImapPlace:
    """A folder of an account; `encrypted` from the first byte on, else by STARTTLS."""

    host: str
    port: int
    user: str
    password: SecretStr
    folder: str = "INBOX"
    encrypted: bool = True

    def __str__(self) -> str:
        return f"{self.folder} of {self.user} at {self.host}:{self.port}"


def imap_place(url: str, password: SecretStr | None) -> ImapPlace:
    """Read IMAP_URL: imaps://user@host:993/INBOX.

    Raises:
        ConfigurationError: it is none, or the password is missing.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"imap", "imaps"} or not parts.hostname or not parts.username:
        raise ConfigurationError("IMAP_URL must look like imaps://user@mail.example.com:993/INBOX")
    if parts.password:
        raise ConfigurationError("IMAP_URL holds a password: put it into IMAP_PASSWORD")
    if password is None:
        raise ConfigurationError("IMAP_PASSWORD is not set")
    encrypted = parts.scheme == "imaps"
    return ImapPlace(
        host=parts.hostname,
        port=port or (_SECURE_PORT if encrypted else _PLAIN_PORT),
        user=unquote(parts.username),
        password=password,
        folder=unquote(parts.path.strip("/")) or "INBOX",
        encrypted=encrypted,
    )


@contextlib.contextmanager
def opened(place: ImapPlace, *, seconds: float = NETWORK_SECONDS) -> Iterator[BaseMailBox]:
    """The mailbox, logged in and its folder selected; certificates are checked.

    Raises:
        ImapToolsError, imaplib.IMAP4.error, OSError: it cannot be opened.
    """
    box = _reached(place, seconds)
    password = place.password.get_secret_value()
    login = box.login if (place.user + password).isascii() else box.login_utf8
    try:
        login(place.user, password, place.folder)
        yield box
    finally:
        with contextlib.suppress(Exception):  # what is over need not end well
            box.client.logout()
        with contextlib.suppress(OSError):
            box.client.shutdown()


def check(place: ImapPlace) -> str:
    """Log in and out again; what to say of it.

    Raises:
        ConfigurationError: that does not work; says why, never the password.
    """
    try:
        with opened(place, seconds=10) as box:
            waits = "IDLE" if _idles(box) else f"a look every {POLL_SECONDS:.0f} s"
    except (ImapToolsError, imaplib.IMAP4.error, OSError) as error:
        raise ConfigurationError(f"IMAP: {place}: {_why(error, place)}") from None
    return f"{place} by {waits}"


class Mailbox:
    """Watches one folder in a thread of its own: IDLE where the server has it, else looks often."""

    def __init__(
        self,
        place: ImapPlace,
        *,
        receive: Callable[[bytes], object],
        unreadable: Callable[[bytes, str], object],
    ) -> None:
        """`unreadable` takes the header of a mail that is too large, and why it is not read."""
        self._place = place
        self._receive = receive
        self._unreadable = unreadable
        self._version = 0
        self._skipped: set[tuple[int, str]] = set()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="mail-imap", daemon=True)

    @property
    def where(self) -> str:
        """Folder, account and server."""
        return str(self._place)

    def start(self) -> None:
        """Begin; a server that is away now is tried again."""
        self._thread.start()

    def stop(self) -> None:
        """Leave the mailbox, within seconds."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _watch(self) -> None:
        failures = 0
        while not self._stop.is_set():
            try:
                with opened(self._place) as box:
                    self._version = _version(box)
                    self._fetch(box)
                    failures = 0
                    self._stay(box)
            except Exception as error:  # noqa: BLE001  whatever a server says, it is tried again
                failures += 1
                pause = min(LONGEST_BACKOFF_SECONDS, 2.0**failures) * random.uniform(0.5, 1.0)  # noqa: S311  jitter
                _log.error("mailbox", error=_why(error, self._place), again_in=round(pause, 1))
                self._stop.wait(pause)

    def _stay(self, box: BaseMailBox) -> None:
        while not self._stop.is_set():
            self._wait(box)
            if not self._stop.is_set():
                self._fetch(box)

    def _wait(self, box: BaseMailBox) -> None:
        """Until there is news, or a while has passed: what came just before IDLE wakes nobody."""
        if not _idles(box):
            self._stop.wait(POLL_SECONDS)
            box.client.noop()
            return
        with box.idle as idle:
            for _ in range(int(WAIT_SECONDS / SLICE_SECONDS)):
                if idle.poll(timeout=SLICE_SECONDS) or self._stop.is_set():
                    return

    def _fetch(self, box: BaseMailBox) -> None:
        """Keep what is unseen, oldest first. A mail that cannot be had holds up no other."""
        for uid in sorted(box.uids("UNSEEN"), key=int):
            if self._stop.is_set():
                return
            if (self._version, uid) in self._skipped:
                continue
            try:
                self._keep(box, uid)
            except (*_GONE, SupportbotError):
                raise  # neither the server nor the books: not the mail's fault, and tried again
            except Exception as error:  # noqa: BLE001  a mail may be anything
                self._skipped.add((self._version, uid))
                _log.error("a mail in the mailbox is left", uid=uid, error=type(error).__name__)

    def _keep(self, box: BaseMailBox, uid: str) -> None:
        if _size(box, uid) > LARGEST_MAIL:
            header = _fetched(box, uid, f"(BODY.PEEK[HEADER]<0.{LARGEST_HEADER}>)")
            self._unreadable(header, f"it is larger than 25 MB; find it in {self.where}")
        else:
            self._receive(_fetched(box, uid, "(BODY.PEEK[])"))
        box.flag([uid], MailMessageFlags.SEEN, True)  # noqa: FBT003  the library's own


def _reached(place: ImapPlace, seconds: float) -> BaseMailBox:
    secure = ssl.create_default_context()  # imaplib's own checks nothing
    if place.encrypted:
        return MailBox(place.host, place.port, timeout=seconds, ssl_context=secure)
    if place.host in _LOCAL:
        return MailBoxUnencrypted(place.host, place.port, timeout=seconds)
    return MailBoxStartTls(place.host, place.port, timeout=seconds, ssl_context=secure)


def _size(box: BaseMailBox, uid: str) -> int:
    """In bytes; 0 where the server does not say."""
    _, found = box.client.uid("FETCH", uid, "(RFC822.SIZE)")
    lines = (one for one in found if isinstance(one, bytes))
    sizes = (_SIZE.search(line) for line in lines)
    return next((int(size[1]) for size in sizes if size), 0)


def _fetched(box: BaseMailBox, uid: str, parts: str) -> bytes:
    """The literal that the server gives for a part of a mail."""
    status, found = box.client.uid("FETCH", uid, parts)
    literals = [one[1] for one in found if isinstance(one, tuple)]
    if status != "OK" or not literals:
        raise imaplib.IMAP4.error(f"FETCH: {status}")
    raw: bytes = literals[0]
    return raw


def _version(box: BaseMailBox) -> int:
    """UIDVALIDITY: under another one the same UIDs name other mails."""
    _, found = box.client.response("UIDVALIDITY")
    return int(found[0]) if found and found[0] else 0


def _idles(box: BaseMailBox) -> bool:
    """Many servers say so only after the login."""
    _, found = box.client.capability()
    return b"IDLE" in b" ".join(one or b"" for one in found).upper().split()


def _why(error: Exception, place: ImapPlace) -> str:
    text = " ".join(str(error).split())[:200]
    return f"{type(error).__name__}: {text}".replace(place.password.get_secret_value(), "…")
