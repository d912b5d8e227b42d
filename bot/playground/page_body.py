"""The JSON body of a page request, read strictly (pure)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.playground import strict_json
from bot.playground.errors import PageError

if TYPE_CHECKING:
    from bot.playground.config import Json


@dataclass(frozen=True, slots=True)
class Body:
    """A JSON object whose fields have the kinds the page promises."""

    fields: Json

    def word(self, name: str) -> str:
        """Return a string that must be there."""
        value = self.fields.get(name)
        if not isinstance(value, str) or not value:
            raise PageError(f"The request lacks {name!r}.")
        return value

    def text(self, name: str) -> str:
        """Return a string, empty if it is not there."""
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise PageError(f"{name!r} must be text.")
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean, false if it is not there."""
        return self.fields.get(name) is True

    def part(self, name: str) -> Body | None:
        """Return an object, None if it is not there."""
        value = self.fields.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise PageError(f"{name!r} must be an object.")
        return Body(value)

    def mail(self) -> bytes:
        """Return the raw mail in `eml` (text) or `eml_b64`."""
        encoded = self.text("eml_b64")
        if not encoded:
            return self.text("eml").encode("utf-8", "replace")
        try:
            return base64.b64decode(encoded, validate=True)
        except (binascii.Error, ValueError) as exc:
            raise PageError("'eml_b64' is not base64.") from exc


def read_body(raw: bytes) -> Body:
    """Parse a request body, or raise PageError."""
    try:
        fields: object = strict_json.parse(raw)
    except ValueError as exc:
        raise PageError("The request is not JSON.") from exc
    if not isinstance(fields, dict):
        raise PageError("The request is not a JSON object.")
    return Body(fields)
