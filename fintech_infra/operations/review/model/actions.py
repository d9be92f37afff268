"""Actions and principals of AWS services as far as they are words of AWS's."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from fintech_infra.controls.service_actions import Level, covered
from fintech_infra.environment.documents import Statement
from fintech_infra.operations.review.model.vocabulary import REGION

_ACTION: Final = re.compile(r"([a-z0-9-]{1,40}):([A-Za-z0-9]{1,80}|\*)")
_VERBS: Final = (
    "Accept|Add|Allocate|Assign|Associate|Assume|Attach|Authorize|Batch|BatchGet|Cancel|Copy|Create"
    "|Deactivate|Decrypt|Delete|Deregister|Describe|Detach|Disable|Disassociate|Enable|Encrypt"
    "|Export|Generate|Get|Import|Invoke|List|Modify|Pass|Put|Publish|Purge|Query|Read|Receive"
    "|Register|Remove|Replace|Reset|Restore|Revoke|Rotate|Run|Scan|Schedule|Search|Send|Set|Start"
    "|Stop|Subscribe|Tag|Terminate|Untag|Update|Upload|View|Write"
)
_VERB: Final = re.compile(rf"({_VERBS})(?=[A-Z*])")
_READING: Final = frozenset({
    "athena:GetQueryResults", "cognito-idp:ListUsers", "dynamodb:BatchGetItem", "dynamodb:GetItem",
    "dynamodb:Query", "dynamodb:Scan", "ec2:DescribeInstances", "ecr:BatchGetImage",
    "ecr:GetAuthorizationToken", "kms:DescribeKey", "lambda:GetFunction", "logs:GetLogEvents",
    "rds:DescribeDBInstances", "s3:GetObject", "s3:GetObjectVersion", "s3:ListAllMyBuckets",
    "s3:ListBucket", "secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue",
    "sqs:ReceiveMessage", "ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath",
    "sts:AssumeRole", "sts:AssumeRoleWithSAML", "sts:AssumeRoleWithWebIdentity",
    "sts:GetCallerIdentity",
})  # fmt: skip
"""Actions that the table of writing ones lacks and that say much; the rest show their verb."""
_PRINCIPALS: Final = frozenset({
    "cloudwatch", "costalerts", "delivery.logs", "ecs-tasks", "edgelambda", "events.rds",
    "export.rds", "fargate", "logdelivery.elasticloadbalancing", "monitoring.rds",
    "replicator.lambda", "spotfleet", "streams.metrics.cloudwatch", "vpc-flow-logs", "vpce",
})  # fmt: skip
"""Principals of services that are called otherwise than in actions."""
_PRINCIPAL: Final = re.compile(rf"([a-z0-9.-]{{1,60}}?)(?:\.{REGION})?\.amazonaws\.com")


def action(value: str) -> str:
    """An action as far as AWS knows it, empty where it is not one that can be told.

    >>> action("s3:PutObject"), action("kms:*"), action("ec2:DescribeHosts"), action("*")
    ('s3:PutObject', 'kms:*', 'ec2:Describe...', '*')
    >>> action("s3:ApproveThisChange"), action("approve:This")
    ('s3:...', '')
    """
    if value in ("*", "*:*"):
        return value
    service, _, name = value.partition(":")
    if not is_service(service):
        return ""
    if name == "*" or value in _READING or _is_writing(value):
        return value
    verb = _VERB.match(name)
    if verb is None:
        return f"{service}:..."
    return f"{service}:{verb[1]}*" if name == f"{verb[1]}*" else f"{service}:{verb[1]}..."


def principal(value: str) -> str:
    """The principal of a service as AWS calls it, empty for any other text.

    >>> principal("s3.eu-west-1.amazonaws.com"), principal("approve.amazonaws.com")
    ('s3.eu-west-1.amazonaws.com', '')
    """
    found = _PRINCIPAL.fullmatch(value)
    known = found is not None and (found[1] in _PRINCIPALS or is_service(found[1]))
    return value if known else ""


@lru_cache(maxsize=1024)
def is_service(prefix: str) -> bool:
    """Whether AWS has a service of this prefix, such as `s3`."""
    if not re.fullmatch(r"[a-z0-9-]{1,40}", prefix):
        return False
    return any(_covers(f"{prefix}:*", level) for level in Level)


@lru_cache(maxsize=1024)
def _is_writing(value: str) -> bool:
    return _ACTION.fullmatch(value) is not None and any(
        found == value for level in Level for found in _covers(value, level)
    )


def _covers(pattern: str, level: Level) -> list[str]:
    statement = Statement(path="", allows=True, actions=(pattern,))
    return [found for found, _ in covered(statement, level)]
