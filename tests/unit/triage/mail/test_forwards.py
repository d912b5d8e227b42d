"""Forwards of many programs and languages, also after gateways have been at them."""

import textwrap
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.triage.mail.forwarded import BODY, FORWARDS, NOTE, Forward
from triage.mail.forwards import unwrap


def _wrapped(text: str) -> str:
    return "\n".join(
        textwrap.fill(line, 76, break_long_words=False, break_on_hyphens=False)
        if len(line) > 76
        else line
        for line in text.split("\n")
    )


GATEWAYS: dict[str, Callable[[str], str]] = {
    "as sent": lambda text: text,
    "decomposed": lambda text: unicodedata.normalize("NFD", text),
    "spaces at line ends": lambda text: text.replace("\n", "  \n"),
    "wrapped": _wrapped,
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "byte order mark": lambda text: f"\ufeff{text}",
}


def _same(text: str | None) -> str | None:
    return None if text is None else " ".join(unicodedata.normalize("NFC", text).split())


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("forward", FORWARDS, ids=lambda one: one.client)
def test_a_forward_is_unwrapped(forward: Forward, gateway: str) -> None:
    changed = GATEWAYS[gateway]
    found = unwrap(forward.subject and changed(forward.subject), changed(forward.text))
    assert found.original is not None
    assert found.original.sender is not None
    seen = (
        _same(found.original.sender.name),
        found.original.sender.address,
        _same(found.original.subject),
        _same(found.original.date),
        _same(found.original.body),
        _same(found.note),
    )
    expected = (
        forward.name,
        forward.address,
        forward.about,
        forward.date,
        _same(BODY),
        _same(forward.note),
    )
    assert seen == expected


REPLIES = (
    ("Re: x", f"{NOTE}\n\nOn 10 May 2026 at 09:12, Greta <greta.h@example.org> wrote:\n> {BODY}"),
    ("AW: x", f"{NOTE}\n\nVon: Greta <greta.h@example.org>\nGesendet: 10.05.2026\nAn: a@b.example\nBetreff: x\n\n{BODY}"),
    ("VS: x", f"{NOTE}\n\nLähettäjä: Greta <greta.h@example.org>\nLähetetty: 10.5.2026\nVastaanottaja: a@b.example\nAihe: x\n\n{BODY}"),
    ("Re: Fwd: x", f"{NOTE}\n\n-----Original Message-----\nFrom: Greta <g@example.org>\nSent: x 1\nTo: a\nSubject: Fwd: x\n\n{BODY}"),
    ("From Rome to Oslo", "From: Rome\nTo: Oslo\nDate: 3 May\n\nWhich of your bags may go in the cabin?"),
    ("Question", "I was forwarded to you. As I wrote on 12 May 2026:\nthe mug is broken."),
    ("Fwd: x", "Nothing was attached, sorry."),
    ("x", "On the label: To: Greta. Is that right?"),
    (None, ""),
)  # fmt: skip


@pytest.mark.parametrize(("subject", "text"), REPLIES)
def test_what_is_no_forward_is_left_alone(subject: str | None, text: str) -> None:
    assert unwrap(subject, text).original is None


def test_the_outermost_forward_wins_and_keeps_the_inner_one() -> None:
    inner = "---------- Forwarded message ---------\nFrom: Ines <ines@example.net>\nDate: 1 May 2026\nSubject: mugs\nTo: g@example.org\n\nTwo, please."
    outer = "---------- Forwarded message ---------\nFrom: Greta <g@example.org>\nDate: 2 May 2026\nSubject: Fwd: mugs\nTo: tom@shop.example\n\nSee below.\n\n"
    found = unwrap("Fwd: Fwd: mugs", f"Tom\n\n{outer}{inner}").original
    assert found is not None
    assert (found.sender and found.sender.address, found.subject) == ("g@example.org", "Fwd: mugs")
    assert found.body == f"See below.\n\n{inner}"


def test_a_quoted_forward_inside_a_reply_is_part_of_the_quote() -> None:
    text = (
        "Thanks, done.\n\nOn 3 May 2026 at 10:00, Tom <tom@shop.example> wrote:\n"
        "> ---------- Forwarded message ---------\n> From: Greta <g@example.org>\n> Subject: x\n>\n> hi"
    )
    assert unwrap("Re: x", text).original is None


def test_what_the_forwarder_wrote_below_a_quoted_forward_joins_the_note() -> None:
    text = "> Begin forwarded message:\n>\n> From: Greta <g@example.org>\n> Subject: x\n> Date: 3 May 2026\n>\n> hi\n\nPlease handle.\nTom"
    found = unwrap("Fwd: x", text)
    assert found.original is not None
    assert (found.original.body, found.note) == ("hi", "Please handle.\nTom")


_WORDS = st.sampled_from(
    ["From:", "To:", "> ", ">", "\n", "\n\n", " ", "Subject: x", "-----", "Forwarded message", "<a@b.c>", "wrote:",
     "On 3 May 2026 at 10:00,", "é", "\u00a0", "：", "发件人", "Sent from my", "--", "\t", "*", "_" * 10, "mailto:", "["]
)  # fmt: skip


@given(st.none() | st.text(max_size=30), st.text(max_size=300) | st.lists(_WORDS).map("".join))
def test_any_text_is_read(subject: str | None, text: str) -> None:
    found = unwrap(subject, text)
    assert found.original is None or isinstance(found.original.body, str)
