"""A fine-tuned chat model that fails: what the desk is told."""

from collections.abc import Callable
from typing import Any

import pytest
from e2e.chat_triage import BUSY, DOWN, FIXTURES, LABELLED, SLOW, STRANGE, WORDY, opened

from triage.errors import LabelsInvalid, ModelRefused, ModelUnavailable, TriageError

pytestmark = pytest.mark.standin


@pytest.fixture(scope="module")
def chat(chat_model: Callable[[list[dict[str, Any]]], str]) -> str:
    return chat_model(FIXTURES)


@pytest.mark.parametrize(
    ("message", "kind", "told"),
    [
        (STRANGE, LabelsInvalid, "urgency"),
        (WORDY, LabelsInvalid, "JSON"),
        (SLOW, ModelUnavailable, "in time"),
        (BUSY, ModelUnavailable, "429"),
        (DOWN, ModelUnavailable, "500"),
    ],
)
def test_a_failure_is_told_by_its_kind(
    chat: str, message: str, kind: type[TriageError], told: str
) -> None:
    with opened(chat) as model, pytest.raises(kind, match=told) as caught:
        model.predict(message)
    assert "a secret of the provider" not in str(caught.value)


def test_a_refused_key_is_named_and_not_shown(chat: str) -> None:
    with (
        opened(chat, key="sk-wrong") as model,
        pytest.raises(ModelRefused, match="OPENAI_API_KEY") as caught,
    ):
        model.predict(LABELLED.text)
    assert "sk-wrong" not in str(caught.value)
