"""What can go wrong in the playground.

PlaygroundError          the playground itself: bad configuration, refused host
├── ApiError             a Web API call is refused, with Slack's error code
└── PageError            a request of the page is refused, with a plain sentence
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class PlaygroundError(Exception):
    """The playground cannot do what it was asked."""


class ApiError(PlaygroundError):
    """A Web API method answers `{"ok": false, "error": code}`.

    `messages` become `response_metadata.messages`; `status` and `headers` are those of the
    HTTP answer (Slack answers 200 to nearly everything, 429 when rate limited).
    """

    def __init__(
        self,
        code: str,
        messages: Sequence[str] = (),
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep the code and what explains it."""
        super().__init__(code)
        self.code = code
        self.messages = tuple(messages)
        self.status = status
        self.headers = dict(headers or {})


class PageError(PlaygroundError):
    """The page API answers a 4xx status and `{"ok": false, "error": sentence}`."""

    def __init__(self, sentence: str, *, status: int = 400) -> None:
        """Keep the sentence people read."""
        super().__init__(sentence)
        self.status = status
