"""The desk's `Transport` over Slack's Web API."""

import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from bot.errors import TransportBusy, TransportError, TransportRefused, TransportUnknown
from bot.messages import ChannelId, ThreadRef, Ts, UserId
from bot.ports import Outgoing
from bot.slack.text import inert, shortened

EVENT_TYPE = "supportbot_message"
LONGEST_STREAM_TEXT = 11_000
_SERVER_ERROR = 500
_TOO_MANY = 429
_LATER = frozenset({"ratelimited", "rate_limited"})
_ACCOUNT = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "token_expired",
        "token_revoked",
    }
)
ACCOUNT_SECONDS = 60.0
MOST_PAGES = 10
_UNSURE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable"})
_FORM = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
_log = structlog.get_logger(__name__)
Call = Callable[..., SlackResponse]


class SlackTransport:
    """Slack through slack_sdk, whose own retries are off: they would post twice."""

    def __init__(self, client: WebClient) -> None:
        self._client = client
        self._streams = True
        self._status = True

    def post(self, outgoing: Outgoing, *, marker: str) -> Ts:
        """Post a message; as plain text where Slack does not take its blocks."""
        answered = self._formed(
            self._client.chat_postMessage,
            outgoing,
            channel=outgoing.channel,
            thread_ts=outgoing.thread_ts,
            metadata=_metadata(marker),
            unfurl_links=False,
            unfurl_media=False,
        )
        return Ts(str(answered["ts"]))

    def update(self, outgoing: Outgoing, ts: Ts, *, marker: str) -> None:
        """Give a message its new form; a stream is ended first."""
        if outgoing.live_ts:
            with suppress(TransportRefused):  # it has ended by itself
                called(self._client.chat_stopStream, channel=outgoing.channel, ts=ts)
        self._formed(
            self._client.chat_update,
            outgoing,
            channel=outgoing.channel,
            ts=ts,
            metadata=_metadata(marker),
        )

    def delete(self, channel: ChannelId, ts: Ts) -> None:
        """Take a message back."""
        try:
            called(self._client.chat_delete, channel=channel, ts=ts)
        except TransportRefused as error:
            if error.code != "message_not_found":
                raise

    def whisper(self, outgoing: Outgoing) -> None:
        """Post an ephemeral message."""
        self._formed(
            self._client.chat_postEphemeral,
            outgoing,
            channel=outgoing.channel,
            user=outgoing.user,
            thread_ts=outgoing.thread_ts,
        )

    def react(self, channel: ChannelId, ts: Ts, emoji: str) -> None:
        """Put an emoji under a message, where the workspace has allowed it."""
        try:
            called(self._client.reactions_add, channel=channel, timestamp=ts, name=emoji)
        except TransportRefused as error:
            if error.code == "missing_scope":
                _log.info("no reaction: the app was installed without reactions:write")
            elif error.code != "already_reacted":
                raise

    def find(self, outgoing: Outgoing, *, marker: str) -> Ts | None:
        """Look for a marker among the latest messages of the thread or channel."""
        found = (one for one in self._read(outgoing) if _marker(one) == marker)
        return next((Ts(str(one["ts"])) for one in found), None)

    def _read(self, outgoing: Outgoing) -> Iterator[dict[str, Any]]:
        """The messages of a thread, or the latest of a channel, with their metadata."""
        if outgoing.thread_ts:
            read: Call = self._client.conversations_replies
            arguments = {"ts": outgoing.thread_ts}
        else:
            read, arguments = self._client.conversations_history, {}
        cursor = ""
        for _ in range(MOST_PAGES):
            page = called(
                read,
                channel=outgoing.channel,
                include_all_metadata=True,
                limit=200,
                cursor=cursor,
                **arguments,
            )
            messages: list[dict[str, Any]] = page.get("messages") or []
            yield from messages
            following: dict[str, str] = page.get("response_metadata") or {}
            cursor = following.get("next_cursor", "")
            if not cursor or not outgoing.thread_ts:
                return
        raise TransportUnknown("the thread is too long to look through")

    def strays(self, outgoing: Outgoing, *, after: Ts) -> list[Ts]:
        """Streams that nobody finished: ours, without a marker, later than what was asked."""
        who = called(self._client.auth_test)
        return [
            Ts(str(one["ts"]))
            for one in self._read(outgoing)
            if one.get("user") == who["user_id"]
            and _marker(one) is None
            and after < str(one["ts"]) != outgoing.thread_ts
        ]

    def permalink(self, channel: ChannelId, ts: Ts) -> str | None:
        """Ask Slack for the link to a message."""
        try:
            answered = called(self._client.chat_getPermalink, channel=channel, message_ts=ts)
        except TransportError as error:
            _log.warning("no permalink", error=str(error))
            return None
        return str(answered["permalink"])

    def status(self, thread: ThreadRef, text: str) -> None:
        """Show a status under the thread, where the workspace knows the method."""
        if not self._status:
            return
        try:
            called(
                self._client.assistant_threads_setStatus,
                channel_id=thread.channel,
                thread_ts=thread.ts,
                status=text,
            )
        except TransportRefused as error:
            self._status = error.code not in {"unknown_method", "missing_scope"}
        except TransportError as error:
            _log.debug("no status", error=str(error))

    def start_stream(self, thread: ThreadRef, user: UserId, text: str) -> Ts | None:
        """Begin a native stream; None, and no further try, where Slack has none."""
        if not self._streams:
            return None
        try:
            answered = called(
                self._client.chat_startStream,
                channel=thread.channel,
                thread_ts=thread.ts,
                recipient_team_id=thread.team,
                recipient_user_id=user,
                markdown_text=shortened(inert(text), LONGEST_STREAM_TEXT),
            )
        except TransportRefused as error:
            self._streams = error.code != "unknown_method"
            return None
        except TransportBusy as error:
            _log.warning("no stream", error=str(error))
            return None
        return Ts(str(answered["ts"]))

    def append_stream(self, channel: ChannelId, ts: Ts, text: str) -> bool:
        """Add text to a stream."""
        return self._quietly(
            "chat.appendStream",
            self._client.chat_appendStream,
            channel,
            ts,
            markdown_text=shortened(inert(text), LONGEST_STREAM_TEXT),
        )

    def edit_stream(self, channel: ChannelId, ts: Ts, text: str, *, ends: bool) -> bool:
        """Put text in place of a stream's; one that has ended already is edited all the same."""
        if ends:
            self._quietly("chat.stopStream", self._client.chat_stopStream, channel, ts)
        shown = shortened(inert(text), LONGEST_STREAM_TEXT)
        blocks = [{"type": "markdown", "text": shown}]
        call = self._client.chat_update
        return self._quietly("chat.update", call, channel, ts, text=shown, blocks=blocks)

    def _formed(self, call: Call, outgoing: Outgoing, **arguments: Any) -> SlackResponse:  # noqa: ANN401
        """Send with blocks; without them if it is the blocks that Slack refuses."""
        text = outgoing.text or " "
        try:
            return called(call, text=text, blocks=list(outgoing.blocks) or None, **arguments)
        except TransportRefused as error:
            if error.code not in _FORM:
                raise
            _log.error("blocks refused, sent as text", code=error.code)
            return called(call, text=text, **arguments)

    def _quietly(
        self,
        name: str,
        call: Call,
        channel: ChannelId,
        ts: Ts,
        **more: Any,  # noqa: ANN401  Slack's own variety
    ) -> bool:
        try:
            called(call, channel=channel, ts=ts, **more)
        except TransportError as error:
            _log.info("stream call failed", method=name, error=str(error))
            return False
        return True


