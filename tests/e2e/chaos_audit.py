"""What people saw in the end, held against what they asked.

Lost, doubled and out of order are judged by the messages that Slack holds. The books say only which
message a marker was written for.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from e2e.chaos_people import CHANNELS
from e2e.chaos_slack import BOT, TRIAGE, Message, Workspace
from sqlalchemy import select

from bot.books.engine import Books
from bot.books.tables import inbox, outbox

Place = tuple[str, str]


@dataclass
class Verdict:
    """Every failing, in words; none is what is wanted."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    disordered: list[str] = field(default_factory=list)
    dead: int = 0
    failed: int = 0
    replies: int = 0
    hand_offs: int = 0

    def is_clean(self) -> bool:
        return not (self.lost or self.doubled or self.disordered or self.failed)


def is_settled(books: Books) -> bool:
    """Whether nothing waits to be handled or sent."""
    with books.reading() as connection:
        return not any(
            connection.execute(select(table.c.id).where(table.c.state.in_(states)).limit(1)).first()
            for table, states in ((inbox, ("received", "claimed")), (outbox, ("ready", "sending")))
        )


def judged(books: Books, workspace: Workspace, asked: Mapping[str, Sequence[Message]]) -> Verdict:
    """The verdict on a run that is over."""
    verdict = Verdict()
    meant, handed = _meant(books, verdict)
    for thread, messages in asked.items():
        channel, root = thread.split()
        replies = [
            (one["ts"], meant.get(_marker(one)))
            for one in workspace.messages(channel)
            if one.get("user") == BOT and one.get("thread_ts") == root
        ]
        verdict.replies += len(replies)
        _judge(verdict, channel, [one["ts"] for one in messages], replies)
    _judge_strays(verdict, workspace, asked)
    told = Counter(_marker(one) for one in workspace.messages(TRIAGE))
    verdict.hand_offs = sum(told.values())
    verdict.lost += [f"hand-off {marker}" for marker in handed if not told[marker]]
    verdict.doubled += [f"hand-off {marker}" for marker, times in told.items() if times > 1]
    return verdict


def _meant(books: Books, verdict: Verdict) -> tuple[dict[str, Place], set[str]]:
    """Marker to the message that it answers; the markers of hand-offs."""
    meant, handed = {}, set()
    query = select(outbox, inbox.c.channel.label("place"), inbox.c.ts.label("asked"))
    with books.reading() as connection:
        for row in connection.execute(query.join(inbox, inbox.c.id == outbox.c.inbox_id)):
            meant[row.marker] = (row.place, row.asked)
            verdict.failed += row.state == "failed"
            if row.channel == TRIAGE and row.state == "sent":
                handed.add(row.marker)
        dead = connection.execute(select(inbox.c.id).where(inbox.c.state == "dead"))
        verdict.dead = len(dead.all())
    return meant, handed


def _judge(
    verdict: Verdict,
    channel: str,
    asked: Sequence[str],
    replies: Sequence[tuple[str, Place | None]],
) -> None:
    """One thread: a reply to each message, in the order of the messages."""
    answered: dict[str, list[str]] = defaultdict(list)
    for ts, place in replies:
        if place is None or place[0] != channel or place[1] not in asked:
            verdict.doubled.append(f"{channel} {ts} answers nothing")
        else:
            answered[place[1]].append(ts)
    verdict.lost += [f"{channel} {ts}" for ts in asked if ts not in answered]
    doubled = {ts: found for ts, found in answered.items() if len(found) > 1}
    verdict.doubled += [f"{channel} {ts} by {found}" for ts, found in doubled.items()]
    verdict.disordered += [f"{channel} {later}" for later in _overtaken(asked, answered)]


def _overtaken(asked: Sequence[str], answered: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """The messages whose reply stands before that of an older one."""
    firsts = [(ts, min(answered[ts])) for ts in asked if ts in answered]
    for (_, before), (ts, after) in pairwise(firsts):
        if after < before:
            yield ts


def _judge_strays(
    verdict: Verdict, workspace: Workspace, asked: Mapping[str, Sequence[Message]]
) -> None:
    """What the desk said where nobody had asked."""
    for channel in CHANNELS:
        for one in workspace.messages(channel):
            if one.get("user") == BOT and f"{channel} {one.get('thread_ts')}" not in asked:
                verdict.doubled.append(f"{channel} {one['ts']} is in no thread")


def _marker(message: Message) -> str:
    return str(((message.get("metadata") or {}).get("event_payload") or {}).get("id"))
