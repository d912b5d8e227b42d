"""Understanding a message: triage and e-mail."""
