"""Reads lines of CloudWatch Logs. Needs `logs:FilterLogEvents`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from fintech_infra.operations.aws import Access, UnreadError
from fintech_infra.operations.diagnosis.gather.asked import LINES, Asked, Found, together, unread
from fintech_infra.operations.diagnosis.model import LogLine, Part, Unread

_BEFORE: Final = timedelta(hours=1)
"""What is read of the time before, to know which lines are new."""


def logged(access: Access, asked: Asked) -> Found:
    """The lines of the log groups from an hour before the incident to its end."""
    return together(_of(access, asked, group) for group in asked.groups)


def _of(access: Access, asked: Asked, group: str) -> Found:
    lines: list[LogLine] = []
    try:
        pages = access.pages(
            "logs",
            "filter_log_events",
            logGroupName=group,
            startTime=_milliseconds(asked.start - _BEFORE),
            endTime=_milliseconds(asked.end),
        )
        for page in pages:
            lines += [
                LogLine(
                    datetime.fromtimestamp(item["timestamp"] / 1000, UTC), group, item["message"]
                )
                for item in page["events"]
            ]
            if len(lines) > LINES:
                last = lines[LINES - 1].time.isoformat(timespec="seconds")
                why = f"has more than {LINES} lines in that time; those after {last} were not read"
                return Found(lines=tuple(lines[:LINES]), unread=(Unread(Part.LOGS, group, why),))
    except UnreadError as error:
        return Found(lines=tuple(lines), unread=(unread(Part.LOGS, group, error),))
    return Found(lines=tuple(lines))


def _milliseconds(time: datetime) -> int:
    return int(time.timestamp() * 1000)
