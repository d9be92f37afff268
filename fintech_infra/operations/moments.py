"""Moments as evidence writes them: UTC, to the millisecond, as in `2026-11-22T13:05:09.120Z`.

In this form the order of texts is the order of moments.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

ACCEPTED: Final = "2026-11-22T13:05:09.120Z"
"""An example, for messages."""

_WRITTEN: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z", re.ASCII)


def now() -> datetime:
    """The clock's time in UTC, cut to the millisecond; for adapters and commands alone."""
    return cut(datetime.now(tz=UTC))


def cut(moment: datetime) -> datetime:
    """A moment in UTC, without what is finer than a millisecond."""
    utc = moment.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


def written(moment: datetime) -> str:
    """Write a moment that knows its offset.

    >>> written(datetime(2026, 11, 22, 13, 5, 9, 120_999, tzinfo=UTC))
    '2026-11-22T13:05:09.120Z'
    """
    return cut(moment).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def read_written(text: object) -> datetime:
    """Read exactly what `written` writes, as signed records have it.

    Raises:
        ValueError: it is of another form, or no moment.
    """
    if not isinstance(text, str) or not _WRITTEN.fullmatch(text):
        raise ValueError(f"is {text!r}, not a moment such as {ACCEPTED}")
    return read_moment(text)


def read_moment(text: str) -> datetime:
    """Read a moment in ISO 8601 with its offset, as people and tools write it; `Z` is UTC.

    >>> written(read_moment("2026-11-22T14:05+01:00"))
    '2026-11-22T13:05:00.000Z'

    Raises:
        ValueError: it is none, or has no offset and so may mean several.
    """
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return cut(moment)
    except (ValueError, OverflowError):
        raise ValueError(f"is {text!r}, not a moment such as {ACCEPTED}") from None
    raise ValueError(f"is {text!r}, which has no offset; for UTC write {text}Z")
