"""The shelf of mails: each kept raw and once, with its message in the inbox."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Table, select, update

from bot.books import rows
from bot.books.engine import Books
from bot.books.tables import inbox, mail
from bot.books.wakeup import notify
from bot.case_ports import KeptMail
from bot.messages import (
    ChannelId,
    InboundMessage,
    Kind,
    TeamId,
    ThreadRef,
    Ts,
    UserId,
    storable,
)
from bot.ports import HANDLE, Receipt

_LONGEST_ID = 200
_ADDED = ("raw", "stub", "posted_channel", "posted_ts")


class SqlMails:
    """Mails in the table `mail`; nothing is ever taken off it."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def receive(  # noqa: PLR0913  what a mail is made of, each by name
        self,
        team: TeamId,
        channel: ChannelId,
        *,
        raw: bytes | None,
        stub: Mapping[str, Any] | None,
        message_id: str | None,
        fingerprint: str,
        conversation: str,
        via: str,
        trouble: str | None = None,
        posted: tuple[ChannelId, Ts] | None = None,
    ) -> Receipt:
        """Keep a mail with its message in the inbox, or fold it into the one already kept."""
        posted_channel, posted_ts = posted or (None, None)
        row = {
            "team": team,
            "message_id": _named(message_id or ""),
            "fingerprint": fingerprint,
            "via": via,
            "raw": raw,
            "stub": dict(stub) if stub is not None else None,
            "conversation": conversation,
            "trouble": trouble,
            "posted_channel": posted_channel,
            "posted_ts": posted_ts,
        }
        return self._books.colliding(lambda: self._received(row, channel))

    def mail(self, mail_id: int) -> KeptMail:
        """The mail of an id, as it came."""
        with self._books.reading() as connection:
            row = connection.execute(select(mail).where(mail.c.id == mail_id)).one()
        posted = (ChannelId(row.posted_channel), Ts(row.posted_ts)) if row.posted_ts else None
        return KeptMail(
            raw=row.raw,
            stub=row.stub,
            via=row.via,
            trouble=row.trouble,
            conversation=row.conversation,
            received_at=row.received_at,
            posted=posted,
        )

    def conversation_of(self, team: TeamId, message_ids: Sequence[str]) -> str | None:
        """The conversation of the first id that is held."""
        named = [_named(one) for one in message_ids if one]
        query = select(mail.c.message_id, mail.c.conversation).where(
            mail.c.team == team, mail.c.message_id.in_(named)
        )
        with self._books.reading() as connection:
            found = connection.execute(query.order_by(mail.c.id.desc())).all()
        held = {row.message_id: str(row.conversation) for row in found}
        return next((held[one] for one in named if one in held), None)

    def _received(self, row: Mapping[str, Any], channel: ChannelId) -> Receipt:
        with self._books.writing() as connection:
            names = ("team", "message_id", "fingerprint")
            same = [mail.c[name] == row[name] for name in names]
            found = connection.execute(select(mail).where(*same).with_for_update()).first()
            if found is not None:
                _complete(connection, found, row)
                return Receipt.FOLDED
            values = {**row, "received_at": self._books.now()}
            mail_id = _inserted(connection, mail, values)
            message = rows.new(_message(row, channel, mail_id), self._books)
            told = _inserted(connection, inbox, message)
            connection.execute(update(mail).where(mail.c.id == mail_id).values(inbox_id=told))
            notify(connection, HANDLE)
        return Receipt.NEW


def _message(row: Mapping[str, Any], channel: ChannelId, mail_id: int) -> InboundMessage:
    return InboundMessage(
        kind=Kind.EMAIL,
        thread=ThreadRef(row["team"], channel, row["conversation"]),
        ts=Ts(f"mail:{mail_id}"),
        user=UserId("mail"),
        text="",
        about=row["posted_ts"],
        value=str(mail_id),
    )


def _complete(connection: Connection, found: Row[Any], row: Mapping[str, Any]) -> None:
    """Another way may bring what the first one lacked: the raw mail, the place in Slack."""
    missing = {
        name: row[name] for name in _ADDED if row[name] is not None and getattr(found, name) is None
    }
    if missing:
        connection.execute(update(mail).where(mail.c.id == found.id).values(**missing))


def _inserted(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    kept = connection.execute(table.insert().values(values)).inserted_primary_key
    return int(kept[0]) if kept else 0


def _named(message_id: str) -> str:
    """The id as it is kept: what no database keeps is left out, a long one goes by its hash."""
    plain = storable(message_id).strip()
    if len(plain) <= _LONGEST_ID:
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()
