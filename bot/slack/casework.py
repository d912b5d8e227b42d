"""The buttons and dialogs of cases: what changes a case is kept first, dialogs open at once."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from slack_bolt import Ack, App, BoltContext
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from bot.case_ports import CaseBook
from bot.cases import Case, Deed
from bot.messages import ChannelId, InboundMessage, Kind, TeamId, ThreadRef, Ts, UserId
from bot.policy import PolicyFile
from bot.slack import card, modals
from bot.slack.modals import Json, Place

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CaseDialogs:
    """What the dialogs of cases need; `sends`: whether the desk has a mail server."""

    cases: CaseBook
    policy: PolicyFile
    sends: bool
    keep: Callable[[InboundMessage], None]

    def clicked(self, body: Json, team: TeamId, deed: Deed) -> None:
        """Keep a click that changes a case."""
        action, user = body["actions"][0], UserId(body["user"]["id"])
        said = (deed, str(action.get("value") or ""))
        self.keep(_deed(_place(body), team, said, by=(user, action["action_ts"]), written={}))

    def labels(self, body: Json) -> dict[str, Any] | None:
        """The dialog for labels; None where the case is gone."""
        case = self._case(body)
        return modals.labels_view(case, _place(body)) if case else None

    def draft(self, body: Json) -> dict[str, Any] | None:
        """The dialog for a reply; None where the case is gone."""
        case, mail = self._case(body), self.policy.current().mail
        return modals.draft_view(case, _place(body), mail, sends=self.sends) if case else None

    def labelled(self, body: Json, team: TeamId) -> dict[str, str]:
        """Keep corrected labels; what is wrong by block."""
        written, wrong = modals.chosen_labels(body["view"])
        if not wrong:
            self._submitted(body, team, Deed.LABEL, written)
        return wrong

    def replied(self, body: Json, team: TeamId) -> dict[str, str]:
        """Keep a reply that is to be sent; what is wrong by block."""
        view = body["view"]
        if modals.REPLY not in view["state"]["values"]:
            return {}
        case = self.cases.case(modals.remembered(view).case)
        written, wrong = modals.written_reply(view, case)
        if not wrong:
            self._submitted(body, team, Deed.SEND, written)
        return wrong

    def _submitted(self, body: Json, team: TeamId, deed: Deed, written: Json) -> None:
        view, user = body["view"], UserId(body["user"]["id"])
        carried = modals.remembered(view)
        said = (deed, carried.case)
        self.keep(_deed(carried.place, team, said, by=(user, view["id"]), written=written))

    def _case(self, body: Json) -> Case | None:
        return self.cases.case(str(body["actions"][0].get("value") or ""))


def register(app: App, dialogs: CaseDialogs) -> None:
    """Listen to the buttons and dialogs of cases."""

    def clicked(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        deed = card.DEEDS[body["actions"][0]["action_id"]]
        dialogs.clicked(body, TeamId(str(context.team_id)), deed)
        ack()

    for action in card.DEEDS:
        app.action(action)(clicked)

    @app.action(card.LABELS)
    def labels(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        _open(client, body, dialogs.labels(body))
        ack()

    @app.action(card.DRAFT)
    def draft(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        _open(client, body, dialogs.draft(body))
        ack()

    @app.view(modals.LABELS_VIEW)
    def labelled(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        _answer(ack, dialogs.labelled(body, TeamId(str(context.team_id))))

    @app.view(modals.DRAFT_VIEW)
    def replied(ack: Ack, body: dict[str, Any], context: BoltContext) -> None:
        _answer(ack, dialogs.replied(body, TeamId(str(context.team_id))))


def _open(client: WebClient, body: Json, view: dict[str, Any] | None) -> None:
    """A trigger lives three seconds: who clicked sees the dialog now, or clicks once more."""
    if view is None:
        _log.warning("no such case", user=body["user"]["id"])
        return
    try:
        client.views_open(trigger_id=body["trigger_id"], view=view)
    except (SlackApiError, OSError) as error:
        _log.error("the dialog did not open", error=str(error))


def _answer(ack: Ack, wrong: dict[str, str]) -> None:
    if wrong:
        ack(response_action="errors", errors=wrong)
    else:
        ack()


def _place(body: Json) -> Place:
    message = body["message"]
    ts = str(message["ts"])
    return Place(str(body["channel"]["id"]), str(message.get("thread_ts") or ts), ts)


def _deed(
    place: Place, team: TeamId, said: tuple[Deed, str], *, by: tuple[UserId, str], written: Json
) -> InboundMessage:
    """`said` is the deed and its case, `by` who did it and what names the click for good."""
    user, named = by
    deed, reference = said
    return InboundMessage(
        kind=Kind.CASE,
        thread=ThreadRef(team, ChannelId(place.channel), Ts(place.thread_ts)),
        ts=Ts(f"{named}:{user}"),
        user=user,
        text=json.dumps(written, ensure_ascii=False) if written else "",
        about=Ts(place.ts),
        value=f"{deed}:{reference}"[:200],
    )
