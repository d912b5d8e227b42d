"""Files: what is known of them and their bytes, served to who holds the bot's token."""

from __future__ import annotations

import mimetypes
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote

from bot.playground.errors import ApiError

if TYPE_CHECKING:
    from bot.playground.config import Json, PlaygroundConfig
    from bot.playground.mint import Mint


@dataclass(slots=True)
class StoredFile:
    """One file: its description as the Web API gives it, its bytes and their type."""

    description: Json
    content: bytes = b""
    mimetype: str = "application/octet-stream"


@dataclass(slots=True)
class FileShelf:
    """Keeps files and the addresses at which they can be uploaded."""

    config: PlaygroundConfig
    mint: Mint
    _files: dict[str, StoredFile] = field(default_factory=dict)
    _uploads: dict[str, str] = field(default_factory=dict)

    def get(self, file_id: str) -> StoredFile | None:
        """Return a file by its id."""
        return self._files.get(file_id)

    def address(self, file_id: str, name: str) -> str:
        """Return the download address of a file."""
        shown = quote(name[:80], safe="", errors="replace")
        return f"{self.config.base_url.rstrip('/')}/files/{file_id}/{shown}"

    def add(self, file_id: str, stored: StoredFile) -> None:
        """Keep a file."""
        self._files[file_id] = stored

    def attach(self, filename: str, content: bytes, *, mimetype: str) -> Json:
        """Keep an attachment of a mail and return its description in the mail."""
        file_id = self.mint.id("F")
        url = self.address(file_id, filename)
        self.add(file_id, StoredFile({}, content, mimetype))
        return {
            "filename": filename,
            "size": len(content),
            "mimetype": mimetype,
            "url": url,
            "metadata": None,
        }

    def expect(self, filename: str, length: int) -> tuple[str, str]:
        """Return an upload address and the id of the file to come."""
        file_id = self.mint.id("F")
        mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        address = self.address(file_id, filename)
        description: Json = {
            "id": file_id,
            "created": int(self.config.clock()),
            "timestamp": int(self.config.clock()),
            "name": filename,
            "title": filename,
            "mimetype": mimetype,
            "filetype": filename.rpartition(".")[2].lower(),
            "user": self.config.bot_user_id,
            "user_team": self.config.team_id,
            "size": length,
            "mode": "hosted",
            "is_external": False,
            "is_public": True,
            "url_private": address,
            "url_private_download": address,
            "file_access": "visible",
        }
        self._files[file_id] = StoredFile(description, mimetype=mimetype)
        secret = secrets.token_urlsafe(24)
        self._uploads[secret] = file_id
        return f"{self.config.base_url.rstrip('/')}/upload/{secret}", file_id

    def receive(self, secret: str, content: bytes) -> int:
        """Take the bytes of an expected file and return how many there are."""
        file_id = self._uploads.pop(secret, None)
        if file_id is None:
            raise ApiError("file_not_found", status=404)
        stored = self._files[file_id]
        stored.content = content
        stored.description["size"] = len(content)
        return len(content)
