"""Installing the desk in Slack by OAuth: two pages, and a token renewed before it ends."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import structlog
from pydantic import SecretStr
from slack_bolt import BoltRequest, BoltResponse
from slack_bolt.adapter.starlette.handler import to_starlette_response
from slack_bolt.oauth import OAuthFlow
from slack_bolt.oauth.callback_options import CallbackOptions, FailureArgs, SuccessArgs
from slack_bolt.oauth.oauth_settings import OAuthSettings
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.oauth import InstallationStore, OAuthStateStore
from slack_sdk.oauth.installation_store import Bot
from slack_sdk.oauth.installation_store import Installation as SlackInstallation
from slack_sdk.oauth.token_rotation import TokenRotator
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.errors import AnotherWorkspace, BooksUnavailable
from bot.installing import IN_TIME_SECONDS, Installation
from bot.messages import TeamId
from bot.slack.manifest import INSTALL_PATH, REDIRECT_PATH, SCOPES

_AGAIN = "Nothing was installed. Begin once more at /slack/install."
_FAILURES = {
    "access_denied": "You have declined. Nothing was installed.",
    "invalid_browser": f"This did not begin in this browser, or not by https. {_AGAIN}",
    "invalid_state": f"This has been used already, or took too long. {_AGAIN}",
    "invalid_code": f"Slack does not take this code. {_AGAIN}",
}
_SERVES_ANOTHER = (
    "This desk serves another workspace, and a desk serves one. Nothing was kept; remove the app "
    "from this workspace."
)
_ONE_WORKSPACE = "Install the app in one workspace, not in an organization. Nothing was kept."
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OAuthApp:
    """The app that is installed, and the public address of the desk, if it is known."""

    client_id: str
    client_secret: SecretStr
    install_url: str
    redirect_url: str | None = None


def install_routes(
    app: OAuthApp,
    client: WebClient,
    *,
    states: OAuthStateStore,
    keep: Callable[[Installation], None],
) -> list[Route]:
    """The page that begins an installation, and the one that Slack comes back to."""
    flow = OAuthFlow(
        client=client,
        settings=OAuthSettings(
            client_id=app.client_id,
            client_secret=app.client_secret.get_secret_value(),
            scopes=SCOPES,
            user_scopes=(),
            redirect_uri=app.redirect_url,
            install_page_rendering_enabled=False,
            installation_store=_Store(keep),
            state_store=states,
            callback_options=CallbackOptions(success=_installed, failure=_failed),
        ),
    )
    return [
        Route(INSTALL_PATH, _endpoint(flow.handle_installation)),
        Route(REDIRECT_PATH, _endpoint(flow.handle_callback)),
    ]


def renewer(app: OAuthApp, client: WebClient) -> Callable[[Installation], Installation | None]:
    """What asks Slack for a new token in place of one that ends; None where it does not come."""
    rotator = TokenRotator(
        client_id=app.client_id, client_secret=app.client_secret.get_secret_value(), client=client
    )

    def renew(installation: Installation) -> Installation | None:
        try:
            renewed = rotator.perform_bot_token_rotation(
                bot=_bot(installation), minutes_before_expiration=int(IN_TIME_SECONDS / 60)
            )
        except (SlackClientError, OSError) as error:
            why = error.__cause__ or error.__context__ or error
            code = why.response.get("error") if isinstance(why, SlackApiError) else None
            _log.error("the token is not renewed", code=code, error=type(error).__name__)
            return None
        if renewed is None:
            return None
        return replace(
            installation,
            token=renewed.bot_token,
            refresh_token=renewed.bot_refresh_token,
            expires_at=renewed.bot_token_expires_at,
        )

    return renew


class _OneWorkspace(Exception):
    """An app for a whole organization, or one without a bot."""


class _Store(InstallationStore):
    """What Bolt's flow keeps an installation in."""

    def __init__(self, keep: Callable[[Installation], None]) -> None:
        self._keep = keep

    def save(self, installation: SlackInstallation) -> None:
        team, token = installation.team_id, installation.bot_token
        if installation.is_enterprise_install or team is None or token is None:
            raise _OneWorkspace
        self._keep(
            Installation(
                team=TeamId(team),
                team_name=installation.team_name or team,
                token=token,
                installed_at=installation.installed_at,
                refresh_token=installation.bot_refresh_token,
                expires_at=installation.bot_token_expires_at,
            )
        )


def _endpoint(step: Callable[[BoltRequest], BoltResponse]) -> Callable[[Request], object]:
    async def answered(request: Request) -> Response:
        bolt_request = BoltRequest(body="", query=request.url.query, headers=dict(request.headers))
        return to_starlette_response(await run_in_threadpool(_tried, step, bolt_request))

    return answered


def _tried(step: Callable[[BoltRequest], BoltResponse], request: BoltRequest) -> BoltResponse:
    try:
        return step(request)
    except AnotherWorkspace as error:
        _log.warning("installation refused", why=str(error))
        return _page(409, _SERVES_ANOTHER)
    except _OneWorkspace:
        return _page(409, _ONE_WORKSPACE)
    except BooksUnavailable as error:
        _log.error("the installation was not kept", error=str(error))
        return _page(503, f"The desk's database is away. {_AGAIN}")
    except (SlackClientError, OSError) as error:
        _log.error("the installation failed", error=type(error).__name__)
        return _page(502, f"Slack does not answer. {_AGAIN}")


def _installed(args: SuccessArgs) -> BoltResponse:
    name = args.installation.team_name or args.installation.team_id or "Slack"
    cookie = args.settings.state_utils.build_set_cookie_for_deletion()
    told = f"The desk is installed in {name}. You may close this page."
    return _page(200, told, {"Set-Cookie": cookie})


def _failed(args: FailureArgs) -> BoltResponse:
    _log.warning("not installed", status=args.suggested_status_code)
    status = max(400, args.suggested_status_code)  # Bolt has 200 for a person who declines
    cookie = args.settings.state_utils.build_set_cookie_for_deletion()
    told = _FAILURES.get(args.reason, f"Slack did not install the desk. {_AGAIN}")
    return _page(status, told, {"Set-Cookie": cookie})


def _page(status: int, words: str, headers: Mapping[str, str] | None = None) -> BoltResponse:
    body = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Support desk</title>'
        f"<p>{html.escape(words)}</p></html>"
    )
    plain = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": "default-src 'none'",
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
    }
    return BoltResponse(status=status, body=body, headers={**plain, **(headers or {})})


def _bot(installation: Installation) -> Bot:
    return Bot(
        team_id=installation.team,
        bot_token=installation.token,
        bot_id="",
        bot_user_id="",
        bot_refresh_token=installation.refresh_token,
        bot_token_expires_at=int(installation.expires_at or 0),
        installed_at=installation.installed_at,
    )
