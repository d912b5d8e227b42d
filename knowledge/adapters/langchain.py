"""The generator that writes: a chat model through LangChain."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import openai
from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage
from pydantic import SecretStr

from knowledge.documents import Passage
from knowledge.errors import GeneratorRefused, GeneratorUnavailable
from knowledge.ports import OnText
from knowledge.prompts import NO_ANSWER, SYSTEM, user_prompt

TEMPERATURE = 0.1
LONGEST_ANSWER_TOKENS = 900
LONGEST_SECONDS = 60.0  # well within the lease that a worker has on the message
_REFUSALS = (openai.PermissionDeniedError, openai.NotFoundError, openai.BadRequestError)


def open_ai(
    *, model: str, api_key: SecretStr, base_url: str | None, timeout_seconds: float
) -> "ChatGenerator":
    """A chat model of OpenAI, or of a server that speaks its protocol."""
    chat: BaseChatModel = init_chat_model(
        f"openai:{model}",
        api_key=api_key,
        base_url=base_url,
        temperature=TEMPERATURE,
        timeout=timeout_seconds,
        max_retries=1,
        max_tokens=LONGEST_ANSWER_TOKENS,
    )
    return ChatGenerator(chat, name=model, where=base_url or "api.openai.com")


class ChatGenerator:
    """Asks a chat model to answer from the passages it is given, and from nothing else."""

    def __init__(self, chat: BaseChatModel, *, name: str, where: str) -> None:
        self._chat = chat
        self._where = where
        self.name = name

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        """Markdown with [n] markers; "" when the model says that the passages hold no answer.

        Raises:
            GeneratorRefused: the key, the model's name or the account is not accepted.
            GeneratorUnavailable: a time-out, an overload or no connection.
        """
        messages = [SystemMessage(SYSTEM), HumanMessage(user_prompt(question, passages))]
        written, began = "", time.monotonic()
        with self._translated():
            for part in self._chat.stream(messages):
                written += part.text
                if time.monotonic() - began > LONGEST_SECONDS:
                    raise GeneratorUnavailable(f"{self.name} took over {LONGEST_SECONDS:.0f} s")
                if on_text:
                    on_text(part.text)
        if not written.strip():
            raise GeneratorUnavailable(f"{self.name} at {self._where} returned an empty answer")
        return "" if NO_ANSWER in written else written

    def check(self) -> None:
        """Ask for one word.

        Raises:
            GeneratorUnavailable: there is none to be had.
        """
        with self._translated():
            self._chat.invoke([HumanMessage("Reply with the word: ready")])

    @contextmanager
    def _translated(self) -> Iterator[None]:
        subject = f"{self.name} at {self._where}"
        try:
            yield
        except openai.AuthenticationError as error:
            raise GeneratorRefused(
                f"{self._where} refused OPENAI_API_KEY (401): check the key, or unset it to answer "
                "with quotations only"
            ) from error
        except _REFUSALS as error:
            raise GeneratorRefused(
                f"{subject} refused the request ({error.status_code}): check OPENAI_MODEL and what "
                "the key may use"
            ) from error
        except openai.APITimeoutError as error:
            raise GeneratorUnavailable(f"{subject} did not answer in time") from error
        except openai.APIConnectionError as error:
            raise GeneratorUnavailable(f"{subject} cannot be reached") from error
        except openai.APIError as error:
            status = getattr(error, "status_code", "no status")
            raise GeneratorUnavailable(f"{subject} failed ({status})") from error
        except ValueError as error:  # a stream that is no JSON
            raise GeneratorUnavailable(f"{subject} sent what cannot be read") from error
