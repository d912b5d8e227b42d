"""What a mail provider's webhook is for the web application."""

import hmac
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Refused(Exception):
    """A delivery is not taken; `status` is answered, `why` is for our log."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request: its headers by lower-case names, and its body."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A delivery that brings no mail although there is one; `why` is for people."""

    raw: bytes
    why: str


class Provider(Protocol):
    """Checks a delivery and finds the mail in it."""

    @property
    def name(self) -> str:
        """Its path is /mail/<name>."""

    @property
    def largest(self) -> int:
        """The largest body that is read, in bytes."""

    def admit(self, headers: Mapping[str, str]) -> None:
        """Look at the headers before a body is read.

        Raises:
            Refused: the sender is not who it must be.
        """

    def mail(self, delivery: Delivery) -> bytes | Unreadable | None:
        """The raw mail; None for a message about something else.

        Raises:
            Refused: the signature is wrong, or nothing can be made of it.
        """


def knows_login(headers: Mapping[str, str], login: str) -> bool:
    """Whether basic authentication gives "user:password"."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    try:
        found = b64decode(given.strip(), validate=True)
    except (NotBase64, ValueError):
        return False
    return scheme.lower() == "basic" and hmac.compare_digest(found, login.encode())
