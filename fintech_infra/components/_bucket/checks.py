"""What makes the arguments of a bucket wrong together. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from fintech_infra.components._bucket.deliveries import LOCKED_TOO, SSE_S3_ONLY, LogSource
from fintech_infra.components._bucket.policy import own_sids
from fintech_infra.components._bucket.retention import BucketPurpose, retention_problems
from fintech_infra.components._bucket.statements import statement_problems
from fintech_infra.components._classification import DataClass
from fintech_infra.components._identifiers import ORGANIZATION, REGION
from fintech_infra.components._shape import nearest

LOGS_ROLE: Final = "access-logs"
"""Role, and so end of the name, of the bucket that is made for access logs."""

_LONGEST: Final = 63 - len("-1a2b3c4")
"""Characters of a bucket's name that the random end leaves."""

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")

Problem = tuple[str, str]


def bucket_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield `(path, reason)` for what is wrong with the arguments of the bucket called `name`."""
    purpose = BucketPurpose(args.get("purpose", BucketPurpose.DATA))
    data_class = DataClass(args.get("data_class", DataClass.CONFIDENTIAL))
    yield from _name_problems(name, args)
    yield from _delivery_problems(purpose, args)
    yield from _region_problems(args)
    yield from retention_problems(purpose, data_class, args.get("retention", {}))
    yield from statement_problems(args.get("statements", []), own_sids())
    organization = args.get("perimeter", {}).get("org_id")
    if organization is not None and not ORGANIZATION.fullmatch(organization):
        yield "perimeter.org_id", f"is {organization!r}; accepted are ids such as 'o-a1b2c3d4e5'"


def resident(region: str, allowed: list[str]) -> str:
    """Return `region` if data may be there.

    Raises:
        ValueError: it may not.
    """
    if region not in allowed:
        raise ValueError(f"the bucket would be in {region}; allowed are {', '.join(allowed)}")
    return region


def _name_problems(name: str, args: Mapping[str, Any]) -> Iterator[Problem]:
    own_logs = "access_log_bucket" not in args and not _receives_access_logs(args)
    longest = _LONGEST - (len(LOGS_ROLE) + 1 if own_logs else 0)
    if not _NAME.fullmatch(name) or len(name) > longest:
        yield (
            "name",
            (
                f"is {name!r}; bucket names start with it: accepted are up to {longest} letters, "
                "digits and '-', starting with a letter or digit"
            ),
        )


def _receives_access_logs(args: Mapping[str, Any]) -> bool:
    return LogSource.S3_ACCESS_LOGS in args.get("receives", [])


def _delivery_problems(purpose: BucketPurpose, args: Mapping[str, Any]) -> Iterator[Problem]:
    given = args.get("receives", [])
    accepted = {
        BucketPurpose.DATA: frozenset[LogSource](),
        BucketPurpose.LANDING: frozenset(LogSource),
        BucketPurpose.ARCHIVE: LOCKED_TOO,
    }[purpose]
    for index, item in enumerate(given):
        path = f"receives[{index}]"
        if item not in list(LogSource):
            yield path, f"is {item!r}; {nearest(item, LogSource)}"
        elif item not in accepted:
            yield path, f"is {item!r}, which needs purpose 'landing'; this is {purpose.value!r}"
    if purpose is BucketPurpose.LANDING and not given:
        yield "receives", f"is required to land something; accepted are {', '.join(LogSource)}"
    yield from _key_problems(given, args)


def _key_problems(given: list[str], args: Mapping[str, Any]) -> Iterator[Problem]:
    without_key = sorted(item for item in given if item in SSE_S3_ONLY)
    if without_key and "kms_key_arn" in args:
        yield (
            "kms_key_arn",
            (
                f"cannot be used with {', '.join(without_key)}, whose logs get lost where a "
                "KMS key encrypts; leave it out, or receive these in another bucket"
            ),
        )
    replica = args.get("replicate_to")
    if replica and not without_key and "kms_key_arn" not in replica:
        yield "replicate_to.kms_key_arn", "is required: the objects of this bucket have a KMS key"


def _region_problems(args: Mapping[str, Any]) -> Iterator[Problem]:
    allowed = args.get("allowed_regions")
    given = {
        "region": args.get("region"),
        "replicate_to.region": args.get("replicate_to", {}).get("region"),
    }
    for path, region in given.items():
        if not isinstance(region, str):
            continue
        if not REGION.fullmatch(region):
            yield path, f"is {region!r}; accepted are regions such as 'eu-west-1'"
        elif allowed and region not in allowed:
            yield path, f"is {region!r}; allowed are {', '.join(allowed)}"
    if allowed is not None and not allowed:
        yield "allowed_regions", "is empty; name at least one region, or leave it out"
    for index, region in enumerate(allowed or []):
        if not REGION.fullmatch(region):
            yield f"allowed_regions[{index}]", f"is {region!r}; accepted are such as 'eu-west-1'"
