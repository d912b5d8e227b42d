"""The app manifest: what a workspace must allow, no more (pure)."""

from typing import Any

SCOPES = (
    "app_mentions:read",
    "assistant:write",
    "channels:history",
    "channels:read",
    "chat:write",
    "files:read",
    "groups:history",
    "groups:read",
    "im:history",
    "reactions:write",
    "users:read",
)
EVENTS = ("app_mention", "message.channels", "message.groups", "message.im")
LEAVING = ("app_uninstalled", "tokens_revoked")
INSTALL_PATH, REDIRECT_PATH = "/slack/install", "/slack/oauth_redirect"


def manifest(*, name: str, url: str | None) -> dict[str, Any]:
    """A manifest for HTTP at `url`, or for Socket Mode without one."""
    redirects = {"redirect_urls": [f"{url.rstrip('/')}{REDIRECT_PATH}"]} if url else {}
    address = {"request_url": f"{url.rstrip('/')}/slack/events"} if url else {}
    return {
        "display_information": {
            "name": name,
            "description": "Answers from the help centre, with sources.",
        },
        "features": {
            "app_home": {"messages_tab_enabled": True, "messages_tab_read_only_enabled": False},
            "bot_user": {"display_name": name, "always_online": True},
        },
        "oauth_config": {"scopes": {"bot": list(SCOPES)}, **redirects},
        "settings": {
            "event_subscriptions": {"bot_events": [*EVENTS, *LEAVING], **address},
            "interactivity": {"is_enabled": True, **address},
            "socket_mode_enabled": url is None,
            "token_rotation_enabled": False,
        },
    }
