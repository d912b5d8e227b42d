"""The triage contract: what a model says about one utterance, and how that is checked."""

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from triage.errors import LabelsInvalid

INTENTS = (
    "order_status",
    "order_status_complaint",
    "order_change",
    "order_cancel",
    "return_exchange",
    "refund_status",
    "damaged_or_wrong_item",
    "warranty_claim",
    "billing_problem",
    "invoice_request",
    "promo_or_gift_card",
    "membership",
    "account_access",
    "account_change",
    "privacy_request",
    "security_report",
    "product_question",
    "policy_question",
    "technical_issue",
    "human_request",
    "feedback",
    "business_inquiry",
    "spam",
    "smalltalk",
    "other",
)
"""The intents of the shipped model. A model trained on other examples has its own."""

Confidence = Annotated[float, Field(ge=0, le=1)]


class Urgency(StrEnum):
    """How soon somebody has to act, most urgent first."""

    CRITICAL = "critical"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


class Sentiment(StrEnum):
    """How the writer feels about the matter."""

    POSITIVE = "positive"
    NEUTRAL = "neutral"
    FRUSTRATED = "frustrated"
    ANGRY = "angry"


class Entities(BaseModel):
    """What an utterance names, normalised; None where it names nothing of the kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    order_id: str | None = Field(None, min_length=1, description="As written, without # or no.")
    tracking_number: str | None = Field(None, min_length=1, description="Spaces removed.")
    days_waiting: int | None = Field(None, ge=0, description="Days waited so far, as stated.")
    product: str | None = Field(None, min_length=1, description="As written, without article.")
    amount: str | None = Field(
        None,
        pattern=r"^\d+(\.\d+)?( [A-Z]{3})?$",
        description="Number and ISO code where the currency is known: 49.90 EUR.",
    )
    deadline: str | None = Field(None, min_length=1, description="As written, without by or on.")
    email: str | None = Field(None, min_length=3, description="Account or contact address.")
    phone: str | None = Field(None, min_length=3, description="Number for a call-back, as written.")

    def named(self) -> dict[str, str | int]:
        """The entities that are there."""
        return {key: found for key in ENTITIES if (found := getattr(self, key)) is not None}


HEADS = ("intent", "urgency", "sentiment")
ENTITIES = tuple(Entities.model_fields)
KEYS = (*HEADS, *ENTITIES)
"""The keys of `Labels` in the order in which a chat model writes them."""


class Labels(Entities):
    """The labels of one example, flat: the `output` of a file of examples and of a chat model."""

    intent: str = Field(min_length=1)
    urgency: Urgency
    sentiment: Sentiment


class Triage(BaseModel):
    """What a model says about one utterance.

    `confidence` is calibrated, 0 to 1, for intent, urgency, sentiment and every entity found.
    `uncertain` means: below the model's threshold, a person decides.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intent: str
    urgency: Urgency
    sentiment: Sentiment
    entities: Entities = Entities()
    confidence: dict[str, Confidence]
    uncertain: bool = False
    model: str

    def as_json(self) -> dict[str, Any]:
        """The contract's JSON; entities that are not there have no key."""
        shown = self.model_dump(mode="json")
        return shown | {"entities": self.entities.named()}


def read_labels(text: str | bytes, intents: Collection[str]) -> Labels:
    """A model's JSON, checked; null stands for an entity that is not there.

    Raises:
        LabelsInvalid: the JSON breaks the contract; names the field.
    """
    try:
        labels = Labels.model_validate_json(text)
    except ValidationError as error:
        problem = error.errors()[0]
        field = ".".join(map(str, problem["loc"])) or "JSON"
        # Without its cause, which would repeat what the model wrote, and so the customer's words.
        raise LabelsInvalid(f"{field}: {problem['msg']}") from None
    if labels.intent not in intents:
        raise LabelsInvalid("intent: Input should be one of the model's intents")
    return labels


def labels_schema(intents: Collection[str]) -> Mapping[str, Any]:
    """The JSON Schema of `Labels` for structured outputs: every key required, absence is null."""
    schema = Labels.model_json_schema()
    properties = schema["properties"]
    properties["intent"] = {"type": "string", "enum": list(intents)}
    for key in ENTITIES:
        kinds = {"type": [properties[key]["anyOf"][0]["type"], "null"]}
        properties[key] = kinds | {"description": properties[key]["description"]}
    return {
        "type": "object",
        "properties": {key: properties[key] for key in KEYS},
        "required": list(KEYS),
        "additionalProperties": False,
        "$defs": schema["$defs"],
    }
