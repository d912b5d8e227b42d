# ruff: noqa: RUF005  # short lists, two lines each

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.mail.markup import text_of_html


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello&nbsp;<b>Jane</b>,</p><p>two<br>lines</p>", "Hello Jane,\n\ntwo\nlines"),
        ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("<p class=MsoNormal>one</p><p class=MsoNormal>two</p>", "one\ntwo"),
        ("<ul><li>one<li>two<ul><li>deep</ul></ul><ol><li>a<li>b</ol>",
         "- one\n- two\n  - deep\n\n1. a\n2. b"),
        ("<pre>a  b\n  c</pre>", "a  b\n  c"),
        ("a<script>alert(1)</script><style>p{}</style><title>t</title>b", "ab"),
        ("a<!-- hidden --><!--[if mso]>office<![endif]-->b<![if !mso]>c<![endif]>", "abc"),
        ("1 < 2 && 3 > 2 &lt;b&gt; &#0; &#99999999999999999999999;",
         "1 < 2 && 3 > 2 <b> \ufffd \ufffd"),
        ("a &shy;b\u200b &zwnj; &zwnj; c", "a b c"),
        ("<a href='https://x.test/a'>our shop</a>", "our shop <https://x.test/a>"),
        ("<a href='https://www.x.test/'>x.test</a>", "x.test"),
        ("<a href='mailto:j@x.test'>Jane</a>", "Jane"),
        ("<a href='https://x.test'><img src=x></a>", ""),
        ("<img src=a alt='A torn tent'><img src=b alt=t width=1 height=1><img src=c alt=''>",
         "A torn tent"),
        ("<b>From:</b> J &lt;j@x.test&gt;<br><b>Sent:</b> Monday",
         "From: J <j@x.test>\nSent: Monday"),
        ("above<hr>below", f"above\n{'_' * 32}\nbelow"),
    ],
)  # fmt: skip
def test_a_page_reads_as_its_reader_sees_it(html: str, text: str) -> None:
    assert text_of_html(html) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<div style='display:none'>secret</div>",
        "<div style='DISPLAY : none !important'>secret</div>",
        "<span style='visibility:hidden'>secret</span>",
        "<span style='font-size:0'>secret</span>",
        "<span style='font-size:0px;line-height:0'>secret</span>",
        "<div style='max-height:0;overflow:hidden'>secret</div>",
        "<div style='height:0px;overflow:hidden'>secret</div>",
        "<div style='opacity:0.0'>secret</div>",
        "<div style='mso-hide:all'>secret</div>",
        "<div hidden>secret</div>",
        "<div style='color:#fff'>secret</div>",
        "<div style='color:rgb(255, 255, 255);background:white'>secret</div>",
        "<font color=white>secret</font>",
        "<td bgcolor='#336699' style='color:#369'>secret</td>",
        "<style>.pre{display:none}</style><div class=pre>secret</div>",
        "<div style='display:none'><span>a</span><div>b</div>secret</div>",
        "<p style='display:none'>secret<p>",
        "<template>secret</template>",
    ],
)
def test_what_nobody_sees_is_not_text(hidden: str) -> None:
    assert text_of_html(f"<body>{hidden}<p>seen</p></body>") == "seen"


@pytest.mark.parametrize(
    "shown",
    [
        "<td style='font-size:0'><div style='font-size:16px'>seen</div></td>",
        "<td bgcolor='#0066cc'><a style='color:#ffffff'>seen</a></td>",
        "<div style='background:url(x.png)'><p style='color:white'>seen</p></div>",
        "<style>.b{background:#06c}</style><div class=b style='color:#fff'>seen</div>",
        "<style>@media print{.b{display:none}}</style><div class=b>seen</div>",
        "<style>.m{display:none}</style><div class=m style='display:block'>seen</div>",
        "<div style='opacity:0.9;font-size:0.8em'>seen</div>",
        "<body bgcolor=black><p>seen</p>",
        "<div style='visibility:hidden'><p style='visibility:visible'>seen</p></div>",
    ],
)
def test_what_is_seen_is_text(shown: str) -> None:
    assert text_of_html(shown) == "seen"


