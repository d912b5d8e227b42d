"""A suggestion as a letter to a customer: no markers, a greeting, a signature (pure)."""

import re

from bot.cases import Case, Letter
from bot.policy import MailPolicy

LONGEST_DRAFT = 3_000
LONGEST_SUBJECT = 200
MOST_REFERENCES = 5
_MARKER = re.compile(r"\s?\[\d{1,3}(?:\s*,\s*\d{1,3})*\]")
_LINK = re.compile(r"!?\[([^\]\[\n]{0,300})\]\((\S{1,1000}?)\)")
_STRONG = re.compile(r"\*\*([^*\n]{1,500})\*\*")
_HEADING = re.compile(r"^#{1,6}\s+", re.MULTILINE)
_AGAIN = re.compile(r"(?:re|aw|sv|antw)\s*:", re.IGNORECASE)


def draft(case: Case, policy: MailPolicy) -> str:
    """What an agent starts from; at most as long as Slack's input takes."""
    ending = f"\n\n{policy.signature}"
    said = plain(case.suggestion.text) if case.suggestion else ""
    begun = f"{greeting(case, policy)}\n\n{said}"
    return begun[: LONGEST_DRAFT - len(ending)].rstrip() + ending


def greeting(case: Case, policy: MailPolicy) -> str:
    """The policy's greeting with the customer's name, or without any."""
    name = (case.customer.name or "").replace("{", "").replace("}", "")
    if name:
        return policy.greeting.replace("{name}", name)
    return policy.greeting.replace(" {name}", "").replace("{name}", "")


def plain(markdown: str) -> str:
    """An answer as people write mails: no markers, links with their addresses, nothing bold."""
    text = _LINK.sub(r"\1 (\2)", markdown)
    return _HEADING.sub("", _STRONG.sub(r"\1", _MARKER.sub("", text))).strip()


def letter(case: Case, text: str) -> Letter:
    """The letter that answers a case's latest mail."""
    subject = case.subject if _AGAIN.match(case.subject) else f"Re: {case.subject}"
    before = [*case.following, *([case.message_id] if case.message_id else [])]
    return Letter(
        conversation=case.conversation,
        to=case.customer.address or "",
        subject=subject[:LONGEST_SUBJECT],
        text=text,
        in_reply_to=case.message_id,
        references=before[-MOST_REFERENCES:],
    )
