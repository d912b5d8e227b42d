import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.errors import MailRefused
from triage.mail.charsets import decoded
from triage.mail.encoded_words import words_decoded
from triage.mail.flowed import unflowed
from triage.mail.headers import message_ids, parameters
from triage.mail.letter import Mail
from triage.mail.reading import read_mail
from triage.mail.transfer import undone


def mail(*headers: str, body: str = "Hello") -> Mail:
    return read_mail("\r\n".join([*headers, "", body]).encode())


def nested(depth: int) -> bytes:
    levels = "".join(
        f"Content-Type: multipart/mixed; boundary=b{at}\n\n--b{at}\n" for at in range(depth)
    )
    return f"From: a@b.test\n{levels}\nwords".encode()


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"Subject: " + b"x" * 9_000 + b"\n\nbody", "longer than 8 KB"),
        (b"".join(b"X-%d: %s\n" % (at, b"y" * 900) for at in range(80)), "64 KB in all"),
        (b"X: y\n" * 501 + b"\nbody", "more than 500 headers"),
        (nested(25), "more than 20 deep"),
        (nested(3_000), "more than 20 deep"),
        (
            b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 300,
            "more than 200 parts",
        ),
        (b"Subject: x\n\n" + b"a" * (25 * 1024 * 1024), "larger than 25 MB"),
    ],
    ids=["long header", "long headers", "many headers", "deep", "very deep", "parts", "large"],
)
def test_a_mail_beyond_a_bound_is_refused_and_told_why(raw: bytes, said: str) -> None:
    with pytest.raises(MailRefused, match=said):
        read_mail(raw)


def test_a_mail_within_all_bounds_is_read() -> None:
    assert read_mail(nested(15)).body == "words"


@pytest.mark.parametrize(
    "raw",
    [
        b"\r\n\r\n\r\nSubject: Hi\r\n\r\nHello",
        b"From jane@acme.test Tue Jul  7 22:47:39 2009\nSubject: Hi\n\nHello",
        b"\xef\xbb\xbfSubject: Hi\n\nHello",
        b"Subject: Hi\r\rHello",
        b"SUBJECT:Hi\nnot a header\n\n"[:11] + b"\nHello",
    ],
)
def test_what_stands_before_the_headers_does_not_hide_them(raw: bytes) -> None:
    read = read_mail(raw)
    assert (read.subject, read.body) == ("Hi", "Hello")


def test_a_mail_without_headers_is_all_body() -> None:
    assert read_mail(b"Hello there\nwhere is my order").body == "Hello there\nwhere is my order"


def test_a_mail_without_body_is_empty() -> None:
    read = mail("Content-Type: multipart/mixed; boundary=never", body="")
    assert (read.body.strip(), read.attachments) == ("", ())


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        ("naïve – “yes”".encode("cp1252"), "iso-8859-1", "naïve – “yes”"),
        ("naïve".encode(), "us-ascii", "naïve"),
        ("naïve".encode("cp1252"), None, "naïve"),
        ("naïve".encode("cp1252"), "x-unknown", "naïve"),
        ("订单㐀".encode("gb18030"), "gb2312", "订单㐀"),
        ("주문뷁".encode("cp949"), "ks_c_5601-1987", "주문뷁"),
        ("注文".encode("iso2022_jp"), "ISO-2022-JP", "注文"),
        (b"\x1b$B-!\x1b(B", "iso-2022-jp", "①"),
        ("注文①".encode("cp932"), "Shift_JIS", "注文①"),
        (b"plain", "utf-16", "plain"),
        (b"plain", "rot13", "plain"),
        ("so viel ü schön ".encode() * 5 + b"\xff", "utf-8", "so viel ü schön " * 5 + "\ufffd"),
        (b"a\x00b\x07c\r\nd\re", None, "abc\nd\ne"),
        (b"+2D0-", "utf-7", "?"),
    ],
)
def test_bytes_become_text_whatever_they_claim(raw: bytes, declared: str | None, text: str) -> None:
    assert decoded(raw, declared) == text


@given(
    st.binary(max_size=300),
    st.none() | st.text(max_size=20) | st.sampled_from(["utf-7", "hz", "iso-2022-jp", "idna"]),
)
def test_any_bytes_become_text_that_can_be_written(raw: bytes, declared: str | None) -> None:
    assert "\x00" not in decoded(raw, declared).encode().decode()


