"""Asks a component's own provider where it deploys to."""

import pulumi
import pulumi_aws as aws
from pulumi import Output

from fintech_infra.components._policy import Account


def account_of(
    component: pulumi.ComponentResource, region: pulumi.Input[str] | None = None
) -> Output[Account]:
    """Return the account that `component`'s provider deploys to; `region` overrides its region."""
    options = pulumi.InvokeOutputOptions(parent=component)
    partition = aws.get_partition_output(opts=options)
    return Output.all(
        aws.get_caller_identity_output(opts=options).account_id,
        partition.partition,
        aws.get_region_output(opts=options).region if region is None else region,
        partition.dns_suffix,
    ).apply(lambda found: Account(*found))
