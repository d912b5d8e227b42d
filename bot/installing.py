"""The desk's installation in Slack by OAuth: remembered for seconds, its token renewed in time."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import structlog

from bot.errors import BooksUnavailable
from bot.messages import TeamId

REMEMBERED_SECONDS = 3.0
ROTATION_SECONDS = 60.0
IN_TIME_SECONDS = 7_200.0
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    """What Slack has given a desk that was installed; its secrets are not printed."""

    team: TeamId
    team_name: str
    token: str = field(repr=False)
    installed_at: float
    refresh_token: str | None = field(default=None, repr=False)
    expires_at: float | None = None


class Installations(Protocol):
    """Where the one installation of the desk is kept."""

    def found(self) -> Installation | None:
        """The installation; None before it and after it was removed."""

    def keep(self, installation: Installation) -> None:
        """Keep an installation in place of the one before.

        Raises:
            AnotherWorkspace: the desk is another workspace's.
        """

    def remove(self, team: TeamId, *, until: float) -> bool:
        """Forget the token of a team that was installed until then; False if there is none."""

    def claim_rotation(self, installation: Installation, *, seconds: float) -> bool:
        """Whether it is for this process to renew the token, for so long."""

    def rotate(self, before: Installation, after: Installation) -> bool:
        """Keep a renewed token, if the one before is still in place."""


class Installed:
    """The installation as one process sees it; the books are read every few seconds."""

    def __init__(
        self,
        installations: Installations,
        *,
        renew: Callable[[Installation], Installation | None],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._installations = installations
        self._renew = renew
        self._now = now
        self._lock = threading.Lock()
        self._held: Installation | None = None
        self._read_at = 0.0
        self._is_old = self._is_new = True

    def current(self) -> Installation | None:
        """The installation; the last one known while the books are away."""
        with self._lock:
            if self._is_old or not 0 <= self._now() - self._read_at < REMEMBERED_SECONDS:
                self._read()
            return self._held

    def token(self) -> str | None:
        """The bot's token."""
        found = self.current()
        return found.token if found else None

    def look_again(self) -> None:
        """Read the books at the next call."""
        with self._lock:
            self._is_old = True

    def keep(self, installation: Installation) -> None:
        """Take a new installation.

        Raises:
            AnotherWorkspace: the desk is another workspace's.
            BooksUnavailable: it was not kept.
        """
        self._installations.keep(installation)
        self.look_again()

    def remove(self, team: TeamId, *, until: float) -> None:
        """Forget what Slack has taken back then; an installation since stays."""
        if not self._installations.remove(team, until=until):
            _log.info("an uninstallation that is not ours, or is over", team=team)
        self.look_again()

    def _read(self) -> None:
        self._is_old, self._read_at = False, self._now()
        try:
            found = self._renewed(self._installations.found())
        except BooksUnavailable as error:
            _log.error("the installation cannot be read", error=str(error))
            return
        if bool(found) != bool(self._held) and not self._is_new:
            _log.warning("installed in Slack" if found else "not installed in Slack any more")
        self._held, self._is_new = found, False

    def _renewed(self, found: Installation | None) -> Installation | None:
        """With a new token where the old one ends soon; one process asks for it."""
        if found is None or found.refresh_token is None or found.expires_at is None:
            return found
        if found.expires_at - self._now() > IN_TIME_SECONDS:
            return found
        if not self._installations.claim_rotation(found, seconds=ROTATION_SECONDS):
            return found
        renewed = self._renew(found)
        if renewed and self._installations.rotate(found, renewed):
            return renewed
        return self._installations.found()
