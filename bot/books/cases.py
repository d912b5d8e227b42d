"""Cases and corrections: read by themselves, written with the message that changes them."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from bot.books.engine import Books
from bot.books.tables import cases, corrections, outbox
from bot.cases import Card, Case, CaseLabels, CaseState, Correction, Customer, Source, Suggestion
from bot.errors import CaseMoved
from bot.messages import TeamId
from bot.ports import CardPlace

_COLUMNS = {CardPlace.MAIN: cases.c.card_id, CardPlace.COPY: cases.c.copy_id}


class SqlCases:
    """Cases in the table `cases`, with where their cards are."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def case(self, reference: str) -> Case | None:
        """The case of a reference."""
        return self._found(select(cases).where(cases.c.reference == reference))

    def of(self, team: TeamId, conversation: str) -> Case | None:
        """The case of a conversation."""
        query = select(cases).where(cases.c.team == team, cases.c.conversation == conversation)
        return self._found(query)

    def _found(self, query: Select[Any]) -> Case | None:
        with self._books.reading() as connection:
            row = connection.execute(query).first()
            if row is None:
                return None
            return _case(row, _card(connection, row.card_id), _card(connection, row.copy_id))


def corrected(books: Books) -> Iterator[dict[str, Any]]:
    """Every correction as `triage merge` reads it, the oldest first."""
    query = (
        select(corrections, cases.c.reference)
        .join(cases, corrections.c.case_id == cases.c.id)
        .order_by(corrections.c.id)
    )
    with books.reading() as connection:
        for row in connection.execute(query):
            yield {
                "input": row.text,
                "output": row.labels,
                "corrected_by": row.by,
                "corrected_at": datetime.fromtimestamp(row.at, UTC).isoformat(timespec="seconds"),
                "predicted": row.predicted,
                "reference": row.reference,
            }


def keep(connection: Connection, case: Case, *, now: float) -> int:
    """Insert a case, or change it if it is still the one that was read; its id.

    Raises:
        CaseMoved: it has changed meanwhile.
    """
    values = _values(case) | {"version": case.version + 1, "updated_at": now}
    if case.id is None:
        same = select(cases.c.id).where(
            cases.c.team == case.team, cases.c.conversation == case.conversation
        )
        if connection.execute(same).first():
            raise CaseMoved(f"conversation {case.conversation} has a case already")
        kept = connection.execute(cases.insert().values(values | {"created_at": now}))
        return int(kept.inserted_primary_key[0]) if kept.inserted_primary_key else 0
    changed = connection.execute(
        update(cases).where(cases.c.id == case.id, cases.c.version == case.version).values(values)
    )
    if changed.rowcount != 1:
        raise CaseMoved(f"case {case.reference} was changed by another")
    return case.id


def place(connection: Connection, case_id: int, card: CardPlace, outbox_id: int) -> None:
    """Remember the row that posts a card of a case."""
    column = _COLUMNS[card]
    connection.execute(update(cases).where(cases.c.id == case_id).values({column: outbox_id}))


def correct(connection: Connection, correction: Correction, *, now: float) -> None:
    """Keep what a person has labelled."""
    connection.execute(
        corrections.insert().values(
            case_id=correction.case_id,
            text=correction.text,
            labels=dict(correction.labels),
            predicted=dict(correction.predicted),
            by=correction.by,
            at=now,
        )
    )


def _values(case: Case) -> dict[str, Any]:
    labels = case.labels
    return {
        "reference": case.reference,
        "team": case.team,
        "conversation": case.conversation,
        "mail_id": case.mail_id,
        "state": case.state,
        "taken_by": case.taken_by,
        "changed_by": case.changed_by,
        "changed_at": case.changed_at,
        "customer": asdict(case.customer),
        "subject": case.subject,
        "gist": case.gist,
        "words": case.words,
        "intent": labels.intent,
        "urgency": labels.urgency,
        "sentiment": labels.sentiment,
        "entities": dict(labels.entities),
        "confidence": dict(labels.confidence),
        "uncertain": labels.uncertain,
        "corrected_by": labels.corrected_by,
        "warnings": list(case.warnings),
        "suggestion": asdict(case.suggestion) if case.suggestion else None,
        "message_id": case.message_id,
        "following": list(case.following),
        "posted": list(case.posted) if case.posted else None,
        "due_at": case.due_at,
    }


def _case(row: Row[Any], card: Card | None, copy: Card | None) -> Case:
    return Case(
        reference=row.reference,
        team=row.team,
        conversation=row.conversation,
        mail_id=row.mail_id,
        customer=Customer(**row.customer),
        subject=row.subject,
        gist=row.gist,
        words=row.words,
        labels=_labels(row),
        warnings=tuple(row.warnings),
        suggestion=_suggestion(row.suggestion),
        state=CaseState(row.state),
        taken_by=row.taken_by,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        due_at=row.due_at,
        message_id=row.message_id,
        following=tuple(row.following),
        posted=(row.posted[0], row.posted[1]) if row.posted else None,
        card=card,
        copy=copy,
        id=row.id,
        version=row.version,
    )


def _labels(row: Row[Any]) -> CaseLabels:
    return CaseLabels(
        intent=row.intent,
        urgency=row.urgency,
        sentiment=row.sentiment,
        entities=row.entities,
        confidence=row.confidence,
        uncertain=row.uncertain,
        corrected_by=row.corrected_by,
    )


def _suggestion(kept: Mapping[str, Any] | None) -> Suggestion | None:
    if kept is None:
        return None
    return Suggestion(kept["text"], tuple(Source(**one) for one in kept["sources"]))


def _card(connection: Connection, outbox_id: int | None) -> Card | None:
    if outbox_id is None:
        return None
    query = select(outbox.c.channel, outbox.c.thread_ts).where(outbox.c.id == outbox_id)
    row = connection.execute(query).one()
    return Card(outbox_id, row.channel, row.thread_ts)
