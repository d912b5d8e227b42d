"""The shelf of mails: each kept raw and once, with its message in the inbox."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from bot.books.engine import Books
from bot.books.tables import inbox, mail
from bot.errors import BooksUnavailable
from bot.messages import ChannelId, Kind, TeamId, Ts
from bot.ports import KeptMail, Receipt

_COLLISIONS = 3
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
        for _ in range(_COLLISIONS):
            try:
                return self._received(row, channel)
            except BooksUnavailable as error:
                if not isinstance(error.__cause__, IntegrityError):
                    raise
                # Another way was quicker, or the reference is taken: look again.
        return self._received(row, channel)

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
            rows = connection.execute(query.order_by(mail.c.id.desc())).all()
        held = {row.message_id: str(row.conversation) for row in rows}
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
            kept = connection.execute(mail.insert().values(values)).inserted_primary_key
            mail_id = kept[0] if kept else None
            message = inbox.insert().values(self._message(row, channel, mail_id=mail_id))
            told = connection.execute(message).inserted_primary_key
            connection.execute(
                update(mail).where(mail.c.id == mail_id).values(inbox_id=told[0] if told else None)
            )
        return Receipt.NEW

    def _message(
        self, row: Mapping[str, Any], channel: ChannelId, *, mail_id: int | None
    ) -> Mapping[str, Any]:
        now = self._books.now()
        return {
            "team": row["team"],
            "channel": channel,
            "ts": f"mail:{mail_id}",
            "thread_ts": row["conversation"],
            "kind": Kind.EMAIL,
            "user": "mail",
            "text": "",
            "about": row["posted_ts"],
            "value": str(mail_id),
            "reference": self._books.new_token()[:8],
            "state": "received",
            "not_before": now,
            "received_at": now,
        }


def _complete(connection: Connection, found: Row[Any], row: Mapping[str, Any]) -> None:
    """Another way may bring what the first one lacked: the raw mail, the place in Slack."""
    missing = {
        name: row[name] for name in _ADDED if row[name] is not None and getattr(found, name) is None
    }
    if missing:
        connection.execute(update(mail).where(mail.c.id == found.id).values(**missing))


def _named(message_id: str) -> str:
    """The id as it is kept: what no database keeps is left out, a long one goes by its hash."""
    plain = message_id.replace("\0", "").encode("utf-8", "replace").decode().strip()
    if len(plain) <= _LONGEST_ID:
        return plain
    return hashlib.sha256(plain.encode()).hexdigest()
