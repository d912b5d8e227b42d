"""Where a message goes (pure)."""

import re

from bot.messages import InboundMessage, Kind
from bot.policy import Policy, Route
from triage.schema import Triage

_THANKS = re.compile(
    r"\W*(?:(?:many |ok(?:ay)?,? |great,? |perfect,? )?(?:thanks|thank you|thx|ty|cheers)"
    r"(?: (?:a lot|so much|very much|again|all|everyone|for (?:the|your) help))*"
    r"(?:[\W]+(?:that|this) (?:helped|helps|worked|was helpful|answers it))?"
    r"|ok(?:ay)?|great|perfect|got it|understood)\W*$",
    re.IGNORECASE,
)


def route(
    message: InboundMessage, triage: Triage | None, policy: Policy, *, failed: bool = False
) -> Route:
    """Route one message by the policy; where labelling failed, a person is asked beside.

    Whoever speaks to the bot gets a reply: only mail may be ignored.
    """
    match message.kind:
        case Kind.ASK_PERSON:
            return Route.HAND_OFF
        case Kind.FEEDBACK:
            return Route.FEEDBACK
        case _ if not any(letter.isalnum() for letter in message.text):
            return Route.CLARIFY
        case _ if _THANKS.match(message.text):
            return Route.WELCOME
        case _ if triage is None:
            return Route.ANSWER_AND_HAND_OFF if failed else Route.ANSWER
        case _:
            chosen = policy.route(triage)
            ignored = chosen is Route.IGNORE and message.kind is not Kind.EMAIL
            return Route.ANSWER if ignored else chosen
