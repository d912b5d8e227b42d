"""The fine-tuned chat model, by OpenAI's protocol and with structured outputs."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Annotated

import openai
from pydantic import BaseModel, Field, SecretStr, ValidationError

from triage.chat import SYSTEM
from triage.errors import LabelsInvalid, ModelRefused, ModelUnavailable
from triage.likelihood import Token, likelihoods
from triage.schema import KEYS, Entities, Labels, Triage, labels_schema, read_labels

LONGEST_ANSWER_TOKENS = 400
RETRIES = 1
_HEADS = ("intent", "urgency", "sentiment")
_NO_QUOTA = frozenset({"insufficient_quota", "billing_hard_limit_reached"})
_COMES_BACK = frozenset({408, 409, 429})


def connect(
    *, api_key: SecretStr, base_url: str | None, timeout_seconds: float, max_retries: int = RETRIES
) -> openai.OpenAI:
    """A client; nothing is asked yet."""
    return openai.OpenAI(
        api_key=api_key.get_secret_value(),
        base_url=base_url,
        timeout=timeout_seconds,
        max_retries=max_retries,
    )


class OpenAIModel:
    """A chat model that was fine-tuned on our labels, held to the contract's JSON Schema.

    Confidence is what the model gave the tokens of each value; nobody has calibrated it. A server
    that returns no log-probabilities leaves every confidence at 0, and every triage uncertain:
    a person decides. May be shared by threads.
    """

    def __init__(
        self, client: openai.OpenAI, name: str, *, intents: Sequence[str], threshold: float = 0.5
    ) -> None:
        self._client = client
        self._intents = tuple(intents)
        self._schema = labels_schema(self._intents)
        self._threshold = threshold
        self.name = name

    def predict(self, utterance: str) -> Triage:
        """Intent, urgency, sentiment and entities of one utterance.

        Raises:
            LabelsInvalid: the model refused, was cut short, or its JSON breaks the contract.
            ModelRefused: the key, the model's name or the account is not accepted.
            ModelUnavailable: a time-out, an overload or no connection.
        """
        choice = self._ask(utterance)
        text = self._text(choice)
        labels = self._labels(text)
        tokens = choice.logprobs.content if choice.logprobs else None
        sure = likelihoods(text, [one.as_token() for one in tokens or ()])
        confidence = _confidence(labels, sure)
        return Triage(
            intent=labels.intent,
            urgency=labels.urgency,
            sentiment=labels.sentiment,
            entities=Entities.model_validate(labels.named()),
            confidence=confidence,
            uncertain=not sure or confidence["intent"] < self._threshold,
            model=self.name,
        )

    def _ask(self, utterance: str) -> "_Choice":
        with translated(
            f"{self.name} at {self._client.base_url.host}",
            advice="check OPENAI_TRIAGE_MODEL and what the key may use",
        ):
            answer = self._client.chat.completions.with_raw_response.create(
                model=self.name,
                messages=[
                    {"role": "system", "content": SYSTEM},
                    {"role": "user", "content": utterance.encode("utf-8", "replace").decode()},
                ],
                response_format={
                    "type": "json_schema",
                    "json_schema": {"name": "labels", "strict": True, "schema": {**self._schema}},
                },
                temperature=0,
                logprobs=True,
                max_completion_tokens=LONGEST_ANSWER_TOKENS,
            )
        try:
            return _Reply.model_validate_json(answer.text).choices[0]
        except ValidationError:  # its text quotes the answer, and with it the utterance
            raise LabelsInvalid(f"{self.name} sent what is no chat completion") from None

    def _text(self, choice: "_Choice") -> str:
        if choice.message.refusal or choice.finish_reason == "content_filter":
            raise LabelsInvalid(f"{self.name} refused to label the message")
        if choice.finish_reason == "length":
            raise LabelsInvalid(f"{self.name} was cut at {LONGEST_ANSWER_TOKENS} tokens")
        if not (choice.message.content or "").strip():
            raise LabelsInvalid(f"{self.name} returned an empty answer")
        return choice.message.content or ""

    def _labels(self, text: str) -> Labels:
        try:
            return read_labels(text, self._intents)
        except LabelsInvalid as error:  # may quote what the model repeats of the utterance
            field = str(error).partition(":")[0]
            named = field if field in KEYS else "JSON"
            raise LabelsInvalid(f"{named}: {self.name} breaks the contract") from None


@contextmanager
def translated(subject: str, *, advice: str) -> Iterator[None]:
    """Vendor errors as ours; `advice` says what to look at after a refusal.

    What the provider writes is not repeated: it may quote the key.
    """
    try:
        yield
    except openai.AuthenticationError as error:
        raise ModelRefused(f"{subject}: OPENAI_API_KEY is refused (401): check the key") from error
    except openai.APITimeoutError as error:
        raise ModelUnavailable(f"{subject} did not answer in time") from error
    except openai.APIConnectionError as error:
        raise ModelUnavailable(f"{subject} cannot be reached") from error
    except openai.APIStatusError as error:
        status = error.status_code
        if has_no_quota(error):
            raise ModelRefused(f"{subject}: the account has no quota left ({status})") from error
        if status in _COMES_BACK or status >= 500:  # noqa: PLR2004  # the server's fault
            raise ModelUnavailable(f"{subject} failed ({status})") from error
        code = f", {error.code}" if error.code and error.code.isidentifier() else ""
        raise ModelRefused(f"{subject} refused the request ({status}{code}): {advice}") from error
    except openai.OpenAIError as error:
        raise ModelUnavailable(f"{subject} sent what cannot be read") from error


def has_no_quota(error: openai.APIStatusError) -> bool:
    """Whether an overload is none: the account may spend no more, and waiting does not help."""
    return bool(_NO_QUOTA & {error.code, error.type})


def _confidence(labels: Labels, sure: Mapping[str, float]) -> dict[str, float]:
    named = (*_HEADS, *labels.named())
    return {key: round(sure.get(key, 0.0), 4) for key in named}


_Byte = Annotated[int, Field(ge=0, le=255)]


class _Logprob(BaseModel):
    token: str
    bytes: list[_Byte] | None = None
    logprob: float = Field(allow_inf_nan=False)

    def as_token(self) -> Token:
        spelt = self.token.encode() if self.bytes is None else bytearray(self.bytes)
        return Token(bytes(spelt), self.logprob)


class _Logprobs(BaseModel):
    content: list[_Logprob] | None = None


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None
    logprobs: _Logprobs | None = None


class _Reply(BaseModel):
    choices: list[_Choice] = Field(min_length=1)
