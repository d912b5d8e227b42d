"""People who write to the desk, and Slack that tells it of what they wrote.

What order means: people write to a thread one message after the other, and Slack has had each
acknowledged before it tells of the next one in the same thread. So the order of `ts` is the order
in which the desk was told, and the replies of a thread must stand in it. Threads overtake each
other freely. Every message is told twice, as `app_mention` and as `message`, in any order and under
ids of their own; a share is told again later, under the same id or a new one, after messages that
follow it in its thread. What is not acknowledged is told again until it is: Slack's pauses of a
minute and of five are shortened.
"""

import asyncio
import hashlib
import hmac
import itertools
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from e2e.chaos_net import post
from e2e.chaos_slack import APP, BOT, SECRET, TEAM, Message, Workspace

CHANNELS = tuple(f"C0HELP{n}" for n in range(8))
AGAIN_SHARE = 0.15
ACKNOWLEDGED_WITHIN_SECONDS = 3.0
RETRY_SECONDS = (0.05, 0.5, 1.0)
QUESTIONS = (
    "how long do I have to return boots I already wore outside?",
    "what does delivery to Norway cost?",
    "how do I wash a down jacket?",
    "can I change the address of an order?",
    "how do I measure my foot for hiking boots?",
    "do you ship gas cartridges?",
    "when do I get my refund?",
    "is there a discount for students?",
)
OWN_SHARE = 0.6
"""Questions that are about one order are never answered from the cache: they are written, live."""
THANKS = ("thanks!", "Thank you very much.", "great, thanks", "ok, thank you so much")


@dataclass
class People:
    """`total` messages over `threads` threads, no more than `ahead` of the replies."""

    workspace: Workspace
    total: int
    threads: int
    port: int
    seed: int
    questions: float
    replied: Callable[[], int]
    ahead: int = 120
    told: int = 0
    again: int = 0
    asked: dict[str, list[Message]] = field(default_factory=dict)
    _ids: Any = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)
        self._late: set[asyncio.Task[None]] = set()

    async def write(self) -> None:
        """Everybody writes; returns when all of it was acknowledged, what comes late included."""
        shares = [
            self.total // self.threads + (n < self.total % self.threads)
            for n in range(self.threads)
        ]
        await asyncio.gather(*(self._thread(n, share) for n, share in enumerate(shares)))
        await asyncio.gather(*self._late)

    async def go_on(self, threads: int) -> None:
        """A few more people write one message each."""
        first, self.threads = self.threads, self.threads + threads
        await asyncio.gather(*(self._thread(first + n, 1) for n in range(threads)))
        await asyncio.gather(*self._late)

    async def _thread(self, n: int, messages: int) -> None:
        channel, root = CHANNELS[n % len(CHANNELS)], None
        await asyncio.sleep(self._random.uniform(0, 1))
        for _ in range(messages):
            while self.told - self.replied() >= self.ahead:  # noqa: ASYNC110  it is a count
                await asyncio.sleep(0.05 * self._random.uniform(0.5, 1.5))
            self.told += 1
            message = self._message(channel, root)
            root = root or message["ts"]
            self.asked.setdefault(f"{channel} {root}", []).append(message)
            await self._tell(message)
            await asyncio.sleep(self._random.expovariate(8))

    def _message(self, channel: str, root: str | None) -> Message:
        question = self._random.random() < self.questions
        words = self._random.choice(QUESTIONS if question else THANKS)
        if question and self._random.random() < OWN_SHARE:
            words += f" It is order {100_000 + self.told}."
        place = {"thread_ts": root} if root else {}
        client = f"c{next(self._ids):07}"
        user = f"U0P{self._random.randrange(50)}"
        return self.workspace.add(
            channel, user=user, text=f"<@{BOT}> {words}", client_msg_id=client, **place
        )

    async def _tell(self, message: Message) -> None:
        kinds = ["app_mention", "message"]
        self._random.shuffle(kinds)
        first, second = (self._event(message, kind) for kind in kinds)
        if self._random.random() < 0.5:
            await asyncio.gather(self._deliver(first), self._deliver(second))
        else:
            await self._deliver(first)
            self._later(second, self._random.uniform(0, 0.3))
        if self._random.random() < AGAIN_SHARE:
            self.again += 1
            anew = self._random.random() < 0.5
            late = self._event(message, kinds[0]) if anew else first
            self._later(late, self._random.uniform(0.2, 6))

    def _later(self, body: bytes, seconds: float) -> None:
        async def told() -> None:
            await asyncio.sleep(seconds)
            await self._deliver(body)

        task = asyncio.ensure_future(told())
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    def _event(self, message: Message, kind: str) -> bytes:
        event = {**message, "type": kind}
        if kind == "message":
            event["channel_type"] = "channel"
        else:
            event.pop("client_msg_id", None)
        envelope = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP}
        who = {"team_id": TEAM, "user_id": BOT, "is_bot": True, "enterprise_id": None}
        return json.dumps(
            envelope
            | {"event": event | {"channel": self._channel_of(message)}}
            | {"event_id": f"Ev{next(self._ids):09}", "event_time": int(time.time())}
            | {"authorizations": [who | {"is_enterprise_install": False}]}
        ).encode()

    def _channel_of(self, message: Message) -> str:
        held = self.workspace.channels
        return next(name for name in CHANNELS if message["ts"] in held.get(name, {}))

    async def _deliver(self, body: bytes) -> None:
        """Tell it until it is acknowledged."""
        for retry in itertools.count():
            again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
            headers = _signed(body) | (again if retry else {})
            try:
                async with asyncio.timeout(ACKNOWLEDGED_WITHIN_SECONDS):
                    status = await post(self.port, "/slack/events", body, headers)
            except TimeoutError:
                status = 0
            if status == 200:
                return
            await asyncio.sleep(RETRY_SECONDS[min(retry, len(RETRY_SECONDS) - 1)])


def _signed(body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }
