"""Which file is read how, by its ending."""

from collections.abc import Mapping

from knowledge.sources.front import markdown
from knowledge.sources.reading import (
    LARGEST_BINARY,
    LARGEST_TEXT,
    Reader,
    Reading,
    Unreadable,
    decoded,
)

_FOREIGN = (".doc", ".rtf", ".odt", ".pages", ".rst", ".adoc", ".epub", ".pptx")
_BINARY = frozenset({".pdf", ".docx", *_FOREIGN})
_LONGEST_REASON = 200


def plain(raw: bytes) -> Reading:
    """Text as it stands."""
    return Reading(decoded(raw))


def html(raw: bytes) -> Reading:
    """A page; its libraries take a tenth of a second to import, which only those with one pay."""
    from knowledge.sources import markup  # noqa: PLC0415

    return markup.html(raw)


def pdf(raw: bytes) -> Reading:
    """A PDF; its library takes a third of a second to import, which only those who have one pay."""
    from knowledge.sources import office  # noqa: PLC0415

    return office.pdf(raw)


def docx(raw: bytes) -> Reading:
    """A DOCX, by a library that is as slow to import."""
    from knowledge.sources import office  # noqa: PLC0415

    return office.docx(raw)


def foreign(raw: bytes) -> Reading:  # noqa: ARG001  a reader like the others
    """Nothing: a document that somebody meant to be read is named, not passed over."""
    raise Unreadable("in a format that is not read: save it as Markdown, HTML, PDF or DOCX")


READERS: Mapping[str, Reader] = {
    ".md": markdown,
    ".markdown": markdown,
    ".html": html,
    ".htm": html,
    ".pdf": pdf,
    ".docx": docx,
    ".txt": plain,
    **dict.fromkeys(_FOREIGN, foreign),
}


def largest(ending: str) -> int:
    """The most bytes that a file of this ending may have."""
    return LARGEST_BINARY if ending in _BINARY else LARGEST_TEXT


def read(raw: bytes, reader: Reader) -> Reading:
    """What a document holds.

    Raises:
        Unreadable: it is broken, in whatever way.
    """
    if not raw.strip():
        raise Unreadable("the file is empty")
    try:
        return reader(raw)
    except Unreadable:
        raise
    except Exception as error:  # parsers raise whatever a broken file leads them into
        why = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST_REASON]
        raise Unreadable(f"damaged, or not what its name says ({why})") from error
