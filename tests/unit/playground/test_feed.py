from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

from bot.playground.feed import Feed
from bot.playground.page import event_stream

if TYPE_CHECKING:
    from unit.playground.conftest import Desk


CHANNEL = "C0HELPDESK"


def test_the_feed_tells_the_page_what_changed(desk: Desk) -> None:
    cursor = desk.state()["cursor"]
    ts = desk.ask("q")
    desk.api("assistant.threads.setStatus", channel_id=CHANNEL, thread_ts=ts, status="thinks")
    desk.api("chat.postMessage", channel=CHANNEL, text="a", thread_ts=ts)
    desk.page("reaction", channel=CHANNEL, user="U0ADA", ts=ts, name="eyes")
    desk.page("edit", channel=CHANNEL, user="U0ADA", ts=ts, text="q2")
    desk.api("chat.postEphemeral", channel=CHANNEL, user="U0ADA", text="psst")
    other = desk.ask("x")
    desk.page("delete", channel=CHANNEL, user="U0ADA", ts=other)
    changes = desk.playground.feed.since(cursor)
    assert [number for number, _ in changes] == list(range(cursor + 1, cursor + 1 + len(changes)))
    kinds = [change["kind"] for _, change in changes]
    assert kinds == [
        "message",
        "status",
        "status",
        "message",
        "message_changed",
        "reaction",
        "message_changed",
        "ephemeral",
        "message",
        "message_deleted",
    ]
    assert changes[2][1]["status"] == ""
    assert changes[4][1]["message"]["reply_count"] == 1


def test_an_unknown_cursor_means_reload() -> None:
    feed = Feed(start=1000)
    assert feed.since(1000) == []
    assert feed.since(3) == [(1000, {"kind": "reload"})]
    assert feed.since(1001) == [(1000, {"kind": "reload"})]
    for _ in range(3000):
        feed.publish("status")
    assert feed.since(1000) == [(4000, {"kind": "reload"})]
    assert len(feed.since(2000)) == 2000


def test_the_event_stream_waits_numbers_and_ends_at_closing() -> None:
    async def read() -> list[str]:
        feed = Feed(start=5)
        stream = event_stream(feed, 5)
        lines = [await anext(stream)]
        waiting = asyncio.create_task(anext(stream))
        await asyncio.sleep(0)
        feed.publish("status", channel="C1")
        lines.append(await waiting)
        ending = asyncio.create_task(anext(stream, "ended"))
        await asyncio.sleep(0)
        feed.close()
        lines.append(await ending)
        return lines

    opening, change, ending = asyncio.run(read())
    assert opening.startswith(":")
    number, content = change.strip().split("\n")
    assert number == "id: 6"
    assert json.loads(content.removeprefix("data: ")) == {"kind": "status", "channel": "C1"}
    assert ending == "ended"


def test_a_quiet_stream_is_kept_alive() -> None:
    async def read() -> str:
        stream = event_stream(Feed(start=5), 5, keep_alive=0.01)
        await anext(stream)
        line = await anext(stream)
        await stream.aclose()
        return line

    assert asyncio.run(read()) == ": keep-alive\n\n"


def test_closing_ends_streams_and_the_app_may_close_them(desk: Desk) -> None:
    desk.http.app.state.close()
    lines = list(desk.http.get("/playground/events?cursor=1").iter_lines())
    assert lines == [": open", ""] or lines[0] == ": open"
