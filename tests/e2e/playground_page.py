"""What a person does on the playground's page, by HTTP."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from e2e.processes import rows, until

BOT = "U0SUPPORT"
ADA, TOMASZ, PRIYA = "U0ADA", "U0TOMASZ", "U0PRIYA"
HELP_DESK, TEAM, TRIAGE, RANDOM = "C0HELPDESK", "C0TEAM", "C0TRIAGE", "C0RANDOM"
Message = dict[str, Any]

BOOTS = "how long do I have to return boots I already wore outside?"
TENT = "how long is the warranty on a Ridgeline tent?"
MAIL = """\
From: Mira Holt <mira@customer.example>
To: help@cairnway.example
Subject: Fwd: tent warranty
Message-ID: <1@customer.example>
Date: Mon, 23 Nov 2026 09:00:00 +0000
MIME-Version: 1.0
Content-Type: text/plain; charset="utf-8"

Hello,

how long is the warranty on a Ridgeline tent?

Mira
"""


def said(message: Message) -> str:
    """Everything that a reader sees of a message."""
    return f"{message.get('text')}\n{json.dumps(message.get('blocks') or [], ensure_ascii=False)}"


def has_sources(message: Message) -> bool:
    return "*Sources*" in said(message)


def is_left_by_a_stream(message: Message) -> bool:
    """Whether a message is what a stream has ended with; its form comes a moment later."""
    blocks = message.get("blocks") or [{}]
    return str(blocks[-1].get("block_id", "")).startswith("stream-")


class Page:
    """The playground's page API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=15, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def act(self, deed: str, **body: object) -> dict[str, Any]:
        answered = self._http.post(f"/playground/{deed}", json=body)
        found: dict[str, Any] = answered.json()
        assert found["ok"], found
        return found

    def say(
        self, channel: str, text: str, *, user: str = ADA, thread: str = "", **more: object
    ) -> str:
        """Write a message; its ts."""
        fields = {"channel": channel, "user": user, "text": text, "thread_ts": thread, **more}
        return str(self.act("message", **fields)["ts"])

    def ask(self, channel: str, text: str, *, user: str = ADA, thread: str = "") -> str:
        """Mention the bot; the ts."""
        return self.say(channel, f"<@{BOT}> {text}", user=user, thread=thread)

    def click(
        self, reply: Message, block: str, value: str = "", *, user: str = ADA
    ) -> dict[str, Any]:
        """Press a button of a bot's message, whose block and action share a name."""
        return self.act(
            "interact",
            channel=self._place(reply),
            user=user,
            message_ts=reply["ts"],
            block_id=block,
            action_id=block,
            value=value,
        )

    def state(self) -> dict[str, Any]:
        found: dict[str, Any] = self._http.get("/playground/state").json()
        return found

    def trace(self, channel: str, ts: str) -> dict[str, Any]:
        """What the bot did for a message, once it is done."""

        def look() -> dict[str, Any] | None:
            answered = self._http.get("/playground/trace", params={"channel": channel, "ts": ts})
            found: dict[str, Any] | None = answered.json()["trace"]
            return found if found and found["state"] == "done" else None

        found = until(look, f"a trace of {ts}")
        assert found
        return found

    def messages(self, channel: str) -> list[Message]:
        found: list[Message] = self.state()["messages"][channel]
        return found

    def replies(self, channel: str, thread: str) -> list[Message]:
        """What the bot says in a thread for all to see, finished messages only."""
        return [
            one
            for one in self.messages(channel)
            if one.get("thread_ts") == thread
            and one.get("user") == BOT
            and not one["ephemeral_for"]
            and not one["streaming"]
            and not is_left_by_a_stream(one)
        ]

    def reply(self, channel: str, thread: str, *, n: int = 1) -> Message:
        """The bot's nth reply in a thread, as soon as it is there."""
        found = until(
            lambda: self.replies(channel, thread)[n - 1 :], f"reply {n} in {channel} {thread}"
        )
        return found[0]

    def whispers(self, channel: str, user: str) -> list[str]:
        return [said(one) for one in self.messages(channel) if one["ephemeral_for"] == user]

    def acknowledged(self, ts: str, *, since: int, times: int = 1) -> None:
        """Wait until the desk has acknowledged the events of a message."""
        seen = 0
        for change in self._changes(since):
            if change["kind"] == "delivery" and change["ts"] == ts and change["status"] == "ok":
                seen += 1
                if seen == times:
                    return

    def cursor(self) -> int:
        return int(self.state()["cursor"])

    def texts_of(self, ts: str, *, since: int) -> list[str]:
        """Every form of a message, in order, until it is no longer streaming."""
        forms = []
        for change in self._changes(since):
            message = change.get("message") or {}
            if change["kind"].startswith("message") and message.get("ts") == ts:
                forms.append(message["text"])
                if not message["streaming"] and message.get("blocks"):
                    return forms
        return forms

    def _changes(self, since: int, *, seconds: float = 20.0) -> Iterator[dict[str, Any]]:
        deadline = time.monotonic() + seconds
        with self._http.stream("GET", "/playground/events", params={"cursor": since}) as stream:
            for line in stream.iter_lines():
                assert time.monotonic() < deadline, f"no such change within {seconds:.0f} s"
                if line.startswith("data: "):
                    yield json.loads(line.removeprefix("data: "))

    def _place(self, message: Message) -> str:
        """The channel that a message is in."""
        places = self.state()["messages"]
        return next(
            channel
            for channel, found in places.items()
            if any(one["ts"] == message["ts"] for one in found)
        )


@dataclass(frozen=True)
class Playground:
    """The page of a running playground, and the home of its desk."""

    page: Page
    home: Path

    def kept(self, ts: str) -> list[dict[str, object]]:
        return rows(self.home, "select * from inbox where ts = ?", ts)
