"""From a question in Slack to its reply in Slack, one at a time, on the embedded defaults."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import events, wire
from benchmarks.desks import RUN, running
from benchmarks.events import Question
from benchmarks.figures import Report, Row
from benchmarks.retrieval import embedded_knowledge
from benchmarks.slack_api import SlackApi
from knowledge.answering import Answerer
from knowledge.documents import Audience

AIM_MS = 150
WARM = 5
LONGEST_WAIT = 30.0
SETTLES = 0.05
"""Seconds in which the desk writes down what it has sent."""


class Arrival:
    """When the one reply that is awaited arrived at Slack."""

    def __init__(self) -> None:
        self._at = 0.0
        self._arrived = threading.Event()

    def __call__(self, method: str, _arguments: Mapping[str, Any], arrived: float) -> None:
        """Take note of a reply."""
        if method == "chat.postMessage":
            self._at = arrived
            self._arrived.set()

    async def after(self, pool: wire.Pool, body: bytes) -> float:
        """Post a question; milliseconds until its reply arrives."""
        self._arrived.clear()
        began = time.perf_counter()
        await pool.post(events.PATH, events.signed(body), body)
        if not await asyncio.to_thread(self._arrived.wait, LONGEST_WAIT):
            raise TimeoutError(f"no reply within {LONGEST_WAIT:.0f} s")
        return (self._at - began) * 1000


def measure(*, quick: bool) -> list[Report]:
    """Each question goes through the desk and, right after, through the Answerer alone."""
    asked = events.questions(WARM + (40 if quick else 200))
    with tempfile.TemporaryDirectory() as home:
        replied, alone = asyncio.run(_asked(asked, embedded_knowledge(Path(home)).answerer))
    baseline = Row("Answerer alone, in process", alone)
    reply = Row("POST of the event to chat.postMessage", replied, baseline, below=AIM_MS)
    note = "The stand-in answers at once: Slack's own time comes on top."
    title = "Question to reply, one at a time, embedded defaults"
    return [Report(title, "ms", [baseline, reply], notes=[note])]


async def _asked(asked: Sequence[Question], answerer: Answerer) -> tuple[list[float], list[float]]:
    arrival, replied, alone = Arrival(), [], []
    with (
        tempfile.TemporaryDirectory() as home,
        SlackApi(on_call=arrival) as slack,
        running(RUN, home=Path(home), slack_api=slack.url) as desk,
    ):
        async with wire.Pool("127.0.0.1", desk.port, size=1) as pool:
            for n, question in enumerate(asked):
                body = events.mention(question, f"{1_770_000_000 + n}.000100")
                replied.append(await arrival.after(pool, body))
                await asyncio.sleep(SETTLES)
                alone.append(_answered(answerer, question))
    return replied[WARM:], alone[WARM:]


def _answered(answerer: Answerer, question: Question) -> float:
    audience = Audience.INTERNAL if question.internal else Audience.PUBLIC
    began = time.perf_counter()
    answerer.answer(question.text, audience=audience)
    return (time.perf_counter() - began) * 1000
