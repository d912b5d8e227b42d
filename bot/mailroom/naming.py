"""Message-IDs of our own, which carry the conversation they belong to, signed (pure).

A customer's answer names them in In-Reply-To or References; the hash tells that they are ours, so
nobody can write into a case by inventing one.
"""

import hashlib
import hmac
import re

_HASH_CHARACTERS = 24
_OWN = re.compile(
    rf"<?desk\.([0-9a-f]{{2,256}})\.([0-9a-z]{{1,20}})\.([0-9a-f]{{{_HASH_CHARACTERS}}})"
    r"@[^<>\s@]{1,255}>?"
)


def own_message_id(
    conversation: str, secret: str, *, part: str = "0", host: str = "localhost"
) -> str:
    """The Message-ID of a mail of ours, angle brackets included.

    `part` (lower-case letters and digits, at most 20) tells mails of one conversation apart.
    """
    named = conversation.encode().hex()
    return f"<desk.{named}.{part}.{_signed(named, part, secret)}@{host}>"


def case_of(message_id: str, secret: str) -> str | None:
    """The conversation that a Message-ID of ours carries; None for any other, or a forged one."""
    found = _OWN.fullmatch(message_id.strip())
    if found is None or not hmac.compare_digest(found[3], _signed(found[1], found[2], secret)):
        return None
    try:
        return bytes.fromhex(found[1]).decode()
    except ValueError:
        return None


def _signed(named: str, part: str, secret: str) -> str:
    written = f"{named}.{part}".encode()
    return hmac.new(secret.encode(), written, hashlib.sha256).hexdigest()[:_HASH_CHARACTERS]
