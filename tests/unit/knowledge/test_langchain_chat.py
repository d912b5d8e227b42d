import json
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from traceback import format_exception
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from fakes import TODAY, FakeClock
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.language_models import BaseChatModel, GenericFakeChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from pydantic import Field, SecretStr

from knowledge.adapters.langchain import (
    LONGEST_REWRITE,
    LONGEST_SECONDS,
    ChatGenerator,
    open_ai,
    open_chat,
)
from knowledge.adapters.langchain_failures import Subject
from knowledge.documents import ArticleId, Chunk, Passage
from knowledge.errors import GeneratorRefused, GeneratorUnavailable
from knowledge.metering import CHARACTERS_A_TOKEN, Usage, metered
from knowledge.prompts import rewrite_prompt

SUBJECT = Subject("parrot", "home", key="PARROT_KEY", setting="PARROT_MODEL")
QUESTION, PREVIOUS = "and for members?", "How long may I return boots?"
ANSWER = "Members have 30 days. [1]"
KEY = "sk-secret"


def passages() -> list[Passage]:
    text = "Members may return worn boots within 30 days."
    chunk = Chunk(ArticleId("returns"), 0, ("Returns",), text, 0, len(text))
    tokens = np.zeros((0, 64), dtype=np.int8)
    return [Passage(chunk, "Returns", "https://help.test/returns", TODAY, 1.0, 0.9, tokens)]


def saying(*texts: str, clock: Callable[[], float] = lambda: 0.0) -> ChatGenerator:
    chat = GenericFakeChatModel(messages=iter([AIMessage(one) for one in texts]))
    return ChatGenerator(chat, SUBJECT, now=clock)


class Whole(BaseChatModel):
    """Knows no streaming, keeps what it is asked, and may fail."""

    content: str | list[str | dict[Any, Any]] = ANSWER
    error: Exception | None = None
    asked: list[list[BaseMessage]] = Field(default_factory=list)

    @property
    def _llm_type(self) -> str:
        return "whole"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        self.asked.append(messages)
        if self.error:
            raise self.error
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.content))])


def test_an_answer_streams_part_by_part_and_comes_back_whole() -> None:
    parts: list[str] = []
    written = saying(ANSWER).generate(QUESTION, passages(), on_text=parts.append)
    assert written == ANSWER
    assert len(parts) > 3
    assert "".join(parts) == ANSWER


def test_tokens_are_counted_as_the_provider_counts_them() -> None:
    told = UsageMetadata(input_tokens=90, output_tokens=12, total_tokens=102)
    chat = GenericFakeChatModel(messages=iter([AIMessage(ANSWER, usage_metadata=told)]))
    with metered() as all_of_it, metered() as meter:
        ChatGenerator(chat, SUBJECT).rewrite(QUESTION, QUESTION)
    assert meter.usage == all_of_it.usage == Usage(prompt=90, completion=12)


