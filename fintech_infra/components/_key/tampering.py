"""Tells a topic about calls that weaken a key."""

from collections.abc import Mapping
from typing import Final

from pulumi import Input
from pulumi_aws import cloudwatch, kms

from fintech_infra.components._component import Component
from fintech_infra.components._events import calls

TAMPERING: Final = (
    "DeleteImportedKeyMaterial",
    "DisableKey",
    "DisableKeyRotation",
    "PutKeyPolicy",
    "ScheduleKeyDeletion",
)
"""KMS calls after which a key no longer protects what it did."""


def report_tampering(
    component: Component,
    name: str,
    key: kms.Key | kms.ReplicaKey,
    topic: Input[str],
    *,
    region: Input[str] | None,
    tags: Mapping[str, str],
) -> None:
    """Make the rule and the target that report tampering with `key` to the topic with this ARN."""
    rule = cloudwatch.EventRule(
        f"{name}-tampering",
        description=f"Calls that weaken the key of {name}",
        event_pattern=key.arn.apply(_pattern),
        state="ENABLED",
        region=region,
        tags=tags,
        opts=component.child(),
    )
    cloudwatch.EventTarget(
        f"{name}-tampering",
        rule=rule.name,
        arn=topic,
        region=region,
        opts=component.child(),
    )


def _pattern(key_arn: str) -> str:
    # The call may name the key by id or alias; CloudTrail adds the ARN as a resource in any case.
    return calls("kms", TAMPERING, {"resources": {"ARN": [key_arn]}})
