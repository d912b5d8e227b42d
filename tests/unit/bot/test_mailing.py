import base64
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bot.cli import cli
from bot.errors import ConfigurationError
from triage.adapters.pdf import read_pdf

EML = b"From: Jane <jane@acme.test>\nSubject: Tent\n\nIt has a hole.\n\n-- \nJane\n"


def read(*arguments: str, text: bytes = b"") -> tuple[int, list[dict[str, Any]]]:
    result = CliRunner().invoke(cli, ["mail", "read", *arguments], input=text)
    lines = [line for line in result.stdout.splitlines() if line.startswith("{")]
    return result.exit_code, [json.loads(line) for line in lines]


def test_a_batch_is_answered_line_by_line_and_broken_ones_are_told() -> None:
    forward = (
        "FYI\n\n---------- Forwarded message ---------\nFrom: Jane Doe <jane@acme.test>\n"
        "Date: Mon, 1 Jun 2026 at 10:00\nSubject: Tent\nTo: <shop@cairnway.test>\n\nA hole.\n"
    )
    rows: list[object] = [
        {"id": "a", "subject": "Fwd: Tent", "body": forward},
        {"id": "b", "eml_b64": base64.b64encode(EML).decode()},
        {"id": "c", "eml_b64": "%%%"},
        {"id": "d"},
        [],
        {"id": "f", "subject": None, "body": "Hello"},
        {"id": "g", "eml_b64": base64.b64encode(b"X: y\n" * 900).decode()},
    ]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode() + b"\xff{\n"
    code, found = read("--jsonl", "-", text=lines)
    assert code == 1
    assert [one["id"] for one in found] == ["a", "b", "c", "d", 5, "f", "g", 8]
    assert ["error" in one for one in found] == [False, False, True, True, True, False, True, True]
    assert found[0]["original"]["from"] == {"name": "Jane Doe", "address": "jane@acme.test"}
    assert (found[0]["forwarded"], found[0]["message"]) == (True, "FYI")
    assert (found[1]["original"], found[1]["reply"]) == (None, "It has a hole.")
    assert list(found[1]) == [
        "id", "forwarded", "original", "message", "reply", "signature", "quoted",
        "auto_generated", "bounce",
    ]  # fmt: skip


def test_one_mail_is_shown_to_people_and_to_machines(tmp_path: Path) -> None:
    file = tmp_path / "a.eml"
    file.write_bytes(EML)
    result = CliRunner().invoke(cli, ["mail", "read", str(file)])
    assert result.exit_code == 0
    assert "Jane <jane@acme.test>" in result.stdout
    assert "It has a hole." in result.stdout
    code, (found,) = read("-", "--json", text=EML)
    assert (code, found["reply"], found["bounce"]) == (0, "It has a hole.", None)


def test_what_is_asked_wrongly_is_said(tmp_path: Path) -> None:
    for arguments in ([], ["a.eml", "--jsonl", "b"], [str(tmp_path / "none.eml")]):
        result = CliRunner().invoke(cli, ["mail", "read", *arguments])
        assert isinstance(result.exception, ConfigurationError)


@pytest.mark.parametrize("content", [b"", b"words", b"%PDF-1.4 broken", b"%PDF-1.7\n%%EOF"])
def test_a_broken_pdf_has_no_words(content: bytes) -> None:
    assert read_pdf(content) == ""
