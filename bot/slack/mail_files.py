"""Which files of Slack are mails, and what is kept of them until they are fetched (pure)."""

from collections.abc import Mapping
from typing import Any

Json = Mapping[str, Any]
MOST_FILES = 10
LONGEST_TEXT = 20_000
_KEPT = ("id", "name", "mode", "filetype", "mimetype", "file_access", "subject", "size",
         "url_private_download", "url_private", "from", "to", "cc", "headers", "has_more",
         "attachments")  # fmt: skip


def is_mail_file(file: Json) -> bool:
    """Whether a file is a mail, as Slack keeps one or as a mail program saves it."""
    return is_kept_by_slack(file) or is_saved(file)


def is_kept_by_slack(file: Json) -> bool:
    """A mail that Slack received or an add-on shared: its HTML and some headers."""
    return file.get("mode") == "email" or file.get("filetype") == "email"


def is_saved(file: Json) -> bool:
    """A mail as a file of MIME."""
    name = str(file.get("name") or "").casefold()
    return (
        file.get("mimetype") == "message/rfc822"
        or file.get("filetype") == "eml"
        or name.endswith(".eml")
    )


def is_stub(file: Json) -> bool:
    """A file of which the event says nothing but its id."""
    return file.get("mode") == "file_access" or file.get("file_access") == "check_file_info"


def kept(file: Json) -> dict[str, Any]:
    """What is worth keeping of a file until it is fetched."""
    found = {name: file[name] for name in _KEPT if file.get(name) is not None}
    text = str(file.get("plain_text") or file.get("preview_plain_text") or "")
    return found | {"plain_text": text[:LONGEST_TEXT]}
