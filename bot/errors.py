"""Everything that can go wrong in `bot`.

SupportbotError
├── ConfigurationError      a setting or the policy file is missing or wrong: the engineer's to mend
├── BooksUnavailable        the SQL database cannot be read or written now: nothing is acknowledged
├── LeaseLost               another worker has taken the message over: drop what was worked out
├── CaseMoved               a case was changed meanwhile: work it out again
├── AnotherWorkspace        a second workspace installs the desk of the first
└── TransportError          Slack did not take a message
    ├── TransportRefused    it said no: sending the same again does not help
    ├── TransportBusy       it said later: `retry_after` seconds
    └── TransportUnknown    it may or may not have arrived: time-out, reset, server error
"""


class SupportbotError(Exception):
    """Root of the tree; the message is written for the engineer who runs the desk."""


class ConfigurationError(SupportbotError):
    """A setting or the policy file is missing or wrong."""


class BooksUnavailable(SupportbotError):
    """The SQL database cannot be read or written now."""


class LeaseLost(SupportbotError):
    """Another worker has taken the message over, or its text has changed meanwhile."""


class CaseMoved(SupportbotError):
    """A case is no longer as it was when this change to it was worked out."""


class AnotherWorkspace(SupportbotError):
    """A second workspace installs the desk of the first: there is one desk for each."""


class TransportError(SupportbotError):
    """Slack did not take a message."""


class TransportRefused(TransportError):
    """Slack said no; `code` is its own word for why."""

    def __init__(self, code: str) -> None:
        super().__init__(f"Slack refused: {code}")
        self.code = code


class TransportBusy(TransportError):
    """Slack said later."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"Slack asks to wait {retry_after:.0f} s")
        self.retry_after = retry_after


class TransportUnknown(TransportError):
    """The message may or may not have arrived."""
