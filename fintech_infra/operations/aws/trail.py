"""Calls that CloudTrail's event history holds: who asked AWS for what, from where, and when.

The history has management events of the past 90 days, region by region, whether or not a trail
exists. Reads and writes of data (objects, rows, messages) are in no history.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/view-cloudtrail-events.html
Needs `cloudtrail:LookupEvents`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from fintech_infra.operations.aws.access import Access, UnreadError
from fintech_infra.operations.aws.call import Call, read_call

KEPT: Final = timedelta(days=90)
"""How far back the history goes."""
DELAY: Final = timedelta(minutes=15)
"""How long a call may take to appear. AWS says five minutes on average, and guarantees nothing.
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/how-cloudtrail-works.html"""

Pause = Callable[[float], object]
"""Waits for so many seconds."""

_SECONDS: Final = 0.5
"""Between two requests: an account has two a second in each region, for all who ask.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html"""

_HOMES: Final = {"us-gov-": "us-gov-west-1", "cn-": "cn-north-1"}
"""By the beginning of a region's name: where its partition records what is of no region."""
_GLOBAL: Final = frozenset({"iam", "organizations", "cloudfront", "route53"})


@dataclass(frozen=True, slots=True)
class Recorded:
    """Calls, the newest first, and the moment since when they are all that is recorded."""

    calls: tuple[Call, ...]
    since: datetime


def calls(
    access: Access,
    start: datetime,
    end: datetime,
    *,
    resource: str = "",
    names: Collection[str] = (),
    writes_only: bool = True,
    region: str = "",
    pause: Pause = time.sleep,
) -> list[Call]:
    """All calls from `start` up to `end` in one region, the newest first.

    `resource` is a name, id or ARN as CloudTrail lists it with the event; `names` are names of
    operations. What is of no region (IAM, for one) is found in `home_of` a region only. Calls
    younger than `DELAY` may not be there yet.

    Raises:
        UnreadError: CloudTrail does not tell, or not all of it.
    """
    single = [""] if resource or not names else list(dict.fromkeys(names))
    found = [
        call
        for name in single
        for call in recorded(
            access, start, end, resource=resource, name=name,
            writes_only=writes_only, region=region, pause=pause,
        ).calls
        if not names or call.name in names
    ]  # fmt: skip
    return sorted(found, key=lambda it: it.time, reverse=True)


def recorded(
    access: Access,
    start: datetime,
    end: datetime,
    *,
    resource: str = "",
    name: str = "",
    writes_only: bool = True,
    most: int = 0,
    region: str = "",
    pause: Pause = time.sleep,
) -> Recorded:
    """One look-up: by a resource, else by the name of an operation, else by whatever is no read.

    CloudTrail takes one attribute alone and tells the newest first. With `most`, it is asked for no
    further page once it told so many events; `since` is then the time of the last of them.

    Raises:
        UnreadError: CloudTrail does not tell, or not all of it.
    """
    pages = access.pages(
        "cloudtrail",
        "lookup_events",
        region=region,
        LookupAttributes=_attribute(resource, name, writes_only=writes_only),
        StartTime=start,
        EndTime=end,
    )
    found: list[Call] = []
    for events, is_last in _pages(pages, pause):
        found += map(read_call, events)
        if most and len(found) >= most and not is_last:
            start = min(it.time for it in found)
            break
    kept = (it for it in found if not (writes_only and it.read_only))
    return Recorded(tuple(sorted(kept, key=lambda it: it.time, reverse=True)), start)


def home_of(service: str, region: str) -> str:
    """The region whose history has the calls of a service that were meant for `region`.

    >>> home_of("iam", "eu-central-1"), home_of("ec2", "eu-central-1")
    ('us-east-1', 'eu-central-1')
    """
    if service not in _GLOBAL:
        return region
    # https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-concepts.html
    return next((it for lead, it in _HOMES.items() if region.startswith(lead)), "us-east-1")


def _attribute(resource: str, name: str, *, writes_only: bool) -> list[dict[str, str]]:
    named = {"ResourceName": resource, "EventName": name, "ReadOnly": writes_only and "false"}
    chosen = next(((key, it) for key, it in named.items() if it), None)
    return [{"AttributeKey": chosen[0], "AttributeValue": str(chosen[1])}] if chosen else []


def _pages(
    pages: Iterator[dict[str, Any]], pause: Pause
) -> Iterator[tuple[list[Mapping[str, Any]], bool]]:
    """Yield the events of each page, and whether it is the last."""
    is_last = False
    while not is_last:
        pause(_SECONDS)
        page = next(pages, None)
        if page is None or "Events" not in page:
            raise UnreadError("cloudtrail:LookupEvents", "NoEvents", "a page has no list of events")
        is_last = not page.get("NextToken")
        yield page["Events"], is_last
