"""One message of a conversation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.playground.config import Json

_OPTIONAL = (
    "subtype",
    "thread_ts",
    "client_msg_id",
    "bot_id",
    "app_id",
    "username",
    "blocks",
    "attachments",
    "files",
    "edited",
)


@dataclass(slots=True)
class Message:
    """A message as it is now.

    `reactions` maps a name to the users who chose it, in order;
    `feedback` maps a user to the value last chosen on feedback buttons; `stream_started` is
    the time in seconds since when text is being appended, None when it is not.
    """

    channel: str
    ts: str
    user: str | None
    text: str
    thread_ts: str | None = None
    subtype: str | None = None
    bot_id: str | None = None
    app_id: str | None = None
    username: str | None = None
    client_msg_id: str | None = None
    blocks: list[Json] | None = None
    attachments: list[Json] | None = None
    files: list[Json] | None = None
    metadata: Json | None = None
    edited: Json | None = None
    ephemeral_for: str | None = None
    stream_started: float | None = None
    tasks: list[Json] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    feedback: dict[str, str] = field(default_factory=dict)

    @property
    def is_reply(self) -> bool:
        """Whether this is a message inside another one's thread."""
        return self.thread_ts is not None and self.thread_ts != self.ts

    @property
    def is_tombstone(self) -> bool:
        """Whether this stands for a deleted message whose thread lives on."""
        return self.subtype == "tombstone"

    def as_json(self) -> Json:
        """Return the message as the Web API gives it, without thread figures and metadata."""
        fields: Json = {"type": "message"}
        if self.user is not None:
            fields["user"] = self.user
        fields |= {"text": self.text, "ts": self.ts}
        for name in _OPTIONAL:
            value = getattr(self, name)
            if value is not None:
                fields[name] = value
        if self.reactions:
            fields["reactions"] = [
                {"name": name, "users": list(users), "count": len(users)}
                for name, users in self.reactions.items()
            ]
        return fields
