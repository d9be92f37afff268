"""Recognising credentials: by the name of what holds one, and by how one looks."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = re.compile(
    r"PASS(?:WORD|WD|PHRASE|CODE)|SECRET|CREDENTIALS?|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY"
    r"|SIGNING_?KEY|ENCRYPTION_?KEY|(?:AUTH|ACCESS|REFRESH|BEARER|SESSION|API)_?TOKEN|\bTOKEN\b"
)
_ABOUT: Final = re.compile(
    r"_(?:ARN|NAME|ID|URL|URI|HOST|PATH|FILE|TTL|SECONDS|MINUTES|DAYS|LENGTH|VERSION|ISSUER"
    r"|AUDIENCE|ALGORITHM|HEADER|ENABLED|REGION)$"
)
# Searching for the marks first makes the common case, in which there is none, cheap.
_VALUES: Final = (
    ("an AWS access key", ("AKIA", "ASIA"), re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b")),
    ("a private key", ("PRIVATE KEY",), re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")),
    ("a password in a URL", ("://",), re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@")),
    ("a signed token", ("eyJ",), re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}")),
)


def names_a_secret(name: str) -> bool:
    """Whether what is called so is meant to hold a secret, rather than to point at one.

    >>> [names_a_secret(name) for name in ("DB_PASSWORD", "apiKey", "TOKEN_URL", "LOG_LEVEL")]
    [True, True, False, False]
    """
    upper = name.upper()
    return bool(_NAMES.search(upper)) and not _ABOUT.search(upper)


def looks_like(value: str) -> str:
    """Return what credential a value looks like, nothing for one that looks like none.

    >>> looks_like("postgres://app:hunter2@db:5432/books")
    'a password in a URL'
    """
    for kind, marks, pattern in _VALUES:
        if any(mark in value for mark in marks) and pattern.search(value):
            return kind
    return ""
