"""Where the records of a trail are: in what is made here, or where another trail delivers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, Resource

from fintech_infra.components._policy import Account
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._site import Site
from fintech_infra.components._trail.archive import make_archive
from fintech_infra.components._trail.query import Archive
from fintech_infra.components._trail.recording import Recording, TrailPlan, make_trail
from fintech_infra.components._trail.retention import plan_retention

_JOINED_YEARS: Final = 10
"""Years of another's records that can be queried; no regime asks for more."""


class ExistingTrailArgs(TypedDict):
    """A trail that somebody else runs, such as that of the organization."""

    arn: Input[str]
    """ARN of the trail."""
    bucket_name: Input[str]
    """Name of the bucket that it delivers to, here or in a log archive account."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the key that encrypts its records, for `query_policy`. Default: the policy does not
    let anybody use it."""
    log_group_name: NotRequired[Input[str]]
    """Name of the log group that it delivers to, if that lies in this account and region. Default:
    none, so no event is watched for here."""


@dataclass(frozen=True)
class Records:
    """What there is of a trail, made here or joined, and the controls that it satisfies.

    `own_bucket` and `log_group` are names, None where they lie in another account or region.
    """

    trail_arn: Output[str]
    archive: Archive
    own_bucket: Input[str] | None
    log_group: Input[str] | None
    access_logs: Input[str] | None
    satisfied: Mapping[str, tuple[Resource, str]]


def join(existing: Mapping[str, Any], args: Mapping[str, Any]) -> Records:
    """Return where the records of an existing trail are; nothing is made."""
    archive = Archive(
        bucket=Output.from_input(existing["bucket_name"]),
        key_arn=existing.get("kms_key_arn", ""),
        organization=args.get("organization_id", ""),
        years=_JOINED_YEARS,
    )
    return Records(
        trail_arn=Output.from_input(existing["arn"]),
        archive=archive,
        own_bucket=None,
        log_group=existing.get("log_group_name"),
        access_logs=args.get("access_log_bucket"),
        satisfied={},
    )


def record(
    site: Site, args: Mapping[str, Any], account: Output[Account], key_arn: Input[str]
) -> Records:
    """Make the trail that the arguments of an AuditTrail ask for, and its archive unless given."""
    retention, access_logs = plan_retention(args), args.get("access_log_bucket")
    if "archive_bucket" in args:
        bucket: Output[str] = Output.from_input(args["archive_bucket"])
    else:
        readers = args.get("readers", [])
        made = make_archive(
            site, retention, key_arn=key_arn, access_logs=access_logs, readers=readers
        )
        bucket, access_logs = made.name, made.access_log_bucket_name
    plan = TrailPlan(
        bucket=bucket,
        key_arn=key_arn,
        data_events=args.get("data_events", {}),
        hot_days=int(args.get("hot_days", DEFAULT_DAYS)),
        organization="organization_id" in args,
    )
    found = make_trail(site, plan, account)
    return Records(
        trail_arn=found.trail.arn,
        archive=Archive(bucket, key_arn, args.get("organization_id", ""), retention.years),
        own_bucket=bucket,
        log_group=found.log_group.name,
        access_logs=access_logs,
        satisfied=_satisfied(found),
    )


def _satisfied(found: Recording) -> dict[str, tuple[Resource, str]]:
    return {
        "cloudtrail-cloudwatch-delivery": (found.trail, "cloudWatchLogsGroupArn"),
        "cloudtrail-cmk": (found.trail, "kmsKeyId"),
        "cloudtrail-complete": (found.trail, "isMultiRegionTrail"),
        "cloudtrail-data-events": (found.trail, "advancedEventSelectors"),
        "cloudtrail-log-validation": (found.trail, "enableLogFileValidation"),
        "cloudwatch-log-group-protected": (found.log_group, "kmsKeyId"),
        "cloudwatch-log-group-retention": (found.log_group, "retentionInDays"),
    }
