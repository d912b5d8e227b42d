"""The inbox: what was received, each message handled once, in order within its thread."""

from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    func,
    or_,
    select,
    update,
)

from bot.books import marks, rows
from bot.books import outbox as outbox_rows
from bot.books.engine import Books
from bot.books.tables import hand_off, inbox, outbox
from bot.books.wakeup import notify
from bot.errors import LeaseLost
from bot.messages import (
    ChannelId,
    InboundMessage,
    Kind,
    TeamId,
    ThreadRef,
    Trace,
    Ts,
    Turn,
)
from bot.ports import HANDLE, SEND, Claimed, Receipt, Settlement

LEASE_SECONDS = 30.0
_TALK = (Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP, Kind.EMAIL)


class SqlInbox:
    """Messages in the table `inbox`: received → claimed → done | dead | withdrawn."""

    def __init__(self, books: Books, *, lease_seconds: float = LEASE_SECONDS) -> None:
        self._books = books
        self._lease = lease_seconds

    def receive(self, message: InboundMessage) -> Receipt:
        """Keep a message, fold it into the one already kept, or take over its new text."""
        return self._books.colliding(lambda: self._received(message))

    def withdraw(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        """Forget a message and delete the replies to it."""
        with self._books.writing() as connection:
            query = select(inbox).where(rows.at(team, channel, ts)).with_for_update()
            found = connection.execute(query).first()
            if found is None:
                return False
            changed = connection.execute(
                update(inbox)
                .where(inbox.c.id == found.id, inbox.c.state != "withdrawn")
                .values(
                    state="withdrawn", token=None, text="", trace=None, done_at=self._books.now()
                )
            )
            if changed.rowcount:
                outbox_rows.take_back(connection, found, now=self._books.now())
                notify(connection, SEND)
            return bool(changed.rowcount)

    def claim(self) -> Claimed | None:
        """Lease the oldest message of a thread in which nothing older, and nobody, is at work."""
        now, token = self._books.now(), self._books.new_token()
        with self._books.writing() as connection:
            row = connection.execute(rows.CLAIMABLE, {"now": now}).first()
            if row is None:
                return None
            connection.execute(
                update(inbox)
                .where(inbox.c.id == row.id)
                .values(
                    state="claimed",
                    token=token,
                    lease_until=now + self._lease,
                    attempts=row.attempts + 1,
                )
            )
        return Claimed(
            id=row.id,
            token=token,
            reference=row.reference,
            attempts=row.attempts + 1,
            message=rows.message_of(row),
            live_ts=row.live_ts,
        )

    def renew(self, claimed: Claimed) -> bool:
        """Begin the lease anew; one that has ended is ours still, as long as nobody took over."""
        with self._books.writing() as connection:
            changed = connection.execute(
                update(inbox)
                .where(rows.held(claimed))
                .values(lease_until=self._books.now() + self._lease)
            )
        return changed.rowcount == 1

    def settle(self, claimed: Claimed, settlement: Settlement) -> None:
        """Close a message with all that follows from it."""
        self._close(claimed, settlement, state="done", error=None)

    def bury(self, claimed: Claimed, settlement: Settlement, *, error: str) -> None:
        """Close a message that cannot be handled."""
        self._close(claimed, settlement, state="dead", error=error)

    def postpone(self, claimed: Claimed, *, seconds: float, error: str) -> None:
        """Open a message again, to be claimed after some seconds."""
        with self._books.writing() as connection:
            connection.execute(
                update(inbox)
                .where(rows.held(claimed))
                .values(
                    state="received",
                    token=None,
                    not_before=self._books.now() + seconds,
                    error=error,
                )
            )

    def may_stream(self, claimed: Claimed) -> bool:
        """Note that a stream begins, unless something is still to be said in the thread."""
        with self._books.writing() as connection:
            if outbox_rows.waits(connection, claimed.message.thread):
                return False
            changed = connection.execute(update(inbox).where(rows.held(claimed)).values(live_ts=""))
            if changed.rowcount != 1:
                raise LeaseLost(f"message {claimed.reference} is no longer ours")
        return True

    def streaming(self, claimed: Claimed, ts: Ts) -> None:
        """Remember the streaming message, so that a later attempt completes the same one."""
        with self._books.writing() as connection:
            changed = connection.execute(update(inbox).where(rows.held(claimed)).values(live_ts=ts))
            if changed.rowcount != 1:  # nobody else knows of this stream, so nobody would end it
                now, thread = self._books.now(), claimed.message.thread
                outbox_rows.delete(connection, claimed.id, thread, ts, now=now)
        if changed.rowcount != 1:
            raise LeaseLost(f"message {claimed.reference} is no longer ours")

    def knows(self, team: TeamId, channel: ChannelId, ts: Ts) -> bool:
        """Whether the message was received and not withdrawn."""
        query = select(inbox.c.id).where(rows.at(team, channel, ts), inbox.c.state != "withdrawn")
        with self._books.reading() as connection:
            return connection.execute(query).first() is not None

    def takes_part(self, thread: ThreadRef) -> bool:
        """Whether the bot was addressed in a thread that no person has taken over."""
        query = select(inbox.c.id).where(
            rows.within(thread), inbox.c.kind.in_(_TALK), inbox.c.state != "withdrawn"
        )
        with self._books.reading() as connection:
            talks = connection.execute(query.limit(1)).first() is not None
        return talks and not self.handed_off(thread)

    def handed_off(self, thread: ThreadRef) -> bool:
        """Whether a person was asked for in a thread."""
        query = select(hand_off.c.id).where(
            hand_off.c.team == thread.team,
            hand_off.c.channel == thread.channel,
            hand_off.c.thread_ts == thread.ts,
        )
        with self._books.reading() as connection:
            return connection.execute(query).first() is not None

    def turns(self, message: InboundMessage) -> int:
        """How many messages of the author the thread holds, this one left out."""
        query = select(func.count()).where(
            rows.within(message.thread), inbox.c.user == message.user, inbox.c.ts != message.ts
        )
        with self._books.reading() as connection:
            return connection.execute(query).scalar_one()

    def previous_turn(self, message: InboundMessage) -> Turn | None:
        """What the same person said before in the thread."""
        query = (
            select(inbox)
            .where(
                rows.within(message.thread),
                inbox.c.user == message.user,
                inbox.c.kind.in_(_TALK),
                inbox.c.state == "done",
                inbox.c.ts < message.ts,
            )
            .order_by(inbox.c.ts.desc())
        )
        return self._turn(query.limit(1))

    def question_behind(self, thread: ThreadRef, reply: Ts | None) -> Turn | None:
        """The question that a reply answered; else the last question of the thread."""
        if reply is not None:
            query = (
                select(inbox)
                .join(outbox, outbox.c.inbox_id == inbox.c.id)
                .where(outbox.c.channel == thread.channel, outbox.c.ts == reply)
                .where(inbox.c.state != "withdrawn")
            )
            if found := self._turn(query.limit(1)):
                return found
        query = select(inbox).where(
            rows.within(thread), inbox.c.kind.in_(_TALK), inbox.c.state != "withdrawn"
        )
        return self._turn(query.order_by(inbox.c.ts.desc()).limit(1))

    def trace(self, channel: ChannelId, ts: Ts) -> Trace | None:
        """The trace of a message or of the message behind a reply, with its state."""
        replied = select(outbox.c.inbox_id).where(outbox.c.channel == channel, outbox.c.ts == ts)
        query = select(inbox).where(
            inbox.c.channel == channel, or_(inbox.c.ts == ts, inbox.c.id.in_(replied))
        )
        with self._books.reading() as connection:
            row = connection.execute(query.limit(1)).first()
        if row is None:
            return None
        standing = {"reference": row.reference, "state": row.state, "attempts": row.attempts}
        return {**standing, **({"error": row.error} if row.error else {}), **(row.trace or {})}

    def _received(self, message: InboundMessage) -> Receipt:
        with self._books.writing() as connection:
            query = select(inbox).where(rows.same(message)).with_for_update()
            found = connection.execute(query).first()
            if found is None:
                connection.execute(inbox.insert().values(rows.new(message, self._books)))
                notify(connection, HANDLE)
                return Receipt.NEW
            return self._fold(connection, found, message)

    def _fold(
        self, connection: Connection, row: Row[tuple[Any, ...]], message: InboundMessage
    ) -> Receipt:
        """A newer text replaces an older one and is handled again; all else changes nothing.

        So does a fuller one: a mention comes as two events, and only one of them carries what was
        forwarded with it.
        """
        newer = message.edited is not None and message.edited > (row.edited or "")
        fuller = message.edited == row.edited and message.text.startswith(row.text)
        same = row.text == message.text or row.state == "withdrawn"
        if same or not (newer or fuller):
            return Receipt.FOLDED
        connection.execute(
            update(inbox)
            .where(inbox.c.id == row.id)
            .values(
                text=message.text,
                edited=message.edited,
                live_ts=row.live_ts if row.state in rows.OPEN else None,
                state="received",
                token=None,
                attempts=0,
                not_before=self._books.now(),
            )
        )
        notify(connection, HANDLE)
        return Receipt.REVISED

    def _close(
        self, claimed: Claimed, settlement: Settlement, *, state: str, error: str | None
    ) -> None:
        now = self._books.now()
        with self._books.writing() as connection:
            changed = connection.execute(
                update(inbox)
                .where(rows.held(claimed))
                .values(
                    state=state, token=None, error=error, trace=dict(settlement.trace), done_at=now
                )
            )
            if changed.rowcount != 1:
                raise LeaseLost(f"message {claimed.reference} is no longer ours")
            marks.keep(connection, claimed, settlement, now=now)
            notify(connection, SEND)

    def _turn(self, query: Any) -> Turn | None:  # noqa: ANN401  a select of whole rows
        with self._books.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        message = rows.message_of(row)
        return Turn(message.text, message.user, message.thread, row.reference, row.trace)
