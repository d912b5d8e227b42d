"""A mail as the file Slack makes of it, in the message Slack posts it with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bot.playground.files import StoredFile
from bot.playground.message import Message
from bot.playground.workspace import SLACKBOT

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.mail import Mail
    from bot.playground.playground import Playground

# Slack's mail-to-channel app is a bot of its own.
MAIL_BOT = "B0EMAIL"
_MOST_PREVIEW = 3000


def post_mail(playground: Playground, channel: str, mail: Mail) -> Message:
    """Post a mail that arrived at a channel's address."""
    file = _shelved(playground, mail)
    message = Message(
        channel,
        playground.mint.ts(),
        SLACKBOT,
        "",
        subtype="file_share",
        bot_id=MAIL_BOT,
        files=[file],
    )
    playground.timeline.post(message)
    return message


def _shelved(playground: Playground, mail: Mail) -> Json:
    file_id = playground.mint.id("F")
    content = mail.html.encode("utf-8", "replace")
    attachments = [
        playground.files.attach(found.filename, found.content, mimetype=found.mimetype)
        for found in mail.attachments
    ]
    name = mail.subject or "(no subject)"
    description = _file(playground, file_id, name, size=len(content)) | _letter(mail)
    description |= {"attachments": attachments, "original_attachment_count": len(attachments)}
    playground.files.add(file_id, StoredFile(description, content, "text/html; charset=utf-8"))
    return description


def _file(playground: Playground, file_id: str, name: str, *, size: int) -> Json:
    now = int(playground.config.clock())
    address = playground.files.address(file_id, name)
    return {
        "id": file_id,
        "created": now,
        "timestamp": now,
        "name": name,
        "title": name,
        "mimetype": "text/html",
        "filetype": "email",
        "pretty_type": "Email",
        "user": SLACKBOT,
        "user_team": playground.config.team_id,
        "editable": True,
        "size": size,
        "mode": "email",
        "is_external": False,
        "external_type": "",
        "is_public": True,
        "public_url_shared": False,
        "display_as_bot": True,
        "username": "Email",
        "url_private": address,
        "url_private_download": address,
        "permalink": address,
        "permalink_public": address,
        "bot_id": MAIL_BOT,
        "has_rich_preview": False,
        "file_access": "visible",
    }


def _letter(mail: Mail) -> Json:
    return {
        "subject": mail.subject,
        "to": list(mail.to),
        "from": list(mail.sender),
        "cc": list(mail.cc),
        "plain_text": mail.text,
        "preview": mail.html[:_MOST_PREVIEW],
        "preview_plain_text": mail.text[:_MOST_PREVIEW],
        "headers": {
            "date": mail.date,
            "in_reply_to": mail.in_reply_to,
            "reply_to": mail.reply_to,
            "message_id": mail.message_id,
        },
        "has_more": len(mail.text) > _MOST_PREVIEW,
        "sent_to_self": False,
    }
