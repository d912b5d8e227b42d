"""Mails that were shared in Slack, fetched.

A file's address comes with the event, so whoever can forge an event could name any: the token goes
to Slack's own hosts alone, and no redirection is followed.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient

from bot.case_ports import Fetched
from bot.errors import TransportBusy, TransportRefused, TransportUnknown
from bot.slack.mail_files import is_kept_by_slack, is_saved, is_stub
from bot.slack.transport import called
from triage.errors import MailRefused

if TYPE_CHECKING:
    import httpx

Json = Mapping[str, Any]
LARGEST_MAIL = 25 * 1024 * 1024
TIMEOUT_SECONDS = 20.0
_OK, _TOO_MANY, _SERVER_ERROR = 200, 429, 500
_log = structlog.get_logger(__name__)


class SlackMail:
    """Files of mail, by the bot's token."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._api = urlsplit(client.base_url)

    def fetch(self, file: Json) -> Fetched | None:
        """The whole mail; what the event told where Slack gives no more."""
        found = self._described(file)
        if is_kept_by_slack(found):
            return Fetched(stub=self._stub(found))
        if not is_saved(found):
            return None
        raw, kind = self._download(found)
        if kind.startswith("text/html"):
            raise MailRefused("Slack gave a sign-in page: does the bot have files:read?")
        return Fetched(raw=raw)

    def _described(self, file: Json) -> dict[str, Any]:
        if not file.get("id"):
            return dict(file)
        try:
            answered = called(self._client.files_info, file=str(file["id"]))
        except TransportRefused as error:
            if is_stub(file):
                raise
            _log.warning("no description of a mail", code=error.code)
            return dict(file)
        told: dict[str, Any] = answered.get("file") or {}
        return {**file, **told}

    def _stub(self, file: Json) -> dict[str, Any]:
        headers = file.get("headers") or {}
        html = self._html(file)
        whole = not file.get("has_more")
        plain = str(file.get("plain_text") or file.get("preview_plain_text") or "")
        return {
            "subject": file.get("subject") or file.get("title"),
            "html": html,
            "plain": plain if whole or html is None else None,
            "sender": _person(_first(file.get("from"))),
            "to": [_person(one) for one in _dicts(file.get("to"))],
            "cc": [_person(one) for one in _dicts(file.get("cc"))],
            "message_id": _text(headers.get("message_id")),
            "in_reply_to": _text(headers.get("in_reply_to")),
            "reply_to": _reply_to(headers.get("reply_to")),
            "date": _text(headers.get("date")),
            "attachments": [_attachment(one) for one in _dicts(file.get("attachments"))],
        }

    def _html(self, file: Json) -> str | None:
        """The body; None where only the text of the description is left."""
        try:
            content, kind = self._download(file)
        except (TransportRefused, MailRefused) as error:
            _log.warning("no body of a mail", error=str(error))
            if not (file.get("plain_text") or file.get("preview_plain_text")):
                raise
            return None
        return content.decode("utf-8", "replace") if kind.startswith("text/html") else None

    def _download(self, file: Json) -> tuple[bytes, str]:
        """(bytes, their type)."""
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        if not self._is_slacks(url):
            raise MailRefused("its address is not one of Slack")
        import httpx  # noqa: PLC0415  a tenth of a second to import

        headers = {"Authorization": f"Bearer {self._client.token}"}
        proxied = self._client.proxy is not None
        try:
            with (
                httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=proxied) as client,
                client.stream("GET", url, headers=headers) as response,
            ):
                _require(response)
                return _bounded(response), response.headers.get("content-type", "").casefold()
        except httpx.HTTPError as error:
            raise TransportUnknown(f"{type(error).__name__}: {error}") from error

    def _is_slacks(self, url: str) -> bool:
        found = urlsplit(url)
        own = (found.scheme, found.netloc) == (self._api.scheme, self._api.netloc)
        host = found.hostname or ""
        slack = (self._api.hostname or "").endswith("slack.com") and host.endswith(".slack.com")
        return own or (found.scheme == "https" and slack)


def _require(response: "httpx.Response") -> None:
    status = response.status_code
    if status == _TOO_MANY:
        raise TransportBusy(5.0)
    if status >= _SERVER_ERROR:
        raise TransportUnknown(f"Slack answered {status}")
    if status != _OK:
        raise TransportRefused(f"http_{status}")


def _bounded(response: "httpx.Response") -> bytes:
    held = bytearray()
    for part in response.iter_bytes():
        held += part
        if len(held) > LARGEST_MAIL:
            raise MailRefused("it is larger than 25 MB")
    return bytes(held)


def _dicts(value: object) -> Sequence[Json]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else ()


def _first(value: object) -> Json:
    return next(iter(_dicts(value)), {})


def _person(one: Json) -> list[str | None]:
    return [_text(one.get("name")), _text(one.get("address"))]


def _reply_to(value: object) -> list[str | None] | None:
    """Slack gives it as an address, or as people are given."""
    if isinstance(value, str):
        return [None, value.strip().rpartition("<")[2].rstrip(">")] if "@" in value else None
    found = _first(value)
    return _person(found) if found else None


def _attachment(one: Json) -> list[Any]:
    size = one.get("size")
    name, kind = str(one.get("filename") or "attachment"), str(one.get("mimetype") or "")
    return [name, kind, size if isinstance(size, int) else 0]


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
