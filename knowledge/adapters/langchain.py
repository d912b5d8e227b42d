"""The generator that writes: any chat model that LangChain can name."""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from typing import Any

from langchain.chat_models import init_chat_model
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    BaseMessage,
    HumanMessage,
    SystemMessage,
)
from pydantic import SecretStr

from knowledge.adapters.langchain_failures import Subject, translated
from knowledge.adapters.langchain_names import missing_package, split_arguments
from knowledge.documents import Passage
from knowledge.errors import GeneratorRefused, GeneratorUnavailable
from knowledge.metering import Usage, estimated, take
from knowledge.ports import OnText
from knowledge.prompts import NO_ANSWER, REWRITE, SYSTEM, rewrite_prompt, user_prompt

TEMPERATURE = 0.1
LONGEST_ANSWER_TOKENS = 900
LONGEST_SECONDS = 60.0  # well within the lease that a worker has on the message
LONGEST_REWRITE = 300


def open_ai(
    *, model: str, api_key: SecretStr, base_url: str | None, timeout_seconds: float
) -> "ChatGenerator":
    """A chat model of OpenAI, or of a server that speaks its protocol."""
    chat = init_chat_model(
        f"openai:{model}", api_key=api_key, base_url=base_url, **_limits("openai", timeout_seconds)
    )
    where = base_url or "api.openai.com"
    return ChatGenerator(chat, Subject(model, where, key="OPENAI_API_KEY", setting="OPENAI_MODEL"))


def open_chat(model: str, *, timeout_seconds: float) -> "ChatGenerator":
    """A chat model by the name that LangChain gives it: `provider:model`.

    `provider:model?{JSON}` gives its class arguments, which go before ours; null leaves one of ours
    out. Providers read their keys from the environment.

    Raises:
        GeneratorRefused: the name is wrong, or a package or a key is missing.
    """
    try:
        plain, arguments = split_arguments(model)
    except ValueError as error:
        raise GeneratorRefused(f"KNOWLEDGE_CHAT_MODEL: {error}") from error
    provider, _, name = plain.partition(":")
    if not name:
        raise GeneratorRefused(
            f"KNOWLEDGE_CHAT_MODEL={plain} names no model: write provider:model, as in "
            "anthropic:claude-haiku-4-5"
        )
    chat = _opened(provider, name, {**_limits(provider, timeout_seconds), **arguments})
    subject = Subject(name, provider, key=f"the key for {name}", setting="KNOWLEDGE_CHAT_MODEL")
    return ChatGenerator(chat, subject)


class ChatGenerator:
    """Asks a chat model to answer from the passages it is given, and from nothing else."""

    def __init__(
        self,
        chat: BaseChatModel,
        subject: Subject,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._chat = chat
        self._subject = subject
        self._now = now
        self.name = subject.name

    def generate(
        self, question: str, passages: Sequence[Passage], *, on_text: OnText | None = None
    ) -> str:
        """Markdown with [n] markers; "" when the model says that the passages hold no answer.

        Raises:
            GeneratorRefused: the key, the model's name or the account is not accepted.
            GeneratorUnavailable: a time-out, an overload or no connection.
        """
        messages = [SystemMessage(SYSTEM), HumanMessage(user_prompt(question, passages))]
        written, began = "", self._now()
        with closing(self._parts(messages)) as parts:
            for part in parts:
                written += part
                if self._now() - began > LONGEST_SECONDS:
                    raise GeneratorUnavailable(f"{self.name} took over {LONGEST_SECONDS:.0f} s")
                if on_text:
                    on_text(part)
        if not written.strip():
            raise GeneratorUnavailable(f"{self._subject} returned an empty answer")
        return "" if NO_ANSWER in written else written

    def rewrite(self, question: str, previous: str) -> str:
        """A follow-up as a question that stands on its own, for searching.

        "" when the model fails or writes what is no question: several lines, over 300 characters.
        """
        messages = [SystemMessage(REWRITE), HumanMessage(rewrite_prompt(question, previous))]
        try:
            with translated(self._subject), closing(_Count(messages)) as count:
                written = count.of(self._chat.invoke(messages)).strip()
        except GeneratorUnavailable:
            return ""
        is_question = len(written) <= LONGEST_REWRITE and len(written.splitlines()) == 1
        return written if is_question else ""

    def check(self) -> None:
        """Ask for one word.

        Raises:
            GeneratorUnavailable: there is none to be had.
        """
        with translated(self._subject):
            self._chat.invoke([HumanMessage("Reply with the word: ready")])

    def _parts(self, messages: list[BaseMessage]) -> Generator[str, None, None]:
        """What the model writes, as it comes; errors of the reader are not the model's."""
        with translated(self._subject), closing(_Count(messages)) as count:
            for part in self._chat.stream(messages):
                yield count.of(part)


class _Count:
    """Counts the tokens of one call, also of one that breaks off; closing it tells the meters."""

    def __init__(self, messages: Sequence[BaseMessage]) -> None:
        self._read = "\n".join(one.text for one in messages)
        self._written = ""
        self._counted = Usage()
        self._answered = False

    def of(self, part: BaseMessage) -> str:
        """The text of the answer or of a part of it."""
        self._answered = True
        self._written += part.text
        told = part.usage_metadata if isinstance(part, AIMessage | AIMessageChunk) else None
        if told:
            self._counted += Usage(told["input_tokens"], told["output_tokens"])
        return part.text

    def close(self) -> None:
        """Tell what was taken: nothing where the provider refused."""
        if self._answered:
            take(self._counted if self._counted.tokens else estimated(self._read, self._written))


def _opened(provider: str, name: str, arguments: dict[str, Any]) -> BaseChatModel:
    given = {key: value for key, value in arguments.items() if value is not None}
    try:
        chat: BaseChatModel = init_chat_model(name, model_provider=provider, **given)
    except ImportError as error:
        raise GeneratorRefused(
            f"{provider} needs a package: pip install {missing_package(error)}"
        ) from error
    except Exception as error:  # noqa: BLE001  each integration raises its own
        raise GeneratorRefused(
            f"{provider}:{name} cannot be opened ({type(error).__name__}): check that LangChain "
            "knows the provider, that its key is in the environment, and the arguments"
        ) from None  # its text repeats the arguments, and a key may be among them
    return chat


def _limits(provider: str, timeout_seconds: float) -> dict[str, Any]:
    """LangChain's standard arguments, and for providers that differ theirs."""
    limits: dict[str, Any] = {
        "temperature": TEMPERATURE,
        "max_tokens": LONGEST_ANSWER_TOKENS,
        "max_retries": 1,
        "timeout": timeout_seconds,
    }
    match provider:
        case "ollama":
            limits["num_predict"] = LONGEST_ANSWER_TOKENS
            limits["client_kwargs"] = {"timeout": timeout_seconds}
        case "cohere":
            limits["timeout_seconds"] = timeout_seconds
        case "openrouter":
            limits["timeout"] = round(timeout_seconds * 1000)
            limits["max_retries"] = 0  # one there means minutes of trying
    return limits
