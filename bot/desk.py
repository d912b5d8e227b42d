"""The use case: a message is understood, answered from knowledge or handed to a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, assert_never

import structlog

from bot.casework import CASEWORK, Casework
from bot.messages import (
    AnswerReply,
    Effect,
    Handled,
    HandOff,
    InboundMessage,
    KeepFeedback,
    Kind,
    NoteReply,
    Say,
    Sentiment,
    Trace,
    Turn,
    Whisper,
)
from bot.policy import PolicyFile, Route
from bot.ports import Inbox, Transport
from bot.routing import route
from knowledge.documents import Abstention, Answer, Outcome
from knowledge.errors import KnowledgeError
from knowledge.ports import Answering, OnText
from triage.errors import TriageError
from triage.ports import TriageModel
from triage.schema import Triage

CLARIFY = (
    "What would you like to know? Ask me about orders, returns, sizes or anything else in the "
    "help centre, for example: how long do I have to return boots?"
)
WELCOME = "You are welcome. Ask here again whenever you like."
SPOKEN = frozenset({Kind.MENTION, Kind.DIRECT, Kind.FOLLOW_UP, Kind.EMAIL})
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that is decided about one message."""

    answerer: Answering
    inbox: Inbox
    transport: Transport
    policy: PolicyFile
    triage: TriageModel | None = None
    casework: Casework | None = None

    def handle(
        self, message: InboundMessage, *, reference: str, on_text: OnText | None = None
    ) -> Handled:
        """Work out the effects of a message; writes nothing and posts nothing.

        `on_text` sees the words of an answer while they are written.
        """
        if self.casework and message.kind in CASEWORK:
            return self.casework.handle(message, reference=reference)
        return self._spoken(message, reference, on_text)

    def _spoken(self, message: InboundMessage, reference: str, on_text: OnText | None) -> Handled:
        triage, failed = self._understand(message)
        chosen = route(message, triage, self.policy.current(), failed=bool(failed))
        trace = {"kind": message.kind, "route": chosen, "triage": _labels(triage), **failed}
        match chosen:
            case Route.ANSWER:
                handled = self._answer(message, reference, on_text)
            case Route.ANSWER_AND_HAND_OFF:
                handled = self._answer(message, reference, on_text)
                handled = self._also_to_person(handled, message, reference, triage)
            case Route.CLARIFY:
                handled = Handled([Say(NoteReply(CLARIFY))])
            case Route.WELCOME:
                handled = Handled([Say(NoteReply(WELCOME))])
            case Route.HAND_OFF:
                handled = Handled(self._hand_off(message, reference, triage))
            case Route.FEEDBACK:
                handled = Handled(_feedback(message))
            case Route.IGNORE:
                handled = Handled([])
            case _:
                assert_never(chosen)
        return Handled(handled.effects, {**trace, **handled.trace})

    def give_up(self, message: InboundMessage, *, reference: str) -> Handled:
        """What is said when a message could not be handled: an apology, and a person is asked."""
        if self.casework and message.kind in CASEWORK:
            return self.casework.give_up(message, reference=reference)
        apology = NoteReply(
            "Sorry, something went wrong on my side and I could not answer. I have passed this to "
            f"a person, who will reply here. Reference {reference}"
        )
        turn = Turn(message.text, message.user, message.thread, reference)
        return Handled([Say(apology), self._to_person(turn, why="The bot failed on this message.")])

    def _understand(self, message: InboundMessage) -> tuple[Triage | None, Mapping[str, str]]:
        """The labels of what somebody has written; or none, and why a model could not say."""
        if not (self.triage and message.kind in SPOKEN and message.text.strip()):
            return None, {}
        try:
            return self.triage.predict(message.text), {}
        except TriageError as error:
            _log.error("not labelled", error=str(error))
            return None, {"triage_error": str(error)}

    def _also_to_person(
        self, handled: Handled, message: InboundMessage, reference: str, triage: Triage | None
    ) -> Handled:
        """What was answered, and a person asked; once for a thread."""
        asked = any(isinstance(one, HandOff) for one in handled.effects)
        if asked or self.inbox.handed_off(message.thread):
            return handled
        turn = Turn(message.text, message.user, message.thread, reference, handled.trace)
        told = Say(NoteReply("I have also asked the team. A person will reply here."))
        hand_off = self._to_person(turn, why=_reason(triage))
        return Handled([*handled.effects, told, hand_off], handled.trace)

    def _answer(self, message: InboundMessage, reference: str, on_text: OnText | None) -> Handled:
        audience = self.policy.current().audience(message)
        previous = self.inbox.previous_turn(message)
        try:
            outcome = self.answerer.answer(
                message.text,
                audience=audience,
                previous=previous.text if previous else None,
                on_text=on_text,
            )
        except KnowledgeError as error:
            _log.error("no answer", reference=reference, error=str(error))
            return self._cannot_answer(message, reference, error)
        trace = {"audience": audience, **trace_of(outcome)}
        return Handled([Say(AnswerReply(outcome, reference))], trace)

    def _cannot_answer(
        self, message: InboundMessage, reference: str, error: KnowledgeError
    ) -> Handled:
        """Store or generator is away: the asker is told, and a person gets the question."""
        apology = NoteReply(
            "Sorry, I cannot look up answers right now. I have passed your question to a person, "
            f"who will reply here. Reference {reference}"
        )
        turn = Turn(message.text, message.user, message.thread, reference)
        hand_off = self._to_person(turn, why="The bot cannot answer right now.")
        return Handled([Say(apology), hand_off], {"error": type(error).__name__})

    def _hand_off(
        self, message: InboundMessage, reference: str, triage: Triage | None
    ) -> Sequence[Effect]:
        if self.inbox.handed_off(message.thread):
            return [Whisper(message.user, "A person has been asked already and will reply here.")]
        if message.kind in SPOKEN:
            turn = Turn(message.text, message.user, message.thread, reference)
            why = _reason(triage)
        else:
            behind = self.inbox.question_behind(message.thread, message.about)
            lost = Turn("(the question was deleted)", message.user, message.thread, reference)
            turn = behind or lost
            found_none = bool(turn.trace and turn.trace.get("abstained"))
            why = "The bot found no answer." if found_none else "The bot's answer was not enough."
        told = NoteReply("I have asked the team. A person will reply here in this thread.")
        return [Say(told), self._to_person(turn, why=why)]

    def _to_person(self, turn: Turn, *, why: str) -> HandOff:
        return HandOff(
            question=turn.text,
            asked_by=turn.user,
            permalink=self.transport.permalink(turn.thread.channel, turn.thread.ts),
            tried=_tried(turn.trace or {}),
            why=why,
            reference=turn.reference,
        )


