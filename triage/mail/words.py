"""The words that mail programs write around mails: `languages.toml`, read once.

Sources of the table: the interfaces of Gmail, Apple Mail, Outlook, Yahoo, Thunderbird and others.
A language may lack a role where its program writes the English word.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from importlib.resources import files


class Role(StrEnum):
    """What a line of a header block says."""

    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    REPLY_TO = "reply_to"
    SUBJECT = "subject"
    DATE = "date"
    OTHER = "other"


TABLE = tomllib.loads(files("triage.mail").joinpath("languages.toml").read_text("utf-8"))
LABELS: Mapping[str, Mapping[str, Sequence[str]]] = TABLE["labels"]
"""Language → role → labels as programs write them."""


def folded(words: str) -> str:
    """Words as they are compared: no case, no dot over the Turkish i, single spaces."""
    return " ".join(words.casefold().replace("\u0307", "").split())


def foldings(phrases: Iterable[str]) -> frozenset[str]:
    """Phrases to look folded words up in."""
    return frozenset(map(folded, phrases))


def written(role: Role) -> Sequence[str]:
    """The labels of a role in every language, longest first."""
    labels = {label for roles in LABELS.values() for label in roles.get(role, ())}
    return sorted(labels, key=lambda label: (-len(label), label))


def any_of(phrases: Iterable[str]) -> str:
    """A pattern for one of the phrases, the longest that fits."""
    return "|".join(map(re.escape, sorted(phrases, key=len, reverse=True)))


def _roles() -> Mapping[str, Role]:
    named: dict[str, Role] = {}
    for roles in LABELS.values():
        for role, labels in roles.items():
            for label in labels:
                named.setdefault(folded(label), Role(role))
    return named


ROLES: Mapping[str, Role] = _roles()
"""Folded label → role. A label that two languages use differently keeps its first meaning."""
LONGEST_LABEL = max(map(len, ROLES))
FINNISH = foldings(label for labels in LABELS["fi"].values() for label in labels)
