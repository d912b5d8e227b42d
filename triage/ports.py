"""What `triage` offers, and needs from outside."""

from typing import Protocol

from triage.schema import Triage


class TriageModel(Protocol):
    """Labels utterances."""

    def predict(self, utterance: str) -> Triage:
        """Intent, urgency, sentiment and entities of one utterance."""
