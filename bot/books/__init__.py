"""The books: what must not be lost, in one SQL database."""
