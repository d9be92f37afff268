"""What makes the arguments of a trail wrong together. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._network.endpoint_policy import organization_problems
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._retention import retention_problems as hot_problems
from fintech_infra.components._trail.recorded import data_event_problems
from fintech_infra.components._trail.retention import retention_problems

_LONGEST: Final = 35
"""Characters of a name that leave room for those of the buckets that are made with it."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_ROLE: Final = re.compile(r"arn:[a-z-]+:iam::\d{12}:role/[\w+=,.@/-]+")

_OF_AN_ARCHIVE: Final = ("readers", "regimes", "retention_years")
_OF_A_TRAIL: Final = ("archive_bucket", "data_events", "hot_days", *_OF_AN_ARCHIVE)

Problem = tuple[str, str]


def trail_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the trail called `name`."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST:
        reason = f"accepted are up to {_LONGEST} letters, digits and '-', starting with no '-'"
        yield "name", f"is {name!r}; the names of buckets start with it: {reason}"
    yield from _contradictions(args)
    for reason in hot_problems(int(args.get("hot_days", DEFAULT_DAYS))):
        yield "hot_days", reason
    yield from retention_problems(args)
    yield from data_event_problems(args.get("data_events", {}))
    for reason in organization_problems(args.get("organization_id")):
        yield "organization_id", reason
    yield from _reader_problems(args)


def _contradictions(args: Mapping[str, Any]) -> Iterator[Problem]:
    if "existing_trail" in args:
        for key in _OF_A_TRAIL:
            if key in args:
                yield key, "is decided by the trail that existing_trail names; leave it out"
        return
    if "archive_bucket" not in args:
        return
    for key in _OF_AN_ARCHIVE:
        if key in args:
            yield key, "is decided by the bucket that archive_bucket names; leave it out"
    if "kms_key_arn" not in args:
        reason = "is required with archive_bucket: records have the key of the bucket they go to"
        yield "kms_key_arn", reason


def _reader_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    if args.get("readers") == []:
        yield "readers", "is empty; name the roles that read the archive, or leave it out"
    for index, role in enumerate(args.get("readers", [])):
        if isinstance(role, str) and not _ROLE.fullmatch(role):
            example = "'arn:aws:iam::111122223333:role/auditor'"
            yield f"readers[{index}]", f"is {role!r}; accepted are ARNs of roles, such as {example}"
