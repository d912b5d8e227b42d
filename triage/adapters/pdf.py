"""The text of a PDF that came with a mail, within bounds."""

import logging
from io import BytesIO

LARGEST_PDF, MOST_PAGES, LONGEST_TEXT = 10 * 1024 * 1024, 30, 20_000
# What pypdf raises on broken files beside its own errors.
_BROKEN = (
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


def read_pdf(content: bytes) -> str:
    """The text of the first thirty pages, 20,000 characters at most; "" where there is none.

    Locked, broken and larger files than 10 MB have none either.
    """
    if len(content) > LARGEST_PDF or b"%PDF-" not in content[:1_024]:
        return ""
    from pypdf import PdfReader  # noqa: PLC0415  slow to import, and few mails bring a PDF
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    found: list[str] = []
    try:
        for page in PdfReader(BytesIO(content)).pages[:MOST_PAGES]:
            found.append(page.extract_text())
            if sum(map(len, found)) > LONGEST_TEXT:
                break
    except (PyPdfError, *_BROKEN):
        pass
    return "\n\n".join(found).strip()[:LONGEST_TEXT]
