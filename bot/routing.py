"""Where a message goes (pure)."""

import re
from enum import StrEnum

from bot.messages import InboundMessage, Kind
from triage.schema import Triage

_THANKS = re.compile(
    r"\W*(?:(?:many |ok(?:ay)?,? |great,? |perfect,? )?(?:thanks|thank you|thx|ty|cheers)"
    r"(?: (?:a lot|so much|very much|again|all|everyone|for (?:the|your) help))*"
    r"(?:[\W]+(?:that|this) (?:helped|helps|worked|was helpful|answers it))?"
    r"|ok(?:ay)?|great|perfect|got it|understood)\W*$",
    re.IGNORECASE,
)


class Route(StrEnum):
    """What the desk does with a message."""

    ANSWER = "answer"
    CLARIFY = "clarify"
    WELCOME = "welcome"
    HAND_OFF = "hand_off"
    FEEDBACK = "feedback"


def route(message: InboundMessage, triage: Triage | None) -> Route:
    """Route one message; without a triage model every question is answered from knowledge."""
    match message.kind:
        case Kind.ASK_PERSON:
            return Route.HAND_OFF
        case Kind.FEEDBACK:
            return Route.FEEDBACK
        case _ if not any(letter.isalnum() for letter in message.text):
            return Route.CLARIFY
        case _ if _THANKS.match(message.text):
            return Route.WELCOME
        case _:
            del triage  # its labels decide as soon as a model is there
            return Route.ANSWER
