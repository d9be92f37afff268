"""SecurityBaseline: an account, or a region of it, that watches itself and cannot be blinded."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

from pulumi import Input, Output, Resource, ResourceOptions

from fintech_infra.components._account import account_of
from fintech_infra.components._baseline.adoption import BaselineAdoptionArgs
from fintech_infra.components._baseline.checks import baseline_problems
from fintech_infra.components._baseline.defaults import (
    block_public_buckets,
    block_publicity,
    make_contact,
    make_encryption,
    make_instance_defaults,
    make_password_policy,
    make_rds_log_group,
)
from fintech_infra.components._baseline.design import (
    UNUSED_DAYS,
    BaselineScope,
    InternetBlock,
)
from fintech_infra.components._baseline.detection import (
    make_analyzers,
    make_detector,
    make_hub,
    make_inspector,
    make_macie,
)
from fintech_infra.components._baseline.heartbeat import make_heartbeat
from fintech_infra.components._baseline.recording import make_recording
from fintech_infra.components._baseline.routing import route_findings
from fintech_infra.components._component import Component, Problems
from fintech_infra.components._evidence import evidence
from fintech_infra.components._key.services import KeyService
from fintech_infra.components._site import Site
from fintech_infra.components.encryption_key import EncryptionKey, EncryptionKeyArgs

_KEY_SERVICES = (
    KeyService.CONFIG,
    KeyService.EC2,
    KeyService.EVENTS,
    KeyService.LAMBDA,
    KeyService.LOGS,
    KeyService.S3,
    KeyService.SQS,
)


class SecurityContactArgs(TypedDict):
    """Whom AWS writes to when an account is abused or attacked."""

    name: str
    """Name of the person or, better, of the team, of up to 64 characters."""
    title: str
    """Their function, of up to 50 characters, such as `Security operations`."""
    email: str
    """Address that somebody reads at any hour."""
    phone: str
    """Number that somebody answers, such as `+44 20 7946 0000`."""


class SecurityBaselineArgs(TypedDict):
    """What a SecurityBaseline needs to know: whom to tell, and what exists already."""

    alarm_topic_arn: Input[str]
    """ARN of the SNS topic, in the same region, that hears of serious findings, of calls that blind
    the account, and of detectors that are off or silent (PCI DSS 4.0.1 10.4.1.1, 10.7.2, 12.10.5).
    Its policy has to let `events.amazonaws.com` and `cloudwatch.amazonaws.com` publish."""
    security_contact: NotRequired[SecurityContactArgs]
    """Whom AWS writes to when the account is abused. Required for the scope `account`."""
    scope: NotRequired[BaselineScope]
    """`account` for the first region of an account, `region` for each further one. Default:
    `account`."""
    adopt: NotRequired[BaselineAdoptionArgs]
    """What the account has already of things that exist once, such as a detector of its
    organization. Default: nothing; AWS refuses to make a second one."""
    further_standards: NotRequired[list[str]]
    """Standards of Security Hub beyond PCI DSS 4.0.1, AWS Foundational Security Best Practices and
    the CIS benchmark: any of `nist-800-53/v/5.0.0`, `nist-800-171/v/2.0.0` and
    `aws-resource-tagging-standard/v/1.0.0`. Default: none. One that is taken away stays
    subscribed."""
    internet_block: NotRequired[InternetBlock]
    """What VPC Block Public Access blocks for every network of the region that has no exclusion:
    `block-bidirectional` or `block-ingress`. Changing it opens or cuts connections at once.
    Default: `block-bidirectional`; a HardenedVpc that needs the internet excludes itself."""
    unused_access_days: NotRequired[int]
    """After how many days permissions and credentials count as unused, 1 to 90. Default: 90."""
    critical_resource_arns: NotRequired[list[Input[str]]]
    """ARNs of the buckets, tables and snapshots of which an analyzer says who in the account
    reaches them; AWS charges for each. Default: all of the account."""
    config_bucket: NotRequired[Input[str]]
    """Name of the bucket that AWS Config delivers to, as a `landing` LockedDownBucket with `config`
    is; its policy has to let `config.amazonaws.com` write. Default: a bucket of its own."""
    config_bucket_key_arn: NotRequired[Input[str]]
    """ARN of the key that encrypts `config_bucket`; required with it."""
    kms_key_arn: NotRequired[Input[str]]
    """ARN of the customer-managed key that encrypts new volumes by default, the bucket, the log
    groups and the queues. It has to let `config`, `ec2`, `events`, `lambda`, `logs`, `s3` and `sqs`
    use it. Changing it re-encrypts nothing. Default: a key of its own."""
    region: NotRequired[Input[str]]
    """Region of the baseline. Default: the provider's. Changing it leaves the old region as it is,
    and makes a new baseline in the other."""
    tags: NotRequired[dict[str, str]]
    """Tags for every resource that can carry them. Default: only the component's own."""


