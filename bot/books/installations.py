"""The desk's one installation in Slack, and the states of installations that have begun.

Tables of our own: slack_sdk's keep the tokens of all installations for ever, take times for local
ones when they are read, and accept a state twice where two ask at once.
"""

import secrets
from typing import Any

from slack_sdk.oauth import OAuthStateStore
from sqlalchemy import Row, delete, or_, select, update

from bot.books.engine import Books
from bot.books.tables import installations, oauth_states
from bot.errors import AnotherWorkspace
from bot.installing import Installation
from bot.messages import TeamId

STATE_SECONDS = 600
_ONLY = 1
_TABLE = installations.c


class SqlInstallations:
    """The row of the installation; without a token it says whose desk this is."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def found(self) -> Installation | None:
        """The installation; None before it and after it was removed."""
        with self._books.reading() as connection:
            row = connection.execute(select(installations)).first()
        return _installation(row) if row and row.token else None

    def keep(self, installation: Installation) -> None:
        """Keep an installation in place of the one before.

        Raises:
            AnotherWorkspace: the desk is another workspace's.
            BooksUnavailable: it was not kept.
        """
        self._books.colliding(lambda: self._kept(installation))

    def remove(self, team: TeamId, *, until: float) -> bool:
        """Forget the token of a team that was installed until then; False if there is none."""
        here = (_TABLE.team == team, _TABLE.installed_at <= until, _TABLE.token.is_not(None))
        return self._changed(here, token=None, refresh_token=None, expires_at=None)

    def claim_rotation(self, installation: Installation, *, seconds: float) -> bool:
        """Whether it is for this process to renew the token, for so long."""
        now = self._books.now()
        free = or_(_TABLE.rotating_until.is_(None), _TABLE.rotating_until <= now)
        return self._changed((_same(installation), free), rotating_until=now + seconds)

    def rotate(self, before: Installation, after: Installation) -> bool:
        """Keep a renewed token, if the one before is still in place."""
        return self._changed(
            (_same(before),),
            token=after.token,
            refresh_token=after.refresh_token,
            expires_at=after.expires_at,
            rotating_until=None,
        )

    def _kept(self, installation: Installation) -> None:
        values = {
            "team": installation.team,
            "team_name": installation.team_name,
            "token": installation.token,
            "refresh_token": installation.refresh_token,
            "expires_at": installation.expires_at,
            "rotating_until": None,
            "installed_at": installation.installed_at,
        }
        with self._books.writing() as connection:
            owner = connection.execute(select(_TABLE.team).with_for_update()).scalar()
            if owner is None:
                connection.execute(installations.insert().values(id=_ONLY, **values))
                return
            if owner != installation.team:
                raise AnotherWorkspace(f"this desk belongs to the workspace {owner}")
            connection.execute(update(installations).values(values))

    def _changed(self, where: tuple[Any, ...], **values: object) -> bool:
        with self._books.writing() as connection:
            changed = connection.execute(update(installations).where(*where).values(values))
        return changed.rowcount == 1


class SqlStates(OAuthStateStore):
    """States that were given to a browser: each is good once, for ten minutes."""

    def __init__(self, books: Books) -> None:
        self._books = books

    def issue(self, *_: object, **__: object) -> str:
        """A new state; those that nobody came back with are forgotten."""
        state, now = secrets.token_urlsafe(24), self._books.now()
        with self._books.writing() as connection:
            connection.execute(delete(oauth_states).where(oauth_states.c.expires_at <= now))
            kept = oauth_states.insert().values(state=state, expires_at=now + STATE_SECONDS)
            connection.execute(kept)
        return state

    def consume(self, state: str) -> bool:
        """Whether a state is good; from now on it is not."""
        good = (oauth_states.c.state == state, oauth_states.c.expires_at > self._books.now())
        with self._books.writing() as connection:
            return connection.execute(delete(oauth_states).where(*good)).rowcount == 1


def _same(installation: Installation) -> Any:  # noqa: ANN401  a condition of SQLAlchemy
    return _TABLE.token == installation.token


def _installation(row: Row[Any]) -> Installation:
    return Installation(
        team=TeamId(row.team),
        team_name=row.team_name,
        token=row.token,
        refresh_token=row.refresh_token,
        expires_at=row.expires_at,
        installed_at=row.installed_at,
    )
