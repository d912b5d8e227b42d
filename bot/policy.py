"""The desk's policy file: where people answer, who may read what, which bots are heard.

triage_channel = "C0TRIAGE"
internal_channels = ["C0TEAM"]      # these see articles for staff
direct_messages = "public"          # or "internal", when only colleagues can write to the bot
allowed_bots = ["B0FORMS"]
"""

import threading
import tomllib
from pathlib import Path

import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ConfigurationError
from bot.messages import ChannelId, InboundMessage
from knowledge.documents import Audience

_log = structlog.get_logger(__name__)


class Policy(BaseModel):
    """What the team has decided."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    triage_channel: ChannelId = Field(pattern=r"^[CG][A-Z0-9]+$")
    internal_channels: frozenset[ChannelId] = frozenset()
    direct_messages: Audience = Audience.PUBLIC
    allowed_bots: frozenset[str] = frozenset()

    def audience(self, message: InboundMessage) -> Audience:
        """Who may read what is said in the place of a message; public wherever nothing is said."""
        channel = message.thread.channel
        if channel == self.triage_channel or channel in self.internal_channels:
            return Audience.INTERNAL
        return self.direct_messages if channel.startswith("D") else Audience.PUBLIC


class PolicyFile:
    """A policy in a TOML file, read again when the file changes; a broken one is not taken over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._stamp = _stamp(path)
        self._policy = load(path)

    def current(self) -> Policy:
        """The last policy that could be read."""
        with self._lock:
            stamp = _stamp(self._path)
            if stamp != self._stamp:
                self._stamp = stamp
                try:
                    self._policy = load(self._path)
                    _log.info("policy read again", path=str(self._path))
                except ConfigurationError as error:
                    _log.error("policy not taken over", error=str(error))
            return self._policy


def load(path: Path) -> Policy:
    """Read a policy file.

    Raises:
        ConfigurationError: it is missing or wrong; names the key.
    """
    try:
        return Policy.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ConfigurationError(f"policy file {path}: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"policy file {path}: {error}") from error
    except ValidationError as error:
        problem = error.errors()[0]
        key = ".".join(map(str, problem["loc"]))
        raise ConfigurationError(f"policy file {path}: {key}: {problem['msg']}") from error


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
