"""Documents of every format as Markdown: what a reader would read, and nothing hidden."""

from datetime import date
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from knowledge.documents import Audience, Status
from knowledge.sources.dates import day_of
from knowledge.sources.front import markdown
from knowledge.sources.markup import html
from knowledge.sources.office import docx, pdf
from knowledge.sources.readers import READERS, read
from knowledge.sources.reading import LONGEST_TITLE, Reading, Unreadable, entitled

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def pdf_of(*pages: list[str], about: str = "") -> bytes:
    """A PDF with a line of Helvetica for each string."""
    kids = " ".join(f"{4 + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    page = (
        "/Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Resources << /Font << /F1 3 0 R >> >>"
    )
    for n, lines in enumerate(pages):
        shown = "".join(f"({line}) Tj T*\n" for line in lines)
        content = f"BT /F1 12 Tf 14 TL 72 720 Td\n{shown}ET"
        objects += [
            f"<< {page} /Contents {5 + 2 * n} 0 R >>",
            f"<< /Length {len(content)} >>\nstream\n{content}\nendstream",
        ]
    objects.append(f"<< {about} >>")
    written, offsets = "%PDF-1.4\n", []
    for n, one in enumerate(objects, start=1):
        offsets.append(len(written))
        written += f"{n} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    return (
        f"{written}xref\n0 {size}\n0000000000 65535 f \n{table}"
        f"trailer << /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\n"
        f"startxref\n{len(written)}\n%%EOF\n"
    ).encode("cp1252")


def locked(raw: bytes, password: str) -> bytes:
    writer, target = PdfWriter(PdfReader(BytesIO(raw))), BytesIO()
    writer.encrypt(password, "owner", algorithm="RC4-128")
    writer.write(target)
    return target.getvalue()


def paragraph(text: str, style: str = "") -> str:
    chosen = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{chosen}<w:r><w:t>{text}</w:t></w:r></w:p>"


