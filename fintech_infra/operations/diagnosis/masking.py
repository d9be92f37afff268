"""Log lines without secrets, and without what differs from one line of a form to the next."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_Rules = tuple[tuple[re.Pattern[str], str], ...]


def _rules(pairs: Iterable[tuple[str, str]]) -> _Rules:
    return tuple((re.compile(pattern, re.IGNORECASE), mask) for pattern, mask in pairs)


_SECRETS: Final = _rules(
    (
        (
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)",
            "<secret>",
        ),
        (r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b", "<secret>"),
        (r"\beyJ[\w-]{8,}\.[\w-]{8,}(?:\.[\w-]*)?", "<secret>"),
        (r"(?<=://)[^\s/@:]+:[^\s/@]+(?=@)", "<secret>"),
        (
            (
                r"((?:authorization|proxy-authorization)[\"']?\s*[:=]\s*[\"']?"
                r"(?:basic|bearer)?\s*)[^\s\"',;]+"
            ),
            r"\1<secret>",
        ),
        (
            (
                r"((?:pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|session"
                r"[_-]?token|signature|credential)[\w-]*[\"']?\s*[:=]\s*)"
                r"(?:\"[^\"]*\"|'[^']*'|[^\s,;&\"']+)"
            ),
            r"\1<secret>",
        ),
        (r"\b(?:\d[ -]?){12,18}\d\b", "<number>"),  # cards; long ids lose nothing by it
        (r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+", "<address>"),
        (r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b", "<account>"),  # IBAN
    )
)
_IDS: Final = _rules(
    (
        (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?", "<time>"),
        (r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", "<id>"),
        (r"\b(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{7,}\b", "<id>"),
        (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "<ip>"),
        (r"(?<![\w<])[+-]?\d+(?:[.,]\d+)*(?:ms|s|m|h|%|[kmg]i?b)?\b", "<number>"),
    )
)


def without_secrets(text: str) -> str:
    """Text without what looks like a password, a key, a token, a card, an account or an address.

    >>> without_secrets("login failed: password=hunter2 for ada@example.com")
    'login failed: password=<secret> for <address>'
    """
    return _masked(text, _SECRETS)


def without_ids(text: str) -> str:
    """Text without secrets, times, ids and numbers.

    >>> without_ids("GET /v1/payments/7f3c2a90 took 1503 ms from 10.0.3.7")
    'GET /v1/payments/<id> took <number> ms from <ip>'
    """
    return _masked(without_secrets(text), _IDS)


def _masked(text: str, rules: _Rules) -> str:
    for pattern, mask in rules:
        text = pattern.sub(mask, text)
    return text
