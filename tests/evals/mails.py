"""How well mail is read, on public corpora: `python tests/evals/mails.py FOLDER [--wrong]`.

FOLDER holds `forward/crisp.jsonl`, `reply/visible.jsonl` and `inbound/visible.jsonl`: what goes in,
what comes out, and which fields count. Texts are compared with their white space collapsed.
"""

import argparse
import base64
import json
import re
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from triage.mail.letter import Address, Mail
from triage.mail.reading import read_mail, read_text

Json = Mapping[str, Any]
Change = Callable[[str], str]
NAME, ADDRESS, ABOUT, OPENING = (
    "John Doe",
    "john.doe@acme.com",
    "Integer consequat non purus",
    "Aenean quis diam",
)
OTHER_WORDS = {
    NAME: "Zoë O'Brien-Łuk",
    ADDRESS: "zoe_ob+shop@mail.example.co.uk",
    ABOUT: "Où est ma commande n° 88-12 ?",
    OPENING: "Hello: on 3 May I paid 49,90 EUR. To whom",
}


@dataclass(frozen=True, slots=True)
class Score:
    """How many cases of a corpus came out right, and what was wrong with the others."""

    name: str
    cases: int
    wrong: Sequence[str]

    @property
    def right(self) -> int:
        """Cases of which every field that counts is right."""
        return self.cases - len(self.wrong)


def judged(folder: Path) -> Iterator[Score]:
    """Every corpus, the forwards also after what gateways do to them."""
    forwards = list(_rows(folder / "forward" / "crisp.jsonl"))
    for name, change in CHANGES.items():
        yield _score(f"forward, {name}", forwards, lambda row, change=change: _forward(row, change))
    yield _score("forward, other names and texts", list(map(_renamed, forwards)), _forward)
    yield _score("forward, no subject", forwards, lambda row: _forward({**row, "subject": None}))
    yield _score("reply", list(_rows(folder / "reply" / "visible.jsonl")), _reply)
    yield _score("inbound", list(_rows(folder / "inbound" / "visible.jsonl")), _inbound)


def _wrapped(text: str) -> str:
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join(
        textwrap.fill(line, 76, break_long_words=False, break_on_hyphens=False) for line in lines
    )


CHANGES: Mapping[str, Change] = {
    "as it is": lambda text: text,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "trailing spaces": lambda text: text.replace("\r\n", "\n").replace("\n", "  \n"),
    "wrapped at 76": _wrapped,
    "CRLF": lambda text: text.replace("\r\n", "\n").replace("\n", "\r\n"),
    "no-break spaces": lambda text: text.replace(" ", "\u00a0"),
    "lower-case prefix": lambda text: re.sub(r"^\w+:", lambda prefix: prefix[0].lower(), text),
}


def _score(name: str, rows: Sequence[Json], faults: Callable[[Json], list[str]]) -> Score:
    found = [(row["id"], faults(row)) for row in rows]
    return Score(name, len(rows), [f"{id_}: {'; '.join(all_)}" for id_, all_ in found if all_])


def _forward(row: Json, change: Change = str) -> list[str]:
    subject = row["subject"]
    body = change(row["body"]) if change is not CHANGES["lower-case prefix"] else row["body"]
    mail = read_text(change(subject) if subject else subject, body)
    seen = {"forwarded": mail.forwarded, "message": mail.note, "original": _original(mail)}
    faults = []
    for path, how in row["asserted"].items():
        expected, got = _at(row["expected"], path), _at(seen, path)
        if subject is None and path == "original.subject" and got is None:
            continue  # it stood nowhere but in the subject that was taken away
        right = bool(got) if how == "nonempty_string" else _same(expected) == _same(got)
        if not right:
            faults.append(f"{path} {got!r:.80}")
    return faults


def _renamed(row: Json) -> Json:
    text = json.dumps(row, ensure_ascii=False)
    for old, new in OTHER_WORDS.items():
        text = text.replace(old, new)
    renamed: Json = json.loads(text)
    return renamed


def _original(mail: Mail) -> Json | None:
    if mail.original is None:
        return None
    shown = asdict(mail.original)
    return {**shown, "from": shown["sender"]}


def _reply(row: Json) -> list[str]:
    mail, expected, asserted = read_text(None, row["text"]), row["expected"], row["asserted"]
    reply = _same(mail.reply)
    faults = []
    if "reply" in asserted and reply != _same(expected["reply"]):
        faults.append(f"reply {mail.reply!r:.120}")
    if "reply_contains" in asserted:
        faults += [
            f"lacks {one!r:.60}" for one in expected["reply_contains"] if _same(one) not in reply
        ]
    if "reply_not_contains" in asserted:
        faults += [
            f"has {one!r:.60}" for one in expected["reply_not_contains"] if _same(one) in reply
        ]
    if "signature" in asserted and _same(expected["signature"]) not in (
        _same(mail.signature) or ""
    ):
        faults.append(f"signature {mail.signature!r:.60}")
    return faults


def _inbound(row: Json) -> list[str]:
    try:
        mail = read_mail(base64.b64decode(row["eml_b64"]))
    except Exception as error:  # noqa: BLE001  that there is none is what counts
        return [repr(error)]
    expected, bounce = row["expected"], mail.bounce
    faults = []
    failed = bounce is not None and bounce.action != "delayed"
    if expected.get("bounce") is not None and expected["bounce"] != failed:
        faults.append(f"bounce {bounce}")
    if (
        expected.get("auto_generated") is not None
        and expected["auto_generated"] != mail.auto_generated
    ):
        faults.append(f"auto_generated {mail.auto_generated}")
    for field, got in (("action", bounce and bounce.action), ("status", bounce and bounce.status)):
        if expected.get(field) and got not in expected[field]:
            faults.append(f"{field} {got}")
    return faults


def _at(found: Any, path: str) -> Any:
    for step in path.split("."):
        if found is None:
            return None
        if isinstance(found, list | tuple):
            found = len(found) if step == "length" else dict(enumerate(found)).get(int(step))
        else:
            found = getattr(found, step) if isinstance(found, Address) else found.get(step)
    return found


def _same(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return " ".join(unicodedata.normalize("NFC", value).replace("\ufeff", "").split())


def _rows(path: Path) -> Iterator[Json]:
    with path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def main() -> None:
    """Print a line for each corpus."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("folder", type=Path, help="with forward/, reply/ and inbound/")
    parser.add_argument("--wrong", action="store_true", help="name what came out wrong")
    chosen = parser.parse_args()
    for score in judged(chosen.folder):
        print(f"{score.name:34}{score.right:5} of {score.cases}")
        if chosen.wrong and score.wrong:
            print(*(f"    {one}" for one in score.wrong), sep="\n")


if __name__ == "__main__":
    main()