def docx_of(body: str, **more: str) -> bytes:
    """A DOCX with two styles; `more` are further parts."""
    target, kinds = BytesIO(), "application/vnd.openxmlformats-officedocument.wordprocessingml"
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{one}"><w:name w:val="{name}"/></w:style>'
        for one, name in (("Title", "Title"), ("Heading2", "heading 2"))
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-'
        'package.relationships+xml"/><Override PartName="/word/document.xml" ContentType="'
        f'{kinds}.document.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/'
        'officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>'
        "</Relationships>",
        "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
        "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        **more,
    }
    with ZipFile(target, "w", ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return target.getvalue()


def test_html_is_read_without_scripts_navigation_and_hidden_parts() -> None:
    page = """<!DOCTYPE html><html><head><title>Returns – Shop</title>
        <meta property="article:modified_time" content="2026-03-02T08:00:00Z">
        <style>p {color: red}</style></head><body>
        <header>Shop</header><nav><a href="/">Home</a></nav>
        <main><h1>How<br>to <em>re</em>turn</h1><p>Thirty days<br>from delivery. <!-- secret --></p>
        <script>document.write("evil")</script><noscript>Turn on scripts</noscript>
        <p hidden>hidden 1</p><p style="color: red; DISPLAY : none">hidden 2</p>
        <p style="font-size:0">hidden 3</p><p aria-hidden="true">hidden 4</p>
        <p style="font-size:0.9em; opacity:0.5">Small print.</p>
        <h2>Cost <a href="#cost">¶</a></h2><ul><li>UK: £3<ul><li>Islands: £5</li></ul></li></ul>
        <ol start="3"><li>Pack</li><li>Post</li></ol>
        <p>See <a href="/fees" onclick="x()">the fees</a>, not <a href="javascript:x()">this</a>
        or <a href="http://[">that</a>. <img src="a.png" alt="A parcel"></p>
        <table><tr><th>Size</th><th>Fee</th></tr><tr><td>S</td><td>£3</td></tr></table>
        <pre><code>RMA_7 *x*\n  two</code></pre>
        <details><summary>Why?</summary>Because.</details>
        <dl><dt>RMA</dt><dd>A number.</dd></dl></main>
        <footer>Imprint</footer></body></html>"""
    found = html(page.encode(), base="https://help.test/returns")
    assert (found.title, found.updated) == ("How to return", date(2026, 3, 2))
    assert found.text == (
        "Thirty days\nfrom delivery.\n\nSmall print.\n\n"
        "## Cost\n\n- UK: £3\n  - Islands: £5\n\n3. Pack\n4. Post\n\n"
        "See [the fees](https://help.test/fees), not this\nor that. A parcel\n\n"
        "| Size | Fee |\n| --- | --- |\n| S | £3 |\n\n"
        "```\nRMA_7 *x*\n  two\n```\n\n"
        "**Why?**\nBecause.\n\n**RMA**\nA number."
    )


def test_a_page_without_a_main_part_loses_what_stands_around_it() -> None:
    page = b"<title>Fees &amp; more</title><header>Shop</header><p>Three.</p><aside>Ads</aside>"
    assert html(page) == Reading("Three.", "Fees & more")


@pytest.mark.parametrize(
    ("page", "charset"),
    [
        ("<p>Größe £5</p>".encode(), None),
        ("<p>Größe £5</p>".encode("utf-16"), None),
        ("<p>Größe £5</p>".encode("cp1252"), None),
        ("<p>Größe £5</p>".encode("latin-1"), "iso-8859-1"),
        ('<meta charset="latin-1"><p>Größe £5</p>'.encode("latin-1"), None),
        ('<meta charset="no-such"><p>Größe £5</p>'.encode(), "none-either"),
        ('<?xml version="1.0"?>\n<p>Größe £5</p>'.encode(), None),
    ],
)
def test_html_is_read_in_the_encoding_it_has(page: bytes, charset: str | None) -> None:
    assert html(page, charset=charset).text == "Größe £5"


@pytest.mark.parametrize(
    ("page", "why"),
    [
        (b"just words", "no HTML"),
        (b"<script>x()</script>", "no text is left"),
        (b"\x89PNG\x00<p>", "binary"),
        (b"<b>" * 5_000 + b"x", "nested too deeply"),
    ],
)
def test_html_that_says_nothing_is_refused(page: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        html(page)


@pytest.mark.parametrize(
    "page",
    ["<p>x<!--" + "<!--" * 200_000, "<p>x" + " " * 500_000, "<p>x" + "<a " * 50_000],
    ids=["comments without an end", "a gap", "tags without an end"],
)
def test_html_that_parsers_take_hours_for_is_read(page: str) -> None:
    assert html(page.encode()).text.startswith("x")


def test_a_pdf_is_read_in_paragraphs_without_its_running_heads() -> None:
    raw = pdf_of(
        [
            "Cairnway Manual - page 1",
            "You may return what you bought within thirty days of its deli-",
            "very. The parcel is free.",
            "Bring the following:",
            "• the receipt, which was in the parcel that we sent to you",
            "• the goods",
        ],
        ["Cairnway Manual - page 2", "2.1 Refunds . . . . . . . 7", "They take five days."],
        ["Cairnway Manual - page 3", "Exchanges are quicker."],
        about="/Title (Returns manual) /ModDate (D:20260304050607Z)",
    )
    assert pdf(raw) == Reading(
        "You may return what you bought within thirty days of its delivery. The parcel is free.\n\n"
        "Bring the following:\n\n"
        "- the receipt, which was in the parcel that we sent to you\n\n- the goods\n\n"
        "2.1 Refunds 7\n\nThey take five days.\n\nExchanges are quicker.",
        "Returns manual",
        updated=date(2026, 3, 4),
    )


@pytest.mark.parametrize("title", ["Microsoft Word - x", "returns.docx", "untitled", ""])
def test_a_title_that_a_program_gave_is_none(title: str) -> None:
    assert pdf(pdf_of(["Text."], about=f"/Title ({title})")).title is None


def test_a_pdf_without_text_is_said_to_need_ocr() -> None:
    with pytest.raises(Unreadable, match="needs OCR"):
        pdf(pdf_of([], []))


def test_a_pdf_with_a_password_is_refused_and_one_locked_against_changes_is_read() -> None:
    raw = pdf_of(["Thirty days."])
    with pytest.raises(Unreadable, match="without a password"):
        pdf(locked(raw, "secret"))
    assert pdf(locked(raw, "")).text == "Thirty days."


def test_a_pdf_with_too_much_text_is_refused() -> None:
    with pytest.raises(Unreadable, match="over 2 MB"):
        pdf(pdf_of(*[["x" * 60_000]] * 34))


@pytest.mark.parametrize("raw", [b"%PDF-1.4\ntrash", pdf_of(["Text."])[:300], b"%PDF-" * 100])
def test_a_damaged_pdf_is_refused_in_one_line(raw: bytes) -> None:
    with pytest.raises(Unreadable) as caught:
        read(raw, READERS[".pdf"])
    assert "\n" not in str(caught.value)


def test_a_docx_is_read_with_headings_lists_and_its_day() -> None:
    row = f"<w:tr><w:tc>{paragraph('Size')}</w:tc><w:tc>{paragraph('Fee')}</w:tc></w:tr>"
    raw = docx_of(
        paragraph("Returns", "Title")
        + paragraph("Thirty days &amp; no more.")
        + paragraph("Cost", "Heading2")
        + f"<w:tbl>{row}{row}</w:tbl>",
        **{"docProps/core.xml": "<dcterms:modified>2026-02-03T04:05:06Z</dcterms:modified>"},
    )
    found = docx(raw)
    assert found.updated == date(2026, 2, 3)
    assert found.text == (
        "# Returns\n\nThirty days & no more.\n\n## Cost\n\n"
        "| Size | Fee |\n| --- | --- |\n| Size | Fee |"
    )
    assert entitled(found, "x")[0] == "Returns"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"PK\x03\x04 cut off", "not a DOCX"),
        (docx_of(""), "no text"),
        (docx_of("", **{"word/x.xml": " " * 51_000_000}), "over 50 MB"),
        (docx_of("<w:p>"), "damaged"),
    ],
)
def test_a_docx_that_says_nothing_is_refused(raw: bytes, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        read(raw, READERS[".docx"])


def test_front_matter_may_be_absent_or_stand_among_the_keys_of_other_programs() -> None:
    assert markdown(b"Text.") == Reading("Text.")
    found = markdown(
        b"---\ntitle: 404\ntags: [a]\n7: x\nupdated: 2026-09-14T10:00:00+02:00\n"
        b"audience: internal\n---\nText."
    )
    assert (found.title, found.updated) == ("404", date(2026, 9, 14))
    assert (found.audience, found.status) == (Audience.INTERNAL, None)


@pytest.mark.parametrize(
    ("front", "status"),
    [
        ("draft: true", Status.DRAFT),
        ("draft: true\nstatus: published", Status.DRAFT),
        ("draft: true\nstatus: archived", Status.ARCHIVED),
        ("draft: false", None),
    ],
)
def test_a_draft_of_another_program_is_one_of_ours(front: str, status: Status | None) -> None:
    assert markdown(f"---\n{front}\n---\nText.".encode()).status is status


@pytest.mark.parametrize("key", ["audiance", "Audience", "statuss", "AUDIENCE"])
def test_a_slip_in_a_key_does_not_make_an_article_public(key: str) -> None:
    with pytest.raises(Unreadable, match=f"'{key}' is no key"):
        markdown(f"---\n{key}: internal\n---\nText.".encode())


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        ("# Returns\n\nThirty days.", "Returns", "Thirty days."),
        ("\n\n# **Returns** of [boots](x.md) for ORDER_ID #\nText.", None, "Text."),
        ("Intro.\n\n## Returns\n\nText.", "Returns", "Intro.\n\n## Returns\n\nText."),
        ("Returns\n=======\nText.", "Returns", "Text."),
        ("```\n# code\n```\n\n# Returns", "Returns", "```\n# code\n```\n\n# Returns"),
        ("#no heading\n#######\n# \nText.", "File name", "#no heading\n#######\n# \nText."),
        ("# Only a title", "Only a title", ""),
    ],
)
def test_a_title_is_found_in_the_text(text: str, title: str | None, rest: str) -> None:
    expected = title or "Returns of boots for ORDER_ID"
    assert entitled(Reading(text), "File name") == (expected, rest)


