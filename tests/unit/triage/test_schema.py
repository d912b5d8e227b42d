import json

import pytest

from triage.errors import LabelsInvalid
from triage.schema import ENTITIES, INTENTS, Triage, labels_schema, read_labels

GIVEN = {"intent": "order_status", "urgency": "normal", "sentiment": "neutral"}


def test_json_of_a_model_is_read_and_null_is_nothing() -> None:
    labels = read_labels(json.dumps(GIVEN | {"order_id": "4521", "phone": None}), INTENTS)
    assert labels.named() == {"order_id": "4521"}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("", "JSON"),
        ("[]", "JSON"),
        ("Sorry, I cannot", "JSON"),
        (json.dumps(GIVEN | {"urgency": "asap"}), "urgency"),
        (json.dumps(GIVEN | {"intent": "order_pizza"}), "intent"),
        (json.dumps({"intent": "order_status"}), "urgency"),
        (json.dumps(GIVEN | {"amount": "€12"}), "amount"),
        (json.dumps(GIVEN | {"mood": "x"}), "mood"),
        (json.dumps(GIVEN | {"days_waiting": -1}), "days_waiting"),
    ],
)
def test_json_that_breaks_the_contract_is_refused_by_the_name_of_the_field(
    text: str, field: str
) -> None:
    with pytest.raises(LabelsInvalid, match=f"^{field}: "):
        read_labels(text, INTENTS)


def test_the_schema_for_a_chat_model_requires_every_key_and_allows_no_other() -> None:
    schema = labels_schema(INTENTS)
    assert set(schema["required"]) == set(schema["properties"]) == {*GIVEN, *ENTITIES}
    assert schema["additionalProperties"] is False
    assert schema["properties"]["intent"]["enum"] == list(INTENTS)
    assert schema["properties"]["days_waiting"]["type"] == ["integer", "null"]


def test_a_prediction_shows_only_the_entities_that_are_there() -> None:
    found = Triage.model_validate(
        GIVEN | {"entities": {"order_id": "4521"}, "confidence": {"intent": 0.9}, "model": "m"}
    )
    assert found.as_json()["entities"] == {"order_id": "4521"}
    assert Triage.model_validate(found.as_json()) == found


def test_a_confidence_over_one_is_none() -> None:
    with pytest.raises(ValueError, match="confidence"):
        Triage.model_validate(GIVEN | {"confidence": {"intent": 1.2}, "model": "m"})
