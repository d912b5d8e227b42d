"""The stand-in for a fine-tuned chat model, and the desk's way to ask it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from e2e.tuning_provider import KEY
from pydantic import SecretStr

from triage.adapters.openai import OpenAIModel, connect
from triage.chat import answer
from triage.dataset import Example

LABELLED = Example("my parka is late", "order_status", "high", "frustrated", {"product": "parka"})
STRANGE, WORDY = "label me strangely", "talk to me"
SLOW, BUSY, DOWN = "label me slowly", "label me while busy", "label me while down"
INTENTS = ("order_status", "refund_status")


def fixture(message: str, content: str, **more: object) -> dict[str, Any]:
    return {"match": {"userMessage": message}, "response": {"content": content}, **more}


def failure(message: str, status: int) -> dict[str, Any]:
    error = {"message": "a secret of the provider", "type": "server_error"}
    return {"match": {"userMessage": message}, "response": {"error": error, "status": status}}


FIXTURES = [
    fixture(LABELLED.text, answer(LABELLED)),
    fixture(STRANGE, answer(LABELLED).replace("high", "tomorrow")),
    fixture(WORDY, "Your parka is on its way."),
    fixture(SLOW, answer(LABELLED), chaos={"latencyMs": 3000}),
    failure(BUSY, 429),
    failure(DOWN, 500),
]


@contextmanager
def opened(url: str, *, name: str = "ft:any", key: str = KEY) -> Iterator[OpenAIModel]:
    client = connect(api_key=SecretStr(key), base_url=f"{url}/v1", timeout_seconds=1, max_retries=0)
    with client:
        yield OpenAIModel(client, name, intents=INTENTS)
