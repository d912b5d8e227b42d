"""The text of a PDF that came with a mail, within bounds."""

import logging
from io import BytesIO

from pypdf import PdfReader
from pypdf.errors import PyPdfError

LARGEST_PDF, MOST_PAGES, LONGEST_TEXT = 10 * 1024 * 1024, 30, 20_000
# What pypdf raises on broken files beside its own errors.
_BROKEN = (
    PyPdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
    NotImplementedError,
    OSError,
    AssertionError,
)
logging.getLogger("pypdf").setLevel(logging.CRITICAL)


def read_pdf(content: bytes) -> str:
    """The text of the first thirty pages, 20,000 characters at most; "" where there is none.

    Locked, broken and larger files than 10 MB have none either.
    """
    if len(content) > LARGEST_PDF or b"%PDF-" not in content[:1_024]:
        return ""
    found: list[str] = []
    try:
        for page in PdfReader(BytesIO(content)).pages[:MOST_PAGES]:
            found.append(page.extract_text())
            if sum(map(len, found)) > LONGEST_TEXT:
                break
    except _BROKEN:
        pass
    return "\n\n".join(found).strip()[:LONGEST_TEXT]
