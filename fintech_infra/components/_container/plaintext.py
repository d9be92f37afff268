"""Tells environment variables that look like a secret, which do not belong in a task definition.

Everyone who may describe a task definition can read them, for ever (AWS FSBP ECS.8, PCI DSS 4.0.1
8.6.2).
"""

import re
from typing import Final

_WORDS: Final = re.compile(
    r"PASS(?:WORD|WD|PHRASE|CODE)|SECRET|CREDENTIALS?|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY"
    r"|SIGNING_?KEY|ENCRYPTION_?KEY|(?:AUTH|ACCESS|REFRESH|BEARER|SESSION|API)_?TOKEN|\bTOKEN\b"
)
# What points at a secret, or says something about it, is none.
_ABOUT: Final = re.compile(
    r"_(?:ARN|NAME|ID|URL|URI|HOST|PATH|FILE|TTL|SECONDS|MINUTES|DAYS|LENGTH|VERSION|ISSUER"
    r"|AUDIENCE|ALGORITHM|HEADER|ENABLED|REGION)$"
)
_VALUES: Final = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[A-Z2-7]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "a password in a URL": re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@"),
    "a signed token": re.compile(r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
    "a GitHub token": re.compile(r"\bgh[opsru]_[A-Za-z0-9]{36}"),
    "a Slack token": re.compile(r"\bxox[abeoprs]-[\w-]{10,}"),
    "a Stripe key": re.compile(r"\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
}


def secret_name(name: str) -> bool:
    """Whether a variable of this name is meant to hold a secret.

    >>> [secret_name(name) for name in ("DB_PASSWORD", "api_key", "DB_PASSWORD_ARN", "LOG_LEVEL")]
    [True, True, False, False]
    """
    upper = name.upper()
    return bool(_WORDS.search(upper)) and not _ABOUT.search(upper)


def secret_value(value: str) -> str:
    """Return what secret a value looks like, nothing for one that looks like none.

    >>> secret_value("postgres://app:hunter2@db:5432/books")
    'a password in a URL'
    """
    return next((kind for kind, pattern in _VALUES.items() if pattern.search(value)), "")