@pytest.mark.parametrize(
    ("encoding", "content", "bytes_"),
    [
        ("base64", b"SGVs\r\nbG8=", b"Hello"),
        ("BASE64 ", b"SGVsbG8", b"Hello"),
        ("base64", b"SG-Vs#bG8=", b"Hello"),
        ("base64", b"SGVsbG8=SGVsbG8=", b"HelloHello"),
        ("base64", b"SGVsbG8=\n_______________\nA list mailing list\n", b"Hello"),
        ("base64", b"Hello there, not encoded at all", b"Hello there, not encoded at all"),
        ("base64", b"SGVsbG8hX", b"Hello!"),
        ("quoted-printable", b"a=3Db=\r\nc=E9=ZZ", b"a=bc\xe9=ZZ"),
        ("x-uuencode", b"begin 644 a.txt\r\n%2&5L;&\\\r\n`\r\nend\r\n", b"Hello"),
        ("uuencode", b"no beginning", b"no beginning"),
        ("7-bit", b"a=3D", b"a=3D"),
        (None, b"a", b"a"),
    ],
)
def test_a_transfer_encoding_is_undone_as_far_as_it_goes(
    encoding: str | None, content: bytes, bytes_: bytes
) -> None:
    assert undone(content, encoding) == bytes_


@given(
    st.binary(max_size=400),
    st.sampled_from(["base64", "quoted-printable", "uuencode", "8bit", "?"]),
)
def test_any_content_is_undone(content: bytes, encoding: str) -> None:
    assert isinstance(undone(b"begin 644 x\n" + content, encoding), bytes)


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("=?utf-8?Q?J=C3=B8rn_S?= <j@x.test>", "Jørn S <j@x.test>"),
        ("=?utf-8?B?w6Q=?= =?utf-8?B?w7Y=?=", "äö"),
        ("=?utf-8?Q?=C3?= =?utf-8?Q?=A4?=", "ä"),
        ("=?iso-8859-1*de?Q?=E4?=", "ä"),
        ("=?utf-8?Q?two words?= more", "two words more"),
        ("=?utf-8?B??=", ""),
        ("=?utf-8?Q?open", "=?utf-8?Q?open"),
        ("=?nonsense?Q?=41?=", "A"),
        ("a =?", "a =?"),
    ],
)
def test_encoded_words_are_read(written: str, text: str) -> None:
    assert words_decoded(written) == text


@given(st.text(alphabet="=?_utf8-QBqb*aA/+ \t<>@\"'()", max_size=200))
def test_any_header_is_read(written: str) -> None:
    assert isinstance(words_decoded(written), str)
    assert isinstance(parameters(written), dict)
    assert all(one.startswith("<") for one in message_ids(written))


def test_parameters_in_pieces_and_charsets_are_joined() -> None:
    written = "attachment; filename*0*=utf-8''r%C3%A9su; filename*1=\"m; é\"; filename*2*=%2Epdf"
    assert parameters(written)["filename"] == "résum; é.pdf"


def test_eight_bit_headers_are_read() -> None:
    assert mail("Subject: Größe und Preis").subject == "Größe und Preis"


def test_soft_line_ends_are_joined_and_quotes_kept() -> None:
    flowed = "> a quote \n> goes on\nMy words \nflow \n-- \nJane\n From here"
    assert unflowed(flowed) == "> a quote goes on\nMy words flow \n-- \nJane\nFrom here"
    assert unflowed("wo \nrd", deletes_space=True) == "word"


def test_the_ids_that_thread_a_mail_are_read_also_when_malformed() -> None:
    read = mail(
        "Message-ID: <a@b.test>",
        "In-Reply-To: c@d.test",
        "References: " + " ".join(f"<{at}@x.test>" for at in range(8)),
        "References: <broken id",
    )
    assert (read.message_id, read.in_reply_to) == ("<a@b.test>", "<c@d.test>")
    assert read.references == tuple(f"<{at}@x.test>" for at in range(3, 8))


@given(st.text(max_size=300))
def test_any_text_loses_its_soft_line_ends(text: str) -> None:
    assert isinstance(unflowed(text), str)