class SecurityBaseline(Component):
    """What watches an account in one region, and the settings that every account should have.

    One per account and region. It switches on GuardDuty with all protections and runtime
    monitoring, Security Hub CSPM with PCI DSS 4.0.1, AWS Foundational Security Best Practices and
    CIS, AWS Config for all resources (into a LockedDownBucket), Inspector with continuous scans of
    all images, Macie, and analyzers of external, internal and unused access. It sets the region's
    defaults: volumes encrypted with a customer-managed key, session tokens for instance metadata,
    no serial console, no public images and snapshots, no internet for networks without an
    exclusion, a bounded log group for RDS. With the scope `account` it also blocks public buckets,
    sets the password policy and registers the security contact.

    Serious findings and calls that blind the account reach `alarm_topic_arn`; what cannot be
    delivered waits in a queue. A function asks the detectors every 15 minutes whether they are
    awake, and an alarm for each pages when one is off, or nobody asks any more.

    Nothing here can be switched off, and everything that guards the account stays when the stack
    is destroyed: turning it off takes a person, by hand, and pages. To take over what exists
    instead of referring to it, set `import_` on the child with a transform.

    Deliberately absent: exceptions from standards, suppression rules, a quieter publishing
    frequency, and organization-wide administration.
    """

    detector_id: Output[str]
    """Id of the GuardDuty detector."""
    recorder_name: Output[str]
    """Name of the AWS Config recorder."""
    config_bucket_name: Output[str]
    """Name of the bucket that AWS Config delivers to; empty for an adopted recorder."""
    analyzer_arns: Output[list[str]]
    """ARNs of the analyzers of external, internal and unused access, in this order. Their names
    are fixed, because AWS makes none up."""
    heartbeat_alarm_names: Output[list[str]]
    """Names of the alarms on detectors that are off or silent."""
    kms_key_arn: Output[str]
    """ARN of the key."""
    evidence: Output[str]
    """JSON from control id to the URN and property that satisfies it."""

    def __init__(
        self, name: str, args: SecurityBaselineArgs, opts: ResourceOptions | None = None
    ) -> None:
        """Check the arguments and make the baseline.

        Raises:
            pulumi.InputPropertiesError: arguments are unknown, missing or wrong; all mistakes are
                listed.
        """
        super().__init__(name, args, opts)
        site = Site(self, name, args.get("region"), args.get("tags", {}))
        account = account_of(self, site.region)
        adopt = args.get("adopt", {})
        scope = BaselineScope(args.get("scope", BaselineScope.ACCOUNT))
        key_arn = _key_arn(site, args)

        detector = make_detector(site, adopt.get("detector_id"))
        further = args.get("further_standards", [])
        hub = make_hub(site, account, further, adopted=adopt.get("security_hub", False))
        inspector = make_inspector(site, account)
        macie = make_macie(site, account, adopted=adopt.get("macie", False))
        days = int(args.get("unused_access_days", UNUSED_DAYS[-1]))
        analyzers = make_analyzers(site, args, days)
        recording = make_recording(site, args, account, key_arn, scope)
        encryption = make_encryption(site, key_arn)
        metadata = make_instance_defaults(site)
        block_publicity(site, InternetBlock(args.get("internet_block", InternetBlock.BOTH_WAYS)))
        if not adopt.get("rds_os_metrics", False):
            make_rds_log_group(site, key_arn)
        findings = route_findings(site, args["alarm_topic_arn"], key_arn=key_arn, account=account)
        alarms = make_heartbeat(site, args["alarm_topic_arn"], key_arn=key_arn, account=account)

        satisfied: dict[str, tuple[Resource, str]] = {
            "accessanalyzer-enabled": (analyzers[0], "type"),
            "config-recorder-complete": (recording.recorder, "recordingGroup"),
            "ebs-encryption-by-default": (encryption, "enabled"),
            "ec2-imdsv2-required": (metadata, "httpTokens"),
            "guardduty-enabled": (detector, "enable"),
            "guardduty-findings-routed": (findings, "eventPattern"),
            "inspector-enabled": (inspector, "resourceTypes"),
            "macie-enabled": (macie, "status"),
            "securityhub-enabled": (hub, "enableDefaultStandards"),
        }
        if scope is BaselineScope.ACCOUNT:
            satisfied |= _whole_account(site, args)
        self.publish(
            detector_id=detector.id,
            recorder_name=recording.recorder.name,
            config_bucket_name=recording.bucket,
            analyzer_arns=Output.all(*(analyzer.arn for analyzer in analyzers)),
            heartbeat_alarm_names=Output.all(*(alarm.name for alarm in alarms)),
            kms_key_arn=Output.from_input(key_arn),
            evidence=evidence(satisfied),
        )

    def check(self, args: Mapping[str, Any], problems: Problems) -> None:
        """Note a contact that is missing or malformed, and what cannot be adopted together."""
        for path, reason in baseline_problems(problems.name, args):
            problems.add(path, reason)


def _key_arn(site: Site, args: SecurityBaselineArgs) -> Input[str]:
    if "kms_key_arn" in args:
        return args["kms_key_arn"]
    own: EncryptionKeyArgs = {
        "description": f"Volumes by default, and the records of {site.name}",
        "services": [service.value for service in _KEY_SERVICES],
        "alarm_topic_arn": args["alarm_topic_arn"],
        "tags": dict(site.tags),
    }
    if site.region is not None:
        own["region"] = site.region
    return EncryptionKey(site.named("key"), own, site.child()).arn


def _whole_account(site: Site, args: SecurityBaselineArgs) -> dict[str, tuple[Resource, str]]:
    """Make what an account has once; return which control each satisfies."""
    passwords = make_password_policy(site)
    contact = make_contact(site, args.get("security_contact"))
    return {
        "account-security-contact-set": (contact, "alternateContactType"),
        "iam-password-policy-reuse-and-age": (passwords, "passwordReusePrevention"),
        "iam-password-policy-strength": (passwords, "minimumPasswordLength"),
        "s3-account-public-access-blocked": (block_public_buckets(site), "blockPublicPolicy"),
    }