def test_quotes_have_their_marks() -> None:
    html = (
        "<div>Thanks</div><div class=gmail_quote><div class=gmail_attr>On Monday Jane wrote:</div>"
        "<blockquote class=gmail_quote style='border:none'><div>first</div><div><br></div>"
        "<p>second</p><blockquote type=cite>deep</blockquote></blockquote></div>after"
    )
    assert text_of_html(html) == (
        "Thanks\nOn Monday Jane wrote:\n\n> first\n>\n> second\n>\n> > deep\n\nafter"
    )


def test_an_indented_paragraph_is_no_quote() -> None:
    html = "<blockquote style='margin:0 0 0 40px;border:none;padding:0'>mine</blockquote>"
    assert text_of_html(html) == "mine"


def test_outlooks_headers_are_lines_under_a_rule() -> None:
    for separator in (
        "<div id=appendonsend></div><hr style='width:98%'><div id=divRplyFwdMsg>",
        "<div><div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt'>",
    ):
        html = (
            f"FYI{separator}<p class=MsoNormal><b>From:</b> Jane &lt;<a href='mailto:j@x.test'>"
            "j@x.test</a>&gt;<br><b>Subject:</b> Tent</p></div></div><p>Words</p>"
        )
        assert text_of_html(html) == (
            f"FYI\n{'_' * 32}\nFrom: Jane <j@x.test>\nSubject: Tent\n\nWords"
        )


def test_tables_of_cells_are_rows_and_tables_of_pages_are_not() -> None:
    rows = "<table><tr><th>Piece</th><th>Price</th></tr><tr><td>Tent</td><td>$ 9</td></tr></table>"
    assert text_of_html(rows) == "Piece | Price\nTent | $ 9"
    assert text_of_html(f"<table><tr><td><p>a</p><p>b</p>{rows}</td></tr></table>") == (
        "a\n\nb\n\nPiece | Price\nTent | $ 9"
    )


def test_thunderbirds_table_of_headers_is_read() -> None:
    html = (
        "<table class=moz-email-headers-table><tr><th>Subject: </th><td>Torn tent</td></tr>"
        "<tr><th>From: </th><td>Jane &lt;<a href='mailto:j@x.test'>j@x.test</a>&gt;</td></tr>"
        "</table>"
    )
    assert text_of_html(html) == "Subject:\tTorn tent\nFrom:\tJane <j@x.test>"


@pytest.mark.parametrize(
    "tag", ["b", "div", "blockquote", "table><tr><td", "ul><li", "span style=x"]
)
def test_ten_thousand_elements_lose_nothing(tag: str) -> None:
    assert text_of_html(f"<{tag}>" * 10_000 + "words").endswith("words")


@given(
    st.lists(
        st.sampled_from(
            ["<table>", "</table>", "<tr>", "<td>", "</td>", "</tr>", "<p>", "</p>", "<div>"]
            + ["</div>", "<blockquote>", "</blockquote>", "<a href='http://x'>", "</a>", "<li>"]
            + ["<ul>", "</ul>", "<pre>", "</pre>", "a\n", "<br>", "<hr>", "<!--", "-->", "<", "'>"]
            + ["<p style='display:none'>", "<img alt=a>", "<style>", "{", "}", "</style>", '"']
        ),
        max_size=60,
    ).map("".join)
    | st.text(max_size=200)
)
def test_any_page_becomes_text(html: str) -> None:
    assert isinstance(text_of_html(html), str)


@given(st.lists(st.sampled_from(["<table>", "<tr>", "<td>", "</td>", "</tr>", "</table>", "<p>",
                                 "</p>", "<ul><li>", "</div>", "<blockquote>", "</ul>"])))  # fmt: skip
def test_no_word_that_is_seen_is_lost(tags: list[str]) -> None:
    html = "".join(f"{tag}w{at} " for at, tag in enumerate(tags))
    text = text_of_html(html)
    assert all(f"w{at}" in text.split() or f"w{at}" in text for at in range(len(tags)))
