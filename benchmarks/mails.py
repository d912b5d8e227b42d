"""Reading mail beside what others offer: forwards, replies, a whole message, hostile input.

The texts are our own. The others do less: quotequail and email-forward-parser read a forward,
mail-parser-reply a reply; ours does both, and a hostile input must not hold it up.
"""

import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any

import quotequail
from emailforwardparser import forward_parser
from mailparser_reply import EmailReplyParser

from benchmarks.figures import Report, Row
from triage.mail.reading import read_mail, read_text

TYPICAL_MS, HOSTILE_MS, LARGE_MS = 3.0, 250.0, 2_000.0
HOSTILE_BYTES, LARGE_BYTES = 150_000, 1_000_000
_SAID = (
    "Hello,\n\nI ordered two mugs on 3 May (order 48213) and only one has come. The other one was "
    "to be a present, so I need it by Friday. Could you send it, or tell me where it is?\n\n"
    "Best regards,\nGreta Håkansson"
)
_HEADERS = (
    "From: Greta Håkansson <greta.h@example.org>\nSent: Sunday, May 10, 2026 9:12 AM\n"
    "To: Help <help@shop.example>\nSubject: Only one mug"
)
_QUOTED = "\n".join(f"> {line}" for line in _SAID.split("\n"))
FORWARDS = (
    f"Can you look?\n\n---------- Forwarded message ---------\n{_HEADERS}\n\n{_SAID}",
    f"Can you look?\n\n________________________________\n{_HEADERS}\n\n{_SAID}",
    f"> Begin forwarded message:\n>\n> {_HEADERS.replace(chr(10), chr(10) + '> ')}\n>\n{_QUOTED}",
)
REPLIES = (
    f"{_SAID}\n\nOn Sun, 10 May 2026 at 09:12, Help <help@shop.example> wrote:\n\n{_QUOTED}",
    f"{_SAID}\n\n{_HEADERS}\n\n{_SAID}",
    f"{_SAID}\n\nSent from my iPhone",
)
_PIECES = {
    "quote marks": ">",
    "From lines": "From: a@b.example\n",
    "On … lines": "On 1 May 2026 at 10:00 a@b.example x\n",
    "dashes": "-- fwd ",
    "blank lines": "\n",
    "address lists": "a b <a@b.example>, ",
    "open brackets": "<",
    "labels run together": "From: a>To: b>Date: c>Subject: ",
    "Sent from": "\n\nSent from my telephone\n",
}


def measure(*, quick: bool) -> list[Report]:
    """Time a typical mail, and the worst that somebody may send."""
    times = 20 if quick else 200
    return [_forwards(times), _replies(times), _messages(times), _hostile(1 if quick else 3)]


def _forwards(times: int) -> Report:
    rivals = _row("quotequail", quotequail.unwrap, FORWARDS, times=times)
    rows = [
        rivals,
        _row("email-forward-parser", _forward_parser,
             FORWARDS, times=times, against=rivals),
        _row("ours, with reply and signature", lambda one: read_text("Fwd: mug", one), FORWARDS,
             times=times, against=rivals, below=TYPICAL_MS),
    ]  # fmt: skip
    return Report("A forwarded mail", "ms", rows)


def _replies(times: int) -> Report:
    parser = EmailReplyParser(languages=["en", "de", "fr"])
    rival = _row("mail-parser-reply", parser.parse_reply, REPLIES, times=times)
    ours = _row("ours, 36 languages", lambda one: read_text("Re: mug", one), REPLIES, times=times,
                against=rival, below=TYPICAL_MS)  # fmt: skip
    return Report("A reply", "ms", [rival, ours])


def _messages(times: int) -> Report:
    message = EmailMessage()
    message["From"], message["To"] = "Greta <greta.h@example.org>", "help@shop.example"
    message["Subject"], message["Message-ID"] = "Only one mug", "<1@example.org>"
    message.set_content(REPLIES[0])
    shown = "".join(f"<p>{line}</p>" for line in REPLIES[0].split("\n"))
    message.add_alternative(f"<html><body>{shown}</body></html>", subtype="html")
    row = _row("MIME, both forms", read_mail, [message.as_bytes()], times=times, below=TYPICAL_MS)
    return Report("A whole message", "ms", [row])


def _hostile(times: int) -> Report:
    rows = []
    for name, piece in _PIECES.items():
        small = piece * (HOSTILE_BYTES // len(piece))
        large = piece * (LARGE_BYTES // len(piece))
        rows.append(_row(f"{name}, 150 KB", _read, [small], times=times, below=HOSTILE_MS))
        rows.append(_row(f"{name}, 1 MB", _read, [large], times=times, below=LARGE_MS))
    return Report("Hostile text", "ms", rows)


def _forward_parser(text: str) -> object:
    """What it reads of a forward: the body inside, then the header above it."""
    found = forward_parser.parse_body(text, forwarded=True)
    return forward_parser.parse_original_email(found.email or "", found.body or "")


def _read(text: str) -> object:
    return read_text("Fwd: x", text)


def _row(  # noqa: PLR0913  one row of a table
    name: str,
    read: Callable[[Any], object],
    texts: Sequence[Any],
    *,
    times: int,
    against: Row | None = None,
    below: float | None = None,
) -> Row:
    samples = []
    for text in texts:
        read(text)
    for _ in range(times):
        for text in texts:
            began = time.perf_counter()
            read(text)
            samples.append((time.perf_counter() - began) * 1_000)
    return Row(name, samples, against, below)
