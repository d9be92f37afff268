"""LockedDownBucket: an S3 bucket that refuses plaintext, publicity and silent deletion."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

import pulumi_aws as aws
from pulumi import Input, InvokeOutputOptions, Output, Resource, ResourceOptions
from pulumi_aws import s3

from fintech_infra.components._account import account_of
from fintech_infra.components._bucket.access import reading, writing
from fintech_infra.components._bucket.checks import LOGS_ROLE, bucket_problems, resident
from fintech_infra.components._bucket.children import BucketSite, harden, lock, log_access
from fintech_infra.components._bucket.deliveries import SSE_S3_ONLY, LogSource
from fintech_infra.components._bucket.discovery import discover
from fintech_infra.components._bucket.key import make_key
from fintech_infra.components._bucket.policy import BucketFacts, statements
from fintech_infra.components._bucket.replication import BucketReplicaArgs, replicate
from fintech_infra.components._bucket.retention import (
    BucketPurpose,
    BucketRetentionArgs,
    Retention,
    plan_retention,
)
from fintech_infra.components._bucket.statements import BucketStatementArgs
from fintech_infra.components._bucket.watch import watch
from fintech_infra.components._classification import DataClass
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._policy import BUCKET_POLICY_LIMIT, Account, document
from fintech_infra.components._site import Site


class BucketPerimeterArgs(TypedDict):
    """From where, and by whom, a bucket can be reached at all."""

    org_id: NotRequired[str]
    """Id of the organization, such as `o-a1b2c3d4e5`. Principals of others are denied everything,
    and so are AWS services that act for others. Default: any that IAM and the policy allow."""
    vpc_endpoint_ids: NotRequired[list[Input[str]]]
    """Ids of the VPC endpoints through which objects are reached. Other ways are denied, except to
    AWS services; configuring the bucket stays possible. Default: any way."""


class LockedDownBucketArgs(TypedDict):
    """What a LockedDownBucket needs to know: nothing, unless it is to hold personal data."""

    purpose: NotRequired[BucketPurpose]
    """`data`, `landing` (logs that AWS services deliver) or `archive` (Object Lock). Default:
    `data`. Decide once: turning `archive` on or off replaces the bucket, and `protect` refuses."""
    data_class: NotRequired[DataClass]
    """How sensitive the data is. Decides how long superseded versions stay, whether an expiry is
    required and what a lock must be justified with; becomes the tag `data-class`. Default:
    confidential."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts every object, in the same region. Default: a
    key of the bucket's own. Changing it re-encrypts nothing that is stored already."""
    access_log_bucket: NotRequired[Input[str]]
    """Name of the bucket that receives the server access logs: same account and region, encrypted
    with keys that S3 manages, without Object Lock, as a `landing` bucket with `s3-access-logs` is.
    Default: a bucket of its own, except for a bucket that receives such logs itself."""
    receives: NotRequired[list[str]]
    """AWS services that deliver logs into a `landing` bucket, at least one: `cloudtrail`, `config`,
    `load-balancer-logs` (application load balancers), `s3-access-logs` and `vended-logs` (flow
    logs, network load balancers). An `archive` can receive `cloudtrail`. Default: none. With
    `load-balancer-logs` or `s3-access-logs` the bucket is encrypted with keys that S3 manages,
    because these services cannot use another; a `kms_key_arn` for the others must let `cloudtrail`,
    `config` or `log-delivery` use it."""
    retention: NotRequired[BucketRetentionArgs]
    """How long what is kept. Default: as `purpose` and `data_class` ask."""
    statements: NotRequired[list[BucketStatementArgs]]
    """Statements that are added to the bucket's policy. Default: none. A second `BucketPolicy`
    would replace the first one without a word, so there is no other way."""
    perimeter: NotRequired[BucketPerimeterArgs]
    """From where, and by whom, the bucket can be reached. Default: no further limit."""
    replicate_to: NotRequired[BucketReplicaArgs]
    """The bucket that everything is replicated into within 15 minutes, such as the archive of a
    landing bucket whose services cannot write to a locked one. Default: none. Objects stored before
    are not replicated; deletions never are."""
    allowed_regions: NotRequired[list[str]]
    """Regions where the data may be (GDPR Art. 44). A bucket or replica elsewhere is refused, also
    when the region is the provider's. Default: any."""
    macie_discovery: NotRequired[bool]
    """Whether Macie looks for sensitive data in the bucket, by a job of its own: monthly for `pii`
    and `cardholder`, where it proves the scope (PCI DSS 4.0.1 12.5.2), weekly for other data, where
    it does not belong. Macie must be enabled in the account and region, and a `kms_key_arn` must
    let its service-linked role decrypt. Changing what the job depends on replaces it, and it looks
    at everything again. Default: false, because Macie costs by the gigabyte."""
    alarm_topic_arn: NotRequired[Input[str]]
    """ARN of the SNS topic that hears of calls that change how the bucket, its log bucket or its
    key are protected, deployments included, and of objects that do not replicate in time (PCI DSS
    4.0.1 10.7.2). Needs a trail that records management events in the region, and a topic whose
    policy lets `events.amazonaws.com` and `cloudwatch.amazonaws.com` publish. Default: nobody is
    told."""
    region: NotRequired[Input[str]]
    """Region of the bucket and everything with it. Default: the provider's. Changing it replaces
    the bucket, which `protect` refuses."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class LockedDownBucket(Component):
    """An encrypted, versioned, private and logged S3 bucket that only speaks TLS 1.2 and later.

    It makes the bucket with its public access block, ownership controls (ACLs off), versioning,
    encryption (SSE-KMS with a bucket key; SSE-C blocked), lifecycle, access logging and exactly one
    policy; an EncryptionKey unless a key is given; a second LockedDownBucket for the access logs
    unless one is given; Object Lock for an `archive`; a role and the configuration for
    `replicate_to`. Give several buckets one key and one log bucket to have fewer of them.

    The bucket is protected: Pulumi refuses to delete or replace it until `pulumi state unprotect`,
    and AWS refuses while it holds objects. Objects of a `landing` bucket can only expire.

    Deliberately absent: public access in any form, ACLs, `force_destroy`, unencrypted or
    customer-provided-key objects, deletion of log objects, and fixed bucket names.
    """

    name: Output[str]
    """Name of the bucket."""
    arn: Output[str]
    """ARN of the bucket."""
    regional_domain_name: Output[str]
    """Host name of the bucket in its region, as in `ledger-1a2b3c4.s3.eu-west-1.amazonaws.com`."""
    kms_key_arn: Output[str]
    """ARN of the key that encrypts the bucket; empty where S3 manages the keys."""
    access_log_bucket_name: Output[str]
    """Name of the bucket that receives the access logs; empty for a bucket that receives such logs
    itself."""
    read_policy: Output[str]
    """JSON policy for a role that lists and reads the bucket, use of the key included."""
    write_policy: Output[str]
    """JSON policy for a role that writes to the bucket, reading nothing, with use of the key."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: LockedDownBucketArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the bucket.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed. Values that are outputs are checked when they are known, and then raise
                ValueError.
        """
        super().__init__(name, args, opts)
        purpose = _purpose(args)
        retention = plan_retention(purpose, _data_class(args), args.get("retention", {}))
        region = self._region(args)
        account = account_of(self, region)
        parts = Site(self, name, region, args.get("tags", {}))
        key_arn = self._key_arn(parts, args, account)

        bucket = s3.Bucket(
            name,
            force_destroy=False,
            object_lock_enabled=purpose is BucketPurpose.ARCHIVE,
            region=region,
            tags=_tags(args, purpose, retention),
            opts=self.child(protect=True),
        )
        site = BucketSite(self, name, region, bucket)
        policy = _facts(args, account, bucket, key_arn).apply(_policy)
        hardened = harden(site, retention, policy, key_arn)
        if purpose is BucketPurpose.ARCHIVE:
            locked = lock(site, retention, hardened.versioning)
            if retention.keeps_records:
                hardened.satisfied["s3-object-lock-records"] = (locked, "rule.defaultRetention")
        log_bucket, log_resources = self._log_bucket(name, args, region)
        if log_bucket is not None:
            logging = log_access(site, log_bucket, [*log_resources, hardened.policy])
            hardened.satisfied["s3-access-logging-enabled"] = (logging, "targetBucket")
        if purpose is BucketPurpose.LANDING:
            hardened.satisfied["s3-log-bucket-hardened"] = (hardened.policy, "policy")
        if "replicate_to" in args:
            replicate(site, args["replicate_to"], account, key_arn, after=hardened.versioning)
        if args.get("macie_discovery"):
            discover(parts, bucket.bucket, _data_class(args), account, after=hardened.policy)
        if "alarm_topic_arn" in args:
            watch(parts, bucket, args["alarm_topic_arn"], args.get("replicate_to"))

        access = Output.all(account, bucket.arn, key_arn or "")
        self.publish(
            # Known once the policy is in place, so that nothing is written before.
            name=hardened.policy.bucket,
            arn=bucket.arn,
            regional_domain_name=bucket.bucket_regional_domain_name,
            kms_key_arn=Output.from_input(key_arn or ""),
            access_log_bucket_name=Output.from_input(log_bucket or ""),
            read_policy=access.apply(lambda it: reading(it[0], it[1], it[2])),
            write_policy=access.apply(lambda it: writing(it[0], it[1], it[2])),
            evidence=evidence(hardened.satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note what cannot be: names, regions, retention, deliveries and statements."""
        for path, reason in bucket_problems(problems.name, args):
            problems.add(path, reason)

    def _region(self, args: LockedDownBucketArgs) -> Input[str] | None:
        """The region for every child; the provider's, made explicit, where regions are limited."""
        given = args.get("region")
        allowed = args.get("allowed_regions")
        if not allowed:
            return given
        own = aws.get_region_output(opts=InvokeOutputOptions(parent=self)).region
        found = own if given is None else Output.from_input(given)
        return found.apply(lambda region: resident(region, allowed))

    def _key_arn(
        self, site: Site, args: LockedDownBucketArgs, account: Output[Account]
    ) -> Input[str] | None:
        """The key that encrypts the bucket, made here unless one is given; none for SSE-S3."""
        if {LogSource(item) for item in args.get("receives", [])} & SSE_S3_ONLY:
            return None
        if "kms_key_arn" in args:
            return args["kms_key_arn"]
        return make_key(site, args, _data_class(args), account)

    def _log_bucket(
        self, name: str, args: LockedDownBucketArgs, region: Input[str] | None
    ) -> tuple[Input[str] | None, list[Resource]]:
        """Name of the bucket for access logs, and what must exist before it can receive any."""
        if "access_log_bucket" in args:
            return args["access_log_bucket"], []
        if LogSource.S3_ACCESS_LOGS in args.get("receives", []):
            return None, []
        own: LockedDownBucketArgs = {
            "purpose": BucketPurpose.LANDING,
            "receives": [LogSource.S3_ACCESS_LOGS.value],
            "tags": args.get("tags", {}),
        }
        if "alarm_topic_arn" in args:
            own["alarm_topic_arn"] = args["alarm_topic_arn"]
        if region is not None:
            own["region"] = region
        logs = LockedDownBucket(f"{name}-{LOGS_ROLE}", own, self.child())
        return logs.name, [logs]


