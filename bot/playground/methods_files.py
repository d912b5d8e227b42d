"""Web API: files."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bot.playground.arguments import invalid
from bot.playground.errors import ApiError
from bot.playground.web_api import Call, method

if TYPE_CHECKING:
    from bot.playground.config import Json
    from bot.playground.files import StoredFile


@method("files.info")
def show_file(call: Call) -> Json:
    """Return the description of a file."""
    return {"file": _file(call, call.arguments.require("file")).description}


@method("files.getUploadURLExternal")
def get_upload_url(call: Call) -> Json:
    """Return where the bytes of a new file are to be sent."""
    filename = call.arguments.require("filename")
    length = call.arguments.require("length")
    if not re.fullmatch(r"[1-9][0-9]{0,11}", length):
        raise invalid("must be a positive integer: length")
    url, file_id = call.playground.files.expect(filename, int(length))
    return {"upload_url": url, "file_id": file_id}


@method("files.completeUploadExternal")
def complete_upload(call: Call) -> Json:
    """Share uploaded files in a channel, if one is given."""
    entries = call.arguments.structure("files", error="invalid_arguments")
    if not isinstance(entries, list) or not entries:
        raise invalid("must be an array: files")
    files = [_named(call, entry) for entry in entries]
    if call.arguments.text("channel_id"):
        _share(call, files)
    return {"files": files}


def _named(call: Call, entry: object) -> Json:
    match entry:
        case {"id": str(file_id), **fields}:
            description = _file(call, file_id).description
            if isinstance(fields.get("title"), str):
                description["title"] = fields["title"]
            return description
        case _:
            raise invalid("must have an id: files")


def _share(call: Call, files: list[Json]) -> None:
    conversation = call.conversation("channel_id")
    timeline = call.playground.timeline
    message = timeline.own(
        conversation.room.id,
        call.arguments.text("initial_comment") or "",
        thread_ts=call.thread_ts(conversation),
        files=files,
        subtype="file_share",
    )
    timeline.post(message)


def _file(call: Call, file_id: str) -> StoredFile:
    stored = call.playground.files.get(file_id)
    if stored is None or not stored.description:
        raise ApiError("file_not_found")
    return stored
