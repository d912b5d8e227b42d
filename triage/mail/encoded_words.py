"""Encoded words of headers (RFC 2047), also those that break its rules (total, linear time)."""

import binascii
import re

from triage.mail.charsets import decoded
from triage.mail.transfer import from_base64

ENCODED_WORD = r"=\?[^?\s]{1,60}\?[bBqQ]\?[^?]*\?="
_START = re.compile(r"=\?([^?\s]{1,60})\?([bBqQ])\?")
_END = "?="


def words_decoded(written: str) -> str:
    """A header's text with its encoded words read; neighbours of one charset are one text."""
    if "=?" not in written:
        return written
    found: list[str] = []
    waiting, charset, at = b"", "", 0
    while (start := _START.search(written, at)) and (end := written.find(_END, start.end())) >= 0:
        between = written[at : start.start()]
        joins = not between.strip() and charset != "" and at > 0
        if not (joins and charset.lower() == start[1].lower()):
            found.append(decoded(waiting, charset) if charset else "")
            waiting = b""
        if not joins:
            found.append(between)
        charset = start[1]
        waiting += _bytes(written[start.end() : end], start[2])
        at = end + len(_END)
    found.append(decoded(waiting, charset) if charset else "")
    return "".join([*found, written[at:]])


def _bytes(written: str, encoding: str) -> bytes:
    raw = written.encode("utf-8", "replace")
    if encoding in "bB":
        return from_base64(raw)
    return binascii.a2b_qp(raw.replace(b" ", b"_"), header=True)