def called(call: Call, **arguments: Any) -> SlackResponse:  # noqa: ANN401  Slack's own variety
    """Call a method of the Web API; arguments that are None are left out.

    Raises:
        TransportError: see `errors.py` for which kind.
    """
    try:
        return call(**{name: value for name, value in arguments.items() if value is not None})
    except SlackApiError as error:
        raise _translated(error) from error
    except (SlackClientError, OSError, http.client.HTTPException, TimeoutError) as error:
        raise TransportUnknown(f"{type(error).__name__}: {error}") from error


def _translated(error: SlackApiError) -> TransportError:
    response = error.response
    code = str(response.get("error", "")) if isinstance(response.data, dict) else ""
    if response.status_code == _TOO_MANY or code in _LATER:
        return TransportBusy(_seconds(str(response.headers.get("Retry-After", ""))))
    if code in _ACCOUNT:  # somebody has to mend the token; nothing is lost until then
        _log.error("Slack refuses the token", code=code)
        return TransportBusy(ACCOUNT_SECONDS)
    in_slacks_words = code.isascii() and code.isidentifier()
    if response.status_code >= _SERVER_ERROR or code in _UNSURE or not in_slacks_words:
        return TransportUnknown(f"Slack answered {response.status_code} {code}".strip())
    return TransportRefused(code)


def _seconds(retry_after: str) -> float:
    """What Retry-After says; a second where it does not say a number."""
    return float(retry_after) if retry_after.isascii() and retry_after.isdigit() else 1.0


def _metadata(marker: str) -> dict[str, Any]:
    return {"event_type": EVENT_TYPE, "event_payload": {"id": marker}}


def _marker(message: Mapping[str, Any]) -> str | None:
    metadata = message.get("metadata") or {}
    if metadata.get("event_type") != EVENT_TYPE:
        return None
    return str((metadata.get("event_payload") or {}).get("id"))
