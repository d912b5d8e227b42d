"""Signed Slack events: what the load is made of."""

import hashlib
import hmac
import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

SECRET = "benchmark-signing-secret"  # noqa: S105  of a workspace that does not exist
TEAM, BOT_USER, PUBLIC, INTERNAL = "T0BENCH", "U0DESK", "C0PUBLIC", "C0TEAM"
PATH = "/slack/events"
GOLDEN = Path(__file__).parent.parent / "tests" / "evals" / "golden.jsonl"
_EVERY = 20


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the golden set, with the channel where its asker may read the answer."""

    text: str
    channel: str
    internal: bool


def questions(count: int) -> list[Question]:
    """So many questions of the golden set, from the start again when it is used up."""
    lines = map(json.loads, GOLDEN.read_text("utf-8").splitlines())
    return list(islice(cycle(list(map(_question, lines))), count))


def mention(question: Question, ts: str) -> bytes:
    """A question in a new thread, as Slack posts it."""
    return _event(question, ts, type="app_mention", text=f"<@{BOT_USER}> {question.text}")


def mixed(count: int) -> Iterator[bytes]:
    """Questions in many threads; one in 20 is told twice, one in 20 is talk among people."""
    last = ts = ""
    for n, question in enumerate(questions(count)):
        last, ts = ts, _ts(n)
        match n % _EVERY:
            case 18:  # Slack sends the mention as a plain message too
                text = f"<@{BOT_USER}> {question.text}"
                yield _event(question, last, type="message", channel_type="channel", text=text)
            case 19:
                chat = "see you at lunch"
                yield _event(question, ts, type="message", channel_type="channel", text=chat)
            case _:
                yield mention(question, ts)


def signed(body: bytes) -> Mapping[str, str]:
    """The headers that Slack would send now."""
    now = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), b"v0:%s:%s" % (now.encode(), body), hashlib.sha256)
    return {
        "content-type": "application/json",
        "x-slack-request-timestamp": now,
        "x-slack-signature": f"v0={digest.hexdigest()}",
    }


def _question(line: Mapping[str, object]) -> Question:
    internal = line["audience"] == "internal"
    return Question(str(line["question"]), INTERNAL if internal else PUBLIC, internal)


def _event(question: Question, ts: str, **more: str) -> bytes:
    event = {"user": "U0ASKER", "channel": question.channel, "ts": ts, "event_ts": ts, **more}
    envelope = {
        "type": "event_callback",
        "team_id": TEAM,
        "api_app_id": "A0BENCH",
        "event": event,
        "event_id": f"Ev{ts}",
        "event_time": int(time.time()),
        "authorizations": [{"team_id": TEAM, "user_id": BOT_USER, "is_bot": True}],
    }
    return json.dumps(envelope).encode()


def _ts(n: int) -> str:
    return f"{1_760_000_000 + n}.000100"
