"""Effects to Slack messages within Slack's limits (pure).

Limits held: 50 blocks and about 13,200 characters a message (we stop at 11,000), 12,000 in
markdown blocks, 3,000 a section, 75 a button, 2,000 a value.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, assert_never

from bot.messages import (
    AnswerReply,
    ChannelId,
    Effect,
    HandOff,
    InboundMessage,
    KeepCase,
    KeepCorrection,
    KeepFeedback,
    Kind,
    NoteReply,
    Reply,
    Say,
    SendLetter,
    TellCase,
    Whisper,
)
from bot.ports import Action, Outgoing
from bot.slack import card
from bot.slack.text import escape, grouped, inert, link, pieces, shortened
from knowledge.documents import Abstention, Answer, Citation

Block = Mapping[str, Any]
ASK_PERSON = "ask_person"
FEEDBACK = "feedback"
PASSED_ON = "eyes"
LONGEST_PART = 8_000
LONGEST_SECTION = 2_900
LONGEST_FALLBACK = 3_000
LONGEST_QUESTION = 4_000
MOST_SOURCES = 10


def render(
    effects: Sequence[Effect], message: InboundMessage, *, triage_channel: ChannelId
) -> list[Outgoing]:
    """The Slack messages of all effects; long answers in several parts."""
    return [
        one for effect in effects for one in _effect(effect, message, triage_channel=triage_channel)
    ]


def answer_text(outcome: Answer | Abstention) -> str:
    """The words of an outcome in plain Markdown."""
    match outcome:
        case Answer():
            return outcome.text
        case Abstention(nearest=()):
            return "I don't know: I found nothing about this in the help centre."
        case Abstention():
            return (
                "I don't know: I found no passage in the help centre that answers this. "
                "The nearest articles are below."
            )


def _effect(
    effect: Effect, message: InboundMessage, *, triage_channel: ChannelId
) -> list[Outgoing]:
    thread = message.thread
    match effect:
        case Say(reply):
            return [
                Outgoing(
                    Action.POST,
                    thread.channel,
                    text,
                    blocks,
                    thread_ts=thread.ts,
                    is_reply=True,
                    otherwise=_undelivered(message, triage_channel),
                )
                for text, blocks in _reply(reply)
            ]
        case Whisper():
            return [_whisper(effect, message)]
        case HandOff():
            text, blocks = _hand_off(effect)
            unreached = _unreached(message, effect.reference)
            asked = Outgoing(Action.POST, triage_channel, text, blocks, otherwise=unreached)
            return [asked, *_passed_on(message)]
        case KeepCase() | TellCase() | SendLetter():
            return card.render(effect, triage_channel=triage_channel)
        case KeepFeedback() | KeepCorrection():
            return []
        case _:
            assert_never(effect)


def _whisper(whisper: Whisper, message: InboundMessage) -> Outgoing:
    """Beside the card that was clicked; in the thread of all other messages."""
    by = f" ({card.mention(whisper.by)})" if whisper.by else ""
    text = escape(whisper.text) + by
    thread = message.thread
    beside = message.kind is Kind.CASE and message.about == thread.ts
    return Outgoing(
        Action.WHISPER,
        thread.channel,
        text,
        [_section(text)],
        thread_ts=None if beside else thread.ts,
        user=whisper.user,
    )


def _passed_on(message: InboundMessage) -> list[Outgoing]:
    """An emoji that tells the channel which threads a person was asked for; a case has its card."""
    if message.kind in {Kind.CASE, Kind.SHARED_MAIL}:
        return []
    thread = message.thread
    return [
        Outgoing(Action.REACT, thread.channel, PASSED_ON, thread_ts=thread.ts, live_ts=thread.ts)
    ]


def _undelivered(message: InboundMessage, triage_channel: ChannelId) -> Outgoing:
    """What the team is told when an asker cannot be."""
    place = f"<#{message.thread.channel}>" if message.thread.channel.isalnum() else "a channel"
    asked = "(a mail)" if message.kind is Kind.SHARED_MAIL else message.text
    question = shortened(escape(asked), LONGEST_SECTION // 2)
    text = f"A reply in {place} could not be delivered. The question was: {question}"
    return Outgoing(Action.POST, triage_channel, text, [_section(text)])


def _unreached(message: InboundMessage, reference: str) -> Outgoing:
    """What the asker is told when the team cannot be."""
    text = (
        "Sorry, I could not reach the team after all. Please write to a colleague directly. "
        f"Reference {escape(reference)}"
    )
    thread = message.thread
    return Outgoing(Action.POST, thread.channel, text, [_section(text)], thread_ts=thread.ts)


def _reply(reply: Reply) -> list[tuple[str, list[Block]]]:
    match reply:
        case NoteReply(text, offers_person):
            blocks: list[Block] = [_section(escape(piece)) for piece in _sections(text)]
            if offers_person:
                blocks.append(_ask())
            return [(shortened(escape(text), LONGEST_FALLBACK), blocks)]
        case AnswerReply():
            return _answer(reply)
        case _:
            assert_never(reply)


def _answer(reply: AnswerReply) -> list[tuple[str, list[Block]]]:
    """The words in parts; sources and buttons close the last one."""
    outcome = reply.outcome
    sources = outcome.citations if isinstance(outcome, Answer) else outcome.nearest
    parts = pieces(inert(answer_text(outcome)), LONGEST_PART)
    rendered: list[tuple[str, list[Block]]] = [
        (shortened(part, LONGEST_FALLBACK), [{"type": "markdown", "text": part}]) for part in parts
    ]
    text, blocks = rendered.pop()
    listed = _sources(sources, cited=isinstance(outcome, Answer))
    closing = [*map(_section, listed), _feedback(), _ask(), _reference(reply.reference)]
    return [*rendered, ("\n\n".join([text, *listed]), [*blocks, *closing])]


def _sources(sources: Sequence[Citation], *, cited: bool) -> list[str]:
    """One text with a line for each source; those too many for a section are left out."""
    lines = [_source(one, cited=cited) for one in sources[:MOST_SOURCES]]
    lines.insert(0, "*Sources*" if cited else "*Nearest articles*")
    return ["\n".join(next(grouped(lines, LONGEST_SECTION)))] if sources else []


def _source(citation: Citation, *, cited: bool) -> str:
    marker = f"[{citation.n}] " if cited else "• "
    title = link(citation.url, shortened(citation.title, 200))
    return f"{marker}{title} · updated {day(citation.updated)}"


def day(when: date) -> str:
    """A date as people write it: 14 September 2026."""
    return f"{when.day} {when:%B %Y}"


def _feedback() -> Block:
    def button(label: str, value: str, accessible: str) -> Block:
        return {
            "text": {"type": "plain_text", "text": label},
            "value": value,
            "accessibility_label": accessible,
        }

    buttons = {
        "type": "feedback_buttons",
        "action_id": FEEDBACK,
        "positive_button": button("Helpful", "up", "This answer helped"),
        "negative_button": button("Not helpful", "down", "This answer did not help"),
    }
    return {"type": "context_actions", "block_id": FEEDBACK, "elements": [buttons]}


def _reference(reference: str) -> Block:
    text = {"type": "mrkdwn", "text": f"Reference {escape(reference)}", "verbatim": True}
    return {"type": "context", "elements": [text]}


def _ask() -> Block:
    button = {
        "type": "button",
        "action_id": ASK_PERSON,
        "value": "ask",
        "text": {"type": "plain_text", "text": "Ask a person"},
    }
    return {"type": "actions", "block_id": ASK_PERSON, "elements": [button]}


def _hand_off(given: HandOff) -> tuple[str, list[Block]]:
    """What a colleague needs to take over: question, link, what was tried."""
    asked = f"<@{given.asked_by}>" if given.asked_by.isalnum() else escape(given.asked_by)
    place = link(given.permalink or "", "Open the thread")
    question = pieces(shortened(escape(given.question), LONGEST_QUESTION), LONGEST_SECTION // 2)
    tried = "\n".join(f"• {shortened(escape(one), 300)}" for one in given.tried[:6])
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": "A person is asked for"}},
        _section(f"{escape(given.why)} Asked by {asked}. {place}."),
        *(_section(_quoted(piece)) for piece in question),
        _section(f"*What was tried*\n{tried or '• nothing yet'}"),
        _reference(given.reference),
    ]
    return shortened(f"A person is asked for: {escape(given.question)}", LONGEST_FALLBACK), blocks


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n") if line)


def _section(text: str) -> Block:
    """Verbatim: nothing in it becomes a link or a mention but what we write as one."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text, "verbatim": True}}


def _sections(text: str) -> list[str]:
    """Escaping makes text longer, up to fivefold; the cut is made before it."""
    return pieces(text, LONGEST_SECTION // 5) or [" "]
