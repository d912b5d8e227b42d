"""The use case of mail: a mail becomes a case, and what people do with it."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import structlog

from bot.case_ports import CaseBook, Fetched, KeptMail, MailShelf, SharedMail
from bot.casemaking import alert_of, read_case
from bot.cases import Case, CaseLabels, CaseState, Customer, Source, Suggestion
from bot.correspondence import (
    question_of,
    utterance_of,
)
from bot.deeds import Click, done
from bot.errors import TransportRefused
from bot.messages import (
    ChannelId,
    Effect,
    Handled,
    HandOff,
    InboundMessage,
    KeepCase,
    Kind,
    NoteReply,
    Say,
    TellCase,
    Ts,
    Whisper,
)
from bot.policy import PolicyFile, Route
from bot.ports import Receipt
from knowledge.documents import Answer, Audience
from knowledge.errors import KnowledgeError
from knowledge.ports import Answering
from triage.errors import MailRefused, TriageError
from triage.mail.letter import Mail
from triage.ports import TriageModel
from triage.schema import Triage, Urgency

CASEWORK = frozenset({Kind.EMAIL, Kind.SHARED_MAIL, Kind.CASE})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Casework:
    """Everything that is decided about mails and cases.

    `open_mail` reads a mail as it was kept, or raises MailRefused; `take_in` hands one that Slack
    had to the mailroom, with the Slack message that it came in.
    """

    cases: CaseBook
    shelf: MailShelf
    shared: SharedMail
    open_mail: Callable[[KeptMail], Mail]
    take_in: Callable[[Fetched, tuple[ChannelId, Ts]], Receipt]
    answerer: Answering
    policy: PolicyFile
    triage: TriageModel | None
    now: Callable[[], float]

    def handle(self, message: InboundMessage, *, reference: str) -> Handled:
        """Work out the effects of a mail or of a click on a card."""
        match message.kind:
            case Kind.SHARED_MAIL:
                return self._shared(message, reference)
            case Kind.EMAIL:
                return self._mail(message, reference)
            case _:
                return self._deed(message)

    def give_up(self, message: InboundMessage, *, reference: str) -> Handled:
        """What is said when a mail or a click could not be handled."""
        if message.kind is Kind.EMAIL:
            kept = self.shelf.mail(int(message.value or 0))
            return self._unreadable(message, kept, reference, "The bot failed on this mail.")
        if message.kind is Kind.SHARED_MAIL:
            return _unfetched(message, reference, "The bot failed on this mail.")
        return Handled([Whisper(message.user, "Sorry, that did not work. Please try again.")])

    def _shared(self, message: InboundMessage, reference: str) -> Handled:
        """Fetch what was shared in Slack and take it in; it comes back as a mail."""
        effects: list[Effect] = []
        for file in json.loads(message.text):
            try:
                fetched = self.shared.fetch(file)
            except (TransportRefused, MailRefused) as error:
                effects += _unfetched(message, reference, str(error)).effects
                continue
            posted = (message.thread.channel, message.thread.ts)
            if fetched and self.take_in(fetched, posted) is Receipt.FOLDED:
                effects.append(Say(NoteReply("The team has this mail already.")))
        return Handled(effects, {"kind": message.kind})

    def _mail(self, message: InboundMessage, reference: str) -> Handled:
        kept = self.shelf.mail(int(message.value or 0))
        try:
            mail = self.open_mail(kept)
        except MailRefused as error:
            return self._unreadable(message, kept, reference, kept.trouble or str(error))
        before = self.cases.of(message.thread.team, kept.conversation)
        if mail.auto_generated or mail.bounce:
            return self._automatic(message, kept, mail, reference, before)
        case, route = self._case(message, kept, mail, reference)
        trace = {"kind": message.kind, "route": route, "triage": case.labels.flat()}
        if route is Route.IGNORE and before is None:
            return Handled([KeepCase(replace(case, state=CaseState.FILED))], trace)
        if before is None:
            return Handled([self._shown(self._answered(case))], trace)
        return Handled(self._later(self._answered(case), before), trace)

    def _automatic(
        self,
        message: InboundMessage,
        kept: KeptMail,
        mail: Mail,
        reference: str,
        before: Case | None,
    ) -> Handled:
        """Filed without a word; only that a letter of ours came back is worth one."""
        trace = {"kind": message.kind, "route": Route.IGNORE}
        bounce = mail.bounce
        if before is None:
            policy = self.policy.current()
            case = read_case(message, kept, mail, reference=reference, policy=policy)
            return Handled([KeepCase(replace(case, state=CaseState.FILED))], trace)
        if bounce is None or before.state is CaseState.FILED:
            return Handled([], trace)
        whom = bounce.recipient or "the customer"
        text = f"A mail to {whom} came back: {bounce.action or 'failed'} {bounce.status or ''}"
        return Handled([TellCase(before, text.strip())], trace)

    def _case(
        self, message: InboundMessage, kept: KeptMail, mail: Mail, reference: str
    ) -> tuple[Case, Route]:
        policy = self.policy.current()
        case = read_case(message, kept, mail, reference=reference, policy=policy)
        triage = self._labelled(utterance_of(case.subject, case.words))
        if triage is None:
            warning = "No labels: the triage model could not read this mail."
            return replace(case, warnings=[*case.warnings, warning]), Route.ANSWER_AND_HAND_OFF
        due = self.now() + policy.mail.seconds_until_due(triage.urgency)
        labels = CaseLabels(
            triage.intent,
            triage.urgency,
            triage.sentiment,
            triage.entities.named(),
            triage.confidence,
            triage.uncertain,
        )
        return replace(case, labels=labels, due_at=due), policy.route(triage)

    def _labelled(self, utterance: str) -> Triage | None:
        if self.triage is None or not utterance.strip():
            return None
        try:
            return self.triage.predict(utterance)
        except TriageError as error:
            _log.error("not labelled", error=str(error))
            return None

    def _answered(self, case: Case) -> Case:
        """The case with an answer from what customers may read, where there is one."""
        question = question_of(case.subject, case.words)
        try:
            outcome = self.answerer.answer(question, audience=Audience.PUBLIC)
        except KnowledgeError as error:
            _log.error("no answer", reference=case.reference, error=str(error))
            return case
        if not isinstance(outcome, Answer):
            return case
        cited = outcome.citations
        sources = [
            Source(one.n, one.title, one.url, f"{one.updated.day} {one.updated:%B %Y}")
            for one in cited
        ]
        return replace(case, suggestion=Suggestion(outcome.text, sources))

    def _later(self, new: Case, before: Case) -> Sequence[Effect]:
        """A further mail of a conversation: the card is brought up to date, its thread told."""
        reopened = before.state.closed
        dues = [one for one in (new.due_at, before.due_at) if one and not reopened]
        case = replace(
            new,
            id=before.id,
            version=before.version,
            reference=before.reference,
            card=before.card,
            copy=before.copy,
            posted=before.posted or new.posted,
            state=CaseState.OPEN if reopened else before.state,
            taken_by=None if reopened else before.taken_by,
            changed_by=None if reopened else before.changed_by,
            changed_at=self.now() if reopened else before.changed_at,
            due_at=min(dues) if dues else new.due_at,
        )
        shown, here = self._shown(case), new.posted if new.posted != before.posted else None
        noted = [TellCase(case, f"Added to case {case.reference}.", at=here)] if here else []
        if before.card is None:
            return [shown]
        who = case.customer.name or case.customer.address or "The customer"
        text = f"{who} has written again" + (": the case is open again." if reopened else ".")
        urgent = shown.alert if new.labels.urgency != before.labels.urgency else None
        return [shown, TellCase(case, text, quoted=case.words, alert=urgent), *noted]

    def _shown(self, case: Case) -> KeepCase:
        return KeepCase(case, alert=alert_of(case, self.policy.current()))

    def _unreadable(
        self, message: InboundMessage, kept: KeptMail, reference: str, why: str
    ) -> Handled:
        """A card all the same, so that a person looks at the mail as it was kept."""
        trace = {"kind": message.kind, "error": why}
        before = self.cases.of(message.thread.team, kept.conversation)
        if before is not None and before.card is not None:
            text = f"A further mail could not be read: {why}"
            return Handled([TellCase(before, text)], trace)
        case = Case(
            reference=before.reference if before else reference,
            team=message.thread.team,
            conversation=kept.conversation,
            mail_id=int(message.value or 0),
            customer=Customer(None, None),
            subject="A mail that could not be read",
            gist="",
            words="",
            warnings=[f"{why} The mail is kept as it came, as number {message.value}."],
            posted=kept.posted,
            due_at=self.now() + self.policy.current().mail.seconds_until_due(Urgency.NORMAL),
            id=before.id if before else None,
            version=before.version if before else 0,
        )
        return Handled([self._shown(case)], trace)

    def _deed(self, message: InboundMessage) -> Handled:
        deed, _, reference = (message.value or "").partition(":")
        case = self.cases.case(reference)
        if case is None:
            return Handled([Whisper(message.user, "This case is gone.")])
        written: dict[str, Any] = json.loads(message.text or "{}")
        policy = self.policy.current()
        effects = done(case, Click(deed, message.user, written, self.now()), policy)
        alerted = [self._shown(one.case) if isinstance(one, KeepCase) else one for one in effects]
        return Handled(alerted, {"kind": message.kind, "deed": deed, "case": reference})


def _unfetched(message: InboundMessage, reference: str, why: str) -> Handled:
    """A mail in Slack that cannot be had: both who shared it and the team are told."""
    note = NoteReply(f"I could not read this mail: {why} I have told the team.")
    hand_off = HandOff(
        question="(a mail that was shared in Slack)",
        asked_by=message.user,
        permalink=None,
        tried=(),
        why=f"A mail could not be fetched: {why}",
        reference=reference,
    )
    return Handled([Say(note), hand_off])
