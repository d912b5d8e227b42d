"""A Slack that fails as Slack fails, seeded: what it holds in the end is what people saw.

Of the calls that write, a share is accepted and the connection dropped, a share is answered 429, a
share 503, every other one of these after the call was accepted. A call is carried out as soon as it
is read; only its answer takes its time. So what a sender has given up arrives, if at all, before
anything that is asked later: within the settling time of the outbox, as it reckons with.
"""

import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from e2e.chaos_net import Answer, Request

TEAM, BOT, BOT_ID, APP = "T01CHAOS", "U0BOT", "B0BOT", "A0BOT"
TRIAGE = "C0TRIAGE"
BOT_TOKEN, SECRET = "xoxb-chaos", "chaos-secret"
SHARES = {"dropped": 0.03, "429": 0.03, "503": 0.03}
LATENCY_SECONDS = 0.02
Message = dict[str, Any]


class Refused(Exception):
    """`ok: false`, and why."""


class Workspace:
    """Channels with their messages, and the Web API over them."""

    def __init__(self, seed: int) -> None:
        self.channels: dict[str, dict[str, Message]] = {}
        self.faults: Counter[str] = Counter()
        self.calls: Counter[str] = Counter()
        self.said = 0  # by the desk, to those who ask
        self.shares = dict(SHARES)
        self._random = random.Random(seed)
        self._last = 0
        self._turns = itertools.count()
        self._methods: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "auth.test": self._who,
            "conversations.info": self._channel,
            "conversations.replies": self._replies,
            "conversations.history": self._history,
            "chat.getPermalink": self._link,
        }
        self._writes: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
            "chat.postMessage": self._post,
            "chat.update": self._update,
            "chat.delete": self._delete,
            "chat.postEphemeral": lambda _: {"message_ts": self.next_ts()},
            "reactions.add": lambda _: {},
            "chat.startStream": self._start,
            "chat.appendStream": self._append,
            "chat.stopStream": self._stop,
            "assistant.threads.setStatus": lambda _: {},
        }

    def next_ts(self) -> str:
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def add(self, channel: str, **message: Any) -> Message:
        kept = {"type": "message", "ts": self.next_ts(), **message}
        self.said += message["user"] == BOT and channel != TRIAGE
        self.channels.setdefault(channel, {})[kept["ts"]] = kept
        return kept

    def messages(self, channel: str) -> list[Message]:
        return [one for _, one in sorted(self.channels.get(channel, {}).items())]

    def handle(self, request: Request) -> Answer | None:
        """One call of the Web API."""
        method = request.path.rpartition("/")[2]
        self.calls[method] += 1
        after = self._random.uniform(0, LATENCY_SECONDS)
        if method in self._methods:
            return Answer(_outcome(self._methods[method], request), after=after)
        if method not in self._writes:
            return Answer({"ok": False, "error": "unknown_method"})
        fault = self._fault()
        if fault == "429":
            refused = {"ok": False, "error": "ratelimited"}
            return Answer(refused, status=429, headers=(("Retry-After", "1"),))
        if fault == "503" and next(self._turns) % 2:
            return Answer({}, status=503, after=after)
        outcome = _outcome(self._writes[method], request)
        if fault == "dropped":
            return None
        return Answer(outcome, status=503 if fault == "503" else 200, after=after)

    def _fault(self) -> str | None:
        drawn = self._random.random()
        for name, share in self.shares.items():
            drawn -= share
            if drawn < 0:
                self.faults[name] += 1
                return name
        return None

    def _at(self, arguments: dict[str, Any]) -> Message:
        found = self.channels.get(arguments["channel"], {}).get(arguments["ts"])
        if found is None:
            raise Refused("message_not_found")
        return found

    def _post(self, arguments: dict[str, Any]) -> dict[str, Any]:
        said = {name: arguments[name] for name in ("thread_ts", "text") if arguments.get(name)}
        metadata = _json(arguments.get("metadata"))
        channel = arguments["channel"]
        kept = self.add(channel, user=BOT, bot_id=BOT_ID, metadata=metadata, **said)
        return {"ts": kept["ts"], "channel": channel, "message": kept}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self._at(arguments)
        if message.get("streaming"):
            raise Refused("streaming_state_conflict")
        message["text"] = arguments.get("text", "")
        if arguments.get("metadata"):
            message["metadata"] = _json(arguments["metadata"])
        return {"ts": message["ts"]}

    def _delete(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self._at(arguments)
        del self.channels[arguments["channel"]][message["ts"]]
        self.said -= 1
        return {"ts": message["ts"]}

    def _start(self, arguments: dict[str, Any]) -> dict[str, Any]:
        said = {"thread_ts": arguments["thread_ts"], "text": arguments.get("markdown_text", "")}
        kept = self.add(
            arguments["channel"], user=BOT, bot_id=BOT_ID, streaming=time.monotonic(), **said
        )
        return {"ts": kept["ts"], "channel": arguments["channel"]}

    def _append(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self._streaming(arguments)
        message["text"] += arguments.get("markdown_text", "")
        return {"ts": message["ts"]}

    def _stop(self, arguments: dict[str, Any]) -> dict[str, Any]:
        message = self._streaming(arguments)
        message["streaming"] = None
        return {"ts": message["ts"]}

    def _streaming(self, arguments: dict[str, Any]) -> Message:
        message = self._at(arguments)
        if not message.get("streaming"):
            raise Refused("message_not_in_streaming_state")
        return message

    def _who(self, _: dict[str, Any]) -> dict[str, Any]:
        who = {"user_id": BOT, "user": "support", "bot_id": BOT_ID}
        return {**who, "team_id": TEAM, "team": "Chaos", "url": "https://chaos.slack.test/"}

    def _channel(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return {"channel": {"id": arguments["channel"], "is_member": True}}

    def _link(self, arguments: dict[str, Any]) -> dict[str, Any]:
        place = f"{arguments['channel']}/p{arguments['message_ts'].replace('.', '')}"
        return {"permalink": f"https://chaos.slack.test/archives/{place}"}

    def _replies(self, arguments: dict[str, Any]) -> dict[str, Any]:
        root = arguments["ts"]
        within = (one for one in self.messages(arguments["channel"]))
        found = [one for one in within if root in {one["ts"], one.get("thread_ts")}]
        return _page(found, arguments)

    def _history(self, arguments: dict[str, Any]) -> dict[str, Any]:
        said = self.messages(arguments["channel"])
        return _page([one for one in reversed(said) if not one.get("thread_ts")], arguments)


def _outcome(
    method: Callable[[dict[str, Any]], dict[str, Any]], request: Request
) -> dict[str, Any]:
    try:
        return {"ok": True, **method(dict(request.arguments))}
    except Refused as why:
        return {"ok": False, "error": str(why)}


def _page(messages: list[Message], arguments: dict[str, Any]) -> dict[str, Any]:
    start, limit = int(arguments.get("cursor") or 0), int(arguments.get("limit") or 100)
    told = str(arguments.get("include_all_metadata")).lower() in {"1", "true"}
    shown = [
        {name: value for name, value in one.items() if name != "metadata" or (told and value)}
        for one in messages[start : start + limit]
    ]
    more = start + limit < len(messages)
    cursor = str(start + limit) if more else ""
    return {
        "messages": shown,
        "has_more": more,
        "response_metadata": {"next_cursor": cursor},
    }


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
