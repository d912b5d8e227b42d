"""Modals and home tabs: a stack of views per person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from bot.playground.errors import ApiError
from bot.playground.identify import identified

if TYPE_CHECKING:
    from bot.playground.config import Json, PlaygroundConfig
    from bot.playground.feed import Feed
    from bot.playground.mint import Mint

_DEEPEST = 3
_OWN_FIELDS = (
    "type",
    "title",
    "submit",
    "close",
    "blocks",
    "callback_id",
    "private_metadata",
    "external_id",
    "clear_on_close",
    "notify_on_close",
    "submit_disabled",
)


@dataclass(slots=True)
class Views:
    """Keeps what every person has open and tells the page."""

    config: PlaygroundConfig
    mint: Mint
    feed: Feed
    homes: dict[str, Json] = field(default_factory=dict)
    _stacks: dict[str, list[Json]] = field(default_factory=dict)

    def top(self, user: str) -> Json | None:
        """Return the view a person sees."""
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def open(self, user: str, view: Json) -> Json:
        """Show a first view, in place of any other."""
        self._require_new_external_id(view)
        opened = self._made(view, root=None, previous=None)
        self._stacks[user] = [opened]
        return self._show(user, opened)

    def push(self, user: str, view: Json) -> Json:
        """Show a view on top of the one that is open."""
        stack = self._stacks.get(user)
        if not stack:
            raise ApiError("not_found")
        if len(stack) >= _DEEPEST:
            raise ApiError("push_limit_reached")
        self._require_new_external_id(view)
        pushed = self._made(view, root=stack[0]["id"], previous=stack[-1]["id"])
        stack.append(pushed)
        return self._show(user, pushed)

    def update(self, found: tuple[str, Json], view: Json, *, expected: str | None) -> Json:
        """Replace the content of an open view or home tab; `expected` is its hash or None."""
        user, current = found
        if expected and expected != current["hash"]:
            raise ApiError("hash_conflict")
        kept = {name: current[name] for name in ("id", "root_view_id", "previous_view_id")}
        current.clear()
        current |= self._made(view, root=None, previous=None) | kept
        return self._show(user, current)

    def publish(self, user: str, view: Json, *, expected: str | None) -> Json:
        """Show a home tab."""
        current = self.homes.get(user)
        if current:
            return self.update((user, current), view, expected=expected)
        if expected:
            raise ApiError("hash_conflict")
        self.homes[user] = self._made(view, root=None, previous=None)
        return self._show(user, self.homes[user])

    def find(self, *, view_id: str = "", external_id: str = "") -> tuple[str, Json] | None:
        """Return an open view or a home tab, and whose it is."""
        for user, view in self._all():
            if (view_id and view["id"] == view_id) or (
                external_id and view["external_id"] == external_id
            ):
                return user, view
        return None

    def close(self, user: str) -> None:
        """Take the top view away; the one below shows again."""
        stack = self._stacks.get(user, [])
        if stack:
            stack.pop()
        self.feed.publish("view", user=user, view=self.top(user))

    def clear(self, user: str) -> None:
        """Take all views of a person away."""
        self._stacks.pop(user, None)
        self.feed.publish("view", user=user, view=None)

    def _all(self) -> list[tuple[str, Json]]:
        opened = [(user, view) for user, stack in self._stacks.items() for view in stack]
        return opened + list(self.homes.items())

    def _show(self, user: str, view: Json) -> Json:
        if view["type"] == "home":
            self.feed.publish("home", user=user, view=view)
        else:
            self.feed.publish("view", user=user, view=self.top(user))
        return view

    def _require_new_external_id(self, view: Json) -> None:
        external_id = view.get("external_id") or ""
        if external_id and self.find(external_id=external_id):
            raise ApiError("duplicate_external_id")

    def _made(self, view: Json, *, root: str | None, previous: str | None) -> Json:
        config = self.config
        view_id = self.mint.id("V")
        own = {name: view.get(name) for name in _OWN_FIELDS}
        for name in ("callback_id", "private_metadata", "external_id"):
            own[name] = own[name] or ""
        for name in ("clear_on_close", "notify_on_close", "submit_disabled"):
            own[name] = bool(own[name])
        return own | {
            "blocks": [identified(block, self.mint) for block in view["blocks"]],
            "id": view_id,
            "team_id": config.team_id,
            "app_id": config.app_id,
            "bot_id": config.bot_id,
            "app_installed_team_id": config.team_id,
            "state": {"values": {}},
            "hash": self.mint.ts(),
            "root_view_id": root or view_id,
            "previous_view_id": previous,
        }
