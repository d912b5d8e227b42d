"""Content-Transfer-Encoding undone, also where it is written against the rules (total)."""

import binascii
import re

_ALPHABET = re.compile(rb"[A-Za-z0-9+/]+")
_FOREIGN = re.compile(rb"[^A-Za-z0-9+/=]+")
_SPACE = re.compile(rb"[ \t]")
_BEGIN = re.compile(rb"^begin [0-7]{3,4} [^\r\n]*\r?\n", re.MULTILINE)
_UUENCODED = {"x-uuencode", "uuencode", "x-uue", "uue"}
_QUANTUM = 4


def undone(content: bytes, encoding: str | None) -> bytes:
    """The content as it was before it was encoded; as it stands where the encoding is unknown."""
    name = (encoding or "").partition(";")[0].strip("\"' \t").lower()
    if name == "base64":
        return from_base64(content)
    if name == "quoted-printable":
        return binascii.a2b_qp(content)
    return _from_uuencode(content) if name in _UUENCODED else content


def from_base64(content: bytes) -> bytes:
    """Base64 in chunks, with foreign characters or cut short; plain text that only claims so.

    Lines of several words are no base64: a list's footer below it is left out, and where already
    the first line is one, nothing was encoded.
    """
    lines = [line.strip() for line in content.split(b"\n") if line.strip()]
    if lines and _SPACE.search(lines[0]):
        return content
    written = _FOREIGN.sub(b"", b"".join(line for line in lines if not _SPACE.search(line)))
    if b"=" not in written.rstrip(b"="):
        return _whole(written.rstrip(b"="))
    return b"".join(_whole(one[0]) for one in _ALPHABET.finditer(written))


def _whole(written: bytes) -> bytes:
    left = len(written) % _QUANTUM
    if left == 1:
        written, left = written[:-1], 0
    return binascii.a2b_base64(written + b"=" * (-left % _QUANTUM))


def _from_uuencode(content: bytes) -> bytes:
    begin = _BEGIN.search(content)
    if not begin:
        return content
    found = []
    for line in content[begin.end() :].splitlines():
        if line.strip() == b"end":
            break
        found.append(_uu_line(line))
    return b"".join(found)


def _uu_line(line: bytes) -> bytes:
    if not line:
        return b""
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        wanted = ((((line[0] - 32) & 63) * 4 + 5) // 3) + 1
    try:
        return binascii.a2b_uu(line[:wanted])
    except binascii.Error:
        return b""
