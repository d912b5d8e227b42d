"""The signature that proves a request comes from Slack, version v0 (pure)."""

from __future__ import annotations

import hashlib
import hmac


def signed_headers(secret: str, body: bytes, *, now: float) -> dict[str, str]:
    """Return the two headers for `body` sent at `now` (Unix seconds)."""
    timestamp = str(int(now))
    signed = b"v0:" + timestamp.encode() + b":" + body
    digest = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": f"v0={digest}"}
