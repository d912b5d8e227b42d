"""Rows of the outbox and what they stand for: an outgoing message, a letter, a parcel."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, func, select

from bot.books.tables import outbox
from bot.cases import Letter
from bot.messages import ChannelId, UserId
from bot.ports import Action, Outgoing, Parcel

FORGOTTEN_SECONDS = 600.0


def kept(otherwise: Outgoing | None) -> dict[str, Any] | None:
    """What is to be said, as JSON."""
    if otherwise is None:
        return None
    return {
        "channel": otherwise.channel,
        "thread_ts": otherwise.thread_ts,
        "text": otherwise.text,
        "blocks": list(otherwise.blocks),
        "under": otherwise.under,
    }


def kept_letter(one: Outgoing) -> dict[str, Any] | None:
    """A letter and what is told of it, as JSON."""
    if one.letter is None:
        return None
    told = {outcome: kept(said) for outcome, said in one.told.items()}
    return {"letter": asdict(one.letter), "told": told}


def parcel_of(
    connection: Connection, row: Row[tuple[Any, ...]], *, now: float, until: float
) -> Parcel:
    """The row as it is handed to a sender."""
    target_ts = row.live_ts
    if row.target_id is not None:
        sent_or_live = func.coalesce(outbox.c.ts, outbox.c.live_ts)
        target = select(sent_or_live).where(outbox.c.id == row.target_id)
        target_ts = connection.execute(target).scalar_one()
    thread_ts = row.thread_ts
    if row.under_id is not None:  # it was posted before: a channel's own messages keep their order
        query = select(outbox.c.ts, outbox.c.state).where(outbox.c.id == row.under_id)
        under = connection.execute(query).one()
        if row.action == Action.DELETE:  # of two that were posted, the one that does not stand
            stands = under.ts == row.live_ts or under.state == "failed"
            target_ts = None if stands else row.live_ts
        else:
            thread_ts = under.ts
    # Books brought back from a copy do not know what was sent since: what lay there is looked up.
    forgotten = row.attempts == 0 and now - row.created_at > FORGOTTEN_SECONDS
    return Parcel(
        id=row.id,
        outgoing=Outgoing(
            action=Action(row.action),
            channel=ChannelId(row.channel),
            text=row.text,
            blocks=row.blocks,
            thread_ts=thread_ts,
            user=UserId(row.user) if row.user else None,
            live_ts=row.live_ts,
            is_reply=row.is_reply,
            letter=_letter(row.letter),
        ),
        target_ts=target_ts,
        attempts=row.attempts + 1,
        doubtful=row.doubtful or row.state == "sending" or forgotten,
        marker=row.marker or str(row.id),
        doubts=row.doubts,
        until=until,
    )


def _letter(kept: Mapping[str, Any] | None) -> Letter | None:
    return Letter(**kept["letter"]) if kept else None
