"""Slack: events in, Block Kit out."""
