"""Cases to Slack messages within Slack's limits (pure).

All that a mail says is escaped and verbatim: no link, mention or broadcast of it comes alive.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bot.cases import Card, Case, CaseState, Deed, Suggestion
from bot.messages import ChannelId, KeepCase, SendLetter, TellCase, Ts
from bot.ports import Action, CardPlace, Mailed, Outgoing
from bot.slack.text import escape, grouped, inert, link, pieces, shortened

Block = Mapping[str, Any]
TAKE, LABELS, DRAFT = "case_take", "case_labels", "case_draft"
RESOLVE, NOT_FOR_US = "case_resolve", "case_not_for_us"
DEEDS = {TAKE: Deed.TAKE, RESOLVE: Deed.RESOLVE, NOT_FOR_US: Deed.NOT_FOR_US}
ACTIONS = "case"
LONGEST_PART = 2_900
LONGEST_LIST = 1_400
LONGEST_LINE = 280
LONGEST_ENTITY = 80
LONGEST_FALLBACK = 1_500
_HEADER = 150
_CENTURIES = 10**10
_PLAIN_SUBJECT = "(no subject)"


def render(
    effect: KeepCase | TellCase | SendLetter, *, triage_channel: ChannelId
) -> list[Outgoing]:
    """The messages of an effect on a case."""
    match effect:
        case KeepCase():
            return shown(effect, triage_channel=triage_channel)
        case TellCase():
            return told(effect)
        case SendLetter():
            return mailed(effect)


def shown(effect: KeepCase, *, triage_channel: ChannelId) -> list[Outgoing]:
    """The cards of a case: new ones, or the same with their new content; none for what is filed."""
    case = effect.case
    if case.state is CaseState.FILED:
        return []
    text, blocks = card(case, alert=effect.alert)
    return list(_cards(case, text, blocks, triage_channel=triage_channel))


def card(case: Case, *, alert: str | None) -> tuple[str, list[Block]]:
    """The words and blocks of one card."""
    subject = case.subject.strip() or _PLAIN_SUBJECT
    blocks: list[Block] = [
        *([section(f"{_group(alert)} This is urgent.")] if alert else []),
        {"type": "header", "text": _plain(subject, _HEADER)},
        section(_customer(case)),
        *(section(_quoted(escaped(line))) for line in case.gist.split("\n")[:2] if line.strip()),
        *(section(text) for text in _labels(case)),
        *(section(text) for text in _warnings(case)),
        *(_suggested(case.suggestion) if case.suggestion else ()),
        {"type": "context", "elements": [_words(_standing(case))]},
        _buttons(case),
        {"type": "context", "elements": [_words(f"Case {escape(case.reference)}")]},
    ]
    who = case.customer.name or case.customer.address or "unknown"
    text = f"{_group(alert)} " if alert else ""
    text += f"{escaped(subject)} – {escaped(who)}: {escaped(case.gist, 600)}"
    return shortened(text, LONGEST_FALLBACK), blocks


def told(effect: TellCase) -> list[Outgoing]:
    """A message in the thread of a case."""
    named = f"{mention(effect.by)} " if effect.by else ""
    called = f"{_group(effect.alert)} " if effect.alert else ""
    text = f"{called}{named}{escaped(effect.text, LONGEST_PART // 2)}"
    if effect.at:
        channel, ts = effect.at
        post = Outgoing(Action.POST, ChannelId(channel), text, [section(text)], thread_ts=Ts(ts))
        return [post]
    return [_in_thread(effect.case, text, effect.quoted)] if effect.case.card else []


def mailed(effect: SendLetter) -> list[Outgoing]:
    """A letter, and what the thread is told by what became of it."""
    case, letter = effect.case, effect.letter
    by, to = mention(effect.by), escaped(letter.to)
    refused = f"{by} The reply to {to} was not sent: the mail server does not take it."
    doubtful = (
        f"{by} Nobody knows whether the reply to {to} was sent: the mail server went away. "
        "It is not sent again by itself; look before you do."
    )
    outcomes = {
        Mailed.SENT: _in_thread(case, f"{by} has sent this reply to {to}:", letter.text),
        Mailed.REFUSED: _in_thread(case, refused, letter.text),
        Mailed.DOUBTFUL: _in_thread(case, doubtful, letter.text),
    }
    place = ChannelId(f"mail:{case.reference}")
    return [Outgoing(Action.MAIL, place, letter.text, letter=letter, told=outcomes)]


def section(text: str) -> Block:
    """Verbatim: nothing in it becomes a link or a mention but what we write as one."""
    return {"type": "section", "text": _words(text or " ")}


def mention(user: str | None) -> str:
    """A person, if it is one."""
    known = user is not None and user.isascii() and user.isalnum()
    return f"<@{user}>" if known else escape(user or "somebody")


def when(seconds: float) -> str:
    """A time as each reader's own clock shows it."""
    at = int(seconds) % _CENTURIES
    said = datetime.fromtimestamp(at, UTC)
    return f"<!date^{at}^{{date_short_pretty}}, {{time}}|{said.day} {said:%B %Y, %H:%M} UTC>"


def escaped(text: str, longest: int = LONGEST_LINE) -> str:
    """One line, harmless."""
    return shortened(escape(" ".join(text.split())), longest)


def quoted_text(text: str, longest: int = LONGEST_PART) -> str:
    """Somebody else's words, harmless, line by line."""
    return shortened(_quoted(escape(text.strip())), longest)


