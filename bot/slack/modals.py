"""The dialogs of a case, and what comes back from them (pure).

Limits held: titles of 24 characters, options of 75, 100 options, inputs of 3,000 characters,
private metadata of 3,000.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from bot.cases import Case
from bot.drafts import LONGEST_DRAFT, draft
from bot.policy import MailPolicy
from bot.slack.card import Block, escaped, quoted_text, section
from bot.slack.text import escape, pieces, shortened
from triage.schema import ENTITIES, INTENTS, Labels, Sentiment, Urgency

LABELS_VIEW, DRAFT_VIEW = "case_labels_view", "case_draft_view"
REPLY, CONFIRM = "reply", "confirm"
CONFIRMED = "confirmed"
LONGEST_ENTITY = 200
LONGEST_METADATA = 3_000
_LONGEST_OPTION = 75
_MOST_OPTIONS = 100
_SHOWN = 2_900
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """The card that a dialog was opened from."""

    channel: str
    thread_ts: str
    ts: str


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a dialog carries with it: its case, the mail and the recipient that a person saw."""

    case: str
    mail: int
    to: str
    place: Place

    def written(self) -> str:
        """As private metadata."""
        return json.dumps(
            {
                "case": self.case,
                "mail": self.mail,
                "to": self.to[:400],
                "place": [self.place.channel, self.place.thread_ts, self.place.ts],
            },
            ensure_ascii=False,
        )


def remembered(view: Json) -> Remembered:
    """What a submitted dialog carries."""
    found = json.loads(view["private_metadata"])
    return Remembered(found["case"], found["mail"], found["to"], Place(*found["place"]))


def labels_view(case: Case, place: Place) -> dict[str, Any]:
    """The dialog in which labels are corrected."""
    known = dict.fromkeys(INTENTS)
    if case.labels.intent:
        known[case.labels.intent] = None
    selects = (
        ("intent", list(known), case.labels.intent),
        ("urgency", list(Urgency), case.labels.urgency),
        ("sentiment", list(Sentiment), case.labels.sentiment),
    )
    blocks = [
        section(quoted_text(case.gist or case.subject, 800) or " "),
        *(_select(name, options, chosen) for name, options, chosen in selects),
        *(_entity(name, case.labels.entities.get(name)) for name in ENTITIES),
    ]
    return _modal(LABELS_VIEW, "Fix labels", blocks, _carried(case, place)) | {
        "submit": _plain("Save"),
    }


def draft_view(case: Case, place: Place, policy: MailPolicy, *, sends: bool) -> dict[str, Any]:
    """The dialog in which a reply is written; without a mail server it is there to be copied."""
    text = draft(case, policy)
    carried = _carried(case, place)
    evidence = _evidence(case)
    if not (sends and case.customer.address):
        why = (
            "There is no address to send this to."
            if sends
            else "The desk cannot send mail (SMTP_URL is not set)."
        )
        copied = {"type": "rich_text", "elements": [_preformatted(text)]}
        blocks = [section(f"{why} Copy the reply from here:"), copied, *evidence]
        return _modal(DRAFT_VIEW, "Draft reply", blocks, carried)
    field = {
        "type": "plain_text_input",
        "action_id": REPLY,
        "multiline": True,
        "initial_value": text,
        "min_length": 1,
        "max_length": LONGEST_DRAFT,
    }
    doubted = _confirmation(case) if case.doubtful else []
    blocks = [
        section(f"*To* {escaped(case.customer.address)}"),
        {"type": "input", "block_id": REPLY, "label": _plain("Reply"), "element": field},
        *doubted,
        *evidence,
    ]
    return _modal(DRAFT_VIEW, "Draft reply", blocks, carried) | {"submit": _plain("Send")}


def chosen_labels(view: Json) -> tuple[dict[str, Any], dict[str, str]]:
    """(labels as examples have them, what is wrong by block)."""
    written: dict[str, Any] = {}
    for name in ("intent", "urgency", "sentiment"):
        option = _entered(view, name).get("selected_option") or {}
        written[name] = option.get("value")
    for name in ENTITIES:
        if entered := str(_entered(view, name).get("value") or "").strip():
            written[name] = int(entered) if name == "days_waiting" and _number(entered) else entered
    try:
        labels = Labels.model_validate(written)
    except ValidationError as error:
        return {}, {
            str(one["loc"][0]): _WRONG.get(str(one["loc"][0]), one["msg"]) for one in error.errors()
        }
    heads = {"intent": labels.intent, "urgency": labels.urgency, "sentiment": labels.sentiment}
    return heads | labels.named(), {}


_WRONG = {
    "days_waiting": "A number of days, such as 5.",
    "amount": "A number and a currency, such as 49.90 EUR.",
}


