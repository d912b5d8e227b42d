"""The sub-commands of `supportbot`; settings are built here and nowhere below."""
