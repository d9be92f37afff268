"""Makes log groups as all components have them: encrypted, kept, masked, and hard to delete."""

from typing import Any

import pulumi_aws as aws
from pulumi import Input, InvokeOutputOptions
from pulumi_aws import cloudwatch

from fintech_infra.components._classification import PERSONAL
from fintech_infra.components._masking import policy
from fintech_infra.components._retention import DEFAULT_DAYS
from fintech_infra.components._site import Site


def make_log_group(
    site: Site,
    role: str,
    *,
    key_arn: Input[str],
    days: int = DEFAULT_DAYS,
    name: Input[str] | None = None,
    depends_on: Any = None,
) -> cloudwatch.LogGroup:
    """Make the log group for the logs of `role`, kept for `days`.

    `key_arn` is a customer-managed key that lets CloudWatch Logs use it. `name` is only for a
    service that insists on one; a group has to exist before such a service makes it itself,
    unencrypted and without an end. Both AWS and Pulumi refuse to delete it. Where the site's tags
    say that its data is personal, what is logged of it is masked.
    """
    group = cloudwatch.LogGroup(
        site.named(role),
        name=name,
        retention_in_days=days,
        kms_key_id=key_arn,
        deletion_protection_enabled=True,
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(protect=True, depends_on=depends_on),
    )
    if site.tags.get("data-class") in PERSONAL:
        mask(site, role, group.name)
    return group


def mask(site: Site, role: str, group: Input[str]) -> cloudwatch.LogDataProtectionPolicy:
    """Mask card and personal data in the log group of this name, as the child `role`.

    A log group has one such policy; a second one would replace the first.
    """
    name = site.named(role)
    found = aws.get_partition_output(opts=InvokeOutputOptions(parent=site.component))
    return cloudwatch.LogDataProtectionPolicy(
        name,
        log_group_name=group,
        policy_document=found.partition.apply(lambda partition: policy(name, partition)),
        region=site.region,
        opts=site.child(),
    )