def test_tokens_are_estimated_where_the_provider_does_not_count() -> None:
    with metered() as meter:
        saying(ANSWER).generate(QUESTION, passages())
    assert meter.usage.completion == -(-len(ANSWER) // CHARACTERS_A_TOKEN)
    assert meter.usage.prompt > len(QUESTION) // CHARACTERS_A_TOKEN


def test_a_refused_request_costs_nothing() -> None:
    with metered() as meter, pytest.raises(GeneratorUnavailable):
        ChatGenerator(Whole(error=TimeoutError()), SUBJECT).generate(QUESTION, passages())
    assert meter.usage == Usage()


def test_a_model_that_cannot_stream_answers_in_one_part() -> None:
    parts: list[str] = []
    written = ChatGenerator(Whole(), SUBJECT).generate(QUESTION, passages(), on_text=parts.append)
    assert "".join(parts) == written == ANSWER


def test_thoughts_are_no_part_of_an_answer() -> None:
    thinking: list[str | dict[Any, Any]] = [
        {"type": "reasoning", "reasoning": "Boots …"},
        {"type": "text", "text": ANSWER},
    ]
    written = ChatGenerator(Whole(content=thinking), SUBJECT).generate(QUESTION, passages())
    assert written == ANSWER


def test_the_model_reads_the_rules_first_and_then_passages_and_question() -> None:
    chat = Whole()
    ChatGenerator(chat, SUBJECT).generate(QUESTION, passages())
    [[rules, asked]] = chat.asked
    assert rules.type == "system"
    assert passages()[0].chunk.text in asked.text
    assert QUESTION in asked.text


def test_a_model_that_finds_no_answer_writes_none() -> None:
    assert saying("NO_ANSWER").generate(QUESTION, passages()) == ""


def test_an_empty_answer_is_a_failure() -> None:
    with pytest.raises(GeneratorUnavailable, match="parrot at home returned an empty answer"):
        saying(" \n ").generate(QUESTION, passages())


def test_an_answer_that_takes_too_long_is_given_up() -> None:
    clock = FakeClock()

    def late(_: str) -> None:
        clock.advance(LONGEST_SECONDS + 1)

    generator = saying(ANSWER, clock=clock)
    with pytest.raises(GeneratorUnavailable, match="took over 60 s"):
        generator.generate(QUESTION, passages(), on_text=late)


def test_an_error_of_the_reader_is_not_taken_for_one_of_the_model() -> None:
    def gone(_: str) -> None:
        raise ConnectionResetError("the reader has left")

    with pytest.raises(ConnectionResetError):
        saying(ANSWER).generate(QUESTION, passages(), on_text=gone)


def test_a_check_asks_for_one_word_and_tells_a_failure() -> None:
    ChatGenerator(Whole(), SUBJECT).check()
    with pytest.raises(GeneratorUnavailable, match="parrot at home cannot be reached"):
        ChatGenerator(Whole(error=ConnectionRefusedError()), SUBJECT).check()


def test_a_follow_up_becomes_a_question_of_its_own() -> None:
    stands_alone = "How long may members return boots?"
    assert saying(f" {stands_alone}\n").rewrite(QUESTION, PREVIOUS) == stands_alone


@pytest.mark.parametrize(
    "nonsense",
    [
        "",
        " \n",
        "Sure!\nHow long may members return boots?",
        "a\u2028b",
        "x" * (LONGEST_REWRITE + 1),
    ],
    ids=["nothing", "blank", "two lines", "two lines to Unicode", "too long"],
)
def test_nonsense_is_no_question(nonsense: str) -> None:
    assert ChatGenerator(Whole(content=nonsense), SUBJECT).rewrite(QUESTION, PREVIOUS) == ""


def test_a_model_that_fails_rewrites_nothing() -> None:
    failing = ChatGenerator(Whole(error=TimeoutError()), SUBJECT)
    assert failing.rewrite(QUESTION, PREVIOUS) == ""


@given(question=st.text(), previous=st.text(), written=st.text())
def test_a_rewritten_question_is_one_line_of_bounded_length_or_nothing(
    question: str, previous: str, written: str
) -> None:
    rewritten = ChatGenerator(Whole(content=written), SUBJECT).rewrite(question, previous)
    assert rewritten == "" or (
        rewritten == written.strip()
        and 0 < len(rewritten) <= LONGEST_REWRITE
        and len(rewritten.splitlines()) == 1
    )


@given(question=st.text(), previous=st.text())
def test_no_message_closes_its_fence(question: str, previous: str) -> None:
    prompt = rewrite_prompt(question, previous)
    assert prompt.count("<") == prompt.count(">") == 4


class Chat(Whole):
    """What a provider's package holds: keeps its arguments."""

    arguments: dict[str, Any] = Field(default_factory=dict)

    def __init__(self, **arguments: Any) -> None:
        super().__init__(arguments=arguments)


def provide(
    monkeypatch: pytest.MonkeyPatch, module: str, name: str, model: Callable[..., object]
) -> None:
    package = ModuleType(module)
    setattr(package, name, model)
    monkeypatch.setitem(sys.modules, module, package)


def given_to(generator: ChatGenerator) -> dict[str, Any]:
    chat = generator._chat
    assert isinstance(chat, Chat)
    return chat.arguments


def test_any_model_that_langchain_names_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    provide(monkeypatch, "langchain_fireworks", "ChatFireworks", Chat)
    generator = open_chat("fireworks:accounts/x:latest", timeout_seconds=7)
    assert generator.generate(QUESTION, passages()) == ANSWER
    assert generator.name == "accounts/x:latest"
    assert given_to(generator) == {
        "model": "accounts/x:latest",
        "temperature": 0.1,
        "max_tokens": 900,
        "max_retries": 1,
        "timeout": 7,
    }


def test_arguments_go_before_ours_and_null_leaves_one_out(monkeypatch: pytest.MonkeyPatch) -> None:
    provide(monkeypatch, "langchain_together", "ChatTogether", Chat)
    generator = open_chat(
        'together:m?{"temperature": null, "max_tokens": 5, "base_url": "http://x/?a=b"}',
        timeout_seconds=7,
    )
    arguments = given_to(generator)
    assert "temperature" not in arguments
    assert arguments["max_tokens"] == 5
    assert arguments["base_url"] == "http://x/?a=b"


@pytest.mark.parametrize(
    ("provider", "module", "name", "wanted"),
    [
        ("ollama", "langchain_ollama", "ChatOllama", {"client_kwargs": {"timeout": 7}}),
        ("cohere", "langchain_cohere", "ChatCohere", {"timeout_seconds": 7}),
        (
            "openrouter",
            "langchain_openrouter",
            "ChatOpenRouter",
            {"timeout": 7000, "max_retries": 0},
        ),
    ],
)
def test_providers_with_words_of_their_own_are_told_the_time_out_in_these(
    monkeypatch: pytest.MonkeyPatch, provider: str, module: str, name: str, wanted: dict[str, Any]
) -> None:
    provide(monkeypatch, module, name, Chat)
    arguments = given_to(open_chat(f"{provider}:m", timeout_seconds=7))
    assert wanted.items() <= arguments.items()


@pytest.mark.parametrize(
    ("provider", "module"),
    [("upstage", "langchain_upstage"), ("azure_ai", "langchain_azure_ai")],
)
def test_a_package_that_is_missing_is_named(
    monkeypatch: pytest.MonkeyPatch, provider: str, module: str
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    package = module.replace("_", "-")
    with pytest.raises(
        GeneratorRefused, match=f"{provider} needs a package: pip install {package}$"
    ):
        open_chat(f"{provider}:m", timeout_seconds=7)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("gpt-4o-mini", "write provider:model"),
        ("openai:", "write provider:model"),
        ("", "write provider:model"),
        ("nobody:m", r"nobody:m cannot be opened \(ValueError\): check that LangChain knows"),
        (f"openai:m?{KEY}", "must be a JSON object"),
        (
            f'openai:m?{{"api_key": "{KEY}", "temperature": "hot"}}',
            r"cannot be opened \(Validation",
        ),
    ],
)
def test_a_wrong_name_is_one_clear_line_without_a_key(model: str, told: str) -> None:
    with pytest.raises(GeneratorRefused, match=told) as refused:
        open_chat(model, timeout_seconds=7)
    assert KEY not in "".join(format_exception(refused.value))
    assert len(str(refused.value).splitlines()) == 1


