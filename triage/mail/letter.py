"""What is known of a mail once it is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Address:
    """A person of a mail; either part may be missing, never both."""

    name: str | None
    address: str | None


@dataclass(frozen=True, slots=True)
class Original:
    """The mail inside a forward. All of it is a claim of whoever forwarded it."""

    sender: Address | None
    to: Sequence[Address]
    cc: Sequence[Address]
    subject: str | None
    date: str | None
    body: str


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a delivery report says of the first recipient it names."""

    action: str | None
    status: str | None
    recipient: str | None


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file of a mail; `size` in bytes, `text` the bounded words of a PDF or text file.

    `locked`: an archive with an entry that needs a password.
    """

    name: str
    mimetype: str
    size: int
    text: str = ""
    locked: bool = False


class Authentication(StrEnum):
    """What the configured mail server says of the sender's domain (DMARC)."""

    PASSED = "passed"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail as a person reads it.

    `sender` is whom to answer (Reply-To, X-Original-Sender, From), `author` what From says.
    `body` is the whole text; of it `reply` is what the writer said, `signature` and `quoted` what
    stands below. Where somebody forwarded it, `original` is the mail inside, and `note` what the
    forwarder wrote above it.
    """

    sender: Address | None = None
    author: Address | None = None
    to: Sequence[Address] = ()
    cc: Sequence[Address] = ()
    subject: str | None = None
    date: str | None = None
    message_id: str | None = None
    in_reply_to: str | None = None
    references: Sequence[str] = ()
    body: str = ""
    reply: str = ""
    signature: str | None = None
    quoted: str | None = None
    original: Original | None = None
    note: str | None = None
    attachments: Sequence[Attachment] = ()
    auto_generated: bool = False
    bounce: Bounce | None = None
    authentication: Authentication = Authentication.UNKNOWN
    fingerprint: str = ""

    @property
    def forwarded(self) -> bool:
        """Whether somebody passed on the mail of another."""
        return self.original is not None