def test_a_title_of_its_own_leaves_the_text_alone() -> None:
    assert entitled(Reading("# A\n\nB", "C\n D"), "x") == ("C D", "# A\n\nB")


@given(st.text(), st.none() | st.text(), st.text())
def test_every_text_gets_a_title_that_fits_a_line(text: str, own: str | None, name: str) -> None:
    title, rest = entitled(Reading(text, own), name)
    assert 0 < len(title) <= LONGEST_TITLE
    assert "\n" not in title
    assert (title + rest).encode()


@given(st.sampled_from(sorted(READERS)), st.binary())
def test_any_bytes_are_read_or_refused_in_one_line(ending: str, raw: bytes) -> None:
    try:
        said = entitled(read(raw, READERS[ending]), "x")[0]
    except Unreadable as error:
        said = str(error)
    assert said
    assert "\n" not in said


@given(st.text(alphabet="<>/!-=\"' abdivpulitr\n", max_size=200))
def test_any_tags_are_read_or_refused(page: str) -> None:
    try:
        found = read(page.encode(), READERS[".html"])
    except Unreadable:
        return
    assert "<!--" not in found.text


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-03-02", date(2026, 3, 2)),
        (" 2026-03-02T08:00:00Z ", date(2026, 3, 2)),
        ("Mon, 02 Mar 2026 08:00:00 GMT", date(2026, 3, 2)),
        (date(2026, 3, 2), date(2026, 3, 2)),
        ("soon", None),
        ("", None),
        (7, None),
        (None, None),
    ],
)
def test_days_are_read_as_they_are_written(said: object, day: date | None) -> None:
    assert day_of(said) == day


@given(st.text())
def test_any_text_is_a_day_or_none(said: str) -> None:
    day = day_of(said)
    assert day is None or isinstance(day, date)
