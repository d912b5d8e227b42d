"""A chat model that quotes the first passage it is given, each sentence with its marker."""

import itertools
import json
import re
import time
from typing import Any

from e2e.chaos_net import Answer, Request

PAUSE_SECONDS = 0.45  # longer than the desk waits between two appends to a stream
_PASSAGE = re.compile(r'<passage n="1"[^>]*>\n(.*?)\n</passage>', re.DOTALL)
_FOLLOW_UP = re.compile(r"<follow-up>\n(.*?)\n</follow-up>", re.DOTALL)
_SENTENCE = re.compile(r"[A-Z][^.!?\n|*#]{20,200}\.(?=\s|$)")
_turns = itertools.count()


def handle(request: Request) -> Answer | None:
    """One call of /chat/completions."""
    asked = str(request.arguments["messages"][-1]["content"])
    sentences = _said(asked)
    if not request.arguments.get("stream"):
        return Answer(_whole("\n\n".join(sentences)), after=0.05)
    slow = next(_turns) % 3 == 0
    pause = PAUSE_SECONDS if slow else 0.01
    parts = [(pause, _event({"content": f"{one}\n\n"})) for one in sentences]
    ending = ((0.0, _event({}, finished=True)), (0.0, "data: [DONE]\n\n"))
    return Answer(parts=((0.02, _event({"role": "assistant", "content": ""})), *parts, *ending))


def _said(asked: str) -> list[str]:
    if follow_up := _FOLLOW_UP.search(asked):
        return [follow_up[1]]
    passage = _PASSAGE.search(asked)
    text = passage[1].partition("\n")[2] if passage else ""
    found = _SENTENCE.findall(text)[:3]
    return [f"{one} [1]" for one in found] or ["NO_ANSWER"]


def _whole(text: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": text}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
    return _named("chat.completion", choice) | {"usage": usage}


def _event(delta: dict[str, Any], *, finished: bool = False) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": "stop" if finished else None}
    return f"data: {json.dumps(_named('chat.completion.chunk', choice))}\n\n"


def _named(kind: str, choice: dict[str, Any]) -> dict[str, Any]:
    named = {"id": "chaos", "object": kind, "created": int(time.time()), "model": "chaos"}
    return named | {"choices": [choice]}
