"""The playground as a Slack that apps are installed in: codes become tokens, tokens end.

Run as
    python installing_slack.py PORT REQUEST_URL
"""

import json
import sys
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from strict_slack import APP_TOKEN, BOT_TOKEN, RETRY_DELAYS, SECRET

from bot.playground import PlaygroundConfig, create_app

CLIENT_ID, CLIENT_SECRET = "4711.0815", "app-s3cret"
TEAM, OTHER = "T0CAIRNWAY", "T0OTHER"


class InstallingSlack:
    """In front of the playground: only the token that was issued last is let through."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._live: str | None = None
        self._issued = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        path = scope.get("path", "")
        if path == "/api/oauth.v2.access":
            form = parse_qs((await receive())["body"].decode())
            await _json(send, self._access(form, dict(scope["headers"])))
        elif path == "/control/uninstall":
            self._live = None
            await _json(send, {"ok": True})
        elif path == "/api/auth.test" and _bearer(scope) == b"xoxb-other":
            await _json(send, {"ok": True, "team_id": OTHER, "user_id": "U9", "bot_id": "B9"})
        else:
            if path.startswith("/api/"):
                scope = {**scope, "headers": self._admitted(scope)}
            await self._inner(scope, receive, send)

    def _access(self, form: dict[str, list[str]], headers: dict[bytes, bytes]) -> dict[str, Any]:
        if not headers.get(b"authorization", b"").startswith(b"Basic "):
            return {"ok": False, "error": "bad_client_secret"}
        code = form.get("code", [""])[0]
        if code == "other":
            return _granted("xoxb-other", OTHER)
        if not code.startswith("good"):
            return {"ok": False, "error": "invalid_code"}
        self._issued += 1
        self._live = f"xoxb-installed-{self._issued}"
        return _granted(self._live, TEAM)

    def _admitted(self, scope: Any) -> list[tuple[bytes, bytes]]:
        live = self._live is not None and _bearer(scope) == self._live.encode()
        token = BOT_TOKEN.encode() if live else b"refused"
        others = [one for one in scope["headers"] if one[0] != b"authorization"]
        return [*others, (b"authorization", b"Bearer " + token)]


def _granted(token: str, team: str) -> dict[str, Any]:
    return {
        "ok": True,
        "access_token": token,
        "token_type": "bot",
        "app_id": "A0SUPPORT",
        "bot_user_id": "U0SUPPORT",
        "scope": "chat:write",
        "team": {"id": team, "name": "Cairnway Outfitters"},
        "authed_user": {"id": "U0ADA"},
        "is_enterprise_install": False,
    }


def _bearer(scope: Any) -> bytes:
    found: bytes = dict(scope["headers"]).get(b"authorization", b"")
    return found.removeprefix(b"Bearer ")


async def _json(send: Any, body: dict[str, Any]) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})


def main(port: int, request_url: str) -> None:
    config = PlaygroundConfig(
        bot_token=BOT_TOKEN,
        app_token=APP_TOKEN,
        signing_secret=SECRET,
        base_url=f"http://127.0.0.1:{port}",
        request_url=request_url,
        retry_delays=RETRY_DELAYS,
    )
    app = InstallingSlack(create_app(config))
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="error")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
