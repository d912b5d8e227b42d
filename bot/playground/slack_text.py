"""What Slack does to the text a person types, before apps see it (pure)."""

from __future__ import annotations

import re

# Tokens that are already Slack's own: mentions, channels, specials, links.
_TOKEN = re.compile(
    r"<(?:@[UW][A-Z0-9]+|#[CDG][A-Z0-9]+|![a-z]+[^<>\s]*|(?:https?://|mailto:)[^<>\s|]+)"
    r"(?:\|[^<>]*)?>"
)
_LINK = re.compile(r"https?://[^\s<>]+[^\s<>.,;:!?)\]'\"*_~]")
_ENTITY = re.compile(r"&(?!(?:amp|lt|gt);)")


def as_sent(text: str, *, bot_name: str = "", bot_user_id: str = "") -> str:
    """Return typed text as events carry it: escaped, links bracketed, the bot's name a mention.

    Text that is already in this form comes back unchanged.
    """
    pieces: list[str] = []
    end = 0
    for token in _TOKEN.finditer(text):
        pieces += [_plain(text[end : token.start()], bot_name, bot_user_id), token.group()]
        end = token.end()
    pieces.append(_plain(text[end:], bot_name, bot_user_id))
    return "".join(pieces)


def mentions(text: str, user_id: str) -> bool:
    """Say whether `text` mentions the user."""
    return re.search(rf"<@{re.escape(user_id)}(?:\|[^>]*)?>", text) is not None


def _plain(text: str, bot_name: str, bot_user_id: str) -> str:
    escaped = _ENTITY.sub("&amp;", text).replace("<", "&lt;").replace(">", "&gt;")
    linked = _LINK.sub(lambda link: _bracket(link.group()), escaped)
    if not bot_name:
        return linked
    name = re.compile(rf"(?<![\w@])@{re.escape(bot_name)}\b", re.IGNORECASE)
    return name.sub(f"<@{bot_user_id}>", linked)


def _bracket(link: str) -> str:
    # An escaped angle bracket ends a link, as it would have unescaped.
    url, entity, rest = re.split(r"(&[lg]t;|$)", link, maxsplit=1)
    return f"<{url}>{entity}{rest}"