def written_reply(view: Json, case: Case | None) -> tuple[dict[str, Any], dict[str, str]]:
    """(the reply and whom it is for, what is wrong by block); `case` as it is now."""
    carried = remembered(view)
    text = str(_entered(view, REPLY).get("value") or "").strip()
    ticked = _entered(view, CONFIRM).get("selected_options") or []
    confirmed = any(one.get("value") == CONFIRMED for one in ticked)
    wrong: dict[str, str] = {}
    if not 0 < len(text) <= LONGEST_DRAFT:
        wrong[REPLY] = f"Between 1 and {LONGEST_DRAFT:,} characters, please."
    elif case is None or (case.mail_id, case.customer.address) != (carried.mail, carried.to):
        wrong[REPLY] = "The customer has written again meanwhile: close this, and read it first."
    elif case.doubtful and not confirmed:
        asked = any(one.get("block_id") == CONFIRM for one in view["blocks"])
        wrong[CONFIRM if asked else REPLY] = "Confirm the recipient first."
    return {"text": text, "to": carried.to, "mail": carried.mail, "confirmed": confirmed}, wrong


def _carried(case: Case, place: Place) -> str:
    return Remembered(case.reference, case.mail_id, case.customer.address or "", place).written()


def _confirmation(case: Case) -> list[Block]:
    customer = case.customer
    why = (
        f"{escaped(customer.address or '')} is only claimed. The mail itself came from "
        f"{escaped(customer.sender or 'an unknown address')}."
        if customer.claimed
        else "Nobody knows whether the sender is who the mail says."
    )
    option = {
        "text": _plain(shortened(f"Send to {customer.address} all the same", _LONGEST_OPTION)),
        "value": CONFIRMED,
    }
    box = {"type": "checkboxes", "action_id": CONFIRM, "options": [option]}
    field = {
        "type": "input",
        "block_id": CONFIRM,
        "label": _plain("Recipient"),
        "element": box,
    }
    return [section(f":warning: {why}"), field]


def _evidence(case: Case) -> list[Block]:
    """What the draft rests on, for the agent alone."""
    blocks: list[Block] = []
    if case.suggestion:
        text = shortened(escape(case.suggestion.text), _SHOWN)
        cited = [f"[{one.n}] {escaped(one.title, 200)}" for one in case.suggestion.sources[:10]]
        blocks += [section("*For you, not for the customer*"), section(text)]
        blocks += [section("\n".join(cited))] if cited else []
    else:
        blocks.append(section("The help centre has no answer to this: the reply is yours."))
    if case.words:
        blocks.append(section(f"*The customer wrote*\n{quoted_text(case.words, _SHOWN - 100)}"))
    return blocks


def _select(name: str, options: Sequence[str], chosen: str | None) -> Block:
    listed = [_option(one) for one in options[:_MOST_OPTIONS]]
    select: dict[str, Any] = {"type": "static_select", "action_id": name, "options": listed}
    if chosen in options[:_MOST_OPTIONS] and chosen:
        select["initial_option"] = _option(chosen)
    label = _plain(name.capitalize())
    return {"type": "input", "block_id": name, "label": label, "element": select}


def _option(value: str) -> Block:
    return {"text": _plain(value.replace("_", " "), _LONGEST_OPTION), "value": value[:150]}


def _entity(name: str, value: str | int | None) -> Block:
    field: dict[str, Any] = {
        "type": "plain_text_input",
        "action_id": name,
        "max_length": LONGEST_ENTITY,
    }
    if value is not None:
        field["initial_value"] = str(value)[:LONGEST_ENTITY]
    return {
        "type": "input",
        "block_id": name,
        "optional": True,
        "label": _plain(name.replace("_", " ").capitalize()),
        "element": field,
    }


def _modal(name: str, title: str, blocks: Sequence[Block], carried: str) -> dict[str, Any]:
    return {
        "type": "modal",
        "callback_id": name,
        "title": _plain(title),
        "close": _plain("Close"),
        "private_metadata": carried[:LONGEST_METADATA],
        "blocks": list(blocks),
    }


def _preformatted(text: str) -> Block:
    parts = [{"type": "text", "text": one} for one in pieces(text, _SHOWN)]
    return {"type": "rich_text_preformatted", "elements": parts}


def _entered(view: Json, name: str) -> dict[str, Any]:
    found: dict[str, Any] = view["state"]["values"].get(name, {}).get(name) or {}
    return found


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= len("10000")


def _plain(text: str, longest: int = _LONGEST_OPTION) -> Block:
    return {"type": "plain_text", "text": shortened(text, longest), "emoji": False}
