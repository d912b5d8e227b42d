"""Servers from the npm registry that stand in for Slack and for OpenAI."""

import hashlib
import hmac
import json
import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from e2e.processes import until

ROOT = Path(__file__).parents[2]
PACKAGES = ("local-slack-linux-x64@0.1.8", "@copilotkit/aimock@1.43.0")
SECRET, BOT_TOKEN, APP_TOKEN, FOREIGN_TOKEN = "s3cret", "xoxb-test", "xapp-test", "xoxb-other"
BOT, ADA, TOM = "U0BOT", "U01ADA", "U01TOM"
SUPPORT, TEAM, TRIAGE, DIRECT = "C01SUPPORT", "C01TEAM", "C01TRIAGE", "D01ADA"
POLICY = f'triage_channel = "{TRIAGE}"\ninternal_channels = ["{TEAM}"]\n'
Message = dict[str, Any]


def absent(why: str) -> None:
    """Skip on a laptop; fail where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(why)
    pytest.skip(why)


def standin_folder() -> Path:
    """The folder `node_modules` with the stand-ins; installed at the first use."""
    folder = Path(os.environ.get("SUPPORTBOT_STANDINS") or ROOT / ".cache" / "standins")
    modules = folder / "node_modules"
    wanted = [modules / one.rpartition("@")[0] / "package.json" for one in PACKAGES]
    if all(one.is_file() for one in wanted):
        return modules
    npm = shutil.which("npm")
    if npm is None:
        absent("npm is not installed, and the stand-ins are not in SUPPORTBOT_STANDINS")
    folder.mkdir(parents=True, exist_ok=True)
    installed = subprocess.run(
        ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder), *PACKAGES],
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    if installed.returncode:
        absent(f"npm cannot install the stand-ins: {installed.stderr[-400:]}")
    return modules


def workspace_file(path: Path, *, request_url: str | None) -> Path:
    """The configuration of local-slack: one workspace, our bot and a foreign one."""
    ours: dict[str, Any] = {
        "appId": "A01APP",
        "botUserId": BOT,
        "botName": "support-bot",
        "botToken": BOT_TOKEN,
        "appToken": APP_TOKEN,
        "signingSecret": SECRET,
        "mode": "events" if request_url else "socket",
    }
    foreign = {"appId": "A02APP", "botUserId": "U0OTHER", "botName": "other-bot"}
    channel_names = {SUPPORT: "support", TEAM: "team", TRIAGE: "triage"}
    everybody = [ADA, TOM, BOT, "U0OTHER"]
    settings = {
        "workspace": {"name": "Acme", "domain": "acme", "teamId": "T01ACME"},
        "apps": [
            ours | ({"requestUrl": request_url} if request_url else {}),
            foreign | {"botToken": FOREIGN_TOKEN, "appToken": "xapp-other", "mode": "socket"},
        ],
        "users": [{"id": ADA, "name": "ada"}, {"id": TOM, "name": "tom"}],
        "channels": [
            *(
                {"id": id_, "name": name, "members": everybody}
                for id_, name in channel_names.items()
            ),
            {"id": DIRECT, "name": "ada", "is_im": True, "members": [ADA, BOT]},
        ],
    }
    path.write_text(json.dumps(settings), "utf-8")
    return path


class LocalSlack:
    """The workspace as people see it, by the stand-in's control API."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx.Client(base_url=url, timeout=15, trust_env=False)

    def close(self) -> None:
        self._http.close()

    def up(self) -> bool:
        try:
            return self._http.get("/_control/state").is_success
        except httpx.TransportError:
            return False

    def control(self, deed: str, **body: object) -> dict[str, Any]:
        """Do something, and return once the desk has acknowledged it."""
        found: dict[str, Any] = self._http.post(f"/_control/{deed}", json=body).json()
        assert found["ok"], found
        return found

    def say(self, channel: str, text: str, *, user: str = ADA, thread: str | None = None) -> str:
        more = {"thread_ts": thread} if thread else {}
        found = self.control("message", channel=channel, user=user, text=text, **more)
        return str(found["message"]["ts"])

    def upload(self, channel: str, name: str, content: bytes, *, user: str = ADA) -> str:
        """Share a file; the ts of the message that it came with."""
        form = {"channel": channel, "user": user, "text": ""}
        files = {"file": (name, content, "message/rfc822")}
        found = self._http.post("/_control/upload", data=form, files=files).json()
        assert found["ok"], found
        return str(found["message"]["ts"])

    def ask(self, channel: str, text: str, *, thread: str | None = None) -> str:
        return self.say(channel, f"<@{BOT}> {text}", thread=thread)

    def as_foreign_bot(self, method: str, **body: object) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {FOREIGN_TOKEN}"}
        found: dict[str, Any] = self._http.post(f"/api/{method}", json=body, headers=headers).json()
        return found

    def click(self, channel: str, reply: Message, name: str, *, value: str, user: str) -> None:
        action = {"type": "button", "block_id": name, "action_id": name, "value": value}
        self.control("interact", channel=channel, user=user, messageTs=reply["ts"], action=action)

    def messages(self, channel: str) -> list[Message]:
        found: list[Message] = self._http.get(f"/_control/messages/{channel}").json()["messages"]
        return found

    def replies(self, channel: str, thread: str) -> list[Message]:
        return [
            one
            for one in self.messages(channel)
            if one.get("thread_ts") == thread
            and one["user"] == BOT
            and one.get("subtype") != "ephemeral"
        ]

    def reply(self, channel: str, thread: str, *, n: int = 1) -> Message:
        found = until(lambda: self.replies(channel, thread)[n - 1 :], f"reply {n} to {thread}")
        return found[0]

    def events(self, *, about: str) -> list[dict[str, Any]]:
        """The envelopes that went to our bot about one message."""
        entries = self._http.get("/_control/log").json()["log"]
        envelopes = [
            one["detail"] if isinstance(one["detail"], dict) else json.loads(one["detail"])
            for one in entries
            if one["direction"] == "to_bot" and one["kind"] == "events_api"
        ]
        return [
            one
            for one in envelopes
            if one["api_app_id"] == "A01APP" and one["event"].get("ts") == about
        ]

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of one method of the Web API."""
        entries = self._http.get("/_control/log").json()["log"]
        return [
            one["detail"]
            for one in entries
            if one["kind"] == "web_api" and one["summary"] == method
        ]


def signed(body: str, *, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """The headers that Slack sends with a body."""
    timestamp = str(int(time.time() if at is None else at))
    base = f"v0:{timestamp}:{body}".encode()
    digest = hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": timestamp,
        "X-Slack-Signature": f"v0={digest}",
    }


def post_event(
    url: str, body: str, headers: Mapping[str, str], *, retry: int | None = None
) -> httpx.Response:
    """Deliver an event to the desk, as Slack does."""
    again = {"X-Slack-Retry-Num": str(retry), "X-Slack-Retry-Reason": "http_timeout"}
    return httpx.post(
        f"{url}/slack/events",
        content=body.encode(),
        headers={**headers, **(again if retry else {})},
        timeout=10,
        trust_env=False,
    )
