"""Mailgun's routes: a form with the raw mail, signed over timestamp and token.

https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks
"""

import contextlib
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import SecretStr

from bot.mailroom.composing import Parts, composed
from bot.mailroom.forms import fields, text
from bot.mailroom.provider import Delivery, Refused

FRESH_SECONDS = 300.0
NOT_ACCEPTABLE, UNAUTHORIZED = 406, 401


@dataclass(slots=True)
class _Tokens:
    """Tokens of late, each with the mail that it came with.

    The signature does not cover the mail: whoever has seen a token could send another one with it.
    """

    _seen: dict[str, tuple[float, str]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def allows(self, token: str, raw: bytes, *, now: float) -> bool:
        digest = hashlib.sha256(raw).hexdigest()
        with self._lock:
            self._seen = {
                name: one for name, one in self._seen.items() if one[0] > now - 2 * FRESH_SECONDS
            }
            _, first = self._seen.setdefault(token, (now, digest))
        return first == digest


@dataclass(frozen=True, slots=True)
class Mailgun:
    """Mailgun's deliveries. It gives up at 406 and tries again at any other refusal."""

    key: SecretStr
    now: Callable[[], float] = time.time
    name: str = "mailgun"
    largest: int = 40_000_000
    _tokens: _Tokens = field(default_factory=_Tokens)

    def admit(self, headers: Mapping[str, str]) -> None:
        """The signature is in the body."""

    def mail(self, delivery: Delivery) -> bytes:
        """The field `body-mime`; else what the route has taken apart, put together again."""
        form = fields(delivery)
        timestamp, token = text(form.get("timestamp")), text(form.get("token"))
        self._check(timestamp, token, signature=text(form.get("signature")))
        raw = form.get("body-mime") or composed(_parts(form))
        if not self._tokens.allows(token, raw, now=self.now()):
            raise Refused(NOT_ACCEPTABLE, "a token came again with another mail")
        return raw

    def _check(self, timestamp: str, token: str, *, signature: str) -> None:
        expected = hmac.new(
            self.key.get_secret_value().encode(), f"{timestamp}{token}".encode(), hashlib.sha256
        ).hexdigest()
        if not token or not hmac.compare_digest(expected.encode(), signature.lower().encode()):
            raise Refused(NOT_ACCEPTABLE, "wrong signature")
        signed_at = float(timestamp) if timestamp.isascii() and timestamp.isdigit() else 0.0
        if abs(self.now() - signed_at) > FRESH_SECONDS:  # perhaps our own clock: no mail is lost
            raise Refused(UNAUTHORIZED, "signed more than five minutes ago, or ahead of our clock")


def _parts(form: Mapping[str, bytes]) -> Parts:
    headers: list[tuple[str, str]] = []
    with contextlib.suppress(ValueError, TypeError, KeyError):
        headers = [(str(name), str(value)) for name, value in json.loads(form["message-headers"])]
    named = [("From", "from"), ("Subject", "subject"), ("To", "recipient")]
    spare = [(name, text(form.get(key))) for name, key in named if form.get(key)]
    return Parts(
        headers or spare,
        plain=text(form.get("body-plain")),
        html=text(form.get("body-html")),
    )
