"""Signatures as Mailgun and SNS make them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

TOPIC = "arn:aws:sns:eu-west-1:123456789012:support-mail"
CERTIFICATE_URL = "https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-1.pem"
SUBSCRIBE_URL = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=t"
MAILGUN_KEY = "key-of-mailgun"


def mailgun_form(raw: bytes, *, at: float, key: str = MAILGUN_KEY, token: str = "t1") -> Any:  # noqa: S107
    timestamp = str(int(at))
    signature = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    signed = {"timestamp": timestamp, "token": token, "signature": signature}
    return {**signed, "recipient": "support@desk.test", "body-mime": raw.decode("latin-1")}


@cache
def _key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def certificate(*, days: int = 30) -> bytes:
    """A certificate in PEM for our own key, valid until so many days from now."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    until = datetime.now(UTC) + timedelta(days=days)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(_key().public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=60))
        .not_valid_after(until)
        .sign(_key(), SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def notification(raw: bytes, *, encoding: str = "BASE64", **changes: Any) -> dict[str, Any]:
    """What SNS tells of a mail; `content` as the action's encoding has it."""
    text = base64.b64encode(raw).decode() if encoding == "BASE64" else raw.decode()
    message = {
        "notificationType": "Received",
        "mail": {"messageId": "ses-1"},
        "receipt": {"action": {"type": "SNS", "encoding": encoding}},
        "content": text,
    }
    plain = {
        "Type": "Notification",
        "MessageId": "sns-1",
        "TopicArn": TOPIC,
        "Subject": "Amazon SES Email Receipt Notification",
        "Message": json.dumps(message),
        "Timestamp": "2026-11-23T10:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
    }
    return {**plain, **changes}


def subscription(**changes: Any) -> dict[str, Any]:
    asked = {
        "Type": "SubscriptionConfirmation",
        "MessageId": "sns-2",
        "Token": "t",
        "TopicArn": TOPIC,
        "Message": "You have chosen to subscribe …",
        "SubscribeURL": SUBSCRIBE_URL,
        "Timestamp": "2026-11-23T10:00:00.000Z",
        "SignatureVersion": "2",
        "SigningCertURL": CERTIFICATE_URL,
    }
    return {**asked, **changes}


def signed(told: dict[str, Any], hashing: HashAlgorithm | None = None) -> dict[str, Any]:
    """The same with the signature of SNS."""
    names = ["Message", "MessageId", "SubscribeURL", "Subject", "Timestamp", "Token", "TopicArn"]
    text = "".join(f"{name}\n{told[name]}\n" for name in [*names, "Type"] if name in told)
    made = _key().sign(text.encode(), PKCS1v15(), hashing or SHA256())
    return {**told, "Signature": base64.b64encode(made).decode()}


@dataclass
class Wire:
    """What the desk fetches, and what it gets."""

    page: bytes = field(default_factory=certificate)
    fetched: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> bytes:
        self.fetched.append(url)
        return self.page