def _cards(
    case: Case, text: str, blocks: Sequence[Block], *, triage_channel: ChannelId
) -> Iterator[Outgoing]:
    channel, ts = case.posted or (None, None)
    if case.card:
        yield _again(case.card, text, blocks)
    else:
        thread = Ts(ts) if ts and channel == triage_channel else None
        yield Outgoing(
            Action.POST, triage_channel, text, blocks, thread_ts=thread, card=CardPlace.MAIN
        )
    if case.copy:
        yield _again(case.copy, text, blocks)
    elif channel and ts and channel != triage_channel and case.card is None:
        yield Outgoing(
            Action.POST,
            ChannelId(channel),
            text,
            blocks,
            thread_ts=Ts(ts),
            card=CardPlace.COPY,
        )


def _again(place: Card, text: str, blocks: Sequence[Block]) -> Outgoing:
    thread = Ts(place.thread_ts) if place.thread_ts else None
    return Outgoing(
        Action.UPDATE, ChannelId(place.channel), text, blocks, thread_ts=thread, target=place.id
    )


def _in_thread(case: Case, text: str, quoted: str) -> Outgoing:
    """Below the card: in the thread that it stands in, or that it opens."""
    place = case.card
    parts = pieces(shortened(escape(quoted), 2 * LONGEST_PART), LONGEST_PART // 2)
    blocks = [section(text), *(section(_quoted(one)) for one in parts if one.strip())]
    if place is None:
        return Outgoing(Action.POST, ChannelId(""), text, blocks)
    thread = Ts(place.thread_ts) if place.thread_ts else None
    under = None if thread else place.id
    return Outgoing(
        Action.POST, ChannelId(place.channel), text, blocks, thread_ts=thread, under=under
    )


def _customer(case: Case) -> str:
    customer = case.customer
    if not (customer.name or customer.address):
        return "The sender is not known."
    name = f"*{escaped(customer.name)}* " if customer.name else ""
    address = escaped(customer.address or "without an address")
    claimed = f" · _claimed by_ {escaped(customer.sender or 'a colleague')}"
    return f"{name}{address}{claimed if customer.claimed else ''}"


def _labels(case: Case) -> Iterator[str]:
    labels = case.labels
    heads = ("intent", labels.intent), ("urgency", labels.urgency), ("sentiment", labels.sentiment)
    said = [
        f"*{name.capitalize()}* {escaped(label.replace('_', ' '), LONGEST_ENTITY)}"
        f"{_sure(labels.confidence.get(name))}"
        for name, label in heads
        if label
    ]
    unsure = " · _uncertain: please check_" if labels.uncertain else ""
    corrected = f" · corrected by {mention(labels.corrected_by)}" if labels.corrected_by else ""
    if said:
        yield " · ".join(said) + unsure + corrected
    named = [
        f"*{escaped(name.replace('_', ' '), LONGEST_ENTITY)}* {escaped(str(one), LONGEST_ENTITY)}"
        f"{_sure(labels.confidence.get(name))}"
        for name, one in labels.entities.items()
    ]
    yield from _listed(" · ".join(one) for one in _in_rows(named))


def _sure(confidence: float | None) -> str:
    return "" if confidence is None else f" {round(100 * confidence)} %"


def _in_rows(named: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(named), 3):
        yield named[start : start + 3]


def _warnings(case: Case) -> Iterator[str]:
    return _listed(f":warning: {escaped(one)}" for one in case.warnings)


def _listed(lines: Iterator[str]) -> Iterator[str]:
    """The lines that fit into one section."""
    found = list(lines)
    if found:
        yield "\n".join(next(grouped(found, LONGEST_LIST)))


def _suggested(suggestion: Suggestion) -> Iterator[Block]:
    yield section("*Suggested answer*")
    yield {"type": "markdown", "text": shortened(inert(suggestion.text), LONGEST_PART) or " "}
    sources = [
        f"[{one.n}] {link(one.url, shortened(one.title, 200))} · updated {escaped(one.updated, 40)}"
        for one in suggestion.sources
    ]
    if sources:
        yield section("\n".join(next(grouped(["*Sources*", *sources], LONGEST_LIST))))


def _standing(case: Case) -> str:
    at = when(case.changed_at) if case.changed_at else ""
    by = mention(case.changed_by)
    match case.state:
        case CaseState.TAKEN:
            said = f"Taken by {mention(case.taken_by)} {at}"
        case CaseState.RESOLVED:
            said = f"Resolved by {by} {at}"
        case CaseState.NOT_FOR_US:
            said = f"Not for us, says {by} {at}"
        case _:
            said = "Nobody has taken this case yet"
    due = f" · answer due {when(case.due_at)}" if case.due_at and not case.state.closed else ""
    return said.strip() + due


def _buttons(case: Case) -> Block:
    closed = case.state.closed
    style = None if case.state is CaseState.TAKEN else "primary"
    offered = [
        ("Reopen" if closed else "Take", TAKE, style),
        ("Fix labels", LABELS, None),
        ("Draft reply", DRAFT, None),
        *([] if closed else [("Resolve", RESOLVE, None), ("Not for us", NOT_FOR_US, None)]),
    ]
    elements = [
        _button(label, action, case.reference, style=style) for label, action, style in offered
    ]
    return {"type": "actions", "block_id": ACTIONS, "elements": elements}


def _button(label: str, action: str, reference: str, *, style: str | None) -> Block:
    return {
        "type": "button",
        "action_id": action,
        "value": reference,
        "text": {"type": "plain_text", "text": label},
        **({"style": style} if style else {}),
    }


def _group(alert: str | None) -> str:
    known = alert is not None and alert.isascii() and alert.isalnum()
    return f"<!subteam^{alert}>" if known else ""


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.split("\n") if line.strip())


def _plain(text: str, longest: int) -> Block:
    return {"type": "plain_text", "text": shortened(text, longest), "emoji": False}


def _words(text: str) -> Block:
    return {"type": "mrkdwn", "text": text, "verbatim": True}
