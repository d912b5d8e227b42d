"""What people do with a case (pure): a deed to its effects.

Everything is idempotent: what is done already is said to the one who does it again, and to nobody
else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pydantic import ValidationError

from bot.cases import Case, CaseLabels, CaseState, Correction, Deed
from bot.correspondence import utterance_of
from bot.drafts import LONGEST_DRAFT, letter
from bot.messages import (
    Effect,
    KeepCase,
    KeepCorrection,
    SendLetter,
    TellCase,
    UserId,
    Whisper,
)
from bot.policy import Policy
from triage.schema import Labels

_CLOSING = {Deed.RESOLVE: CaseState.RESOLVED, Deed.NOT_FOR_US: CaseState.NOT_FOR_US}
_STATES = {
    CaseState.TAKEN: "taken",
    CaseState.RESOLVED: "resolved",
    CaseState.NOT_FOR_US: "put aside as not for us",
    CaseState.FILED: "filed",
}


@dataclass(frozen=True, slots=True)
class Click:
    """A person does something with a case; `written` is what they have filled in for it."""

    deed: str
    user: UserId
    written: Mapping[str, Any]
    now: float


def done(case: Case, click: Click, policy: Policy) -> Sequence[Effect]:
    """The effects of a deed."""
    deed, user, now = click.deed, click.user, click.now
    match deed:
        case Deed.TAKE:
            return _take(case, user, now)
        case Deed.RESOLVE | Deed.NOT_FOR_US:
            return _close(case, user, _CLOSING[Deed(deed)], now)
        case Deed.LABEL:
            return _label(case, click, policy)
        case Deed.SEND:
            return _send(case, click)
        case _:
            return [Whisper(user, "I do not know how to do that.")]


def confirmation_needed(case: Case) -> bool:
    """Whether the recipient is not known to be who wrote, so that a click alone is not enough."""
    return case.doubtful


def _take(case: Case, user: UserId, now: float) -> Sequence[Effect]:
    if case.state is CaseState.TAKEN:
        return [_already(case, user)]
    return [KeepCase(_changed(case, CaseState.TAKEN, user, now))]


def _close(case: Case, user: UserId, state: CaseState, now: float) -> Sequence[Effect]:
    if case.state is state:
        return [_already(case, user)]
    return [KeepCase(_changed(case, state, user, now))]


def _changed(case: Case, state: CaseState, user: UserId, now: float) -> Case:
    taken_by = user if state is CaseState.TAKEN else case.taken_by
    return replace(case, state=state, taken_by=taken_by, changed_by=user, changed_at=now)


def _already(case: Case, user: UserId) -> Whisper:
    by = case.taken_by if case.state is CaseState.TAKEN else case.changed_by
    if by == user:
        return Whisper(user, f"You have {_STATES[case.state]} this case already.")
    return Whisper(user, f"This case is {_STATES[case.state]} already.", by=by)


def _label(case: Case, click: Click, policy: Policy) -> Sequence[Effect]:
    user = click.user
    try:
        labels = Labels.model_validate(click.written)
    except ValidationError:
        return [Whisper(user, "Those labels do not fit together: nothing was changed.")]
    corrected = CaseLabels(
        labels.intent, labels.urgency, labels.sentiment, labels.named(), corrected_by=user
    )
    if case.id is None or corrected.flat() == case.labels.flat():
        return [Whisper(user, "The labels are as they were.")]
    due = click.now + policy.mail.seconds_until_due(labels.urgency)
    same = case.labels.urgency == labels.urgency
    changed = replace(case, labels=corrected, due_at=case.due_at if same else due)
    correction = Correction(
        case.id,
        utterance_of(case.subject, case.words),
        corrected.flat(),
        case.labels.flat(),
        user,
    )
    told = TellCase(changed, "corrected the labels. The model will learn from it.", by=user)
    kept: list[Effect] = [KeepCase(changed), told]
    return [*kept, KeepCorrection(correction)] if correction.text.strip() else kept


def _send(case: Case, click: Click) -> Sequence[Effect]:
    user, written = click.user, click.written
    text = str(written.get("text") or "").strip()
    if why := _not_sent(case, written, text):
        return [Whisper(user, f"{why} Nothing was sent.")]
    free = case.state is not CaseState.TAKEN
    changed = _changed(case, CaseState.TAKEN, user, click.now) if free else case
    return [KeepCase(changed), SendLetter(changed, letter(case, text), user)]


def _not_sent(case: Case, written: Mapping[str, Any], text: str) -> str:
    """Why a letter is not sent; the recipient is the one whom the sender has seen."""
    if not case.customer.address:
        return "The customer's address is not known."
    same = (written.get("to"), written.get("mail")) == (case.customer.address, case.mail_id)
    if not same:
        return "The customer has written again meanwhile: read that first."
    if confirmation_needed(case) and written.get("confirmed") is not True:
        return "The recipient was not confirmed."
    return "" if 0 < len(text) <= LONGEST_DRAFT else "The reply is empty or too long."
