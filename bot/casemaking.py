"""A mail to the case that it makes, before anybody labels or answers it (pure)."""

from bot.case_ports import KeptMail
from bot.cases import Case
from bot.correspondence import (
    customer_of,
    gist_of,
    subject_of,
    thread_of,
    warnings_of,
    words_of,
)
from bot.messages import InboundMessage
from bot.policy import Policy
from triage.mail.letter import Mail

UPLOADED = "upload"


def alert_of(case: Case, policy: Policy) -> str | None:
    """The group that an urgent case mentions."""
    urgent = {str(one) for one in policy.mail.urgent}
    called = case.labels.urgency in urgent and not case.state.closed
    return policy.mail.on_call if called else None


def read_case(
    message: InboundMessage, kept: KeptMail, mail: Mail, *, reference: str, policy: Policy
) -> Case:
    """A case as the mail says it, without labels or answer."""
    customer = customer_of(mail, policy.mail, uploaded=kept.via == UPLOADED)
    words = words_of(mail, customer)
    message_id, following = thread_of(mail, customer)
    return Case(
        reference=reference,
        team=message.thread.team,
        conversation=kept.conversation,
        mail_id=int(message.value or 0),
        customer=customer,
        subject=subject_of(mail, customer),
        gist=gist_of(words),
        words=words,
        warnings=warnings_of(mail, customer),
        message_id=message_id,
        following=following,
        posted=kept.posted,
    )
