import pytest
from hypothesis import given
from hypothesis import strategies as st

from triage.mail.letter import Address, Authentication, Mail
from triage.mail.mailboxes import mailboxes
from triage.mail.reading import read_mail


def mail(*headers: str) -> Mail:
    return read_mail("\n".join([*headers, "", "Hello"]).encode())


@pytest.mark.parametrize(
    ("written", "people"),
    [
        ("ceo@corp.test <evil@x.test>", [("ceo@corp.test", "evil@x.test")]),
        ('"ceo@corp.test" <evil@x.test>', [("ceo@corp.test", "evil@x.test")]),
        ("=?utf-8?Q?ceo=40corp.test?= <evil@x.test>", [("ceo@corp.test", "evil@x.test")]),
        ("=?utf-8?q?ceo@corp.test?= evil@x.test", [("ceo@corp.test", "evil@x.test")]),
        ("=?utf-8?q?ceo=40corp.test?=", [("ceo@corp.test", None)]),
        ("=?utf-8?q?=3Cceo=40corp.test=3E?= <evil@x.test>", [("<ceo@corp.test>", "evil@x.test")]),
        ('"ceo@corp.test, <evil@x.test>', [("ceo@corp.test,", "evil@x.test")]),
        ('"Doe, Jane" <j@x.test>, b@x.test', [("Doe, Jane", "j@x.test"), (None, "b@x.test")]),
        ("Friends: a@b.test, B <b@c.test>;", [(None, "a@b.test"), ("B", "b@c.test")]),
        ("undisclosed-recipients:;", []),
        ("j@x.test (Jane (Sales))", [("Jane (Sales)", "j@x.test")]),
        ("Jane Doe j@x.test", [("Jane Doe", "j@x.test")]),
        ("Jane <mailto:j@x.test>", [("Jane", "j@x.test")]),
        ("<@relay.test:j@x.test>", [(None, "j@x.test")]),
        ("<a@b@c.test>", [("a@b@c.test", None)]),
        ("j@x.test <j@x.test>", [(None, "j@x.test")]),
        ("Jane\u202e <j@x.test>", [("Jane", "j@x.test")]),
        ("=?utf-8?Q?Doe=2C_J=C3=A4ne?= <j@x.test>", [("Doe, Jäne", "j@x.test")]),
        (", , <>", []),
    ],
)
def test_people_of_a_header_are_named_as_they_can_be_answered(
    written: str, people: list[tuple[str | None, str | None]]
) -> None:
    assert [(one.name, one.address) for one in mailboxes(written)] == people


@given(st.text(alphabet='ab@.<>"(),;:\\=?qQ utf-8_\u202e', max_size=200))
def test_any_header_yields_people_with_an_address_or_a_name(written: str) -> None:
    for one in mailboxes(written):
        assert one.name or one.address
        assert one.address is None or "@" in one.address


def test_an_answer_goes_where_the_writer_asks_for_it() -> None:
    read = mail("From: Jane <jane@acme.test>", "Reply-To: office@acme.test")
    assert read.author == Address("Jane", "jane@acme.test")
    assert read.sender == Address(None, "office@acme.test")


def test_a_reply_to_without_name_takes_the_authors() -> None:
    read = mail("From: Jane <jane@acme.test>", "Reply-To: jane@acme.test")
    assert read.sender == Address("Jane", "jane@acme.test")


@pytest.mark.parametrize(
    "headers",
    [
        [
            "From: \"'Jane Doe' via Support\" <support@groups.cairnway.test>",
            "X-Original-Sender: jane@acme.test",
            "Reply-To: support@groups.cairnway.test",
            "List-Post: <mailto:support@groups.cairnway.test>",
            "List-ID: <support.groups.cairnway.test>",
            "Precedence: list",
        ],
        [
            "From: Jane Doe via Help <help@lists.cairnway.test>",
            "Reply-To: Jane Doe <jane@acme.test>",
            "List-Id: <help.lists.cairnway.test>",
            "Precedence: list",
        ],
        [
            "From: Jane Doe via Help <help@lists.cairnway.test>",
            "X-Original-From: Jane Doe <jane@acme.test>",
            "List-Unsubscribe: <mailto:x@lists.cairnway.test>, <https://lists.cairnway.test>",
        ],
    ],
    ids=["Google Groups", "Mailman", "X-Original-From"],
)
def test_what_a_list_rewrote_is_undone(headers: list[str]) -> None:
    read = mail(*headers)
    assert read.author == Address("Jane Doe", "jane@acme.test")
    assert read.sender == Address("Jane Doe", "jane@acme.test")
    assert not read.auto_generated


def test_a_name_with_via_is_no_list_without_the_headers_of_one() -> None:
    read = mail("From: Jane via Ferrata <j@acme.test>", "Reply-To: office@acme.test")
    assert read.author == Address("Jane via Ferrata", "j@acme.test")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (["mx.cairnway.test; spf=pass; dmarc=pass header.from=acme.test"], "passed"),
        (["MX.cairnway.test 1; dmarc = fail (p=reject) action=none"], "failed"),
        (["evil.test; dmarc=pass"], "unknown"),
        (["evil.test; dmarc=pass", "mx.cairnway.test; dmarc=fail"], "failed"),
        (["mx.cairnway.test; dmarc=fail", "mx.cairnway.test; dmarc=pass"], "failed"),
        (["mx.cairnway.test; spf=pass", "mx.cairnway.test; dmarc=pass"], "unknown"),
        (["mx.cairnway.test; dmarc=temperror"], "unknown"),
        (['mx.cairnway.test; spf=fail smtp.mailfrom="x; dmarc=pass"@a.test'], "unknown"),
        (["mx.cairnway.test; spf=fail (a; dmarc=pass)"], "unknown"),
        ([], "unknown"),
    ],
)
def test_only_the_own_server_is_believed(fields: list[str], said: str) -> None:
    headers = "".join(f"Authentication-Results: {one}\n" for one in fields)
    raw = f"From: a@acme.test\n{headers}\nHello".encode()
    assert read_mail(raw, authserv_id="mx.cairnway.test").authentication == Authentication(said)
    assert read_mail(raw).authentication == Authentication.UNKNOWN
