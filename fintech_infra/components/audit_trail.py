"""AuditTrail: who did what, in every region, kept where nobody can change or delete it."""

from collections.abc import Mapping
from typing import Any, Final, NotRequired, TypedDict

from pulumi import Input, Output, ResourceOptions

from fintech_infra.components._account import account_of
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._site import Site
from fintech_infra.components._trail.alarms import watch
from fintech_infra.components._trail.checks import trail_problems
from fintech_infra.components._trail.query import TABLE, make_query_layer
from fintech_infra.components._trail.recorded import AuditDataEventsArgs
from fintech_infra.components._trail.records import ExistingTrailArgs, join, record
from fintech_infra.components._trail.tampering import report_tampering
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

_SERVICES: Final = (
    KeyService.CLOUDTRAIL,
    KeyService.EVENTS,
    KeyService.LOGS,
    KeyService.S3,
    KeyService.SQS,
)


class AuditTrailArgs(TypedDict):
    """What an AuditTrail needs to know: who hears of what it records, and of what happens to it."""

    alarm_topic_arn: Input[str]
    """ARN of the topic that hears of tampering with the trail, its archive or its log group, of a
    trail that falls silent, and of the events of CIS 4.1 to 4.15 (PCI DSS 4.0.1 10.4.1.1, 10.7.2);
    an AlarmTopic is one."""
    data_events: NotRequired[AuditDataEventsArgs]
    """Of which buckets, tables and functions every access is recorded. Default: of all, which is
    charged by the event; narrow it to classified data."""
    regimes: NotRequired[list[str]]
    """Regimes that say how long records are kept: `pci-dss` (1 year), `nydfs` and `mifid-ii` (5),
    `sec-17a-4` (6) and `sox` (7). The longest is the floor of `retention_years`. Default: all. A
    record that is locked stays locked as long as it was when it was written, whatever changes."""
    retention_years: NotRequired[int]
    """Years for which nobody can delete a record, not the account's root either; it expires then.
    From what `regimes` ask for to 99. Default: what they ask for."""
    hot_days: NotRequired[int]
    """Days for which CloudWatch Logs keeps events at hand: 365, 400, 545, 731, 1096, 1827, 2192,
    2557, 2922, 3288 or 3653. Default: 400."""
    readers: NotRequired[list[Input[str]]]
    """ARNs of the roles that read the archive. Everybody else is denied. Default: whom IAM lets."""
    archive_bucket: NotRequired[Input[str]]
    """Name of an archive to deliver to: a LockedDownBucket with purpose `archive`, locked in
    compliance mode, that receives `cloudtrail`. Default: one of its own. Needs `kms_key_arn`."""
    access_log_bucket: NotRequired[Input[str]]
    """Name of the bucket that receives the access logs of the buckets made here. Default: one of
    their own."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts records, events, results and dead letters, in
    the same region. It must let `cloudtrail`, `events`, `logs`, `s3` and `sqs` use it. Default: a
    key of its own. Changing it re-encrypts nothing that is stored already."""
    organization_id: NotRequired[str]
    """Id of the organization, such as `o-a1b2c3d4e5`, all of whose accounts the trail records. The
    account has to be its management account. With `existing_trail`: that trail is an
    organization's. Default: this account only."""
    existing_trail: NotRequired[ExistingTrailArgs]
    """A trail to join rather than make: only the query layer, the alarms and the tamper reports
    are made. Default: none."""
    region: NotRequired[Input[str]]
    """Home region of the trail and region of everything with it; it records every region. Default:
    the provider's. Changing it replaces the trail, which `protect` refuses."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class AuditTrail(Component):
    """A trail over every region, validated and encrypted, into an archive that nobody can shorten.

    It makes the trail with management, data, denied network and insight events; an EncryptionKey
    unless one is given; an archive (a LockedDownBucket under Object Lock in compliance mode) unless
    one is given; a log group with filters and alarms; a Glue table that needs no crawler and an
    Athena workgroup; and rules that report tampering, with a queue for dead letters.

    Trail, archive, key and log group are protected: Pulumi refuses to delete or replace them until
    `pulumi state unprotect`. An archive cannot be emptied before its records expire, by nobody: try
    it in an account that can wait, with `regimes` of one year.

    Deliberately absent: CloudTrail Lake, which takes no new customers since 2026-05-31; a trail of
    one region, without validation or without management events; excluded event sources; a
    governance-mode archive. It reports tampering, and SelfHealing undoes it.
    """

    trail_arn: Output[str]
    """ARN of the trail; what SelfHealing starts again when it was stopped."""
    bucket_name: Output[str]
    """Name of the archive."""
    log_group_name: Output[str]
    """Name of the log group; empty where a joined trail has none here."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts what is made here."""
    database_name: Output[str]
    """Name of the Glue database; its table is `events`, with the partitions `region` and `day`."""
    table_name: Output[str]
    """Name of the table."""
    workgroup_name: Output[str]
    """Name of the Athena workgroup to query in."""
    query_policy: Output[str]
    """JSON policy for a role that queries the records, use of the keys included."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: AuditTrailArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the trail.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown or wrong; all mistakes are listed.
        """
        super().__init__(name, args, opts)
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        account = account_of(self, site.region)
        key_arn = args["kms_key_arn"] if "kms_key_arn" in args else _make_key(site, args)
        if "existing_trail" in args:
            records = join(args["existing_trail"], args)
        else:
            records = record(site, args, account, key_arn)
        satisfied, topic = dict(records.satisfied), args["alarm_topic_arn"]
        report_tampering(
            site,
            topic,
            key_arn=key_arn,
            account=account,
            bucket=records.own_bucket,
            log_group=records.log_group,
        )
        if records.log_group is not None:
            satisfied["cloudwatch-cis-alarms-present"] = watch(site, records.log_group, topic)
        layer = make_query_layer(
            site, records.archive, account, key_arn=key_arn, access_logs=records.access_logs
        )
        satisfied["athena-glue-emr-encrypted"] = (layer.workgroup, "configuration")

        self.publish(
            trail_arn=records.trail_arn,
            bucket_name=records.archive.bucket,
            log_group_name=Output.from_input(records.log_group or ""),
            kms_key_arn=Output.from_input(key_arn),
            database_name=layer.database.name,
            table_name=Output.from_input(TABLE),
            workgroup_name=layer.workgroup.name,
            query_policy=layer.policy,
            evidence=evidence(satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note names that AWS refuses, retention below its floor, and arguments that contradict."""
        for path, reason in trail_problems(problems.name, args):
            problems.add(path, reason)


def _make_key(site: Site, args: AuditTrailArgs) -> Output[str]:
    wanted: EncryptionKeyArgs = {
        "description": f"Records of {site.name}",
        "services": [service.value for service in _SERVICES],
        "alarm_topic_arn": args["alarm_topic_arn"],
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    return EncryptionKey(site.named("key"), wanted, site.child()).arn
