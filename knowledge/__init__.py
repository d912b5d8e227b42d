"""Answering from documents."""
