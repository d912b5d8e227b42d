"""A Slack event to what it means for the desk (pure)."""

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.messages import (
    ChannelId,
    InboundMessage,
    Kind,
    TeamId,
    ThreadRef,
    Ts,
    UserId,
    storable,
)
from bot.slack.mail_files import MOST_FILES, is_mail_file, is_stub, kept

Json = Mapping[str, Any]
LONGEST_TEXT = 40_000
_PEOPLE_TALK = frozenset({None, "file_share", "thread_broadcast", "me_message"})
_MARKUP = re.compile(r"<([^<>|]+)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Who the bot is in a workspace, and which other bots it listens to."""

    team: TeamId
    bot_user: UserId
    allowed_bots: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edited:
    """A message got a new text; `message` is what it would be if it came in now."""

    message: InboundMessage


@dataclass(frozen=True, slots=True)
class Deleted:
    """A message was deleted."""

    team: TeamId
    channel: ChannelId
    ts: Ts


@dataclass(frozen=True, slots=True)
class Ignored:
    """An event that is none of the desk's business, and why."""

    why: str


Meaning = InboundMessage | Edited | Deleted | Ignored


def read(event: Json, workspace: Workspace) -> Meaning:
    """Read a `message` or `app_mention` event.

    A reply in a thread without a mention becomes a FOLLOW_UP: whether the bot takes part
    in that thread is for the inbox to say.
    """
    match _id(event, "subtype"):
        case "message_changed":
            return _edited(event, workspace)
        case "message_deleted":
            return _deleted(event, workspace)
        case "tombstone":
            return Ignored("a deleted message")
        case _:
            return _message(event, workspace, edited=None)


def plain(text: str, *, bot_user: str) -> str:
    """Slack's markup as a person reads it, without the mention of the bot."""

    def shown(match: re.Match[str]) -> str:
        target, label = match[1], match[2]
        if target == f"@{bot_user}":
            return " "
        if label:
            return label if target[0] not in "@#!" else f"{target[0].replace('!', '@')}{label}"
        return target.replace("mailto:", "").replace("tel:", "")

    lines = (" ".join(line.split()) for line in _MARKUP.sub(shown, text).split("\n"))
    return html.unescape("\n".join(lines)).strip()


def is_bot(user: UserId) -> bool:
    """Whether an author is a bot that the policy allows."""
    return user.startswith("B")


def is_mail(event: Json) -> bool:
    """Whether an event brings an e-mail: one that Slack keeps, one as a file, or a stub of some.

    A stub tells nothing but its id; beside words that are for the bot it is left alone.
    """
    files = _dicts(event.get("files"))
    wordless = not str(event.get("text") or "").strip()
    return any(is_mail_file(file) or (wordless and is_stub(file)) for file in files)


def _edited(event: Json, workspace: Workspace) -> Meaning:
    message, before = event.get("message"), event.get("previous_message")
    if not isinstance(message, Mapping):
        return Ignored("a change without a message")
    if message.get("subtype") == "tombstone":
        return _deleted({**event, "deleted_ts": message.get("ts")}, workspace)
    edited = message.get("edited")
    edited_ts = _id(edited, "ts") if isinstance(edited, Mapping) else None
    if edited_ts is None:
        return Ignored("no person changed the text")
    if isinstance(before, Mapping) and before.get("text") == message.get("text"):
        return Ignored("the text is the same")
    inner = {
        **message,
        "channel": event.get("channel"),
        "channel_type": event.get("channel_type"),
    }
    meaning = _message(inner, workspace, edited=Ts(edited_ts))
    return Edited(meaning) if isinstance(meaning, InboundMessage) else meaning


def _deleted(event: Json, workspace: Workspace) -> Meaning:
    channel, ts = _id(event, "channel"), _id(event, "deleted_ts")
    if channel is None or ts is None:
        return Ignored("a deletion without a message")
    return Deleted(workspace.team, ChannelId(channel), Ts(ts))


def _message(event: Json, workspace: Workspace, *, edited: Ts | None) -> Meaning:
    channel, ts = _id(event, "channel"), _id(event, "ts")
    if channel is None or ts is None:
        return Ignored("no channel or no ts")
    if why := _not_for_us(event, workspace):
        return Ignored(why)
    kind = _kind(event, workspace)
    if kind is None:
        return Ignored("nobody asked the bot")
    return InboundMessage(
        kind=kind,
        thread=ThreadRef(workspace.team, ChannelId(channel), Ts(_id(event, "thread_ts") or ts)),
        ts=Ts(ts),
        user=_author(event),
        text=_text(event, workspace),
        client_msg_id=_id(event, "client_msg_id"),
        edited=edited,
    )


def _not_for_us(event: Json, workspace: Workspace) -> str | None:
    """Why a message may not be handled; loops begin with bots that answer bots."""
    if is_mail(event) and event.get("user") != workspace.bot_user:
        return None
    user, bot, subtype = (_id(event, name) for name in ("user", "bot_id", "subtype"))
    if user == workspace.bot_user:
        return "the bot's own message"
    if bot is not None and bot not in workspace.allowed_bots:
        return "another bot's message"
    if bot is None and subtype not in _PEOPLE_TALK:
        return f"a message of subtype {subtype}"
    if bot is None and user in {None, "USLACKBOT"}:
        return "nobody wrote it"
    return None


def _author(event: Json) -> UserId:
    """The person; a bot goes by its bot id, so that its turns can be counted."""
    bot = None if is_mail(event) else _id(event, "bot_id")
    return UserId(bot or _id(event, "user") or "unknown")


def _kind(event: Json, workspace: Workspace) -> Kind | None:
    text = str(event.get("text") or "")
    if is_mail(event):
        return Kind.SHARED_MAIL
    if event.get("channel_type") == "im":
        return Kind.DIRECT
    if event.get("type") == "app_mention" or f"<@{workspace.bot_user}" in text:
        return Kind.MENTION
    in_thread = _id(event, "thread_ts") not in {None, _id(event, "ts")}
    speaks_to_another = text.lstrip().startswith("<@")
    return Kind.FOLLOW_UP if in_thread and not speaks_to_another else None


def _text(event: Json, workspace: Workspace) -> str:
    """Own words first, then what was forwarded with them; of mails their files, as JSON."""
    if is_mail(event):
        return _mails(event)
    own = plain(str(event.get("text") or ""), bot_user=workspace.bot_user)
    shared = [
        plain(str(one.get("text") or one.get("fallback") or ""), bot_user=workspace.bot_user)
        for one in _dicts(event.get("attachments"))
        if one.get("is_share") or one.get("is_msg_unfurl")
    ]
    return storable("\n\n".join(part for part in (own, *shared) if part))[:LONGEST_TEXT]


def _mails(event: Json) -> str:
    files = [one for one in _dicts(event.get("files")) if is_mail_file(one) or is_stub(one)]
    return json.dumps([kept(one) for one in files[:MOST_FILES]])


def _id(event: Json, name: str) -> str | None:
    """An id, a ts or another single word; None for whatever is none."""
    value = event.get(name)
    return value if isinstance(value, str) and value and value.isprintable() else None


def _dicts(value: object) -> Sequence[Json]:
    if not isinstance(value, list):
        return ()
    return [one for one in value if isinstance(one, Mapping)]
