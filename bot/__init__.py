"""The support desk in Slack."""

__version__ = "0.1.0"
