"""PDF and DOCX → Markdown."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from io import BytesIO
from typing import IO
from zipfile import BadZipFile, ZipFile

import mammoth
from pypdf import DocumentInformation, PasswordType, PdfReader
from pypdf.errors import DependencyError

from knowledge.sources.dates import day_of
from knowledge.sources.markup import markdown_of, parsed
from knowledge.sources.reading import LARGEST_TEXT, Reading, Unreadable, oversize

LARGEST_UNPACKED = 50_000_000
_FEW_PAGES = 3
_BULLET = re.compile(r"^[•●▪‣◦·–*-]\s+")
_NUMBERED = re.compile(r"^\d{1,3}(?:[.)]|(?:\.\d{1,3})+[.)]?)\s")
_LEADERS = re.compile(r"(?:\. ?){4,}")
_RULE = re.compile(r"^[-=_*.\s]+$")
_MODIFIED = re.compile(rb"<dcterms:modified[^>]{0,200}>([^<]{1,40})<")
_FILE_NAME = re.compile(r"\.\w{2,5}$|^Microsoft |^untitled", re.IGNORECASE)
# A broken file is named once, by us; pypdf would add a line for each thing that it mended.
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def pdf(raw: bytes) -> Reading:
    """The text of every page, its lines joined to paragraphs, without running heads and feet.

    Raises:
        Unreadable: it is locked, holds pictures of text alone, or too much of it.
    """
    if b"%PDF-" not in raw[:1_024]:
        raise Unreadable("not a PDF, whatever its name says")
    reader = PdfReader(BytesIO(raw))
    if reader.is_encrypted and not _opens(reader):
        raise Unreadable("an encrypted PDF: save it without a password")
    pages = list(_pages(reader))
    if not any(pages):
        raise Unreadable("a PDF without text, scanned perhaps: it needs OCR")
    text = "\n\n".join(_paragraphs(_without_running_lines(pages)))
    return Reading(text, _title(reader.metadata), updated=_updated(reader.metadata))


def docx(raw: bytes) -> Reading:
    """The text with its headings, lists and tables; pictures, comments and styles left out.

    Raises:
        Unreadable: it is no DOCX, or holds no text.
    """
    try:
        with ZipFile(BytesIO(raw)) as packed:
            parts = {one.filename: one.file_size for one in packed.infolist()}
            if "[Content_Types].xml" not in parts:
                raise Unreadable("not a DOCX, whatever its name says")
            if sum(parts.values()) > LARGEST_UNPACKED:
                raise oversize(LARGEST_UNPACKED)
            core = packed.read("docProps/core.xml") if "docProps/core.xml" in parts else b""
    except BadZipFile as error:
        raise Unreadable("not a DOCX, or a damaged one") from error
    page = _html(BytesIO(raw))
    if not page.strip():
        raise Unreadable("there is no text in it")
    modified = _MODIFIED.search(core)
    return Reading(
        markdown_of(parsed(page)),
        updated=day_of(modified[1].decode("ascii", "replace")) if modified else None,
    )


def _html(file: IO[bytes]) -> str:
    converted = mammoth.convert_to_html(
        file,
        style_map="p[style-name='Title'] => h1:fresh",
        # A picture would become a data address as long as itself.
        convert_image=mammoth.images.img_element(lambda _: {}),
    )
    return str(converted.value)


def _opens(reader: PdfReader) -> bool:
    """Many are encrypted against changes only, with an empty password."""
    try:
        return reader.decrypt("") is not PasswordType.NOT_DECRYPTED
    except DependencyError:
        return False


def _pages(reader: PdfReader) -> Iterator[list[str]]:
    """The lines of each page; "" where it leaves one out."""
    size = 0
    for page in reader.pages:
        text = page.extract_text()
        size += len(text)
        if size > LARGEST_TEXT:
            raise oversize(LARGEST_TEXT)
        lines = [" ".join(_LEADERS.sub(" ", line).split()) for line in text.split("\n")]
        yield ["" if _RULE.match(line) else line for line in lines] if text.strip() else []


def _without_running_lines(pages: list[list[str]]) -> list[str]:
    """All lines but the first and last ones that most pages repeat, page numbers aside."""
    edges = Counter(
        edge for lines in pages if lines for edge in {_shape(lines[0]), _shape(lines[-1])}
    )
    often = max(_FEW_PAGES, len(pages) // 2 + 1)
    repeated = {edge for edge, times in edges.items() if times >= often}
    kept: list[str] = []
    for lines in pages:
        first = int(bool(lines) and _shape(lines[0]) in repeated)
        last = len(lines) - int(bool(lines) and _shape(lines[-1]) in repeated)
        kept += lines[first:last]
    return kept


def _shape(line: str) -> str:
    return re.sub(r"\d+", "0", line)


def _paragraphs(lines: list[str]) -> Iterator[str]:
    """Lines joined; a paragraph ends at an empty line, or at a line that ends well short."""
    widest = max(map(len, lines), default=0)
    held = ""
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        held = _joined(held, _BULLET.sub("- ", line))
        short = len(line) < widest * (0.8 if line.endswith((".", "!", "?", ":")) else 0.5)
        if held and (
            not following or (short and following[0].isupper()) or _starts_anew(following)
        ):
            yield held
            held = ""


def _starts_anew(line: str) -> bool:
    return bool(_BULLET.match(line) or _NUMBERED.match(line))


def _joined(held: str, line: str) -> str:
    """Two lines of a paragraph, a word that was hyphenated between them made whole."""
    if held.endswith("-") and held[-2:-1].isalpha() and line[:1].islower():
        return held[:-1] + line
    return f"{held} {line}".strip()


def _title(about: DocumentInformation | None) -> str | None:
    """The title that an author gave, not the one that a program did."""
    title = about.title if about else None
    return title if title and not _FILE_NAME.search(title.strip()) else None


def _updated(about: DocumentInformation | None) -> date | None:
    try:
        return day_of(about.modification_date or about.creation_date) if about else None
    except ValueError:
        return None