def test_a_key_that_is_missing_is_told_before_anything_is_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(GeneratorRefused, match=r"openai:m cannot .* key is in the env"):
        open_chat("openai:m", timeout_seconds=7)


@dataclass
class Wire:
    """A server that speaks as much of OpenAI's protocol as it is told."""

    status: int
    body: str
    url: str = ""
    asked: list[tuple[str | None, dict[str, Any]]] = field(default_factory=list)


@contextmanager
def openai_server(status: int, body: str) -> Iterator[Wire]:
    wire = Wire(status, body)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = self.rfile.read(int(self.headers["content-length"]))
            wire.asked.append((self.headers["authorization"], json.loads(asked)))
            self.send_response(wire.status)
            self.send_header("content-type", "text/event-stream")
            self.end_headers()
            self.wfile.write(wire.body.encode())

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    wire.url = f"http://127.0.0.1:{server.server_port}/v1"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield wire
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def stream(*texts: str) -> str:
    chunks = [
        {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
        | {"choices": [{"index": 0, "delta": {"role": "assistant", "content": text}}]}
        for text in texts
    ]
    return "".join(f"data: {json.dumps(one)}\n\n" for one in chunks) + "data: [DONE]\n\n"


def ours(wire: Wire) -> ChatGenerator:
    return open_ai(model="m", api_key=SecretStr(KEY), base_url=wire.url, timeout_seconds=5)


def named(wire: Wire) -> ChatGenerator:
    arguments = json.dumps({"base_url": wire.url, "api_key": KEY})
    return open_chat(f"openai:m?{arguments}", timeout_seconds=5)


@pytest.mark.parametrize("opened", [ours, named])
def test_a_model_of_openai_streams_its_answer(opened: Callable[[Wire], ChatGenerator]) -> None:
    parts: list[str] = []
    with openai_server(200, stream("Members have ", "30 days. [1]")) as wire:
        written = opened(wire).generate(QUESTION, passages(), on_text=parts.append)
    assert written == ANSWER
    assert [one for one in parts if one] == ["Members have ", "30 days. [1]"]
    [(authorization, body)] = wire.asked
    assert authorization == f"Bearer {KEY}"
    assert (body["model"], body["temperature"], body["stream"]) == ("m", 0.1, True)


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "refused OPENAI_API_KEY (401): check the key, or do without"),
        (403, "refused the request (403): check OPENAI_MODEL and what the key may use"),
        (404, "refused the request (404): check OPENAI_MODEL and what the key may use"),
        (400, "refused the request (400): check OPENAI_MODEL and what the key may use"),
    ],
)
def test_what_openai_refuses_names_the_setting_to_check(status: int, told: str) -> None:
    error = json.dumps({"error": {"message": f"a secret about {KEY}", "type": "t", "code": "c"}})
    with openai_server(status, error) as wire, pytest.raises(GeneratorRefused) as refused:
        ours(wire).generate(QUESTION, passages())
    assert told in str(refused.value)
    assert wire.url in str(refused.value)
    assert "secret" not in str(refused.value)


def test_another_provider_is_told_of_its_own_key() -> None:
    with openai_server(401, "{}") as wire, pytest.raises(GeneratorRefused) as refused:
        named(wire).generate(QUESTION, passages())
    assert "openai refused the key for m (401)" in str(refused.value)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("body", ["data: {not json\n\n", "data: [DONE]\n\n"])
def test_a_stream_that_cannot_be_read_is_a_failure(body: str) -> None:
    with openai_server(200, body) as wire, pytest.raises(GeneratorUnavailable) as failed:
        ours(wire).generate(QUESTION, passages())
    assert type(failed.value) is GeneratorUnavailable
