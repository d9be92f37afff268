"""Makes what healing works with: budget, kill switch, declared state, and the quarantine group."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import dynamodb, ec2, ssm

from fintech_infra.components._bucket.retention import BucketPurpose
from fintech_infra.components._healing.declared import ANY, published
from fintech_infra.components._healing.remediations import Remediation
from fintech_infra.components._site import Site
from fintech_infra.components.locked_down_bucket import LockedDownBucket, LockedDownBucketArgs

ARMED: Final = "armed"
"""The value of the kill switch with which the functions act; every other one stops them."""

LOCK_DAYS: Final = 2557
"""Seven years, as auditors keep their papers (17 CFR 210.2-06)."""

KILL_SWITCH_ROLE: Final = "kill-switch"


def make_budget(site: Site, key_arn: Input[str]) -> dynamodb.Table:
    """Make the table whose slots are the budget; what is not used for a month expires."""
    return dynamodb.Table(
        site.named("budget"),
        billing_mode="PAY_PER_REQUEST",
        hash_key="budget",
        range_key="slot",
        attributes=[
            dynamodb.TableAttributeArgs(name="budget", type="S"),
            dynamodb.TableAttributeArgs(name="slot", type="N"),
        ],
        ttl=dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True),
        server_side_encryption=dynamodb.TableServerSideEncryptionArgs(
            enabled=True, kms_key_arn=key_arn
        ),
        point_in_time_recovery=dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
        deletion_protection_enabled=True,
        region=site.region,
        tags=site.tagged(site.named("budget")),
        opts=site.child(protect=True),
    )


def make_kill_switch(site: Site) -> ssm.Parameter:
    """Make the kill switch, armed at first; Pulumi leaves it as an operator sets it.

    It is no secret, and not encrypted: nothing but IAM may stand in the way of an emergency stop,
    least of all a key that is part of the emergency.
    """
    return ssm.Parameter(
        site.named(KILL_SWITCH_ROLE),
        type="String",
        value=ARMED,
        description=f"{site.name} changes nothing unless this is {ARMED!r}",
        region=site.region,
        tags=site.tagged(site.named(KILL_SWITCH_ROLE)),
        opts=site.child(ignore_changes=["value"], protect=True),
    )


def make_quarantine_group(site: Site, vpc_id: Input[str]) -> ec2.SecurityGroup:
    """Make the group that lets nothing in and nothing out."""
    return ec2.SecurityGroup(
        site.named("quarantine"),
        description=f"Lets nothing in and nothing out: quarantine of {site.name}",
        vpc_id=vpc_id,
        ingress=[],
        egress=[],
        region=site.region,
        tags=site.tagged(site.named("quarantine")),
        opts=site.child(),
    )


def publish_declared(
    site: Site, resources: Sequence[Mapping[str, Any]], quarantine: ec2.SecurityGroup | None
) -> dict[Remediation, ssm.Parameter]:
    """Publish what is declared, in a parameter for each remediation that restores any of it."""
    remediations = sorted({Remediation(item["remediation"]) for item in resources})
    found = {
        remediation: _make_parameter(
            site,
            remediation,
            Output.from_input(list(resources)).apply(
                lambda all_, remediation=remediation: published(remediation, all_)
            ),
        )
        for remediation in remediations
    }
    if quarantine is not None:
        place = {"security_group_id": quarantine.id, "vpc_id": quarantine.vpc_id}
        remediation = Remediation.QUARANTINE_INSTANCE
        text = Output.json_dumps({ANY: place}, sort_keys=True)
        found[remediation] = _make_parameter(site, remediation, text)
    return found


def _make_parameter(site: Site, remediation: Remediation, value: Output[str]) -> ssm.Parameter:
    name = site.named(f"declared-{remediation}")
    return ssm.Parameter(
        name,
        type="String",
        tier="Intelligent-Tiering",
        value=value,
        description=f"What {remediation} of {site.name} restores",
        region=site.region,
        tags=site.tagged(name),
        opts=site.child(),
    )


def kill_switch_of(site: Site, args: Mapping[str, Any]) -> Output[str]:
    """Return the name of the kill switch, made here unless given."""
    if "kill_switch_name" in args:
        return Output.from_input(args["kill_switch_name"])
    return make_kill_switch(site).name


def ledger_of(site: Site, args: Mapping[str, Any], key_arn: Output[str]) -> Output[str]:
    """Return the name of the bucket for records, made here unless given."""
    if "ledger_bucket" in args:
        return Output.from_input(args["ledger_bucket"])
    wanted: LockedDownBucketArgs = {
        "purpose": BucketPurpose.ARCHIVE,
        "kms_key_arn": key_arn,
        "retention": {"lock_days": LOCK_DAYS},
        "tags": dict(site.tags),
    }
    if site.region is not None:
        wanted["region"] = site.region
    return LockedDownBucket(site.named("ledger"), wanted, site.child()).name
