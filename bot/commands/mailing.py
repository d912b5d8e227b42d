"""`supportbot mail`: read e-mail as the desk does."""

import base64
import binascii
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from bot.commands.options import AsJson
from bot.errors import ConfigurationError
from triage.adapters.pdf import read_pdf
from triage.errors import MailRefused
from triage.mail.letter import Address, Mail, Original
from triage.mail.reading import read_mail, read_text

commands = typer.Typer(
    help="Read e-mail as the desk does: who wrote, when, about what, and their own words.",
    no_args_is_help=True,
)
_console = Console(stderr=True, soft_wrap=True)
_WIDTH = 12


@commands.callback()
def mail() -> None:
    """Read e-mail as the desk does: who wrote, when, about what, and their own words."""


@commands.command("read")
def read(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.eml", help="A raw mail; - reads it from stdin.")
    ] = None,
    *,
    jsonl: Annotated[
        Path | None,
        typer.Option(
            help='JSONL with {"id", "subject", "body"} or {"id", "eml_b64"} lines; - reads stdin.'
        ),
    ] = None,
    server: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="Your mail server's name in Authentication-Results: believe those."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read one mail, or a file of them: one JSON a line on stdout, in the file's order.

    Shown are the mail inside a forward (what it says of its sender is a claim of whoever passed it
    on), the forwarder's note, the writer's own words without signature and quote, and whether a
    machine wrote it. A line of the file that cannot be read yields {"id": …, "error": "…"}; the
    rest goes on, and the command ends with 1.

    Examples: supportbot mail read complaint.eml
    supportbot mail read - --json < complaint.eml
    supportbot mail read --jsonl mails.jsonl > read.jsonl
    """
    if (file is None) == (jsonl is None):
        raise ConfigurationError("give a mail or --jsonl, one of both")
    if jsonl:
        raise typer.Exit(_read_file(jsonl, server))
    found = read_mail(_content(file or Path("-")), authserv_id=server, read_pdf=read_pdf)
    typer.echo(_json(_as_json(found)) if as_json else _shown(found))


def _read_file(file: Path, server: str | None) -> int:
    broken = 0
    with _lines(file) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                shown = _answer(line, number, server)
                broken += "error" in shown
                typer.echo(_json(shown))
    if broken:
        _console.print(f"{broken} lines could not be read", style="yellow")
    return 1 if broken else 0


def _answer(line: bytes, number: int, server: str | None) -> dict[str, object]:
    """What a line of the batch becomes; its id is the line's number where it has none."""
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {"id": number, "error": "no JSON"}
    if not isinstance(row, dict):
        return {"id": number, "error": "no JSON object"}
    name = row.get("id", number)
    try:
        return {"id": name, **_as_json(_read(row, server))}
    except (ConfigurationError, MailRefused) as error:
        return {"id": name, "error": str(error)}


def _read(row: Mapping[str, Any], server: str | None) -> Mail:
    if "eml_b64" in row:
        try:
            raw = base64.b64decode(row["eml_b64"], validate=True)
        except (binascii.Error, ValueError, TypeError) as error:
            raise ConfigurationError('"eml_b64" is no base64') from error
        return read_mail(raw, authserv_id=server, read_pdf=read_pdf)
    subject, body = row.get("subject"), row.get("body")
    if not isinstance(body, str) or not isinstance(subject, str | None):
        raise ConfigurationError('it has neither a text "body" nor "eml_b64"')
    return read_text(subject, body)


def _as_json(found: Mail) -> dict[str, object]:
    return {
        "forwarded": found.forwarded,
        "original": _original(found.original) if found.original else None,
        "message": found.note,
        "reply": found.reply,
        "signature": found.signature,
        "quoted": found.quoted,
        "auto_generated": found.auto_generated,
        "bounce": asdict(found.bounce) if found.bounce else None,
    }


def _original(inside: Original) -> dict[str, object]:
    return {
        "from": asdict(inside.sender or Address(None, None)),
        "to": [asdict(one) for one in inside.to],
        "cc": [asdict(one) for one in inside.cc],
        "subject": inside.subject,
        "date": inside.date,
        "body": inside.body,
    }


def _json(shown: Mapping[str, object]) -> str:
    """One line; what is half a character in a broken batch is written as its escape."""
    line = json.dumps(shown, ensure_ascii=False)
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(shown)
    return line


def _shown(found: Mail) -> str:
    """A mail for people: headers, then each part of its text under its name."""
    rows = [*_headers(found), *_warnings(found)]
    lines = [f"{name:<{_WIDTH}} {value}" for name, value in rows if value]
    inside = found.original
    if inside:
        lines += ["", "Forwarded, so it is claimed:", *_claims(inside)]
    texts = (
        ("Note", found.note),
        ("Message", inside.body if inside else found.reply),
        ("Signature", None if inside else found.signature),
        ("Quoted", None if inside else found.quoted),
    )
    for name, text in texts:
        if text and text.strip():
            lines += ["", f"── {name} ──", text.strip()]
    return "\n".join(lines)


def _headers(found: Mail) -> Iterator[tuple[str, str | None]]:
    yield "From", _person(found.author)
    if found.sender != found.author:
        yield "Answer to", _person(found.sender)
    yield "To", _people(found.to)
    yield "Cc", _people(found.cc)
    yield "Subject", found.subject
    yield "Date", found.date
    yield "Server says", f"sender's domain {found.authentication}"
    for one in found.attachments:
        yield "Attached", f"{one.name} ({one.mimetype}, {one.size:,} bytes)"


def _warnings(found: Mail) -> Iterator[tuple[str, str | None]]:
    if bounce := found.bounce:
        said = (bounce.action or "not delivered", bounce.status, bounce.recipient)
        yield "Bounce", ", ".join(filter(None, said))
    elif found.auto_generated:
        yield "Automatic", "written by a machine: nobody waits for an answer"


def _claims(inside: Original) -> list[str]:
    rows = (
        ("From", _person(inside.sender)),
        ("To", _people(inside.to)),
        ("Cc", _people(inside.cc)),
        ("Subject", inside.subject),
        ("Date", inside.date),
    )
    return [f"{name:<{_WIDTH}} {value}" for name, value in rows if value]


def _people(found: Sequence[Address]) -> str:
    return ", ".join(filter(None, map(_person, found)))


def _person(one: Address | None) -> str | None:
    if one is None or not one.name or not one.address:
        return (one.name or one.address) if one else None
    return f"{one.name} <{one.address}>"


def _content(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read()
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[bytes]]:
    if str(file) == "-":
        yield iter(sys.stdin.buffer)
        return
    try:
        with file.open("rb") as opened:
            yield iter(opened)
    except OSError as error:
        raise ConfigurationError(f"{file}: {error.strerror}") from error