def trace_of(outcome: Outcome) -> dict[str, Any]:
    """An outcome as plain values, for the drawer, the terminal and the books."""
    citations = outcome.citations if isinstance(outcome, Answer) else ()
    numbers = {one.article_id: one.n for one in citations}
    retrieval = outcome.retrieval
    return {
        "question": retrieval.query,
        "answer": outcome.text if isinstance(outcome, Answer) else None,
        "generator": outcome.generator,
        "abstained": isinstance(outcome, Abstention),
        "cached": outcome.cached,
        **({"reason": outcome.reason} if isinstance(outcome, Abstention) else {}),
        "passages": [
            {
                "n": numbers.get(one.chunk.article_id),
                "title": one.title,
                "url": one.url,
                "heading": " › ".join(one.chunk.headings),
                "text": one.chunk.text,
                "score": one.score,
                "cosine": one.cosine,
                "updated": one.updated.isoformat(),
            }
            for one in retrieval.passages
        ],
        "answerable": retrieval.answerable,
        "timings_ms": dict(retrieval.timings_ms),
    }


def _labels(triage: Triage | None) -> Mapping[str, Any] | None:
    return triage.as_json() if triage else None


def _reason(triage: Triage | None) -> str:
    """Why a person is asked, in words for a colleague."""
    if triage is None:
        return "The bot could not read what this message wants."
    labels = f"{triage.intent.replace('_', ' ')}, {triage.urgency}, {triage.sentiment}"
    if triage.uncertain:
        return f"The bot is not sure what this message wants (perhaps {labels})."
    return f"This needs a person: {labels}."


def _feedback(message: InboundMessage) -> Sequence[Effect]:
    if message.about is None or message.value not in set(Sentiment):
        return []
    sentiment = Sentiment(message.value)
    kept = KeepFeedback(message.about, message.user, sentiment)
    match sentiment:
        case Sentiment.UP:
            return [kept, Whisper(message.user, "Thank you, noted.")]
        case Sentiment.DOWN:
            text = (
                "Thank you, noted. If you still need help, press “Ask a person” under the answer."
            )
            return [kept, Whisper(message.user, text)]
        case _:
            assert_never(sentiment)


def _tried(trace: Trace) -> Sequence[str]:
    """What the bot did before, in words for a colleague."""
    passages = trace.get("passages", ())
    if trace.get("abstained"):
        titles = dict.fromkeys(one["title"] for one in passages)
        return [f"Found no answer; nearest: {title}" for title in titles]
    titles = dict.fromkeys(one["title"] for one in passages if one["n"])
    answered = [f"Answered: {trace['answer']}"] if trace.get("answer") else []
    return [*answered, *(f"Cited: {title}" for title in titles)]
