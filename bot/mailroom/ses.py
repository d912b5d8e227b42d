"""Amazon SES by way of SNS: a signed JSON notification with the mail in `content`.

https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html
https://docs.aws.amazon.com/ses/latest/dg/receiving-email-notifications-contents.html

SignatureVersion 1 signs with SHA-1, for which collisions can be made: it is refused. The topic's
attribute SignatureVersion=2 makes SNS sign with SHA-256. A notification is not held against the
clock: SNS tries for hours, all of it is signed, and one that comes again folds.
"""

import json
import re
import time
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from bot.mailroom.provider import Delivery, Refused, Unreadable

FORBIDDEN, BAD_REQUEST, UNAVAILABLE = 403, 400, 503
FETCH_SECONDS = 10.0
_LARGEST_FETCHED = 100_000
_HOST = re.compile(r"sns\.[a-z0-9-]+\.amazonaws\.com(\.cn)?")
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type",
    ),
}  # fmt: skip
_SIGNED["UnsubscribeConfirmation"] = _SIGNED["SubscriptionConfirmation"]
Fetch = Callable[[str], bytes]
_log = structlog.get_logger(__name__)


def fetch(url: str) -> bytes:
    """The page of an address; no redirects, bounded in size and time.

    Raises:
        Refused: it cannot be had now.
    """
    try:
        with httpx.stream("GET", url, timeout=FETCH_SECONDS, follow_redirects=False) as answered:
            answered.raise_for_status()
            held = b""
            for part in answered.iter_bytes():
                held += part
                if len(held) > _LARGEST_FETCHED:
                    break
            return held
    except httpx.HTTPError as error:
        raise Refused(UNAVAILABLE, f"SNS cannot be reached: {type(error).__name__}") from error


@dataclass(frozen=True, slots=True)
class Ses:
    """Deliveries of one SNS topic. SNS gives up at 4xx and tries again at 5xx."""

    topic: str
    fetch: Fetch = fetch
    now: Callable[[], float] = time.time
    name: str = "ses"
    largest: int = 1_000_000
    _certificates: dict[str, x509.Certificate] = field(default_factory=dict)

    def admit(self, headers: Mapping[str, str]) -> None:
        """The signature is in the body."""

    def mail(self, delivery: Delivery) -> bytes | Unreadable | None:
        """The mail of a notification; a subscription to our topic is confirmed."""
        told = _json(delivery.body)
        if told.get("TopicArn") != self.topic:
            raise Refused(FORBIDDEN, "another topic")
        self._verify(told)
        match told["Type"]:
            case "Notification":
                return _mail(str(told["Message"]))
            case "SubscriptionConfirmation":
                self.fetch(_of_sns(told.get("SubscribeURL")))
                _log.warning("subscribed", topic=self.topic)
        return None

    def _verify(self, told: Mapping[str, Any]) -> None:
        names = _SIGNED.get(str(told.get("Type")))
        if names is None or told.get("SignatureVersion") != "2":
            raise Refused(FORBIDDEN, "not signed with SignatureVersion 2")
        signed = "".join(f"{name}\n{told[name]}\n" for name in names if told.get(name) is not None)
        certificate = self._certificate(_of_sns(told.get("SigningCertURL")))
        key = certificate.public_key()
        try:
            signature = b64decode(str(told.get("Signature")), validate=True)
            if not isinstance(key, RSAPublicKey):
                raise Refused(FORBIDDEN, "a certificate without an RSA key")
            key.verify(signature, signed.encode("utf-8", "replace"), PKCS1v15(), SHA256())
        except (InvalidSignature, NotBase64, ValueError) as error:
            raise Refused(FORBIDDEN, "wrong signature") from error

    def _certificate(self, url: str) -> x509.Certificate:
        found = self._certificates.get(url)
        if found is None:
            try:
                found = x509.load_pem_x509_certificate(self.fetch(url))
            except ValueError as error:
                raise Refused(FORBIDDEN, "no certificate") from error
            self._certificates[url] = found
        at = datetime.fromtimestamp(self.now(), UTC)
        if not found.not_valid_before_utc <= at <= found.not_valid_after_utc:
            self._certificates.pop(url, None)
            raise Refused(FORBIDDEN, "a certificate that is not valid now")
        return found


def _of_sns(url: object) -> str:
    """The address, if it is one of SNS and nothing else.

    Raises:
        Refused: it leads elsewhere.
    """
    try:
        parts = urlsplit(str(url))
        port = parts.port
    except ValueError as error:
        raise Refused(FORBIDDEN, "an address that is none") from error
    ours = parts.scheme == "https" and port in {None, 443} and "@" not in parts.netloc
    if not ours or not _HOST.fullmatch(parts.hostname or ""):
        raise Refused(FORBIDDEN, "an address outside SNS")
    return str(url)


def _mail(message: str) -> bytes | Unreadable | None:
    try:
        told = _json(message.encode("utf-8", "replace"))
    except Refused:
        return None  # SNS's own words when the topic was set up
    if told.get("notificationType") != "Received":
        return None
    content = told.get("content")
    if not isinstance(content, str):
        why = "SES sent no content: use an SNS action that includes it, not S3"
        return Unreadable(message.encode("utf-8", "replace"), why)
    if _encoding(told) != "BASE64":
        return content.encode("utf-8", "replace")
    try:
        return b64decode(content)
    except NotBase64:
        return Unreadable(message.encode("utf-8", "replace"), "its content is no Base64")


def _encoding(told: Mapping[str, Any]) -> str:
    receipt = told.get("receipt")
    action = receipt.get("action") if isinstance(receipt, dict) else None
    return str(action.get("encoding")).upper() if isinstance(action, dict) else ""


def _json(body: bytes) -> Mapping[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(BAD_REQUEST, "no JSON") from error
    if not isinstance(told, dict):
        raise Refused(BAD_REQUEST, "no JSON object")
    return told
