"""Makes the flow log of a network, and, unless a bucket is given, the log group it goes to."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import ec2, iam

from fintech_infra.components._account import account_of
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import ROLE_POLICY_LIMIT, Account, document
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._service_role import make_service_role
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

FIELDS: Final = (
    "version",
    "account-id",
    "region",
    "vpc-id",
    "subnet-id",
    "interface-id",
    "srcaddr",
    "dstaddr",
    "srcport",
    "dstport",
    "pkt-srcaddr",
    "pkt-dstaddr",
    "protocol",
    "tcp-flags",
    "packets",
    "bytes",
    "start",
    "end",
    "action",
    "flow-direction",
    "traffic-path",
    "log-status",
)
"""What a record holds. Changing it replaces the flow log.
https://docs.aws.amazon.com/vpc/latest/userguide/flow-log-records.html"""

ENCRYPTION_FIELD: Final = "encryption-status"
"""What VPC Encryption Control adds. https://docs.aws.amazon.com/vpc/latest/userguide/vpc-encryption-controls.html"""

_SECONDS: Final = 60
_ROLE: Final = "flow-logs"


def make_flow_log(site: Site, vpc: ec2.Vpc, args: Mapping[str, Any]) -> ec2.FlowLog:
    """Record all traffic where the arguments of the network say."""
    fields = (*FIELDS, ENCRYPTION_FIELD) if args.get("encryption_control") else FIELDS
    bucket = args.get("flow_log_bucket_arn")
    if bucket is not None:
        return make_flow_log_to_bucket(site, vpc, bucket, fields)
    days = int(args.get("flow_log_retention_days", DEFAULT_DAYS))
    return make_flow_log_to_group(site, vpc, days, args.get("alarm_topic_arn"), fields)


def make_flow_log_to_bucket(
    site: Site, vpc: ec2.Vpc, bucket_arn: Input[str], fields: Sequence[str]
) -> ec2.FlowLog:
    """Record all traffic in an existing bucket, as Parquet, partitioned by hour for Athena."""
    return ec2.FlowLog(
        site.named(_ROLE),
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination_type="s3",
        log_destination=bucket_arn,
        destination_options={
            "file_format": "parquet",
            "hive_compatible_partitions": True,
            "per_hour_partition": True,
        },
        log_format=_format(fields),
        max_aggregation_interval=_SECONDS,
        region=site.region,
        tags=site.tagged(site.named(_ROLE)),
        opts=site.child(),
    )


def make_flow_log_to_group(
    site: Site,
    vpc: ec2.Vpc,
    retention_days: int,
    alarm_topic: Input[str] | None,
    fields: Sequence[str],
) -> ec2.FlowLog:
    """Record all traffic in a log group of its own, encrypted with a key of its own."""
    account = account_of(site.component, site.region)
    key = _make_key(site, alarm_topic)
    group = make_log_group(site, _ROLE, key_arn=key.arn, days=retention_days)
    sources = account.apply(lambda found: found.arn("ec2", "vpc-flow-log/*"))
    role = make_service_role(site, _ROLE, "vpc-flow-logs.amazonaws.com", account, sources)
    delivery = iam.RolePolicy(
        site.named(_ROLE),
        role=role.id,
        policy=Output.all(account, group.arn).apply(lambda both: _delivery(both[0], both[1])),
        opts=site.child(),
    )
    return ec2.FlowLog(
        site.named(_ROLE),
        vpc_id=vpc.id,
        traffic_type="ALL",
        log_destination_type="cloud-watch-logs",
        log_destination=group.arn,
        iam_role_arn=role.arn,
        log_format=_format(fields),
        max_aggregation_interval=_SECONDS,
        region=site.region,
        tags=site.tagged(site.named(_ROLE)),
        opts=site.child(depends_on=[delivery]),
    )


def _format(fields: Sequence[str]) -> str:
    return " ".join(f"${{{field}}}" for field in fields)


def _make_key(site: Site, alarm_topic: Input[str] | None) -> EncryptionKey:
    wanted: EncryptionKeyArgs = {
        "description": f"Flow logs of {site.name}",
        "services": [KeyService.LOGS.value],
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    if alarm_topic is not None:
        wanted["alarm_topic_arn"] = alarm_topic
    return EncryptionKey(site.named(_ROLE), wanted, opts=site.child())


def _delivery(account: Account, group_arn: str) -> str:
    """Return what delivery to one log group takes.

    https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
    """
    deliver = {
        "Sid": "Deliver",
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        "Resource": [group_arn, f"{group_arn}:*"],
    }
    # Listing cannot be narrowed to one group.
    find = {
        "Sid": "Find",
        "Effect": "Allow",
        "Action": "logs:DescribeLogGroups",
        "Resource": account.arn("logs", "log-group:*"),
    }
    return document([deliver, find], ROLE_POLICY_LIMIT)
