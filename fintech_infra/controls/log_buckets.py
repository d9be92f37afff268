"""Telling the buckets that access logs are delivered to, for which some controls do not hold."""

from __future__ import annotations

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
LOAD_BALANCERS: Final = ("aws:lb/loadBalancer:LoadBalancer", "aws:alb/loadBalancer:LoadBalancer")

_TARGETS: Final = (
    (LOGGINGS, "targetBucket"),
    (BUCKETS, "logging.targetBucket"),
    (BUCKETS, "loggings[0].targetBucket"),
    (LOAD_BALANCERS, "accessLogs.bucket"),
)
# The services that deliver S3 and load balancer access logs; neither can use a KMS key.
_DELIVERERS: Final = ("logging.s3.amazonaws.com", "logdelivery.elasticloadbalancing.amazonaws.com")


def receives_logs(bucket: Resource, environment: Environment) -> bool:
    """Whether S3 or load balancer access logs are sent to a bucket, or its policy lets them in.

    What sends the logs may be in another program, hence the policy.

    Raises:
        UnknownValueError: it depends on a bucket policy that is not known before deployment.
    """
    sources = ((type_, path) for types, path in _TARGETS for type_ in types)
    if any(environment.referrers(bucket, type_, path) for type_, path in sources):
        return True
    policies = managed_companions(environment, bucket, "bucket", BUCKET_POLICY)
    return any(_admits_logs(policy) for policy in (bucket, *policies))


def _admits_logs(holder: Resource) -> bool:
    with reading(holder.name, ""):
        return any(map(_delivers, read_policy(holder, "policy").allowing))


def _delivers(statement: Statement) -> bool:
    named = any(
        principal.kind == "Service" and principal.value in _DELIVERERS
        for principal in statement.principals
    )
    return named and statement.covers_action("s3:PutObject")