def _purpose(args: Mapping[str, Any]) -> BucketPurpose:
    return BucketPurpose(args.get("purpose", BucketPurpose.DATA))


def _data_class(args: Mapping[str, Any]) -> DataClass:
    return DataClass(args.get("data_class", DataClass.CONFIDENTIAL))


def _tags(
    args: LockedDownBucketArgs, purpose: BucketPurpose, retention: Retention
) -> dict[str, str]:
    own = {"data-class": _data_class(args).value, "purpose": purpose.value}
    if purpose is BucketPurpose.ARCHIVE and retention.keeps_records:
        own["books-and-records"] = "true"
    if basis := args.get("retention", {}).get("legal_basis"):
        own["legal-basis"] = basis
    return {**args.get("tags", {}), **own}


def _facts(
    args: LockedDownBucketArgs,
    account: Output[Account],
    bucket: s3.Bucket,
    key_arn: Input[str] | None,
) -> Output[BucketFacts]:
    """Everything that the policy depends on, resolved."""
    purpose, perimeter = _purpose(args), args.get("perimeter", {})
    return Output.all(
        account=account,
        arn=bucket.arn,
        key=key_arn or "",
        vpc_endpoint_ids=perimeter.get("vpc_endpoint_ids", []),
        added=args.get("statements", []),
    ).apply(
        lambda resolved: BucketFacts(
            **resolved,
            keep=purpose is BucketPurpose.LANDING,
            locked=purpose is BucketPurpose.ARCHIVE,
            receives=tuple(LogSource(item) for item in args.get("receives", [])),
            org_id=perimeter.get("org_id", ""),
            discovered=args.get("macie_discovery", False),
        )
    )


def _policy(facts: BucketFacts) -> str:
    return document(statements(facts), BUCKET_POLICY_LIMIT)
