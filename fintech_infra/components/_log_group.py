"""Makes log groups as all components have them: encrypted, kept for a year, hard to delete."""

from typing import Any

from pulumi import Input
from pulumi_aws import cloudwatch

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
    unencrypted and without an end. Both AWS and Pulumi refuse to delete it.
    """
    return cloudwatch.LogGroup(
        site.named(role),
        name=name,
        retention_in_days=days,
        kms_key_id=key_arn,
        deletion_protection_enabled=True,
        region=site.region,
        tags=site.tagged(site.named(role)),
        opts=site.child(protect=True, depends_on=depends_on),
    )
