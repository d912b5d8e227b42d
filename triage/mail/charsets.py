"""Bytes → text, whatever charset they claim and whatever they are (total, linear time)."""

import codecs
import re
import unicodedata

# What mail programs write, and the superset that they mean.
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "gb_2312-80": "gb18030",
    "ks_c_5601-1987": "cp949",
    "ks_c_5601": "cp949",
    "euc-kr": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "windows-874": "cp874",
    "tis-620": "cp874",
    "unicode-1-1-utf-7": "utf-7",
    "utf8mb4": "utf-8",
    "x-mac-roman": "mac-roman",
    "macintosh": "mac-roman",
}
_NAME = re.compile(r"[\w.:+-]{1,40}", re.ASCII)
# Codecs of Python that are no charset of a mail; some of them take quadratic time.
_NO_CHARSETS = {"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape"}
_NO_CHARSETS |= {"raw_unicode_escape", "undefined", "mbcs", "oem"}
_JAPANESE = ("iso2022_jp_ext", "iso2022_jp_2004")
_JIS_X_0208, _JIS_X_0213 = b"\x1b$B", b"\x1b$(Q"
_LINES = str.maketrans({"\x0b": "\n", "\x0c": "\n", "\x85": "\n", "\u2028": "\n", "\u2029": "\n"})
_UNSEEN = {
    code: None
    for code in (*range(0x20), *range(0x7F, 0xA0))
    if chr(code) not in "\t\n\r\x0b\x0c\x85"
}
_BIDI = dict.fromkeys((*range(8234, 8239), *range(8294, 8298), 8206, 8207))
_BIDI[0x061C] = None


def decoded(raw: bytes, declared: str | None = None) -> str:
    """The text: as declared, else UTF-8, else cp1252, else latin-1; without control characters.

    A few broken bytes in a text of the declared charset are replaced rather than the charset
    doubted. Line ends are all a line feed.
    """
    return lined(_text(raw, declared))


def lined(text: str) -> str:
    """A text with line feeds as its only line ends, no control characters, no half characters."""
    whole = text.translate(_UNSEEN).replace("\r\n", "\n").replace("\r", "\n").translate(_LINES)
    return whole.encode("utf-8", "replace").decode().removeprefix("\ufeff")


def one_line(text: str) -> str:
    """A text on a single line, single spaces between its words, in NFC."""
    return unicodedata.normalize("NFC", " ".join(lined(text).split()))


def unspoofed(text: str) -> str:
    """A line without the marks that make it read backwards."""
    return one_line(text.translate(_BIDI))


def _text(raw: bytes, declared: str | None) -> str:
    if declared is not None and "2022-jp" in declared.lower():
        found = _japanese(raw)
    else:
        found = _declared(raw, _codec(declared), declared or "")
    if found is not None:
        return found
    for name in ("utf-8", "cp1252"):
        try:
            return raw.decode(name)
        except UnicodeError:
            continue
    lenient = _mended(raw, "utf-8")
    return raw.decode("latin-1") if lenient is None else lenient


def _declared(raw: bytes, codec: str | None, declared: str) -> str | None:
    if codec is None or (declared.lower().startswith(("utf-16", "utf-32")) and b"\0" not in raw):
        return None
    try:
        return raw.decode(codec)
    except (UnicodeError, ValueError):
        return _mended(raw, codec)


def _mended(raw: bytes, codec: str) -> str | None:
    """The text with what is broken replaced; None where too much is for the charset to be true."""
    try:
        text = raw.decode(codec, "replace")
    except (UnicodeError, ValueError):
        return None
    foreign = len(text) - len(text.encode("ascii", "ignore"))
    return text if codec != "ascii" and text.count("\ufffd") * 4 <= foreign else None


def _codec(declared: str | None) -> str | None:
    name = (declared or "").strip("\"' \t").lower().partition("*")[0]
    if not _NAME.fullmatch(name):
        return None
    try:
        found = codecs.lookup(_MEANT.get(name, name))
    except (LookupError, ValueError, UnicodeError, ImportError):
        return None
    # The codecs of the standard library that turn bytes to bytes say so themselves.
    is_text: bool = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name not in _NO_CHARSETS else None


def _japanese(raw: bytes) -> str | None:
    """Japanese mail as Windows writes it: circled digits are in rows that only JIS X 0213 has."""
    for codec in _JAPANESE:
        newer = codec == _JAPANESE[-1]
        try:
            return (raw.replace(_JIS_X_0208, _JIS_X_0213) if newer else raw).decode(codec)
        except UnicodeError:
            continue
    return _mended(raw, _JAPANESE[0])
