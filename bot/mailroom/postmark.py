"""Postmark's inbound webhook: JSON, the raw mail in `RawEmail`, basic authentication in the URL.

https://postmarkapp.com/developer/webhooks/inbound-webhook
"""

import contextlib
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import SecretStr

from bot.mailroom.composing import Enclosure, Parts, composed
from bot.mailroom.provider import Delivery, Refused, knows_login

FORBIDDEN, BAD_REQUEST = 403, 400
_NAMED = ("From", "To", "Cc", "Subject", "Date")


@dataclass(frozen=True, slots=True)
class Postmark:
    """Postmark's deliveries. It gives up at 403 and tries again at any other refusal."""

    login: SecretStr
    name: str = "postmark"
    largest: int = 60_000_000

    def admit(self, headers: Mapping[str, str]) -> None:
        """Basic authentication."""
        if not knows_login(headers, self.login.get_secret_value()):
            raise Refused(FORBIDDEN, "wrong login")

    def mail(self, delivery: Delivery) -> bytes:
        """`RawEmail` where the server is told to include it; else its fields put together."""
        try:
            told = json.loads(delivery.body)
        except (ValueError, RecursionError) as error:
            raise Refused(BAD_REQUEST, "no JSON") from error
        if not isinstance(told, dict):
            raise Refused(BAD_REQUEST, "no mail")
        raw = told.get("RawEmail")
        if isinstance(raw, str) and raw:
            return raw.encode("utf-8", "replace")
        return composed(
            Parts(
                list(_headers(told)),
                plain=_text(told, "TextBody"),
                html=_text(told, "HtmlBody"),
                files=list(_files(told)),
            )
        )


def _headers(told: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The fields, then the rest of the headers; `MessageID` is Postmark's own, not the mail's."""
    for name in _NAMED:
        if _text(told, name):
            yield name, _text(told, name)
    if _text(told, "ReplyTo"):
        yield "Reply-To", _text(told, "ReplyTo")
    for one in _dicts(told, "Headers"):
        if _text(one, "Name").title() not in _NAMED:
            yield _text(one, "Name"), _text(one, "Value")


def _files(told: Mapping[str, Any]) -> Iterator[Enclosure]:
    for one in _dicts(told, "Attachments"):
        content = b""  # a file that is none still shows by its name
        with contextlib.suppress(ValueError):
            content = b64decode(_text(one, "Content"))
        yield Enclosure(_text(one, "Name") or "file", content)


def _dicts(told: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    return found if isinstance(found, str) else ""
