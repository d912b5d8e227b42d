"""SendGrid's Inbound Parse: a form, the raw mail in `email`, basic authentication in the URL.

https://www.twilio.com/docs/sendgrid/for-developers/parsing-email/setting-up-the-inbound-parse-webhook
"""

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from bot.mailroom.composing import Parts, composed
from bot.mailroom.forms import fields, text
from bot.mailroom.provider import Delivery, Refused, knows_login

UNAUTHORIZED, BAD_REQUEST = 401, 400


@dataclass(frozen=True, slots=True)
class SendGrid:
    """SendGrid's deliveries, 30 MB at most. It gives up at 4xx and tries again at 5xx."""

    login: SecretStr
    name: str = "sendgrid"
    largest: int = 31_500_000

    def admit(self, headers: Mapping[str, str]) -> None:
        """Basic authentication."""
        if not knows_login(headers, self.login.get_secret_value()):
            raise Refused(UNAUTHORIZED, "wrong login")

    def mail(self, delivery: Delivery) -> bytes:
        """The field `email`; else what was taken apart, put together again."""
        form = fields(delivery)
        if form.get("email"):
            return form["email"]
        if not (form.get("headers") or form.get("text") or form.get("html")):
            raise Refused(BAD_REQUEST, "no mail")
        lines = text(form.get("headers")).replace("\r\n", "\n").replace("\n ", " ")
        named = (line.partition(":") for line in lines.replace("\n\t", " ").split("\n"))
        return composed(
            Parts(
                [(name, value) for name, _, value in named if name.strip()],
                plain=text(form.get("text")),
                html=text(form.get("html")),
            )
        )
