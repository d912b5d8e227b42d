"""The Web API's front: methods by name, tokens, and the answer's form."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from bot.playground.config import Json
from bot.playground.errors import ApiError
from bot.playground.mint import is_ts

if TYPE_CHECKING:
    from bot.playground.arguments import Arguments
    from bot.playground.message import Message
    from bot.playground.playground import Playground
    from bot.playground.workspace import Conversation


class Token(StrEnum):
    """The kind of token a method wants."""

    BOT = "bot"
    APP = "app"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a method, its token already verified."""

    playground: Playground
    arguments: Arguments

    def conversation(self, name: str = "channel", *, member: bool = True) -> Conversation:
        """Return the conversation an argument names; the bot must be in it if `member`."""
        workspace = self.playground.workspace
        conversation = workspace.conversation(self.arguments.require(name))
        if conversation is None:
            raise ApiError("channel_not_found")
        if member and not workspace.has_bot(conversation.room.id):
            raise ApiError("not_in_channel")
        return conversation

    def message(self, conversation: Conversation, name: str = "ts") -> Message:
        """Return the message an argument names."""
        found = conversation.messages.get(self.arguments.require(name))
        if found is None or found.is_tombstone or found.ephemeral_for:
            raise ApiError("message_not_found")
        return found

    def thread_ts(self, conversation: Conversation) -> str | None:
        """Return the argument thread_ts, which must be the timestamp of a thread's parent."""
        thread_ts = self.arguments.text("thread_ts")
        if thread_ts:
            require_parent(conversation, thread_ts)
        return thread_ts or None

    def person(self, name: str = "user") -> str:
        """Return a user id that exists."""
        user = self.arguments.require(name)
        if user not in self.playground.workspace.people:
            raise ApiError("user_not_found")
        return user


Handler: TypeAlias = Callable[[Call], Json]
_METHODS: dict[str, tuple[Token, Handler]] = {}


def method(name: str, *, token: Token = Token.BOT) -> Callable[[Handler], Handler]:
    """Register a function as the Web API method `name`."""

    def register(handler: Handler) -> Handler:
        _METHODS[name] = (token, handler)
        return handler

    return register


def methods() -> frozenset[str]:
    """Return the names of all methods."""
    return frozenset(_METHODS)


def answer(playground: Playground, name: str, *, token: str, arguments: Arguments) -> Json:
    """Call a method and return its JSON answer.

    Raises:
        ApiError: the call is refused.
    """
    if name not in _METHODS:
        raise ApiError("unknown_method")
    wanted, handler = _METHODS[name]
    _authenticate(playground, token or arguments.text("token") or "", wanted)
    return {"ok": True, **handler(Call(playground, arguments))}


def refusal(error: ApiError) -> Json:
    """Return the JSON of a refused call."""
    body: Json = {"ok": False, "error": error.code}
    if error.messages:
        body["response_metadata"] = {"messages": list(error.messages)}
    return body


def require_parent(conversation: Conversation, thread_ts: str) -> Message:
    """Return the parent message, or raise `invalid_thread_ts` or `thread_not_found`.

    A reply's own timestamp names no thread.
    """
    if not is_ts(thread_ts):
        raise ApiError("invalid_thread_ts")
    parent = conversation.messages.get(thread_ts)
    if parent is None or parent.ephemeral_for:
        raise ApiError("thread_not_found")
    if parent.is_reply:
        raise ApiError("invalid_thread_ts")
    return parent


def _authenticate(playground: Playground, token: str, wanted: Token) -> None:
    if wanted is Token.NONE:
        return
    if not token:
        raise ApiError("not_authed")
    config = playground.config
    known = {Token.BOT: config.bot_token, Token.APP: config.app_token}
    held = [kind for kind, value in known.items() if _same(value, token)]
    if not held:
        raise ApiError("invalid_auth")
    if wanted not in held:
        raise ApiError("not_allowed_token_type")


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "replace"))
