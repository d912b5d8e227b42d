"""Where a message goes (pure)."""

from enum import StrEnum

from bot.messages import InboundMessage, Kind
from triage.schema import Triage


class Route(StrEnum):
    """What the desk does with a message."""

    ANSWER = "answer"
    CLARIFY = "clarify"
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
        case _:
            del triage  # its labels decide as soon as a model is there
            return Route.ANSWER
