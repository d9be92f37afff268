"""Logs every request that a web ACL judges, without what must not be in a log."""

from typing import Any, Final

from pulumi import Input, Output
from pulumi_aws import cloudwatch, wafv2

from fintech_infra.components._log_group import make_log_group
from fintech_infra.components._policy import (
    LOG_POLICY_LIMIT,
    Account,
    allow,
    document,
    service,
)
from fintech_infra.components._site import Site

PREFIX: Final = "aws-waf-logs-"
"""What the name of a destination must begin with.
https://docs.aws.amazon.com/waf/latest/developerguide/logging-cw-logs.html"""

CREDENTIALS: Final = ("authorization", "cookie", "set-cookie", "x-api-key")
"""Headers whose values let a reader of the log act as the caller (PCI DSS 4.0.1 8.3.2)."""

_LOGS: Final = "logs"


def make_logs(
    site: Site, acl: wafv2.WebAcl, *, key_arn: Input[str], account: Output[Account], days: int
) -> wafv2.WebAclLoggingConfiguration:
    """Make the log group of `acl` and let AWS WAF write to it."""
    name = f"{PREFIX}{site.name}"
    group = make_log_group(site, _LOGS, key_arn=key_arn, days=days, name=name)
    policy = cloudwatch.LogResourcePolicy(
        site.named(_LOGS),
        policy_name=name,
        policy_document=Output.all(account, group.arn).apply(_delivery),
        region=site.region,
        opts=site.child(),
    )
    return wafv2.WebAclLoggingConfiguration(
        site.named(_LOGS),
        resource_arn=acl.arn,
        log_destination_configs=group.arn.apply(lambda arn: [arn]),
        redacted_fields=redacted(),
        region=site.region,
        opts=site.child(depends_on=[policy]),
    )


def redacted() -> list[wafv2.WebAclLoggingConfigurationRedactedFieldArgs]:
    """What of a request is not logged: credentials, and queries, which may hold card numbers."""
    of = wafv2.WebAclLoggingConfigurationRedactedFieldArgs
    header = wafv2.WebAclLoggingConfigurationRedactedFieldSingleHeaderArgs
    query = wafv2.WebAclLoggingConfigurationRedactedFieldQueryStringArgs()
    return [*(of(single_header=header(name=name)) for name in CREDENTIALS), of(query_string=query)]


def protected() -> wafv2.WebAclDataProtectionConfigArgs:
    """The same for sampled requests and every other place where AWS WAF shows requests."""
    fields = [("SINGLE_HEADER", list(CREDENTIALS)), ("QUERY_STRING", None)]
    return wafv2.WebAclDataProtectionConfigArgs(
        data_protections=[
            wafv2.WebAclDataProtectionConfigDataProtectionArgs(
                action="SUBSTITUTION",
                field=wafv2.WebAclDataProtectionConfigDataProtectionFieldArgs(
                    field_type=kind, field_keys=keys
                ),
            )
            for kind, keys in fields
        ]
    )


def _delivery(found: list[Any]) -> str:
    account, group = found
    statement = allow(
        "Delivery",
        who=service("delivery.logs.amazonaws.com"),
        actions=["logs:CreateLogStream", "logs:PutLogEvents"],
        on=f"{group}:*",
        when={
            "StringEquals": {"aws:SourceAccount": account.id},
            "ArnLike": {"aws:SourceArn": account.arn("logs", "*")},
        },
    )
    return document([statement], LOG_POLICY_LIMIT)
