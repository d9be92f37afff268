"""Telling the buckets that access logs are delivered to, for which some controls do not hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from fintech_infra.controls.policies import read_policy
from fintech_infra.controls.s3 import BUCKET_POLICY, BUCKETS
from fintech_infra.environment import Environment, Resource
from fintech_infra.environment.documents import Statement
from fintech_infra.environment.relations import managed_companions
from fintech_infra.environment.undecided import reading

LOGGINGS: Final = (
    "aws:s3/bucketLogging:BucketLogging",
    "aws:s3/bucketLoggingV2:BucketLoggingV2",
)
TRAIL: Final = "aws:cloudtrail/trail:Trail"
DELIVERY_CHANNEL: Final = "aws:cfg/deliveryChannel:DeliveryChannel"
FLOW_LOG: Final = "aws:ec2/flowLog:FlowLog"
LOAD_BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")

_TARGETS: Final = (
    (LOGGINGS, "targetBucket"),
    (BUCKETS, "logging.targetBucket"),
    (BUCKETS, "loggings[0].targetBucket"),
    (LOAD_BALANCERS, "accessLogs.bucket"),
)
_AUDIT_TARGETS: Final = (
    *_TARGETS,
    ((TRAIL,), "s3BucketName"),
    ((DELIVERY_CHANNEL,), "s3BucketName"),
    ((FLOW_LOG,), "logDestination"),
)
# The services that deliver S3 and load balancer access logs; neither can use a KMS key.
_DELIVERERS: Final = ("logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com")
_AUDIT_DELIVERERS: Final = (
    *_DELIVERERS,
    "cloudtrail.amazonaws.com",
    "config.amazonaws.com",
    "delivery.logs.amazonaws.com",
)


def receives_logs(bucket: Resource, environment: Environment) -> bool:
    """Whether S3 or load balancer access logs are sent to a bucket, or its policy lets them in.

    What sends the logs may be in another program, hence the policy.

    Raises:
        UnknownValueError: it depends on a bucket policy that is not known before deployment.
    """
    return _receives(bucket, environment, _TARGETS, _DELIVERERS)


def receives_audit_logs(bucket: Resource, environment: Environment) -> bool:
    """Whether any logs are sent to a bucket that an audit relies on, or its policy lets them in.

    Raises:
        UnknownValueError: it depends on a bucket policy that is not known before deployment.
    """
    return _receives(bucket, environment, _AUDIT_TARGETS, _AUDIT_DELIVERERS)


def _receives(
    bucket: Resource,
    environment: Environment,
    targets: Iterable[tuple[tuple[str, ...], str]],
    deliverers: tuple[str, ...],
) -> bool:
    sources = ((type_, path) for types, path in targets for type_ in types)
    if any(environment.referrers(bucket, type_, path) for type_, path in sources):
        return True
    policies = managed_companions(environment, bucket, "bucket", BUCKET_POLICY)
    return any(_admits_logs(policy, deliverers) for policy in (bucket, *policies))


def _admits_logs(holder: Resource, deliverers: tuple[str, ...]) -> bool:
    with reading(holder.name, ""):
        allowing = read_policy(holder, "policy").allowing
        return any(_delivers(statement, deliverers) for statement in allowing)


def _delivers(statement: Statement, deliverers: tuple[str, ...]) -> bool:
    named = any(
        principal.kind == "Service" and principal.value in deliverers
        for principal in statement.principals
    )
    return named and statement.covers_action("s3:PutObject")
